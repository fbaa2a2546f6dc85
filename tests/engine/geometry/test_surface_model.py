"""Surface models: their grids, the part that is asked for, and heights that make no sense."""

import numpy as np
import pytest
from sarbridge.contract.errors import UserError
from sarbridge.engine.geometry.surface_model import cell_size, part_of, surface_grid, survey
from sarbridge.engine.rasters.grid import Tiles, Window
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, KeptReports, write_surface


@pytest.fixture
def hills():
    return np.random.default_rng(0).random((40, 50)).cumsum(1) * 5


def relief_and_warnings(source):
    reports = KeptReports()
    return survey(source, surface_grid(source), reports), reports.texts["warning"]


def test_the_relief_is_that_of_the_valid_cells(tmp_path, hills):
    hills[3, 4] = -9999
    relief, warnings = relief_and_warnings(write_surface(tmp_path / "dem.tif", hills, cell=30, nodata=-9999))
    hills[3, 4] = hills[0, 0]
    assert relief == pytest.approx(np.ptp(hills))
    assert warnings == []


def test_the_part_is_that_of_the_cells_whose_centres_lie_in_the_extent(tmp_path, hills):
    grid = surface_grid(write_surface(tmp_path / "dem.tif", hills, cell=10))
    assert part_of(grid, (), "dem") == Window(0, 0, 50, 40)
    assert part_of(grid, (LEFT + 14, TOP - 46, LEFT + 96, TOP - 4), "dem") == Window(1, 0, 9, 5)
    assert part_of(grid, (LEFT - 1e6, TOP - 1e6, LEFT + 1e6, TOP + 1e6), "dem") == Window(0, 0, 50, 40)


@pytest.mark.parametrize("extent", [(0, 0, 0, 0), (16, -44, 16, -44), (17, -48, 18, -47), (900, -50, 990, -5)])
def test_an_extent_without_a_cell_is_refused(tmp_path, hills, extent):
    grid = surface_grid(write_surface(tmp_path / "dem.tif", hills, cell=10))
    xmin, ymin, xmax, ymax = extent
    with pytest.raises(UserError, match="The extent holds no cell of layer 'dem'"):
        part_of(grid, (LEFT + xmin, TOP + ymin, LEFT + xmax, TOP + ymax), "dem")


def test_cells_in_degrees_are_measured_in_metres(tmp_path, hills):
    """At 60° of latitude a degree of longitude is 55.80 km long, one of latitude 111.41 km."""
    grid = surface_grid(write_surface(tmp_path / "dem.tif", hills, cell=0.001, crs=4326, corner=(10, 60.02)))
    assert cell_size(grid, Window(0, 0, 50, 40)) == pytest.approx((55.80, 111.41), rel=1e-3)


def test_degrees_at_a_pole_are_refused_and_metres_are_not(tmp_path, hills):
    polar = write_surface(tmp_path / "polar.tif", hills, cell=0.1, crs=4326, corner=(10, 90))
    with pytest.raises(UserError, match="Layer 'polar' reaches beyond 89 degrees of latitude"):
        surface_grid(polar)
    metres = write_surface(tmp_path / "metres.tif", hills, cell=100, crs=3413, corner=(-2000, 2000))
    assert surface_grid(metres).width == 50


def test_only_no_data_is_refused(tmp_path, hills):
    with pytest.raises(UserError, match="Layer 'dem' holds only no data"):
        relief_and_warnings(write_surface(tmp_path / "dem.tif", np.full_like(hills, 5), nodata=5))


@pytest.mark.parametrize("undeclared", [-9999, -32768, 65535, 3.4e38])
def test_no_data_that_is_not_declared_is_refused(tmp_path, hills, undeclared):
    hills[:, :4] = undeclared
    with pytest.raises(UserError, match="nobody sees on Earth: declare its no-data value"):
        relief_and_warnings(write_surface(tmp_path / "dem.tif", hills))


def test_feet_are_warned_of(tmp_path, hills):
    """Heights that no mountain has, slopes that no landscape has, an unknown unit, a map that counts in feet."""
    for name, heights, options, words in (
        ("everest", hills + 29_000 - hills.max(), {"cell": 30}, "reach 29,000"),
        ("alps", hills * 30, {"cell": 30}, "more steeply than any landscape"),
        ("declared", hills, {"unit": "ells"}, "are declared as 'ells', which is no unit that is known here"),
        ("on_feet", hills, {"crs": 2263}, "state no unit on a map that counts in 'US survey foot'"),
    ):
        _, warnings = relief_and_warnings(write_surface(tmp_path / f"{name}.tif", heights, **options))
        assert len(warnings) == 1 and words in warnings[0] and f"layer '{name}'" in warnings[0]


def test_walls_of_a_city_are_no_feet(tmp_path):
    city = np.indices((60, 60)).sum(0) // 3 % 2 * 25.0
    _, warnings = relief_and_warnings(write_surface(tmp_path / "dsm.tif", city, cell=1))
    assert warnings == []


def test_tiles_cover_a_window_once():
    covered = np.zeros((70, 90), int)
    for tile in Tiles(Window(3, 5, 80, 60), 32):
        covered[tile.row : tile.row + tile.height, tile.col : tile.col + tile.width] += 1
    assert covered[5:65, 3:83].min() == covered.max() == 1 and covered.sum() == 80 * 60


def test_backscatter_in_decibels_is_told(tmp_path):
    """Speckled values about -11 dB; and lowlands below the sea, which are none."""
    values = np.random.default_rng(0).normal(-11, 5, (40, 40))
    for name, heights, is_told in (
        ("sar", values, True),
        ("polder", values / 4 - 1, False),
        ("caspian", values - 25, False),
    ):
        _, warnings = relief_and_warnings(write_surface(tmp_path / f"{name}.tif", heights, 10.0))
        told = [text for text in warnings if "as backscatter in decibels does" in text]
        assert bool(told) == is_told
