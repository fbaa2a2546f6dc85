"""The task of despeckling on small images, with small networks of random weights, and with filters."""

import tracemalloc

import numpy as np
import pytest
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.despeckling_jobs import DespeckleJob
from sarbridge.contract.errors import UserError
from sarbridge.engine.despeckling import despeckle
from sarbridge.tests.engine.despeckling.simulated_slc import shifted, simulated
from sarbridge.tests.engine.despeckling.simulated_speckle import intensity
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.rasters.placed_images import POINTS, ROTATED, RPCS, opened, places_of, write_anywhere
from sarbridge.tests.engine.wide_mosaic import wide_mosaic
from sarbridge.tests.toy_despeckler import write_despeckler

FILTERS = ["boxcar", "refined_lee", "lee_sigma"]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def merlin(tmp_path_factory):
    return write_despeckler(tmp_path_factory.mktemp("models") / "merlin.safetensors")


@pytest.fixture(scope="module")
def bridge_clear(tmp_path_factory):
    return write_despeckler(tmp_path_factory.mktemp("models") / "bridge_clear.safetensors", "BridgeClear")


def run(source, out, model="", reporter=None, **entries):
    """Despeckle by a model, or by the mean of 7 × 7 pixels; return (image [n, h, w], numbers, reports)."""
    reporter = reporter or KeptReports()
    entries = {"method": "model" if model else "boxcar", "output": str(out / "clean.tif"), **entries}
    job = DespeckleJob(source, model=model, device="cpu", **entries)
    numbers = despeckle.run(job, reporter)["numbers"]
    return read(out / "clean.tif"), numbers, reporter


def read(path):
    with opened(path) as dataset:
        return dataset.read()


def slc(height=70, width=90, seed=0):
    return simulated(height=height, width=width, seed=seed)


def power(height=70, width=90, looks=4.0, seed=0):
    fields = np.random.default_rng(seed).uniform(-2, 0, (-(-height // 16), -(-width // 16)))
    mean = 10 ** np.kron(fields, np.ones((16, 16)))[:height, :width]
    return intensity(mean, looks=looks, seed=seed)[None]


PLACES = {
    "rotated": {"transform": ROTATED},
    "radar geometry": {},
    "control points": {"points": POINTS},
    "polynomials": {"rpcs": RPCS},
    "all": {"transform": ROTATED, "rpcs": RPCS},
}


def check_place(path, source, col=0, row=0):
    """Assert that a result says the same of its place as its source, from a pixel of that on."""
    with opened(path) as after, opened(source.path) as before:
        on_map = before.transform * Affine.translation(col, row) if before.crs else Affine.identity()
        assert after.crs == before.crs and after.transform.almost_equals(on_map, 1e-6)
        points, points_crs = before.gcps
        assert len(after.gcps[0]) == len(points) and after.gcps[1] == points_crs
        if points:
            np.testing.assert_allclose(places_of(after.gcps[0]), places_of(points) - [row, col, 0, 0, 0])
        if before.rpcs:
            offsets = before.rpcs.line_off - row, before.rpcs.samp_off - col
            assert (after.rpcs.line_off, after.rpcs.samp_off) == offsets


@pytest.mark.parametrize("place", PLACES)
def test_the_result_has_the_pixels_and_the_place_of_the_layer(place, merlin, tmp_path, out):
    source = write_anywhere(tmp_path / "slc.tif", slc(), **PLACES[place])
    clean, numbers, _ = run(source, out, merlin, ratio=str(out / "ratio.tif"))
    assert clean.shape == (1, 70, 90) and clean.dtype == np.float32 and np.isfinite(clean).all()
    assert numbers["VALID_PIXELS"] == 70 * 90
    for name in ("clean.tif", "ratio.tif"):
        check_place(out / name, source)
    assert sorted(path.name for path in out.iterdir()) == ["clean.tif", "ratio.tif"]


@pytest.mark.parametrize("place", PLACES)
def test_a_part_has_the_pixels_of_the_whole(place, tmp_path, out):
    source = write_anywhere(tmp_path / "sar.tif", power(), **PLACES[place])
    whole, _, _ = run(source, out)
    to_map = PLACES[place].get("transform", Affine.identity())
    xs, ys = to_map * (np.array([40, 60, 60, 40]), np.array([30, 30, 45, 45]))
    part, _, _ = run(source, out, extent=(xs.min(), ys.min(), xs.max(), ys.max()), ratio=str(out / "ratio.tif"))
    _, height, width = part.shape
    with opened(out / "clean.tif") as clean:  # of a rotated image, all pixels that the box holds are there
        corner = ~to_map * (clean.transform.c, clean.transform.f) if clean.crs else (40, 30)
    col, row = (round(each) for each in corner)
    assert height * width < 0.5 * 70 * 90
    np.testing.assert_allclose(part, whole[:, row : row + height, col : col + width], rtol=1e-5)
    for name in ("clean.tif", "ratio.tif"):
        check_place(out / name, source, col, row)


@pytest.mark.parametrize("method", FILTERS)
def test_units_of_the_result_say_the_same(method, tmp_path, out):
    source = write_anywhere(tmp_path / "sar.tif", power())
    decibels, amplitude, linear = (
        run(source, out, method=method, output_unit=unit)[0] for unit in ("db", "amplitude", "power")
    )
    np.testing.assert_allclose(decibels, 10 * np.log10(linear), atol=1e-4)
    np.testing.assert_allclose(amplitude**2, linear, rtol=1e-4)


def test_looks_of_a_part_are_counted_where_it_lies(tmp_path, out):
    """In radar geometry the result begins at 0, wherever the part lies in the image."""
    speckle = np.random.default_rng(0).exponential(size=(1, 300, 300)).astype(np.float32)
    source = write_anywhere(tmp_path / "sar.tif", speckle)
    _, whole, _ = run(source, out, sar_unit="power")
    _, part, _ = run(source, out, sar_unit="power", extent=(150.0, 140.0, 290.0, 300.0))
    assert part["ENL_AFTER"] == pytest.approx(whole["ENL_AFTER"], rel=0.2)


@pytest.mark.parametrize("unit", ["db", "amplitude", "power"])
def test_units_of_the_layer_say_the_same(unit, bridge_clear, tmp_path, out):
    values = power()
    expected, _, _ = run(write_anywhere(tmp_path / "power.tif", values), out, bridge_clear, sar_unit="power")
    shown = {"db": 10 * np.log10(values), "amplitude": np.sqrt(values), "power": values}[unit]
    found, _, _ = run(write_anywhere(tmp_path / "other.tif", shown), out, bridge_clear, sar_unit=unit)
    np.testing.assert_allclose(found, expected, atol=1e-2)


def test_phase_that_a_model_does_not_use_is_told_of(merlin, bridge_clear, tmp_path, out):
    source = write_anywhere(tmp_path / "slc.tif", slc())
    warned = {}
    for name, model in (("merlin", merlin), ("bridge_clear", bridge_clear), ("filter", "")):
        _, _, reporter = run(source, out, model)
        warned[name] = [each.partition(":")[0] for each in reporter.texts["warning"]]
    told = "Layer 'slc' is complex, and the model 'Toy despeckler' sees its power alone"
    assert told in warned["bridge_clear"] and told not in warned["merlin"] + warned["filter"]


def test_bands_of_many_looks_are_seen_with_more_contrast_and_no_others(bridge_clear, tmp_path, out):
    values = np.concatenate([power(160, 160, looks=1, seed=1), power(160, 160, looks=24, seed=2)])
    source = write_anywhere(tmp_path / "sar.tif", values)
    _, _, reporter = run(source, out, bridge_clear, sar_unit="power")
    (told,) = [each for each in reporter.texts["info"] if "contrast" in each]
    assert told.startswith("Its speckle is weaker than what the model 'Toy despeckler' knows best: band 2 is shown")
    assert not [each for each in run(source, out, sar_unit="power")[2].texts["info"] if "contrast" in each]


def test_the_ratio_times_what_is_clean_is_what_was_there(merlin, tmp_path, out):
    values = slc()
    clean, numbers, _ = run(
        write_anywhere(tmp_path / "slc.tif", values), out, merlin, ratio=str(out / "ratio.tif"), output_unit="power"
    )
    ratio = read(out / "ratio.tif")
    np.testing.assert_allclose(ratio * clean, np.abs(values) ** 2, rtol=1e-3)
    assert numbers["RATIO_MEAN"] == pytest.approx(ratio.mean(), rel=1e-3)
    assert numbers["RATIO_VARIANCE"] == pytest.approx(ratio.var(), rel=1e-3)


def test_what_a_filter_does_is_measured(tmp_path, out):
    """Flat ground of one look, of which 49 pixels are averaged: 49 times as many looks, and no bias."""
    source = write_anywhere(tmp_path / "flat.tif", intensity(np.full((512, 512), 3.0))[None])
    clean, numbers, reports = run(source, out, sar_unit="power", output_unit="power")
    assert clean.mean() == pytest.approx(3, rel=0.02)
    assert numbers["LOOKS"] == pytest.approx(1, abs=0.1)
    assert numbers["ENL_BEFORE"] == pytest.approx(1, abs=0.1) and 40 < numbers["ENL_AFTER"] < 80
    assert numbers["RATIO_MEAN"] == pytest.approx(1, abs=0.01)
    assert numbers["RATIO_VARIANCE"] == pytest.approx(1, abs=0.1)
    assert any("had 1.0 equivalent looks and has " in text for text in reports.texts["info"])


@pytest.mark.parametrize("kind", ["complex", "power"])
def test_bands_are_images_by_themselves(kind, merlin, bridge_clear, tmp_path, out):
    bands = [100 * slc(seed=1), slc(seed=2)] if kind == "complex" else [100 * power(seed=1), power(seed=2)]
    entries = {"model": merlin if kind == "complex" else bridge_clear, "ratio": str(out / "ratio.tif")}
    entries["sar_unit"] = kind
    both, _, _ = run(write_anywhere(tmp_path / "both.tif", np.concatenate(bands)), out, **entries)
    ratios = read(out / "ratio.tif")
    for number, band in enumerate(bands):
        alone, _, _ = run(write_anywhere(tmp_path / "one.tif", band), out, **entries)
        np.testing.assert_allclose(both[number], alone[0], atol=1e-3)
        np.testing.assert_allclose(ratios[number], read(out / "ratio.tif")[0], rtol=1e-3)
    with opened(out / "clean.tif") as clean, opened(out / "ratio.tif") as ratio:
        assert clean.descriptions == ("despeckled band 1",) and ratio.descriptions == ("ratio of band 1",)


def test_real_and_imaginary_part_in_two_bands_are_recognised(merlin, tmp_path, out):
    values = slc(256, 256)
    expected, _, _ = run(write_anywhere(tmp_path / "slc.tif", values), out, merlin)
    parts = write_anywhere(tmp_path / "parts.tif", np.concatenate([values.real, values.imag]), points=POINTS)
    for unit, said in (("auto", "both swing about 0 alike"), ("parts", "as chosen")):
        found, _, reports = run(parts, out, merlin, sar_unit=unit)
        np.testing.assert_array_equal(found, expected)
        check_place(out / "clean.tif", parts)
        assert said in reports.texts["info"][1]


def test_complex_integers(merlin, tmp_path, out):
    values = np.round(20 * slc())
    expected, _, _ = run(write_anywhere(tmp_path / "slc.tif", values), out, merlin)
    found, _, _ = run(write_anywhere(tmp_path / "integers.tif", values, dtype="complex_int16"), out, merlin)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("method", ["model", *FILTERS])
def test_what_is_no_data_stays_so_and_nothing_else(method, merlin, tmp_path, out):
    """A black border, a gap between bursts, and a hole of NaN."""
    values = slc(120, 140)
    values[:, :9], values[:, :, -5:], values[:, 60:70] = 0, 0, 0
    values[:, 90:100, 30:50] = np.nan
    is_known = np.isfinite(values) & (values != 0)
    source = write_anywhere(tmp_path / "slc.tif", values)
    entries = {"model": merlin} if method == "model" else {"method": method}
    clean, numbers, _ = run(source, out, **entries, ratio=str(out / "ratio.tif"))
    np.testing.assert_array_equal(np.isfinite(clean), is_known)
    np.testing.assert_array_equal(np.isfinite(read(out / "ratio.tif")), is_known)
    assert numbers["VALID_PIXELS"] == is_known.sum()


@pytest.mark.parametrize("shape", [(2, 2), (20, 20), (3, 50), (40, 9)])
@pytest.mark.parametrize("method", ["model", *FILTERS])
def test_images_smaller_than_what_a_network_looks_at(method, shape, merlin, tmp_path, out):
    rng = np.random.default_rng(0)
    values = (rng.normal(size=(1, *shape)) + 1j * rng.normal(size=(1, *shape))).astype(np.complex64)
    entries = {"model": merlin} if method == "model" else {"method": method}
    page = out / "report.html"
    clean, numbers, _ = run(write_anywhere(tmp_path / "slc.tif", values), out, **entries, report=str(page))
    assert clean.shape == (1, *shape) and np.isfinite(clean).all()
    assert numbers["VALID_PIXELS"] == values.size and numbers["ENL_AFTER"] is None
    assert "was homogeneous enough" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("values", "uses_merlin", "unit", "said"),
    [
        (np.full((1, 50, 50), 7, np.float32), False, "auto", "'sar' holds only the one value 7 in the bands"),
        (np.zeros((1, 50, 50), np.complex64), True, "auto", "'sar' holds only (the one value 0|no data) in the bands"),
        (np.zeros((1, 50, 50), np.float32), False, "power", "'sar' holds only (the one value 0|no data) in the bands"),
        (np.full((1, 50, 50), np.nan, np.float32), False, "auto", "'sar' holds only no data in the bands"),
        (power(50, 50), True, "auto", "and layer 'sar' holds no phase: choose a model for detected images"),
        (np.abs(slc(64, 64)).astype(np.complex64), True, "auto", "a detected image stored as complex numbers. Choose"),
        (slc(50, 50), False, "db", "'sar' holds complex values .complex64.: choose the SAR unit complex"),
        (power(50, 50), False, "complex", "'sar' holds real values .float32., not complex ones"),
        (np.float32([[[1]]]), False, "auto", "'sar' is only 1 × 1 pixels"),
    ],
)
def test_layers_that_cannot_be_despeckled(values, uses_merlin, unit, said, merlin, tmp_path, out):
    source = write_anywhere(tmp_path / "sar.tif", values)
    with pytest.raises(UserError, match=said):
        run(source, out, merlin if uses_merlin else "", sar_unit=unit, report=str(out / "report.html"))
    assert not list(out.iterdir())


@pytest.mark.parametrize("method", ["model", *FILTERS])
def test_a_rendering_stays_one(method, bridge_clear, tmp_path, out):
    amplitude = np.sqrt(power(200, 220))
    values = (amplitude * 400).clip(0, 255).astype(np.uint8)
    source = write_anywhere(tmp_path / "sar.tif", values, ROTATED)
    entries = {"model": bridge_clear} if method == "model" else {"method": method}
    page = out / "report.html"
    clean, numbers, _ = run(source, out, **entries, output_unit="power", report=str(page))
    assert clean.dtype == np.uint8 and clean.shape == values.shape and clean.min() >= 1
    with opened(out / "clean.tif") as file:
        assert file.nodata == 0
    if method == "boxcar":
        assert np.median(clean.astype(float) / amplitude / 400) == pytest.approx(1, abs=0.1)
    assert "8-bit rendering, as the layer" in page.read_text(encoding="utf-8")


def test_a_rendering_may_become_constant(tmp_path, out):
    values = np.sqrt(intensity(np.full((128, 128), 9.0), looks=60.0))[None]
    clean, numbers, reports = run(write_anywhere(tmp_path / "sar.tif", values.round().astype(np.uint8)), out)
    assert (clean == 3).all() and numbers["ENL_BEFORE"] > 20 and numbers["ENL_AFTER"] is None
    assert not any("equivalent looks and has" in text for text in reports.texts["info"])


@pytest.mark.parametrize("kind", ["merlin", "bridge_clear", *FILTERS])
def test_the_size_of_tiles_does_not_matter(kind, request, tmp_path, out):
    values = slc(260, 300) if kind == "merlin" else power(260, 300)
    source = write_anywhere(tmp_path / "sar.tif", values)
    entries = {"method": kind} if kind in FILTERS else {"model": request.getfixturevalue(kind)}
    small, large = (run(source, out, **entries, tile=tile)[0] for tile in (128, 512))
    assert np.abs(small - large).max() < 1e-3


@pytest.mark.parametrize("kind", ["merlin", "bridge_clear", *FILTERS])
@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_a_factor_of_the_layer_is_one_of_the_result(kind, factor, request, tmp_path, out):
    values = slc() if kind == "merlin" else power()
    scaled = values * np.float32(np.sqrt(factor) if kind == "merlin" else factor)
    entries = {"method": kind} if kind in FILTERS else {"model": request.getfixturevalue(kind)}
    unit = "complex" if kind == "merlin" else "power"
    before, after = (
        run(write_anywhere(tmp_path / "sar.tif", each), out, **entries, sar_unit=unit)[0] for each in (values, scaled)
    )
    apart = after - before
    if kind == "refined_lee":  # at the corners of a mirrored image all directions of edges are alike: rounding decides
        apart[:, :: apart.shape[1] - 1, :: apart.shape[2] - 1] = 10 * np.log10(factor)
    np.testing.assert_allclose(apart, 10 * np.log10(factor), atol=2e-3)


def test_a_spectrum_off_centre_is_centred_and_told(merlin, tmp_path, out):
    source = write_anywhere(tmp_path / "slc.tif", shifted(slc(300, 300), 0.12, -0.31))
    page = out / "report.html"
    _, numbers, reports = run(source, out, merlin, report=str(page))
    assert numbers["CORRELATION_BEFORE"] > 0.3 > 0.1 > numbers["CORRELATION_AFTER"]
    (told,) = (text for text in reports.texts["info"] if "was off centre, 0.12 across and -0.31 down" in text)
    assert told.split("'slc'")[1].split(" (")[0] in page.read_text(encoding="utf-8")


def test_pixels_that_the_model_does_not_know_are_warned_of(merlin, tmp_path, out):
    """The model knows 5 to 20 m."""
    page = out / "report.html"
    for metres, is_known in ((10, True), (40, False), (2, False)):
        source = write_anywhere(tmp_path / "slc.tif", slc(), Affine(metres, 0, 500_000, 0, -metres, 5_500_000))
        _, _, reports = run(source, out, merlin, report=str(page))
        said = f"Pixels of layer 'slc' are {metres} m wide, but the model 'Toy despeckler' knows those of 5 to 20 m"
        assert [text.startswith(said) for text in reports.texts["warning"]] == [True] * (not is_known)
        assert ("m wide, but the model" in page.read_text(encoding="utf-8")) != is_known


def test_power_below_the_noise_that_was_subtracted_makes_no_holes(bridge_clear, tmp_path, out):
    values = intensity(np.ones((70, 90)), looks=1.0, seed=0)[None]
    source = write_anywhere(tmp_path / "power.tif", (values - 0.4).astype(np.float32))
    assert (values < 0.4).mean() > 0.2
    clean, numbers, _ = run(source, out, bridge_clear, sar_unit="power", output_unit="power")
    assert clean.min() > 1e-6 and numbers["RATIO_MEAN"] < 20


@pytest.mark.parametrize("method", FILTERS)
def test_filters_keep_dark_water_whose_noise_was_subtracted_within_decibels_that_can_be(method, tmp_path, out):
    """Half of the image is water whose power lies around 0."""
    power = 0.1 * intensity(np.ones((70, 90)), looks=1.0, seed=0)[None]
    power[..., :45] = np.random.default_rng(1).normal(0, 1e-4, (70, 45))
    source = write_anywhere(tmp_path / "power.tif", power.astype(np.float32))
    clean, numbers, _ = run(source, out, method=method, sar_unit="power", output_unit="db")
    assert clean.min() > -62 and clean[..., :30].max() < -25  # the level is −10 dB
    assert numbers["RATIO_MEAN"] < 2


def test_bands_of_two_units_are_refused(tmp_path, out):
    power = intensity(np.ones((70, 90)), looks=4.0, seed=0)
    source = write_anywhere(tmp_path / "both.tif", np.stack((10 * np.log10(0.05 * power), 0.05 * power)).astype("f4"))
    with pytest.raises(UserError, match="The bands of layer 'both' differ in unit: band 1 holds decibels, and band 2"):
        run(source, out)


def test_control_points_without_a_crs_stay_such(tmp_path, out):
    source = write_anywhere(tmp_path / "slc.tif", slc())
    with opened(source.path, "r+") as file:
        file.gcps = list(POINTS), CRS()
    run(source, out)
    with opened(out / "clean.tif") as file:
        assert len(file.gcps[0]) == len(POINTS) and not file.gcps[1]


def test_of_too_few_known_pixels_no_dependence_is_told(merlin, tmp_path, out):
    values = slc()
    values[..., 3:, :] = values[..., 3:] = 0
    _, numbers, _ = run(write_anywhere(tmp_path / "slc.tif", values), out, merlin)
    assert numbers["VALID_PIXELS"] == 9
    assert numbers["CORRELATION_BEFORE"] is None and numbers["CORRELATION_AFTER"] is None


def test_a_run_that_fails_leaves_nothing_behind(merlin, tmp_path, out):
    source = write_anywhere(tmp_path / "slc.tif", slc(900, 900))
    content = (tmp_path / "slc.tif").read_bytes()
    (tmp_path / "slc.tif").write_bytes(content[: int(len(content) * 0.9)])
    (out / "clean.tif").write_bytes(b"of the user")
    with pytest.raises(UserError, match="'slc' cannot be read"):
        run(source, out, merlin, ratio=str(out / "ratio.tif"), report=str(out / "report.html"))
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [("clean.tif", b"of the user")]


def test_an_extent_of_a_mosaic_is_read_alone(tmp_path, out):
    sar = write_anywhere(tmp_path / "sar.tif", power(96, 112), Affine(10, 0, 500_000, 0, -10, 5_500_000))
    alone, _, _ = run(sar, out, sar_unit="power")
    wide, extent = wide_mosaic(tmp_path / "wide.vrt", sar, 48_000, 56_000)
    part, numbers, _ = run(wide, out, sar_unit="power", extent=extent, report=str(out / "report.html"))
    inner = np.s_[:, 3:-3, 3:-3]  # beyond the edges of the image it goes on mirrored, and in the mosaic with no data
    np.testing.assert_allclose(part[inner], alone[inner], rtol=1e-5)
    with pytest.raises(UserError, match="Layer 'wide' has 400,000 × 400,000 pixels, more than"):
        run(wide, out)


def test_memory_does_not_grow_with_the_layer(tmp_path, out):
    peaks = []
    for side in (800, 800, 3000):  # the first one loads modules
        values = np.random.default_rng(0).gamma(1, size=(1, side, side)).astype(np.float32)
        source = write_anywhere(tmp_path / "sar.tif", values, tiled=True)
        del values
        tracemalloc.start()
        run(source, out, sar_unit="power", tile=256, ratio=str(out / "ratio.tif"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + 8e6  # the layer has 36 MB


def test_a_model_of_another_task_is_refused(tmp_path, out):
    model = write_despeckler(tmp_path / "toy.safetensors", task="translate")
    with pytest.raises(UserError, match="made for the task 'translate', not 'despeckle'"):
        run(write_anywhere(tmp_path / "slc.tif", slc()), out, model)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"tiling": {}}, "holds no network that despeckles, or does not say which tiles"),
        ({"tiling": {"side": 254, "halo": 20, "step": 2}}, "does not take tiles, or give bands, as its card says"),
    ],
)
def test_cards_that_say_too_little_or_something_else_are_refused(entries, said, tmp_path, out):
    model = write_despeckler(tmp_path / "toy.safetensors", **entries)
    with pytest.raises(UserError, match=said):
        run(write_anywhere(tmp_path / "slc.tif", slc()), out, model)
    assert not list(out.iterdir())
