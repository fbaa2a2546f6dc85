"""Steps above the wall stand upright between the cells, lower ones slope; what is unknown spreads no further."""

import math

import numpy as np
import pytest
import torch
from sarbridge.engine.geometry.walls import beside, halved

NAN = math.nan
ROW = torch.tensor([[0.0, 8.0, 10.0]])
"""A wall of 8 and a slope of 2, for walls from 5 on."""


@pytest.mark.parametrize(
    "before, after, share, expected",
    [(0, 8, 0.4, 0), (0, 8, 0.6, 8), (8, 10, 0.25, 8.5), (NAN, 3, 0.7, 3), (NAN, 3, 0.3, NAN), (3, NAN, 0.3, 3)],
)
def test_between_two_cells(before, after, share, expected):
    values = (torch.tensor(float(each)) for each in (before, after, share))
    assert float(beside(*values, wall=5.0)) == pytest.approx(expected, nan_ok=True)


def test_without_walls_everything_slopes():
    assert float(beside(torch.tensor(0.0), torch.tensor(1e6), torch.tensor(0.25), math.inf)) == 250_000


def test_half_rows_beside_a_wall_are_those_of_their_row_and_others_slope():
    found = halved(ROW.T.expand(3, 2).contiguous(), wall=5.0)
    np.testing.assert_allclose(found, np.tile([[0], [0], [8], [8.5], [9.5], [10]], 2))


def test_half_rows_of_a_plane_are_the_plane():
    row, col = torch.meshgrid(torch.arange(6.0), torch.arange(5.0), indexing="ij")
    found = halved(100 + 3 * row - 2 * col, math.inf)
    row, col = torch.meshgrid(torch.arange(12) / 2 - 0.25, torch.arange(5.0), indexing="ij")
    torch.testing.assert_close(found[1:-1], (100 + 3 * row - 2 * col)[1:-1])


def test_half_rows_of_an_unknown_cell_are_unknown_and_no_others():
    values = torch.full((5, 5), 7.0)
    values[2, 3] = torch.nan
    expected = torch.zeros(10, 5, dtype=torch.bool)
    expected[4:6, 3] = True
    found = halved(values, math.inf)
    assert torch.equal(found.isnan(), expected) and (found[~expected] == 7).all()
