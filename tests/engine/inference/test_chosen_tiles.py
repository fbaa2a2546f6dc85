"""Which tiles of a raster a network is shown."""

import pytest
from sarbridge.contract.errors import UserError
from sarbridge.engine.inference.blending import core, raised_cosine
from sarbridge.engine.inference.chosen_tiles import TileWish, chosen_tiles
from sarbridge.engine.rasters.grid import Window

_CARD = {"side": 1536, "halo": 160, "step": 32}  # cores of 1216 pixels


def _tiles(width, height, wish=(), col=0, row=0, more=0):
    return chosen_tiles(TileWish(*wish), _CARD, True, Window(col, row, width, height), more)


@pytest.mark.parametrize(
    "size, side_of_core, count",
    [
        ((100, 50), 128, 1),  # no larger than the window
        ((1216, 1216), 1216, 1),
        ((1217, 300), 320, 4),  # not one of 1216 and one of a pixel, nor rows that are mostly beyond the window
        ((2048, 2048), 1024, 4),
        ((500, 2500), 512, 5),
        ((20_000, 20_000), 1184, 17**2),
        ((20_000, 1200), 1216, 17),  # smaller ones would need a second row
    ],
)
def test_tiles_cover_a_window_with_little_to_compute(size, side_of_core, count):
    tiling, blend = _tiles(*size)
    assert (tiling.core, tiling.halo, blend) == (side_of_core, 160, core)
    assert tiling.count(Window(0, 0, *size)) == count


def test_steps_count_from_the_corner_of_the_layer_also_where_one_more_tile_is_due():
    tiling, _ = _tiles(1216, 1216, col=37, row=64)  # begins 5 pixels after a step
    assert (tiling.core, tiling.phase) == (640, (5, 0))


def test_what_is_done_afterwards_widens_halos_not_cores():
    tiling, _ = _tiles(2048, 2048, more=1)
    assert (tiling.core, tiling.halo, tiling.side) == (1024, 192, 1408)


def test_a_wish_is_the_most():
    assert _tiles(4000, 4000, (1024,))[0].core == 672  # of 704 that it allows
    assert _tiles(4000, 4000, (4096,))[0].core == 2016


@pytest.mark.parametrize("length, side_of_core", [(50, 128), (300, 320), (400, 224), (3000, 384)])
def test_overlaps_below_the_halo_are_blended_over_no_more_than_a_core(length, side_of_core):
    tiling, blend = _tiles(length, length, (512, 64))
    assert (tiling.core, tiling.halo, blend) == (side_of_core, 64, raised_cosine)


@pytest.mark.parametrize("wish, side", [(0, 256), (300, 256), (600, 512)])
def test_tiles_that_are_seen_as_a_whole_keep_their_side(wish, side):
    on_card = {"side": 256, "halo": 64, "step": 32}
    tiling, blend = chosen_tiles(TileWish(wish), on_card, False, Window(0, 0, 100, 90))
    assert (tiling.side, tiling.halo, blend) == (side, 64, raised_cosine)


def test_tiles_that_are_all_overlap_are_refused():
    with pytest.raises(UserError, match=r"^Tiles of 320 pixels that overlap by 160 .* choose tiles of 352 pixels"):
        _tiles(4000, 4000, (320,))
