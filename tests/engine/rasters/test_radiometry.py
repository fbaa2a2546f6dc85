"""Radiometry: decibels, ranges, which unit a SAR image has, and images that say nothing or look swapped."""

import numpy as np
import pytest
import rasterio
import torch
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.rasters.grid import Grid
from sarbridge.engine.rasters.grid_reader import GridReader
from sarbridge.engine.rasters.radiometry import (
    OpticalRadiometry,
    SarRadiometry,
    clipping_range,
    detect_sar_unit,
    optical_radiometry,
    robust_range,
    sar_radiometry,
    to_db,
)
from sarbridge.engine.rasters.raster_sample import MOST_WINDOWS, RasterSample, sample_raster
from sarbridge.engine.rasters.speckle import looks_swapped
from scipy.ndimage import gaussian_filter

UTM31 = CRS.from_epsg(32631)
PLACE = Affine(10, 0, 500000, 0, -10, 5500000)


def sample_of(image, dtype="float32", is_colour=False):
    """Return the sample [n, 128, 128] (or one smaller window) of an image [h, w], without gaps."""
    image = np.asarray(image, np.float32)
    side = min(128, *image.shape)
    rows, cols = image.shape[0] // side, image.shape[1] // side
    windows = image[: rows * side, : cols * side].reshape(rows, side, cols, side).swapaxes(1, 2)
    values = windows.reshape(-1, side, side)[:MOST_WINDOWS]
    return RasterSample("Layer A", dtype, is_colour, values, np.isfinite(values))


def reader_of(tmp_path, bands, nodata=None, colour=False):
    """Return a `GridReader`, not yet entered, of bands [n, h, w] on their own lattice."""
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.tif"
    bands = np.asarray(bands)
    count, height, width = bands.shape
    profile = {"dtype": bands.dtype.name, "crs": UTM31, "transform": PLACE, "nodata": nodata}
    if colour:
        profile["photometric"] = "rgb"
    with rasterio.open(path, "w", "GTiff", width=width, height=height, count=count, **profile) as file:
        file.write(bands)
    source = RasterSource("Layer A", str(path), UTM31.to_wkt(), tuple(range(1, count + 1)))
    return GridReader(source, Grid(UTM31.to_wkt(), PLACE, width, height))


def backscatter(rng, shape=(256, 256)):
    """Simulated mean power of fields and patches, about -20 to -5 dB."""
    return 10 ** (-1.2 + 0.35 * gaussian_filter(rng.normal(size=shape), 6) * 12)


def speckled(rng, looks, shape=(256, 256)):
    """Simulated power: backscatter times gamma speckle of a number of looks."""
    return backscatter(rng, shape) * rng.gamma(looks, 1 / looks, shape)


@pytest.mark.parametrize(
    ("unit", "values", "decibels"),
    [
        ("power", [1, 10, 1000], [0, 10, 30]),
        ("amplitude", [1, 10, 1000], [0, 20, 60]),
        ("complex", [25], [10 * np.log10(25)]),  # power, as `GridReader` hands it over
        ("db", [-30, 0, 12.5], [-30, 0, 12.5]),
        ("display", [0, 7, 255], [0, 7, 255]),
    ],
)
def test_every_unit_becomes_decibels(unit, values, decibels):
    radiometry = SarRadiometry(unit)
    finished = radiometry.finish(radiometry.linearise(np.array(values, np.float32)))
    assert finished.dtype == np.float32
    np.testing.assert_allclose(finished, decibels, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("kind", [np.array, torch.tensor])
def test_decibels_stop_at_a_floor(kind):
    power = kind([[0.0, -5.0, 1e-30], [1e-7, 1e-6, 100.0]])
    as_float32 = power.astype(np.float32) if kind is np.array else power
    for floor, expected in ((1e-10, [[-100] * 3, [-70, -60, 20]]), (1e-6, [[-60] * 3, [-60, -60, 20]])):
        decibels = to_db(as_float32, floor)
        assert type(decibels) is type(power) and "float32" in str(decibels.dtype)
        np.testing.assert_allclose(decibels, expected, atol=1e-4)
    assert (to_db(as_float32) == to_db(as_float32, 1e-10)).all()


def test_db_products_of_every_size_survive_the_way_through_power():
    values = np.array([-80, 0, 90, 1e5], np.float32)
    radiometry = SarRadiometry("db")
    with np.errstate(over="raise"):
        through = radiometry.finish(radiometry.linearise(values))
    np.testing.assert_allclose(through[:3], values[:3], atol=1e-4)
    assert np.isfinite(through).all()


def test_negative_power_lowers_an_average_but_zeros_are_no_data():
    linear = SarRadiometry("power").linearise(np.array([-0.1, 0, 0.3], np.float32))
    np.testing.assert_allclose(linear, [-0.1, np.nan, 0.3])
    assert SarRadiometry("display").linearise(np.array([0.0])) == 0


def test_the_robust_range_is_three_sigma_and_ignores_outliers():
    values = np.random.default_rng(0).normal(50, 10, 200_000).astype(np.float32)
    values[:1000] = 1e6
    low, high = robust_range(values)
    assert low == pytest.approx(20, abs=1.5) and high == pytest.approx(80, abs=1.5)
    assert robust_range(values, sigma=1)[0] == pytest.approx(40, abs=0.5)


def test_the_robust_range_stays_within_the_values_and_is_never_empty():
    low, high = robust_range(np.array([0] * 90 + [10] * 10, np.float32))
    assert (low, high) == (0, 10)
    low, high = robust_range(np.full(10, 3.0, np.float32))
    assert low == 3 and high > low


def test_optical_values_are_scaled_by_their_range():
    values = np.random.default_rng(0).normal(1000, 100, (256, 256))
    radiometry = optical_radiometry(sample_of(values))
    assert (radiometry.low, radiometry.high) == pytest.approx((700, 1300), abs=15)
    np.testing.assert_allclose(OpticalRadiometry(700, 1300).finish(np.array([0, 700, 1000, 5000])), [0, 0, 0.5, 1])


@pytest.mark.parametrize("dtype, unit", [("complex64", "complex"), ("complex_int16", "complex"), ("uint8", "display")])
def test_the_sample_type_decides_where_it_can(dtype, unit):
    image = speckled(np.random.default_rng(0), 4)
    assert detect_sar_unit(sample_of(image * 255, dtype))[0] == unit


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("looks", [1, 4, 12])
def test_units_of_simulated_speckle(seed, looks):
    power = speckled(np.random.default_rng(seed), looks)
    assert detect_sar_unit(sample_of(10 * np.log10(power)))[0] == "db"
    assert detect_sar_unit(sample_of(10 * np.log10(power) + 60))[0] == "db"
    assert detect_sar_unit(sample_of(power))[0] == "power"
    assert detect_sar_unit(sample_of(np.sqrt(power)))[0] == "amplitude"
    assert detect_sar_unit(sample_of(np.round(np.sqrt(power) * 300), "uint16"))[0] == "amplitude"


def test_units_of_real_images(real_data):
    """The one miss is a dark single-look L-band crop, whose amplitude has the speckle and median of 4-look power."""
    wrong = []
    for name, (unit, image) in _real_sar_in_every_unit(real_data):
        found = detect_sar_unit(sample_of(image))[0]
        if found != unit:
            wrong.append((name, unit, found))
    assert wrong == [("uavsar_winnipeg.tif", "amplitude", "power")]


def _real_sar_in_every_unit(real_data):
    for path in sorted((real_data / "s1_dem_s2_sites" / "s1_db").glob("*.tif")):
        for band in (1, 2):
            with rasterio.open(path) as file:
                decibels = file.read(band)
            yield f"{path.name} {band}", ("db", decibels)
            yield f"{path.name} {band}", ("db", decibels + 40)
            yield f"{path.name} {band}", ("power", 10 ** (decibels / 10))
            yield f"{path.name} {band}", ("amplitude", 10 ** (decibels / 20))
    for path in sorted((real_data / "slc").glob("*.tif")):
        with rasterio.open(path) as file:
            if not file.dtypes[0].startswith("complex"):
                continue
            amplitude = np.abs(file.read(1))
        yield path.name, ("amplitude", amplitude)
        yield path.name, ("power", amplitude**2)
        decibels = 20 * np.log10(np.maximum(amplitude, 1e-6))
        yield path.name, ("db", decibels - np.median(decibels) + 40)


def test_eight_bits_with_a_sign_may_hold_decibels():
    decibels = 10 * np.log10(speckled(np.random.default_rng(0), 4)) - 10
    assert detect_sar_unit(sample_of(decibels.round(), "int8"))[0] == "db"
    assert detect_sar_unit(sample_of((decibels + 40).round().clip(0), "int8"))[0] == "display"


@pytest.mark.parametrize(("unit", "change", "sentence"), [
    ("auto", lambda power: 100 * 10 * np.log10(power / 10), "divide tenths or hundredths of decibels"),
    ("auto", lambda power: 2e4 * (power - 0.02), "decibels, as its values run from .*: choose another SAR unit"),
    ("amplitude", lambda power: -power, "amplitude, as most of its values are negative: choose another SAR unit"),
    ("display", lambda power: 2e4 * power, "an 8-bit rendering, as its values run from .*: choose another SAR unit"),
])  # fmt: skip
def test_units_that_values_cannot_have_are_refused(unit, change, sentence):
    """Noise that was taken from power of no calibration makes it as negative as hundredths of decibels are."""
    with pytest.raises(UserError, match=f"'Layer A' cannot hold .*{sentence}"):
        sar_radiometry(sample_of(change(speckled(np.random.default_rng(0), 4))), unit)


@pytest.mark.parametrize(("unit", "few"), [("display", -3), ("display", 258), ("db", -150), ("power", -0.1)])
def test_what_few_pixels_hold_refuses_no_unit(unit, few):
    values = speckled(np.random.default_rng(0), 4)
    values[:8, :8] = few
    sar_radiometry(sample_of(values), unit)


def test_the_choice_of_the_user_wins_and_is_said():
    sample = sample_of(speckled(np.random.default_rng(0), 4))
    radiometry, sentence = sar_radiometry(sample, "amplitude")
    assert radiometry == SarRadiometry("amplitude")
    assert "'Layer A' is read as amplitude, as chosen" in sentence
    radiometry, sentence = sar_radiometry(sample)
    assert radiometry == SarRadiometry("power")
    assert "'Layer A' is read as linear power: its speckle" in sentence


def test_choices_that_contradict_the_file_are_refused():
    values = speckled(np.random.default_rng(0), 4)
    with pytest.raises(UserError, match="'Layer A' holds real values"):
        sar_radiometry(sample_of(values), "complex")
    with pytest.raises(UserError, match="'Layer A' holds complex values"):
        sar_radiometry(sample_of(values, "complex64"), "db")


def test_a_sample_is_sparse_and_skips_what_says_nothing(tmp_path):
    image = np.zeros((1, 3000, 3000), np.uint8)
    image[0, :, 1500:] = np.random.default_rng(0).integers(1, 255, (3000, 1500))
    windows = []
    with reader_of(tmp_path, image) as reader:
        read = reader.read
        reader.read = lambda window: windows.append(window) or read(window)
        sample = sample_raster(reader)
    assert sample.values.shape == sample.valid.shape == (MOST_WINDOWS, 128, 128)
    assert len(windows) <= 4 * MOST_WINDOWS
    assert (sample.values > 0).mean() > 0.9
    assert (sample.name, sample.dtype, sample.is_colour) == ("Layer A", "uint8", False)


def test_a_small_image_is_sampled_whole(tmp_path):
    with reader_of(tmp_path, np.arange(600, dtype=np.uint16).reshape(1, 20, 30)) as reader:
        sample = sample_raster(reader)
    assert sorted(sample.valid_values()) == list(range(600))


def test_empty_and_constant_images_are_refused(tmp_path):
    nines = np.full((1, 300, 300), 9, np.uint8)
    with reader_of(tmp_path, nines, nodata=9) as reader, pytest.raises(UserError, match="'Layer A' holds only no data"):
        sample_raster(reader)
    with reader_of(tmp_path, nines) as reader, pytest.raises(UserError, match="'Layer A' holds only the one value 9"):
        sample_raster(reader)


def test_swapped_layers_are_noticed_by_colour(tmp_path):
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 255, (3, 200, 200)).astype(np.uint8)
    with reader_of(tmp_path, colour, colour=True) as picture, reader_of(tmp_path, colour[:1]) as grey:
        picture_sample, grey_sample = sample_raster(picture), sample_raster(grey)
    assert looks_swapped(picture_sample, grey_sample)
    assert not looks_swapped(grey_sample, picture_sample)
    assert not looks_swapped(picture_sample, picture_sample)


def test_complex_samples_are_sar_wherever_they_are():
    values = speckled(np.random.default_rng(0), 1)
    assert looks_swapped(sample_of(values), sample_of(values, "complex64"))
    assert not looks_swapped(sample_of(values, "complex64"), sample_of(values))


def test_swapped_layers_are_noticed_by_their_speckle():
    rng = np.random.default_rng(0)
    shares = gaussian_filter(rng.normal(size=(256, 256)), 12)
    smooth = 100 + gaussian_filter(rng.normal(size=(256, 256)), 1) * np.exp(60 * shares)
    sar = speckled(rng, 4)
    for unit in (sar, np.sqrt(sar), 10 * np.log10(sar)):
        assert looks_swapped(sample_of(smooth), sample_of(unit))
        assert not looks_swapped(sample_of(unit), sample_of(smooth))


@pytest.mark.parametrize(
    "folder, least_caught",
    [("s1s2_los_angeles", 0.5), ("s1s2_los_angeles_relief", 0.85), ("s1s2_sen12", 0.9)],
)
def test_real_pairs_raise_no_false_alarm(real_data, folder, least_caught):
    """Without the hint of colour: no pair in the right order is doubted, most in the wrong order are."""
    alarms, caught, pairs = 0, 0, 0
    for path in sorted((real_data / folder / "sar").glob("*.tif")):
        with rasterio.open(path) as sar_file, rasterio.open(path.parents[1] / "optical" / path.name) as optical_file:
            sar = sample_of(sar_file.read(1), "uint8")
            optical = sample_of(optical_file.read().mean(axis=0), "uint8")
        pairs += 1
        alarms += looks_swapped(sar, optical)
        caught += looks_swapped(optical, sar)
    assert alarms == 0
    assert caught >= least_caught * pairs


CARD_INPUT = {"bands": 1, "unit": "8-bit rendering", "range": [32, 224], "polarisations": ["VV"]}


def test_renderings_are_clipped_to_the_range_of_a_network_trained_on_renderings():
    sample = sample_of(np.random.default_rng(0).integers(0, 255, (256, 256)), "uint8")
    found, sentence = clipping_range(sample, SarRadiometry("display"), CARD_INPUT)
    assert found == (32, 224)
    assert "32 to 224" in sentence and "training set" in sentence


def test_decibels_are_clipped_to_the_range_of_a_network_trained_on_decibels():
    sample = sample_of(np.random.default_rng(0).normal(-12, 2, (256, 256)))
    expected = {**CARD_INPUT, "unit": "dB", "range": [-25, 5]}
    assert clipping_range(sample, SarRadiometry("db"), expected)[0] == (-25, 5)
    power = sample_of(10 ** (np.random.default_rng(0).normal(-12, 2, (256, 256)) / 10))
    assert clipping_range(power, SarRadiometry("power"), expected)[0] == (-25, 5)


def test_values_of_another_calibration_are_clipped_to_their_own_range():
    """Amplitudes without calibration: some hundreds, 50 dB, which would all be white."""
    decibels = np.random.default_rng(0).normal(50, 2, (256, 256))
    expected = {**CARD_INPUT, "unit": "dB", "range": [-25, 5]}
    found, sentence = clipping_range(sample_of(10 ** (decibels / 20)), SarRadiometry("amplitude"), expected)
    assert found == pytest.approx((44, 56), abs=0.3)
    assert "around 50" in sentence and "lie outside -25 to 5, the range of the model's training set" in sentence
    coast = np.random.default_rng(0).normal(-9, 2, (256, 256))
    coast[:, :112] -= 15  # water
    assert clipping_range(sample_of(coast), SarRadiometry("db"), {**expected, "range": [-18, 0]})[0] == (-18, 0)


@pytest.mark.parametrize("unit", ["db", "power", "amplitude"])
def test_values_of_another_unit_are_clipped_to_their_own_three_sigma_range(unit):
    """Gaussian decibels of mean -12 and deviation 2, whatever unit the file has; no data and bright targets in it."""
    decibels = np.random.default_rng(0).normal(-12, 2, (512, 512))
    decibels[:4] = 30
    image = {"db": decibels, "power": 10 ** (decibels / 10), "amplitude": 10 ** (decibels / 20)}[unit]
    if unit != "db":
        image[-16:] = 0
    found, sentence = clipping_range(sample_of(image), SarRadiometry(unit), CARD_INPUT)
    assert found == pytest.approx((-18, -6), abs=0.2)
    assert "'Layer A' is clipped to its own 3-sigma range, -18" in sentence
    assert "its unit is dB, that of the model's training set was 8-bit rendering" in sentence


def test_a_rendering_for_a_network_trained_on_decibels_is_clipped_to_its_own_range():
    sample = sample_of(np.random.default_rng(0).normal(128, 20, (256, 256)).round(), "uint8")
    found, _ = clipping_range(sample, SarRadiometry("display"), {**CARD_INPUT, "unit": "dB"})
    assert found == pytest.approx((68, 188), abs=3)


def test_a_card_without_a_range_leaves_it_to_the_layer():
    sample = sample_of(np.random.default_rng(0).normal(-12, 2, (256, 256)))
    expected = {**CARD_INPUT, "unit": "dB", "range": None}
    found, sentence = clipping_range(sample, SarRadiometry("db"), expected)
    assert found == pytest.approx((-18, -6), abs=0.3)
    assert sentence.endswith("the model's card names none.")
