"""What is cut out, pixel by pixel."""

import pytest
import torch
from sarbridge.engine.matching.windows import cut_cells, cut_windows, middle


def test_cut_windows():
    features = torch.arange(2 * 20 * 30).reshape(2, 20, 30)
    windows = cut_windows(features, torch.tensor([[10, 5], [4, 12]]), 3)
    assert windows.shape == (2, 2, 6, 6)
    assert windows[0, 1, 0, 0] == 600 + 30 * (5 - 3) + (10 - 3)
    assert windows[1, 0, 5, 5] == 30 * (12 + 2) + (4 + 2)


def test_cut_cells():
    images = torch.arange(2 * 20 * 30).reshape(2, 20, 30)
    cells = cut_cells(images, torch.tensor([[10, 5], [4, 12]]), 3)
    assert cells.shape == (2, 7, 7)
    assert cells[0, 3, 3] == 5 * 30 + 10 and cells[1, 3, 3] == 600 + 12 * 30 + 4
    assert cells[1, 0, 6] == 600 + 9 * 30 + 7


@pytest.mark.parametrize(("size", "side", "first"), [((144, 208), 128, (8, 40)), ((129, 129), 65, (32, 32))])
def test_the_middle_is_as_far_from_both_ends(size, side, first):
    image = torch.arange(size[0] * size[1]).reshape(1, *size)
    cut = middle(image, side)
    assert cut.shape == (1, side, side)
    assert cut[0, 0, 0] == size[1] * first[0] + first[1]
    assert cut[0, -1, -1] == size[1] * (size[0] - 1 - first[0]) + size[1] - 1 - first[1]
    assert torch.equal(middle(cut, side), cut)
