"""Heights as translators are shown them."""

import torch
from sarbridge.models.translation.planes import relief

HEIGHTS = torch.tensor([-20.0, 0, 50, 200, 3000])


def test_what_is_higher_around_a_scene_counts_as_its_highest():
    torch.testing.assert_close(relief(HEIGHTS, 200.0), torch.tensor([0, 0, 0.25, 1, 1]))


def test_where_one_height_counts_as_one_there_may_be_more():
    torch.testing.assert_close(relief(HEIGHTS, 200.0, 1000.0), torch.tensor([0, 0, 0.05, 0.2, 3]))
