"""Freed memory goes back to the system."""

import platform
from pathlib import Path

import numpy as np
import pytest
from sarbridge.engine.compute.memory import give_back_freed_memory


def resident_megabytes():
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1000


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is asked to give back")
def test_holes_between_what_is_kept_are_given_back():
    """Pieces of 64 kB, of which every other one is freed."""
    pieces = [np.ones(2**16, np.uint8) for _ in range(4000)]
    kept = pieces[::2]
    del pieces
    before = resident_megabytes()
    give_back_freed_memory()
    assert before - resident_megabytes() > 60
    assert sum(int(piece[0]) for piece in kept) == 2000
