"""Patches of a lattice, and the share of them that is drawn."""

import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.engine.matching.training.patch_cells import cells_of, split
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both


def places(cells):
    return [(number, cell.left, cell.top) for number, (of_set, _) in enumerate(cells) for cell in of_set]


def test_cells_lie_side_by_side_and_are_cut_alike_from_both_images():
    pair = same_in_both(70, 40)
    ((cells, share),) = cells_of([([pair], 0.3)], 16, least=1)
    assert share == 0.3 and [(cell.left, cell.top) for cell in cells] == [
        (left, top) for top in (0, 16) for left in (0, 16, 32, 48)
    ]
    sar, optical = cells[5].sar(8, right=3, down=2), cells[5].optical(8, right=3, down=2)
    assert torch.equal(sar[0], pair.sar[0, 18:26, 19:27].float())
    assert torch.allclose(optical * 255, sar)


def test_too_few_cells_are_refused():
    with pytest.raises(UserError, match="only 8 patches of 16 × 16 pixels side by side, and at least 9"):
        cells_of([([same_in_both(70, 40)], 1.0)], 16, least=9)


@pytest.mark.parametrize("share, count", [(1.0, 60), (0.75, 45), (0.5, 30), (0.25, 15), (0.05, 3), (0.001, 1)])
def test_a_share_is_drawn_by_seed_and_the_rest_is_left(share, count):
    cells = cells_of([([same_in_both(320, 32)], 0.5), ([same_in_both(160, 32)], 0.5)], 16, least=1)
    drawn, left = split(cells, share, seed=4)
    assert len(places(drawn)) == count and len(places(drawn)) + len(places(left)) == 60
    assert places(split(cells, share, seed=4)[0]) == places(drawn)
    if share == 0.5:
        assert places(split(cells, share, seed=5)[0]) != places(drawn)
        lefts = {(id(cell.pair), cell.left, cell.top) for of_set, _ in left for cell in of_set}
        assert not lefts & {(id(cell.pair), cell.left, cell.top) for of_set, _ in drawn for cell in of_set}
