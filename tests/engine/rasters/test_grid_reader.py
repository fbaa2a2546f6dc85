"""Rasters on a grid: positions against PROJ, no data, complex samples, memory, and what bad files get."""

import tracemalloc

import numpy as np
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform
from sarbridge.contract.errors import UserError
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.rasters import grid_reader
from sarbridge.engine.rasters.grid import Grid, Window
from sarbridge.engine.rasters.grid_reader import GridReader
from sarbridge.engine.rasters.radiometry import OpticalRadiometry, SarRadiometry
from sarbridge.engine.rasters.source_file import open_source, read_box

UTM31, UTM32, LONLAT = "EPSG:32631", "EPSG:32632", "EPSG:4326"
NORTH_UP = Affine(10, 0, 500000, 0, -10, 5500000)


def write(path, bands, transform=NORTH_UP, crs=UTM31, **profile):
    """Write bands [n, h, w] as a GeoTIFF and return its `RasterSource` (all bands)."""
    bands = np.asarray(bands)
    profile = {"dtype": bands.dtype.name, **profile}
    count, height, width = bands.shape
    with rasterio.open(
        path, "w", "GTiff", width=width, height=height, count=count, crs=crs, transform=transform, **profile
    ) as file:
        file.write(bands)
    return RasterSource("Layer A", str(path), CRS.from_string(crs).to_wkt(), tuple(range(1, count + 1)))


def grid_over(width, height, transform=NORTH_UP, crs=UTM31):
    return Grid(CRS.from_string(crs).to_wkt(), transform, width, height)


def read_all(source, grid, radiometry=None):
    with GridReader(source, grid, radiometry) as reader:
        return reader.read(Window(0, 0, grid.width, grid.height))


PLACES = {
    "other zone": (UTM32, Affine(10, 0, 66000, 0, -10, 5518000), NORTH_UP),
    "degrees": (LONLAT, Affine(1e-4, 0, 2.99, 0, -1e-4, 49.66), NORTH_UP),
    "rotated source": (UTM31, NORTH_UP * Affine.rotation(30) * Affine.translation(-20, -220), NORTH_UP),
    "rotated grid": (UTM31, Affine(10, 0, 498000, 0, -10, 5501000), NORTH_UP * Affine.rotation(12)),
    "mirrored grid": (UTM31, Affine(10, 0, 498000, 0, -10, 5501000), NORTH_UP * Affine.scale(1, -1)),
    "finer source": (UTM32, Affine(3, 0, 66000, 0, -3, 5518000), NORTH_UP),
    "coarser source": (UTM32, Affine(25, 0, 66000, 0, -25, 5518000), NORTH_UP),
}


@pytest.mark.parametrize("place", PLACES)
def test_positions_agree_with_proj_to_a_tenth_of_a_pixel(tmp_path, place):
    """The image's values are its own pixel coordinates, so each value read says where it was taken."""
    crs, source_transform, grid_transform = PLACES[place]
    rows, cols = np.mgrid[:900, :900].astype(np.float32) + 0.5
    grid = grid_over(60, 50, grid_transform)
    ys, xs = np.mgrid[:50, :60] + 0.5
    map_x, map_y = grid_transform * (xs.ravel(), ys.ravel())
    true = ~source_transform * tuple(np.array(part) for part in transform(UTM31, crs, map_x, map_y))
    side = np.sqrt(abs((~source_transform * grid_transform).determinant)) if crs != LONLAT else 1.0
    for values, expected in ((cols, true[0]), (rows, true[1])):
        read, valid = read_all(write(tmp_path / "a.tif", values[None], source_transform, crs), grid)
        inside = ((true[0] > 2) & (true[0] < 898) & (true[1] > 2) & (true[1] < 898)).reshape(50, 60)
        assert inside.mean() > 0.5 and valid[inside].all()
        assert np.abs(read - expected.reshape(50, 60))[inside].max() < 0.1 * max(side, 1)


@pytest.mark.parametrize(("code", "degrees"), [(31251, (10.0, 47.5)), (2065, (15.5, 49.8)), (21780, (7.5, 46.9))])
def test_pixels_come_from_where_their_positions_are_also_between_systems_of_other_meridians(tmp_path, code, degrees):
    """Of several operations between two datums GDAL's warper takes another one here than for positions: 60 m off."""
    crs, zone = f"EPSG:{code}", f"EPSG:{32600 + int(degrees[0] // 6) + 31}"
    (x,), (y,) = transform("EPSG:4326", zone, [degrees[0]], [degrees[1]])
    ground = Affine(10, 0, x, 0, -10, y)
    xs, ys = ground * tuple(each.ravel() for each in np.mgrid[:50, :60][::-1] + 0.5)
    there = np.array(transform(zone, crs, xs, ys))
    corner = Affine(10, 0, np.floor(there[0].min()) - 4000, 0, -10, np.ceil(there[1].max()) + 4000)
    cols, rows = (each.reshape(50, 60) for each in ~corner * tuple(there))
    numbers = np.mgrid[:900, :900].astype(np.float32) + 0.5
    for values, expected in ((numbers[1], cols), (numbers[0], rows)):
        read, valid = read_all(write(tmp_path / "a.tif", values[None], corner, crs), grid_over(60, 50, ground, zone))
        assert valid.all() and np.abs(read - expected).max() < 0.2


def test_a_coinciding_lattice_is_read_as_it_is(tmp_path):
    values = np.random.default_rng(0).normal(size=(1, 40, 50)).astype(np.float32)
    read, valid = read_all(write(tmp_path / "a.tif", values), grid_over(30, 20, NORTH_UP * Affine.translation(7, 5)))
    assert valid.all()
    np.testing.assert_array_equal(read, values[0, 5:25, 7:37])


def test_the_layers_crs_wins_over_the_files(tmp_path):
    values = np.arange(100, dtype=np.float32).reshape(1, 10, 10)
    source = write(tmp_path / "a.tif", values, crs=UTM32)
    moved = RasterSource(source.name, source.path, CRS.from_string(UTM31).to_wkt())
    np.testing.assert_array_equal(read_all(moved, grid_over(10, 10))[0], values[0])
    assert not read_all(source, grid_over(10, 10))[1].any()


def test_windows_reach_beyond_grid_and_source(tmp_path):
    source = write(tmp_path / "a.tif", np.ones((1, 10, 10), np.float32))
    with GridReader(source, grid_over(8, 20)) as reader:
        values, valid = reader.read(Window(-3, -2, 15, 30))
        far, far_valid = reader.read(Window(1000, 1000, 4, 3))
    expected = np.zeros((30, 15), bool)
    expected[2:12, 3:11] = True  # rows end with the source, columns with the grid
    np.testing.assert_array_equal(valid, expected)
    np.testing.assert_array_equal(values, expected)
    assert far.shape == far_valid.shape == (3, 4) and not far_valid.any()


@pytest.mark.parametrize(("pixel", "turned"), [(4, 5), (9, 40)])
def test_tiles_of_a_resampled_image_fit_together(tmp_path, pixel, turned):
    values = np.random.default_rng(0).normal(size=(1, 300, 300)).astype(np.float32)
    source = write(tmp_path / "a.tif", values, Affine(pixel, 0, 500003, 0, -pixel, 5500002) * Affine.rotation(turned))
    with GridReader(source, grid_over(100, 100)) as reader:
        whole, whole_valid = reader.read(Window(0, 0, 100, 100))
        tile, tile_valid = reader.read(Window(31, 17, 40, 50))
    np.testing.assert_array_equal(tile_valid, whole_valid[17:67, 31:71])
    np.testing.assert_allclose(tile, whole[17:67, 31:71], atol=0.02)


def test_bands_become_their_mean_where_all_are_valid(tmp_path):
    bands = np.stack([np.full((4, 4), value, np.uint8) for value in (10, 20, 60)])
    bands[1, 0, 0] = 0
    values, valid = read_all(write(tmp_path / "a.tif", bands, nodata=0), grid_over(4, 4))
    assert not valid[0, 0] and valid.sum() == 15
    assert np.all(values[valid] == 30)


@pytest.mark.parametrize("place", ["same", "other zone", "finer source"])
@pytest.mark.parametrize("radiometry", [None, SarRadiometry("amplitude"), OpticalRadiometry(0, 9)])
def test_bands_by_themselves_are_read_as_each_alone(tmp_path, place, radiometry):
    crs, source_transform, grid_transform = PLACES.get(place, (UTM31, NORTH_UP, NORTH_UP))
    bands = np.random.default_rng(0).uniform(1, 9, (3, 900, 900)).astype(np.float32)
    bands[1, 300:330, 250:400] = 0
    source = write(tmp_path / "a.tif", bands, source_transform, crs, nodata=0)
    grid, window = grid_over(120, 90, grid_transform), Window(-5, 10, 125, 60)
    with GridReader(source, grid, radiometry) as reader:
        values, valid = reader.read_bands(window)
    assert values.shape == (3, 60, 125) and values.dtype == np.float32
    expected_valid = np.ones_like(valid)
    for number, channel in enumerate(values, 1):
        alone = RasterSource(source.name, source.path, source.crs, (number,))
        with GridReader(alone, grid, radiometry) as reader:
            expected, known = reader.read(window)
        expected_valid &= known
        np.testing.assert_array_equal(channel[valid], expected[valid])
    np.testing.assert_array_equal(valid, expected_valid)
    assert (values[:, ~valid] == 0).all() and 0 < valid.mean() < 1


def test_bands_of_a_much_finer_source_are_read_in_parts_that_fit(tmp_path, monkeypatch):
    """However many bands, no more source pixels are held at once than of one band."""
    bands = np.stack([np.full((800, 800), value, np.float32) for value in (1, 2, 3, 4)])
    source = write(tmp_path / "a.tif", bands, NORTH_UP * Affine.scale(0.1))
    monkeypatch.setattr(grid_reader, "LARGEST_READ", 100_000)
    asked = []
    monkeypatch.setattr(grid_reader, "read_box", lambda *box: asked.append(box[1:3]) or read_box(*box))
    with GridReader(source, grid_over(80, 80)) as reader:
        values, valid = reader.read_bands(Window(0, 0, 80, 80))
    assert valid.all() and all((channel == value).all() for channel, value in zip(values, (1, 2, 3, 4)))
    held = [count * (right - left) * (bottom - top) for (left, top, right, bottom), count in asked]
    assert len(held) > 20 and max(held) <= 100_000


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32", "float64"])
def test_sample_types_keep_their_values_scale_and_no_data(tmp_path, dtype):
    values = np.array([[[1, 2], [3, 99]]], dtype)
    source = write(tmp_path / "a.tif", values, nodata=99)
    with rasterio.open(source.path, "r+") as file:
        file.scales, file.offsets = (0.5,), (-10,)
    read, valid = read_all(source, grid_over(2, 2))
    np.testing.assert_array_equal(read, [[-9.5, -9], [-8.5, 0]])
    np.testing.assert_array_equal(valid, [[True, True], [True, False]])


def test_nan_infinity_and_mask_bands_are_no_data(tmp_path):
    values = np.ones((1, 2, 2), np.float32)
    values[0, 0] = np.nan, np.inf
    source = write(tmp_path / "a.tif", values)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(source.path, "r+") as file:
        file.write_mask(np.array([[True, True], [True, False]]))
    np.testing.assert_array_equal(read_all(source, grid_over(2, 2))[1], [[False, False], [True, False]])


@pytest.mark.parametrize("side", [4.0, 13.0])
def test_declared_no_data_never_bleeds_into_its_neighbours(tmp_path, side):
    """Averaged (side 4) or interpolated (side 13), what is left of a constant image is that constant."""
    values = np.full((1, 200, 200), 7.0, np.float32)
    values[0, 50:90, 60:100] = -5000
    values[0, ::9, ::9] = 3000
    plain = write(tmp_path / "a.tif", values, Affine(side, 0, 500001, 0, -side, 5500003))
    source = RasterSource(plain.name, plain.path, plain.crs, nodata=((-9999, -1000), (3000, 3000)))
    read, valid = read_all(source, grid_over(75, 75))
    np.testing.assert_allclose(read[valid], 7, rtol=1e-6)
    hole = [int(edge * side / 10) for edge in (66, 94, 56, 84)]  # well inside the hole, in grid pixels
    assert not valid[hole[2] : hole[3], hole[0] : hole[1]].any()
    assert valid.mean() > 0.5


def test_an_averaged_pixel_needs_half_of_its_area(tmp_path):
    values = np.ones((1, 40, 40), np.float32)
    values[0, :4, :1] = np.nan  # a quarter of the first pixel
    values[0, :4, 4:7] = np.nan  # three quarters of the second
    _, valid = read_all(write(tmp_path / "a.tif", values, Affine(2.5, 0, 500000, 0, -2.5, 5500000)), grid_over(10, 10))
    assert valid[0, 0] and not valid[0, 1]
    assert valid.sum() == 99


@pytest.mark.parametrize("dtype", ["complex64", "complex128", "complex_int16"])
def test_complex_samples_are_averaged_as_power(tmp_path, dtype):
    """Opposite phases cancel when averaged as they are; the mean power of |1|² and |3j|² is 5."""
    samples = np.zeros((1, 40, 40), np.complex64)
    samples[0, ::2], samples[0, 1::2] = 1, -3j
    source = write(tmp_path / "a.tif", samples, Affine(2.5, 0, 500000, 0, -2.5, 5500000), dtype=dtype)
    values, valid = read_all(source, grid_over(10, 10))
    assert valid.all()
    np.testing.assert_allclose(values, 5, rtol=1e-6)
    decibels, _ = read_all(source, grid_over(10, 10), SarRadiometry("complex"))
    np.testing.assert_allclose(decibels, 10 * np.log10(5), rtol=1e-6)


@pytest.mark.parametrize("unit, low, high", [("db", 0.0, 20.0), ("amplitude", 1.0, 10.0), ("power", 1.0, 100.0)])
def test_sar_of_every_unit_is_averaged_as_power(tmp_path, unit, low, high):
    values = np.full((1, 40, 40), low, np.float32)
    values[0, ::2] = high
    source = write(tmp_path / "a.tif", values, Affine(2.5, 0, 500000, 0, -2.5, 5500000))
    decibels, valid = read_all(source, grid_over(10, 10), SarRadiometry(unit))
    assert valid.all()
    np.testing.assert_allclose(decibels, 10 * np.log10((1 + 100) / 2), rtol=1e-5)


def test_zero_power_is_no_data_and_optical_values_become_shares_of_their_range(tmp_path):
    source = write(tmp_path / "a.tif", np.array([[[0, 10], [20, 90]]], np.float32))
    np.testing.assert_array_equal(
        read_all(source, grid_over(2, 2), SarRadiometry("power"))[1], [[False, True]] * 1 + [[True, True]]
    )
    values, valid = read_all(source, grid_over(2, 2), OpticalRadiometry(10, 30))
    assert valid.all()
    np.testing.assert_allclose(values, [[0, 0], [0.5, 1]])


def test_memory_is_bounded_by_the_window_however_large_the_file(tmp_path):
    """20,000 × 20,000 float32 are 1.6 GB; the second window needs 256 MB of them."""
    path = tmp_path / "big.tif"
    profile = {"dtype": "float32", "tiled": True, "blockxsize": 512, "blockysize": 512, "SPARSE_OK": True}
    with rasterio.open(
        path, "w", "GTiff", width=20000, height=20000, count=1, crs=UTM31, transform=NORTH_UP, **profile
    ) as file:
        file.write(np.full((1, 500, 500), 4, np.float32), window=((10000, 10500), (10000, 10500)))
    source = RasterSource("Layer A", str(path), CRS.from_string(UTM31).to_wkt())
    with GridReader(source, grid_over(20000, 20000)) as reader:
        (_, valid), peak = _with_peak_megabytes(lambda: reader.read(Window(9900, 9900, 512, 512)))
    assert valid.all() and peak < 20
    with GridReader(source, grid_over(20, 20, NORTH_UP * Affine.scale(1000))) as reader:
        (values, valid), peak = _with_peak_megabytes(lambda: reader.read(Window(6, 6, 8, 8)))
    assert peak < 60
    assert valid.all()
    assert values[4, 4] == pytest.approx(1.0)  # a quarter of that pixel's area is 4, the rest 0
    assert values.sum() == pytest.approx(1.0)


def _with_peak_megabytes(work):
    tracemalloc.start()
    result = work()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return result, peak


def test_colour_pictures_are_recognised(tmp_path):
    grey = write(tmp_path / "grey.tif", np.ones((1, 4, 4), np.uint8))
    colour = write(tmp_path / "colour.tif", np.ones((3, 4, 4), np.uint8), photometric="rgb")
    with GridReader(grey, grid_over(4, 4)) as first, GridReader(colour, grid_over(4, 4)) as second:
        assert (first.is_colour, second.is_colour) == (False, True)
        assert first.dtype == "uint8"


def _sentence(source):
    with pytest.raises(UserError) as caught, open_source(source):
        pass
    assert "'Layer A'" in str(caught.value)
    return str(caught.value)


def test_missing_and_damaged_files(tmp_path):
    wkt = CRS.from_string(UTM31).to_wkt()
    assert "cannot be opened" in _sentence(RasterSource("Layer A", str(tmp_path / "gone.tif"), wkt))
    (tmp_path / "text.tif").write_text("no raster")
    assert "cannot be opened" in _sentence(RasterSource("Layer A", str(tmp_path / "text.tif"), wkt))


@pytest.mark.parametrize("what", ["missing band", "one pixel", "one line", "no georeference", "unreadable crs"])
def test_unusable_layers_are_named(tmp_path, what, recwarn):
    shape = {"one pixel": (1, 1, 1), "one line": (1, 1, 50)}.get(what, (1, 5, 5))
    place = {"transform": None, "crs": None} if what == "no georeference" else {"transform": NORTH_UP, "crs": UTM31}
    path = tmp_path / "a.tif"
    with rasterio.open(path, "w", "GTiff", width=shape[2], height=shape[1], count=1, dtype="uint8", **place) as file:
        file.write(np.ones(shape, np.uint8))
    recwarn.clear()
    crs = "PROJCS[broken" if what == "unreadable crs" else CRS.from_string(UTM31).to_wkt()
    sentence = _sentence(RasterSource("Layer A", str(path), crs, bands=(2,) if what == "missing band" else (1,)))
    expected = {
        "missing band": "has no band 2 (it has 1)",
        "one pixel": "is only 1 × 1 pixels",
        "one line": "is only 50 × 1 pixels",
        "no georeference": "is not georeferenced",
        "unreadable crs": "cannot be read",
    }
    assert expected[what] in sentence
    assert not recwarn.list


def test_a_file_cut_short_is_refused_when_it_is_read(tmp_path):
    values = np.random.default_rng(0).integers(0, 255, (1, 600, 600), np.uint8)
    source = write(tmp_path / "a.tif", values, compress="deflate", tiled=True, blockxsize=256, blockysize=256)
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="Layer 'Layer A' cannot be read"):
        read_all(source, grid_over(600, 600))


@pytest.mark.parametrize("mirrored", [1, -1])
@pytest.mark.parametrize("quarter_turns", range(4))
def test_a_file_that_lies_otherwise_is_read_pixel_by_pixel(tmp_path, quarter_turns, mirrored):
    """Turned by quarters and mirrored: the very values of the file, windows beyond its edges too, where it lies."""
    values = np.random.default_rng(1).normal(size=(1, 40, 30)).astype(np.float32)
    placed = NORTH_UP
    for _ in range(quarter_turns):
        placed = placed * Affine(0, -1, 0, 1, 0, 0)
    source = write(tmp_path / "turned.tif", values, placed * Affine.scale(mirrored, 1))
    rows, cols = np.mgrid[:40, :30]
    with rasterio.open(source.path) as file:
        at_col, at_row = ~NORTH_UP * (file.transform * (cols + 0.5, rows + 0.5))
    expected = np.full((90, 90), np.nan, np.float32)
    expected[np.floor(at_row).astype(int) + 45, np.floor(at_col).astype(int) + 45] = values[0]
    with GridReader(source, grid_over(45, 45), surroundings=45) as reader:
        read, valid = reader.read(Window(-45, -45, 90, 90))
    assert valid.sum() == values.size
    assert np.array_equal(valid, np.isfinite(expected))
    assert np.array_equal(read[valid], expected[valid])
