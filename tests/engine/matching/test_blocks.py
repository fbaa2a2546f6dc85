"""Blocks cover the grid once, and what is read ahead is what direct reads give."""

import threading

import numpy as np
import pytest
import torch
from sarbridge.engine.matching.blocks import block_side, count_blocks, read_blocks
from sarbridge.engine.rasters.grid import Grid
from sarbridge.models.matching.bridge_match import LATTICE


class FakeReader:
    """An image whose value encodes the position; a part of it holds no data."""

    def __init__(self, hole=(0, 0, 0, 0)):
        self.hole = hole
        self.threads = set()

    def read(self, window):
        self.threads.add(threading.get_ident())
        cols = window.col + np.arange(window.width)
        rows = window.row + np.arange(window.height)
        left, top, right, bottom = self.hole
        hole = ((rows >= top) & (rows < bottom))[:, None] & ((cols >= left) & (cols < right))[None, :]
        values = (10_000 * rows[:, None] + cols[None, :]).astype(np.float32)
        return np.where(hole, 0, values).astype(np.float32), ~hole


def grid_of(width, height):
    return Grid("", None, width, height)


@pytest.mark.parametrize(("width", "height", "side"), [(300, 170, 64), (64, 64, 64), (129, 1, 64)])
def test_every_pixel_lies_in_one_block(width, height, side):
    blocks = list(read_blocks(FakeReader(), FakeReader(), grid_of(width, height), side, 16, 8))
    covered = np.zeros((height + side, width + side), int)
    for block in blocks:
        covered[block.row : block.row + side, block.col : block.col + side] += 1
    assert (covered[:height, :width] == 1).all()
    assert len(blocks) == count_blocks(grid_of(width, height), side)


@pytest.mark.parametrize("side", [64, 60, 30])
def test_areas_hold_the_block_and_its_margins(side):
    """Positions in an area show what a direct read shows; areas lie on the feature lattice whatever the side."""
    sar, optical = FakeReader(), FakeReader()
    for block in read_blocks(sar, optical, grid_of(150, 90), side, 21, 8):
        for area, margin in ((block.sar, 21), (block.optical, 8)):
            assert (block.col - area.left) % LATTICE == 0 and (block.row - area.top) % LATTICE == 0
            assert all(size % LATTICE == 0 for size in area.values.shape)
            part = area.around_block(side, margin)
            assert part.shape == (side + 2 * margin, side + 2 * margin)
            expected = 10_000 * (block.row - margin) + block.col - margin
            assert part[0, 0] == expected
            assert part[-1, -1] == np.float32(expected + 10_001 * (side + 2 * margin - 1))
            col, row = area.at(torch.tensor([[5, 3]]))[0]
            assert area.values[row, col] == 10_000 * (block.row + 3) + block.col + 5


def test_one_thread_reads_ahead():
    sar, optical = FakeReader(), FakeReader()
    list(read_blocks(sar, optical, grid_of(200, 200), 64, 0, 0))
    assert sar.threads == optical.threads
    assert len(sar.threads) == 1 and threading.get_ident() not in sar.threads


def test_the_reading_thread_pins_values_for_the_gpu(monkeypatch):
    """Pinning is faked: it needs a GPU."""
    threads = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda values: threads.append(threading.get_ident()) or values + 1)
    sar, optical = FakeReader(), FakeReader()
    blocks = [list(read_blocks(sar, optical, grid_of(100, 64), 64, 8, 8, pinned)) for pinned in (False, True)]
    assert len(threads) == 4 and set(threads) <= sar.threads and threading.get_ident() not in threads
    for plain, pinned in zip(*blocks):
        assert torch.equal(pinned.sar.values, plain.sar.values + 1)
        assert torch.equal(pinned.optical.values, plain.optical.values + 1)


def test_no_contrast_where_nothing_is_known():
    reader = FakeReader(hole=(8, 16, 40, 48))
    (block,) = read_blocks(reader, FakeReader(), grid_of(64, 64), 64, 0, 0)
    values, valid = block.sar.values, block.sar.valid
    assert (~valid).sum() == 32 * 32 and not valid[16:48, 8:40].any()
    assert (values[~valid] == values[~valid][0]).all()
    assert values[~valid][0].item() == pytest.approx(values[valid].double().mean().item(), rel=1e-5)
    assert block.optical.valid.all()


def test_a_block_without_data_is_flat():
    (block,) = read_blocks(FakeReader(hole=(-99, -99, 999, 999)), FakeReader(), grid_of(64, 64), 64, 0, 0)
    assert not block.sar.valid.any() and (block.sar.values == 0).all()


def test_a_failed_read_reaches_the_caller():
    class Broken(FakeReader):
        def read(self, window):
            if window.row > 0:
                raise OSError("gone")
            return super().read(window)

    with pytest.raises(OSError, match="gone"):
        list(read_blocks(Broken(), FakeReader(), grid_of(64, 200), 64, 0, 0))


@pytest.mark.parametrize(("spacing", "side"), [(64, 1024), (50, 800), (48, 960), (1024, 1024), (600, 600), (8, 1024)])
def test_blocks_cut_no_cell(spacing, side):
    assert block_side(spacing, grid_of(5000, 3000)) == side


def test_blocks_are_no_larger_than_the_grid_needs():
    assert block_side(64, grid_of(300, 200)) == 320
    assert block_side(1024, grid_of(300, 200)) == 1024
