"""Toy networks run on one thread."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread():
    """Tiles as small as these take longer shared than alone."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
