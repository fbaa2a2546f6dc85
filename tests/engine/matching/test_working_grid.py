"""The working grid: whose lattice, which pixel size, which part, and what is refused."""

import numpy as np
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform
from sarbridge.contract.errors import UserError
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.matching.working_grid import grid_once_moved, part_near, working_grid
from sarbridge.engine.rasters.footprint import is_metric
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.rasters.positions import apply_affine, pixel_of, transform_points
from sarbridge.engine.rasters.source_file import open_source

UTM31, LONLAT = "EPSG:32631", "EPSG:4326"
PLACE = Affine(10, 0, 500000, 0, -10, 5500000)


def write(path, shape, place, crs=UTM31):
    """Write an image of ones, [rows, cols] = `shape`, and return its `RasterSource`, named after its file."""
    with rasterio.open(
        path, "w", "GTiff", width=shape[1], height=shape[0], count=1, dtype="uint8", crs=crs, transform=place
    ) as file:
        file.write(np.ones((1, *shape), np.uint8))
    return RasterSource(path.stem, str(path), CRS.from_user_input(crs).to_wkt())


@pytest.fixture
def pair(tmp_path):
    """Return a function that writes the pair from (shape, transform, crs) of SAR and optical."""

    def make(sar, optical):
        return write(tmp_path / "radar.tif", *sar), write(tmp_path / "picture.tif", *optical)

    return make


def bounds(grid):
    """Return (xmin, ymin, xmax, ymax) of a grid in its CRS."""
    xs, ys = grid.to_map([0, grid.width, 0, grid.width], [0, 0, grid.height, grid.height])
    return xs.min(), ys.min(), xs.max(), ys.max()


def test_the_sar_lattice_is_kept_and_cut_to_the_overlap(pair):
    optical = Affine(5, 0, 500213, 0, -5, 5499502)
    grid = working_grid(*pair(((100, 120), PLACE), ((100, 100), optical)))
    assert grid.transform[:6] == (10, 0, 500210, 0, -10, 5499500)
    assert (grid.width, grid.height) == (50, 50)
    assert grid.step == 10 and grid.pixel_size == pytest.approx(10 / 0.9996, rel=1e-6)
    assert CRS.from_wkt(grid.crs) == CRS.from_string(UTM31)


def test_a_layer_overlaps_itself(pair):
    radar, _ = pair(((100, 120), PLACE), ((100, 120), PLACE))
    grid = working_grid(radar, radar)
    assert (grid.transform[:6], grid.width, grid.height) == (PLACE[:6], 120, 100)


def test_a_coarser_optical_image_sets_the_pixel_but_not_the_orientation(pair):
    radar = Affine.translation(500000, 5500000) * Affine.rotation(30) * Affine.scale(10, -10)
    optical = Affine(25, 0, 498000, 0, -25, 5503000)
    grid = working_grid(*pair(((100, 100), radar), ((200, 200), optical)))
    assert grid.step == pytest.approx(25)
    assert (grid.width, grid.height) == (40, 40)
    np.testing.assert_allclose(grid.transform[:6], (radar * Affine.scale(2.5))[:6])


QUARTER = Affine(0, -1, 0, 1, 0, 0)


@pytest.mark.parametrize("turn", [Affine.identity(), QUARTER, QUARTER * QUARTER, QUARTER * QUARTER * QUARTER])
@pytest.mark.parametrize("mirrored", [1, -1])
@pytest.mark.parametrize("angle", [0, 20, -40])
def test_turned_and_mirrored_sar_lattices_stay_to_the_last_bit_and_are_counted_right_and_down(
    pair, turn, mirrored, angle
):
    upright = PLACE * Affine.rotation(angle)
    place = upright * turn * Affine.scale(mirrored, 1)
    grid = working_grid(*pair(((100, 80), place), ((600, 600), Affine(5, 0, 498500, 0, -5, 5501500))))
    np.testing.assert_allclose(
        (grid.transform.a, grid.transform.b, grid.transform.d, grid.transform.e),
        (upright.a, upright.b, upright.d, upright.e),
        atol=1e-12,
    )
    cols, rows = grid.to_pixel(
        *apply_affine(place, [0, 80], [0, 100])
    )  # two corners of the image are corners of the grid
    assert sorted(cols) == pytest.approx([0, grid.width], abs=1e-6)
    assert sorted(rows) == pytest.approx([0, grid.height], abs=1e-6)


def test_pixels_that_are_not_square_become_square_on_the_coarser_side(pair):
    radar = Affine(4, 3, 500000, 3, -10, 5500000)  # 5 m by 10.44 m, skewed
    grid = working_grid(*pair(((100, 100), radar), ((600, 600), Affine(2, 0, 499900, 0, -2, 5500500))))
    right = np.array([grid.transform.a, grid.transform.d])
    down = np.array([grid.transform.b, grid.transform.e])
    assert np.hypot(*right) == pytest.approx(np.hypot(3, 10))
    assert np.hypot(*down) == pytest.approx(np.hypot(3, 10))
    assert right @ down == pytest.approx(0, abs=1e-9)
    assert right @ [-3, 4] == pytest.approx(0, abs=1e-9)  # along the SAR's columns
    assert grid.transform.determinant < 0


def test_the_pixel_size_can_be_chosen(pair):
    grid = working_grid(*pair(((100, 100), PLACE), ((100, 100), PLACE)), pixel_size=20)
    assert grid.transform[:6] == (20, 0, 500000, 0, -20, 5500000)
    assert (grid.width, grid.height) == (50, 50)


def test_sizes_that_differ_by_the_scale_of_the_projection_count_as_one(pair):
    """10 m in the neighbouring zone are not exactly 10 m here; the SAR lattice must not be given up for that."""
    xs, ys = transform(UTM31, "EPSG:32632", [500000], [5500000])
    grid = working_grid(
        *pair(((80, 80), PLACE), ((200, 200), Affine(10, 0, xs[0] - 500, 0, -10, ys[0] + 500), "EPSG:32632"))
    )
    assert grid.transform[:6] == PLACE[:6]


@pytest.mark.parametrize("crs", ["EPSG:3395", "EPSG:3857", "EPSG:3035"])
def test_other_projections_in_metres_keep_the_sar_lattice(pair, crs):
    place = Affine(10, 0, 4321000, 0, -10, 3210000)
    grid = working_grid(*pair(((50, 60), place, crs), ((50, 60), place, crs)))
    assert grid.transform[:6] == place[:6]
    assert (grid.width, grid.height) == (60, 50)


@pytest.mark.parametrize("longitude, latitude, zone", [(3, 50, 32631), (-70.1, -33.4, 32719), (179.5, 10, 32660)])
def test_a_sar_image_in_degrees_goes_to_utm(pair, longitude, latitude, zone):
    place = Affine(1e-4, 0, longitude, 0, -1e-4, latitude)
    grid = working_grid(*pair(((300, 400), place, LONLAT), ((300, 400), place, LONLAT)))
    assert CRS.from_wkt(grid.crs).to_epsg() == zone
    assert grid.transform.b == grid.transform.d == 0 and grid.transform.a == -grid.transform.e
    north_south = 1e-4 * 111_200  # the longer side of such a pixel
    assert grid.pixel_size == pytest.approx(north_south, rel=0.01)
    corner_x, corner_y = transform(LONLAT, f"EPSG:{zone}", [longitude, longitude + 0.04], [latitude, latitude - 0.03])
    xmin, ymin, xmax, ymax = bounds(grid)
    for found, expected in zip((xmin, xmax, ymin, ymax), (*sorted(corner_x), *sorted(corner_y))):
        assert abs(found - expected) < 150  # the outline is not upright in UTM


def test_a_projection_in_feet_goes_to_utm(pair):
    place = Affine(30, 0, 980000, 0, -30, 200000)
    grid = working_grid(*pair(((90, 90), place, "EPSG:2263"), ((90, 90), place, "EPSG:2263")))
    assert CRS.from_wkt(grid.crs).to_epsg() == 32618
    assert grid.pixel_size == pytest.approx(30 * 1200 / 3937, rel=1e-3)


def test_coordinates_that_grow_to_the_west_are_not_metric_ones():
    assert is_metric(CRS.from_epsg(32633)) and is_metric(CRS.from_epsg(3413))
    assert not is_metric(CRS.from_epsg(2048))  # Cape / Lo19: westing and southing


def test_an_optical_world_map_overlaps_everything(pair):
    grid = working_grid(*pair(((100, 120), PLACE), ((180, 360), Affine(1, 0, -180, 0, -1, 90), LONLAT)), pixel_size=10)
    assert (grid.width, grid.height) == (120, 100)


def test_a_sar_world_map_overlaps_everything(pair):
    grid = working_grid(*pair(((180, 360), Affine(1, 0, -180, 0, -1, 90), LONLAT), ((100, 120), PLACE)), pixel_size=10)
    assert CRS.from_wkt(grid.crs).to_epsg() == 32631
    np.testing.assert_allclose(bounds(grid), (500000, 5499000, 501200, 5500000), atol=10)


def test_the_extent_limits_the_overlap_in_its_own_crs(pair):
    images = pair(((100, 120), PLACE), ((100, 120), PLACE))
    grid = working_grid(*images, extent=(500200, 5499300, 500500, 5499600), extent_crs=CRS.from_string(UTM31).to_wkt())
    np.testing.assert_allclose(bounds(grid), (500200, 5499300, 500500, 5499600))
    xs, ys = transform(UTM31, LONLAT, [500200, 500500], [5499300, 5499600])
    degrees = working_grid(*images, extent=(xs[0], ys[0], xs[1], ys[1]), extent_crs=CRS.from_string(LONLAT).to_wkt())
    np.testing.assert_allclose(bounds(degrees), (500200, 5499300, 500500, 5499600), atol=10)


def test_the_layers_crs_wins_over_the_files(pair):
    radar, picture = pair(((100, 100), PLACE, "EPSG:32632"), ((100, 100), PLACE))
    overridden = RasterSource(radar.name, radar.path, picture.crs)
    assert working_grid(overridden, picture).width == 100
    with pytest.raises(UserError, match="do not overlap"):
        working_grid(radar, picture)


def test_map_and_pixel_positions(pair):
    grid = Grid(UTM31, PLACE * Affine.rotation(20), 10, 10)
    xs, ys = grid.to_map([0, 3.5], [0, 7.25])
    assert (xs[0], ys[0]) == (500000, 5500000)
    np.testing.assert_allclose(grid.to_pixel(xs, ys), ([0, 3.5], [0, 7.25]), atol=1e-8)


def test_positions_follow_proj_and_unknown_ones_are_nan(pair):
    xs, ys = transform_points([3.0, 4.5, 3.0], [0.0, 50.0, 95.0], LONLAT, UTM31)
    assert (xs[0], ys[0]) == pytest.approx((500000, 0), abs=1e-6)  # by the definition of zone 31
    np.testing.assert_allclose((xs[1], ys[1]), np.ravel(transform(LONLAT, UTM31, [4.5], [50.0])))
    assert np.isnan(xs[2]) and np.isnan(ys[2])
    radar, _ = pair(((10, 10), PLACE), ((10, 10), PLACE))
    with open_source(radar) as dataset:
        cols, rows = pixel_of(dataset, [500005, 500100], [5499995, 5499900])
    np.testing.assert_allclose((cols, rows), ([0.5, 10], [0.5, 10]))


def _refusal(*arguments, **options):
    with pytest.raises(UserError) as caught:
        working_grid(*arguments, **options)
    return str(caught.value)


def test_images_apart_are_refused_with_their_distance(pair):
    sentence = _refusal(*pair(((100, 100), PLACE), ((100, 100), Affine(10, 0, 550000, 0, -10, 5500000))))
    assert "'radar' and 'picture' do not overlap" in sentence
    assert float(sentence.split("centres lie ")[1].split(" km")[0]) == pytest.approx(50, rel=0.01)


def test_rotated_images_that_pass_each_other_do_not_overlap(pair):
    """The bounding boxes overlap, the images do not."""
    diagonal = Affine.translation(500500, 5500000) * Affine.rotation(45) * Affine.scale(10, -10)
    corner = Affine(10, 0, 500000, 0, -10, 5500500)
    assert "do not overlap" in _refusal(*pair(((10, 100), diagonal), ((20, 20), corner)))


def test_an_overlap_of_less_than_a_pixel_is_refused(pair):
    sentence = _refusal(*pair(((100, 100), PLACE), ((100, 100), PLACE * Affine.translation(99.7, 0))))
    assert "overlap by less than one pixel of 10 m" in sentence


def test_an_extent_outside_the_overlap_is_refused(pair):
    images = pair(((100, 100), PLACE), ((100, 100), PLACE))
    sentence = _refusal(*images, extent=(400000, 5499300, 400500, 5499600), extent_crs=UTM31)
    assert "extent lies outside the overlap of layers 'radar' and 'picture'" in sentence
    assert "extent's coordinate reference system" in _refusal(*images, extent=(0, 0, 1, 1), extent_crs="broken[")


LOCAL = 'LOCAL_CS["here",UNIT["metre",1]]'


@pytest.mark.parametrize("crs", [LOCAL, "EPSG:4978", "EPSG:5703", "EPSG:5800"])
def test_a_crs_without_places_on_a_map_is_refused(pair, crs):
    """Of a building site, geocentric, vertical, of a plant."""
    radar, picture = pair(((100, 100), PLACE), ((100, 100), PLACE))
    nowhere = RasterSource("radar", radar.path, crs)
    assert "system of layer 'radar' has no places on a map" in _refusal(nowhere, picture)
    assert "system of layer 'radar' has no places on a map" in _refusal(picture, nowhere)


@pytest.mark.parametrize(
    "place, crs",
    [
        (Affine(10, 0, 500000, 0, -10, 1e9), UTM31),
        (Affine(10, 0, 500000, 0, -10, 5500000), LONLAT),
        (Affine(1e-4, 0, 3, 0, -1e-4, 95), LONLAT),
        (Affine(10, 0, 1e9, 0, -10, 1e9), "EPSG:3035"),
    ],
)
def test_places_off_the_earth_are_refused(pair, place, crs):
    images = pair(((100, 100), place, crs), ((100, 100), PLACE))
    assert "The coordinates of layer 'radar' do not fit its coordinate reference system" in _refusal(*images)


@pytest.mark.parametrize("crs", [LONLAT, "EPSG:3857", "EPSG:3035", "EPSG:3413", "EPSG:2048", "EPSG:2193", "EPSG:4807"])
def test_places_on_the_earth_are_accepted(pair, crs):
    center = {"EPSG:2048": (19, -33), "EPSG:2193": (172, -43), "EPSG:3413": (0, 80)}.get(crs, (9, 50))
    (x,), (y,) = transform(LONLAT, crs, *([each] for each in center))
    step = 1e-4 if CRS.from_user_input(crs).is_geographic else 10
    image = (50, 50), Affine(step, 0, x, 0, -step, y), crs
    assert working_grid(*pair(image, image)).width > 20


def test_a_rotated_real_pair(real_data):
    """Capella, 2.5 m, rotated by 90° and mirrored; the picture has 4.5 m and covers it."""
    sources = []
    for name in ("rotterdam_capella_x_hh_c64", "rotterdam_rgb_4p5m"):
        path = real_data / "slc" / f"{name}.tif"
        with rasterio.open(path) as file:
            sources.append(RasterSource(name, str(path), file.crs.to_wkt()))
    grid = working_grid(*sources)
    assert grid.pixel_size == pytest.approx(4.5, rel=1e-3)
    with rasterio.open(sources[0].path) as file:
        corner = np.array(grid.to_pixel(*(file.transform * (0, 0))))
        assert corner == pytest.approx(corner.round(), abs=1e-6)
        across = np.array([grid.transform.a, grid.transform.d]) / [file.transform.b, file.transform.e]
        assert across[0] == pytest.approx(across[1])
        assert grid.transform.determinant < 0 < file.transform.determinant
        assert grid.transform.a > 0 > grid.transform.e
    assert abs(grid.width - 500 / 4.5) <= 1 and abs(grid.height - 500 / 4.5) <= 1


def test_once_moved_the_grid_is_what_both_images_share_then(pair):
    """The optical image claims to lie 300 pixels too far east, where little overlaps; it is as large as the SAR one."""
    sources = pair(((400, 400), PLACE), ((400, 400), PLACE * Affine.translation(300, 0)))
    whole = working_grid(*sources)
    assert (whole.width, whole.height) == (100, 400)
    grid = grid_once_moved(whole, Affine.translation(-300, 0), *sources)
    assert (grid.width, grid.height) == (400, 400)
    assert grid.transform.almost_equals(PLACE, 1e-6)


def test_once_turned_the_grid_keeps_the_lattice_of_the_working_grid(pair):
    sources = pair(((400, 400), PLACE), ((400, 400), PLACE))
    whole = working_grid(*sources)
    about = Affine.translation(200, 200)
    grid = grid_once_moved(whole, about * Affine.rotation(7) * Affine.scale(0.9) * ~about, *sources)
    assert (grid.transform.a, grid.transform.e) == (whole.transform.a, whole.transform.e)
    first = ~whole.transform * (grid.transform.c, grid.transform.f)
    assert np.allclose(first, np.round(first), atol=1e-6)
    side = 400 * 0.9 * (np.cos(np.radians(7)) + np.sin(np.radians(7)))  # of the turned square, which fits in
    assert grid.width == pytest.approx(min(400, side), abs=2) and grid.height == grid.width


def test_the_extent_lies_on_the_sar_image_however_far_the_optical_one_is_moved(pair):
    sources = pair(((400, 400), PLACE), ((400, 400), PLACE * Affine.translation(300, 0)))
    whole = working_grid(*sources)
    extent = (500_500, 5_498_000, 501_500, 5_499_000)
    grid = grid_once_moved(whole, Affine.translation(-300, 0), *sources, extent, CRS.from_user_input(UTM31).to_wkt())
    assert np.allclose(bounds(grid), extent, atol=10)


def test_images_that_share_nothing_once_moved_are_refused(pair):
    sources = pair(((400, 400), PLACE), ((400, 400), PLACE))
    whole = working_grid(*sources)
    with pytest.raises(UserError, match="'radar' and 'picture' overlap by less than one pixel"):
        grid_once_moved(whole, Affine.translation(500, 0), *sources)


def test_a_map_of_the_world_is_moved_as_well(pair):
    """Most of it has no place in a UTM zone."""
    sources = pair(((400, 400), PLACE), ((180, 360), Affine(1, 0, -180, 0, -1, 90), LONLAT))
    whole = working_grid(*sources, pixel_size=10)
    grid = grid_once_moved(whole, Affine.translation(-300, 20), *sources)
    assert (grid.width, grid.height) == (whole.width, whole.height)
    xs, ys, _ = part_near(sources[1], whole, around=100)
    cols, rows = whole.to_pixel(xs, ys)
    assert [cols.min(), cols.max(), rows.min(), rows.max()] == pytest.approx([-100, 500, -100, 500], abs=3)
