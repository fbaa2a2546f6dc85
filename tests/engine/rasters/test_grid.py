"""Tiles are made one by one, and grids that nobody can wait for are refused before anything is made for them."""

from itertools import islice

import numpy as np
import pytest
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.contract.geometry_jobs import JointVisibilityJob, OpticalView, SarDistortionsJob, SarView
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.coregistration import coregister
from sarbridge.engine.geometry import joint_visibility, sar_distortions
from sarbridge.engine.inference.tiling import Tiling
from sarbridge.engine.matching import match_tie_points
from sarbridge.engine.rasters.grid import Grid, Tiles, Window
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.coordinate_images import UTM, job_for, source_of, tie_points, write

WIDEST = 2**31 - 1


def wide_raster(path, width, height):
    """Write a VRT without any pixels and return its `RasterSource`."""
    path.write_text(
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}"><SRS>{UTM.to_wkt()}</SRS>'
        "<GeoTransform>500000,0.0001,0,4000000,0,-0.0001</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
    )
    return RasterSource(path.stem, str(path), UTM.to_wkt())


def test_tiles_cover_a_window_once_row_by_row():
    whole = Window(3, 5, 80, 60)
    tiles = Tiles(whole, 32)
    assert len(tiles) == len(list(tiles)) == 6
    assert tiles[2] == Window(67, 5, 16, 32) and tiles[5] == Window(67, 37, 16, 28)
    covered = {(x, y) for left, top, w, h in tiles for x in range(left, left + w) for y in range(top, top + h)}
    assert covered == {(x, y) for x in range(3, 83) for y in range(5, 65)}
    assert sum(tile.width * tile.height for tile in tiles) == len(covered)


def test_windows_overlap_in_what_is_in_both():
    window = Window(-3, 2, 10, 20)
    assert window.overlap(Window(4, -5, 30, 10)) == Window(4, 2, 3, 3)
    assert window.overlap(window) == window
    for beside in (Window(7, 2, 5, 5), Window(-3, 30, 10, 20), Window(90, 90, 1, 1)):
        apart = window.overlap(beside)
        assert apart.width * apart.height == 0 and min(apart.width, apart.height) == 0


def test_tiles_of_the_largest_raster_are_not_all_made():
    tiles = Tiles(Window(0, 0, WIDEST, WIDEST), 16)
    assert len(tiles) == 2**54
    assert list(islice(tiles, 2)) == [Window(0, 0, 16, 16), Window(16, 0, 16, 16)]
    assert tiles[len(tiles) - 1] == Window(WIDEST - 15, WIDEST - 15, 15, 15)
    tiling = Tiling(32, 8, 8)
    grid = Grid("", Affine.identity(), WIDEST, WIDEST)
    assert next(tiling.windows(grid)) == Window(-8, -8, 32, 32) and tiling.count(grid) == 2**54


def jobs(wide, other, output):
    view = SarView(90.0, 38.0, 38.0)
    visibility = JointVisibilityJob(wide, view, OpticalView(0.0, 0.0), output, device="cpu")
    return {
        "sar_distortions": (sar_distortions, SarDistortionsJob(wide, view, output, device="cpu")),
        "joint_visibility": (joint_visibility, visibility),
        "match_tie_points": (match_tie_points, MatchTiePointsJob(wide, other, method="ncc", candidates="grid")),
        "coregister": (coregister, job_for(wide.path, tie_points("shift"), output, "shift", moving=wide)),
    }


@pytest.mark.parametrize("task", ["sar_distortions", "joint_visibility", "match_tie_points", "coregister"])
@pytest.mark.parametrize("width, height", [(WIDEST, WIDEST), (WIDEST, 64), (400_000, 400_000)])
def test_rasters_larger_than_anybody_can_wait_for_are_refused_by_their_size(tmp_path, task, width, height):
    wide, other = (wide_raster(tmp_path / name, width, height) for name in ("wide.vrt", "other.vrt"))
    module, job = jobs(wide, other, str(tmp_path / "out.tif"))[task]
    with pytest.raises(UserError, match=r"[\d,]+ × [\d,]+ pixels, more than can be worked on at once"):
        module.run(job, NullReporter())
    assert {path.name for path in tmp_path.iterdir()} == {"wide.vrt", "other.vrt"}


@pytest.mark.parametrize(
    "size, why",
    [((0.01, 0.01), "would be judged by .* cells"), ((50, 0.0006), "cells of 50 × .*, which no surface has")],
)
def test_cells_far_from_square_or_too_fine_are_refused_before_their_surroundings_are_read(tmp_path, size, why):
    heights = np.zeros((1, 500, 500), np.float32)
    heights[:, ::2] = 100
    place = Affine(size[0], 0, 500_000, 0, -size[1], 4_000_000)
    dem = source_of(write(tmp_path / "dem.tif", heights, transform=place))
    job = SarDistortionsJob(dem, SarView(45.0, 38.0, 38.0), str(tmp_path / "out.tif"), device="cpu")
    with pytest.raises(UserError, match=f"layer 'moving'.*{why}|Layer 'moving'.*{why}"):
        sar_distortions.run(job, NullReporter())
    assert [path.name for path in tmp_path.iterdir()] == ["dem.tif"]
