"""Candidates: one per cell, where the corner or the promise was planted."""

import numpy as np
import pytest
import torch
from sarbridge.engine.matching.blocks import Area
from sarbridge.engine.matching.candidates import (
    GOODNESS_MARGIN,
    corner_candidates,
    goodness_candidates,
    grid_candidates,
)

SIDE, SPACING = 256, 64
WHOLE = 0, 0, SIDE, SIDE  # the block is the whole grid
AROUND = 3  # places on every side of the block that are scored as well


def area(values, left=64, top=64):
    return Area(values, torch.ones_like(values, dtype=torch.bool), left, top)


def cells_of(positions, spacing=SPACING):
    return sorted((row, col) for col, row in (positions // spacing).tolist())


ALL_CELLS = sorted((row, col) for row in range(SIDE // SPACING) for col in range(SIDE // SPACING))


def test_grid():
    positions = grid_candidates(SIDE, SPACING)
    assert cells_of(positions) == ALL_CELLS
    assert (positions % SPACING == SPACING // 2).all()
    assert positions[1].tolist() == [96, 32]  # (col, row)


@pytest.mark.parametrize(("left", "top"), [(64, 64), (70, 93)])
def test_planted_corners(left, top):
    """A bright square per cell whose other corners lie outside of the block or are rounded off."""
    values, planted = torch.zeros(top + SIDE + 64, left + SIDE + 64), []
    generator = np.random.default_rng(3)
    for row, col in ALL_CELLS:
        x, y = (SPACING * cell + int(generator.integers(8, 56)) for cell in (col, row))
        planted.append((x, y))
        values[top + y : top + y + 3, left + x : left + x + 3] = 1
    positions = corner_candidates(area(values, left, top), SIDE, SPACING)
    assert cells_of(positions) == ALL_CELLS
    found = {(row // SPACING, col // SPACING): (col, row) for col, row in positions.tolist()}
    for cell, (x, y) in zip(ALL_CELLS, planted):
        # The strongest 7 x 7 neighbourhood of a 3 x 3 square is centred on it.
        assert np.abs(np.subtract(found[cell], (x + 1, y + 1))).max() <= 1


def test_an_edge_is_no_corner():
    values = torch.zeros(SIDE + 128, SIDE + 128)
    values[:, 64 + 100 :] = 10  # an edge through the second column of cells
    values[64 + 20 : 64 + 23, 64 + 110 : 64 + 113] += 1
    positions = corner_candidates(area(values), SIDE, SPACING)
    found = {(row // SPACING, col // SPACING): (col, row) for col, row in positions.tolist()}
    col, row = found[0, 1]
    assert abs(col - 111) <= 1 and abs(row - 21) <= 1


def image():
    """Any image of the block and as much around it as the networks see."""
    margin = GOODNESS_MARGIN
    return area(torch.rand(SIDE + 2 * margin, SIDE + 2 * margin), margin, margin)


class Planted:
    """Stands for a goodness network: returns the map it was given, of the block's places, amid high goodness."""

    def __init__(self, values):
        self.values = torch.nn.functional.pad(values, (AROUND,) * 4, value=0.9)

    def __call__(self, image):
        assert image.shape[-2:] == tuple(32 * (size + 3) for size in self.values.shape)
        assert image.min() >= 0 and image.max() <= 1
        return self.values[None, None]


def planted_goodness(side):
    """Low goodness with one high value per 64 px cell, and where those lie."""
    count = -(-side // 32) + (side % 32 == 0)
    values, best = torch.full((count, count), 0.2), {}
    generator = np.random.default_rng(8)
    for row, col in ALL_CELLS:
        i, j = 2 * row + int(generator.integers(2)), 2 * col + int(generator.integers(2))
        values[i, j] = 0.5 + 0.02 * len(best)
        best[row, col] = (32 * j, 32 * i, values[i, j].item())
    return values, best


@pytest.mark.parametrize("fusion", ["min", "max"])
def test_planted_goodness(fusion):
    values, best = planted_goodness(SIDE)
    other = torch.ones_like(values) if fusion == "min" else torch.zeros_like(values)
    for networks in ((Planted(values), Planted(other)), (Planted(other), Planted(values))):
        positions, goodness = goodness_candidates(networks, image(), image(), SIDE, WHOLE, SPACING, fusion)
        assert cells_of(positions) == ALL_CELLS
        for (col, row), value in zip(positions.tolist(), goodness.tolist()):
            assert (col, row, value) == best[row // SPACING, col // SPACING]


def test_the_goodness_that_counts_is_that_of_the_place():
    """Suppression chooses, but the threshold sees the score itself: a lone 0.6 wins over a crowded 0.7."""
    values = torch.full((9, 9), 0.1)
    values[0:3, 0:3] = 0.7
    values[0, 1] = 0.71
    values[6, 6] = 0.6
    positions, goodness = goodness_candidates((Planted(values),) * 2, image(), image(), SIDE, WHOLE, SIDE, "min")
    assert positions.tolist() == [[192, 192]]
    assert goodness.item() == pytest.approx(0.6)


def test_neighbours_beyond_the_block_count_as_far_as_the_grid_goes():
    """A row of high goodness just above the block suppresses the row below it, unless the grid ends between them."""
    values = torch.full((9, 9), 0.1)
    values[0] = 0.6
    values[4, 4] = 0.5
    networks = (Planted(values),) * 2
    for ends, row in ((WHOLE, 0), ((-64, -64, 512, 512), 128)):
        positions, _ = goodness_candidates(networks, image(), image(), SIDE, ends, SIDE, "min")
        assert positions[0, 1] == row


def test_spacing_below_the_step_of_the_networks():
    """Cells of 16 px: the networks look at every fourth of them only."""
    values = torch.rand(9, 9)
    positions, goodness = goodness_candidates((Planted(values),) * 2, image(), image(), SIDE, WHOLE, 16, "min")
    assert len(positions) == 64
    for (col, row), value in zip(positions.tolist(), goodness.tolist()):
        assert value == values[row // 32, col // 32].item()
