"""Blocks that are closed, and what stands in their gardens."""

import pytest
import torch
from sarbridge.engine.simulation.surfaces.courtyards import Rows, ends, gardens

DEPTH, HALF, GARDEN = 10.0, 20.0, 30.0


def rows(stands=True):
    """Two rows of 40 m, 10 m deep, whose gardens are 30 m from house to house."""
    shape = (50, 1, 2)
    is_right = torch.tensor([False, True]).expand(shape)
    u = torch.where(is_right, DEPTH + GARDEN + DEPTH / 2, DEPTH / 2)
    full = [torch.full(shape, value) for value in (HALF, DEPTH, HALF)]
    number = torch.arange(1, u.numel() + 1).reshape(shape)
    v, depth, half_v = full
    return Rows(u, v, depth, half_v, torch.where(is_right, -1, 1), number, torch.full(shape, stands))


def test_gardens_lie_behind_their_houses():
    (extension, has_extension), (shed, has_shed) = gardens(rows(), torch.full((50, 1, 1), 6.0), torch.Generator())
    assert extension[0].shape == (50, 1, 2, 6)  # 40 m of houses of 6 m
    for (u, v, half_u, half_v, eaves, _, _), mask in ((extension, has_extension), (shed, has_shed)):
        assert 0.3 < mask.float().mean() < 0.65
        assert (u - half_u >= DEPTH - 1.1).all() and (u + half_u <= DEPTH + GARDEN + 1.1).all()
        assert (v - half_v > -2).all() and (v + half_v < 2 * HALF + 2).all() and (eaves < 3.5).all()
    assert torch.equal(extension[6].expand(50, 1, 2, 6)[..., 0], rows().number)
    assert len(shed[6].unique()) == shed[6].numel() and shed[6].min() > rows().number.max()


def test_no_garden_without_houses():
    for made, width in ((rows(stands=False), 6.0), (rows(), 0.0)):
        assert not any(mask.any() for _, mask in gardens(made, torch.full((50, 1, 1), width), torch.Generator()))


@pytest.mark.parametrize(("closed", "share"), [(0.0, 0.0), (1.0, 1.0), (0.5, 0.5)])
def test_ends_close_the_gap_between_rows(closed, share):
    borders = [torch.full((50, 1, 1), value) for value in (-5.0, 55.0, -5.0, 45.0)]
    closed = torch.full((50, 1, 1), closed)
    (u, v, half_u, half_v, *_), stands = ends(rows(), borders, torch.tensor(5.0), torch.tensor(9.0), closed,
                                              torch.Generator())  # fmt: skip
    assert stands.float().mean() == pytest.approx(share, abs=0.15)
    assert ((u - half_u) == DEPTH).all() and ((u + half_u) == DEPTH + GARDEN).all()
    assert (v - half_v)[..., 0].unique() == 0 and (v + half_v)[..., 1].unique() == 2 * HALF
