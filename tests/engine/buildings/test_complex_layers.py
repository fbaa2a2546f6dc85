"""The extraction of buildings from complex layers, with networks of known answers and small ones of random weights."""

import warnings

import numpy as np
import pytest
import torch
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine
from sarbridge.contract.buildings_jobs import ExtractBuildingsJob
from sarbridge.contract.errors import UserError
from sarbridge.contract.footprint_lines import FoundBuilding, read_footprint_lines
from sarbridge.engine.buildings import extract_buildings, methods
from sarbridge.models import networks
from sarbridge.models.model_file import load_model
from sarbridge.tests.engine.buildings.bright_masks import Bright, boxes, write_radar
from sarbridge.tests.engine.despeckling.simulated_slc import shifted, simulated
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.rasters.placed_images import POINTS, RPCS, UTM31, opened, places_of, write_anywhere
from sarbridge.tests.toy_segmenter import write_merlin_seg, write_segmenter

pytestmark = pytest.mark.usefixtures("one_thread")

METRES = Affine(1, 0, 500_000, 0, -1, 5_500_000)
HOUSES = [(10, 20, 12, 18), (40, 50, 20, 10)]
COMPLEX = {"sar": {"bands": 1, "unit": "complex", "range": None, "polarisations": []}}


class BrightParts(torch.nn.Module):
    """Building where the power is above 20 times the level of the scene; a logit of 10 or -10."""

    def forward(self, parts):
        return 20 * (parts.square().sum(1, keepdim=True) > 20).float() - 10


@pytest.fixture
def bright(tmp_path, monkeypatch):
    """A model whose answers are known."""
    monkeypatch.setitem(networks.NETWORKS, "BrightParts", BrightParts)
    monkeypatch.setitem(methods.METHODS, "BrightParts", methods.Method(is_complex=True, is_local=True))
    tiling = {"side": 96, "halo": 16, "step": 8}
    return write_segmenter(tmp_path / "bright.safetensors", "BrightParts", tiling=tiling, inputs=COMPLEX)


@pytest.fixture(scope="module")
def merlin_seg(tmp_path_factory):
    return write_merlin_seg(tmp_path_factory.mktemp("models") / "merlin_seg.safetensors")


def town(height=80, width=100, houses=HOUSES):
    """Calm speckle of at most 9 times its mean, and houses without any, complex64 [1, height, width]."""
    samples = simulated(height=height, width=width)[0]
    power = np.random.default_rng(0).exponential(size=(height, width)).clip(0.01, 9)
    for row, col, tall, wide in houses:
        power[row : row + tall, col : col + wide] = 1000
    return (np.sqrt(power) * np.exp(1j * np.angle(samples)))[None].astype(np.complex64)


def built(houses=HOUSES, height=80, width=100):
    return boxes(height, width, houses) > 0


def run(model, sar, out, **entries):
    """Extract; return (buildings, mask, numbers, reports)."""
    reporter = KeptReports()
    outputs = {"footprints": str(out / "f.jsonl"), "mask": str(out / "mask.tif"), "probability": str(out / "p.tif")}
    entries = {"polarisations": ("",) * len(sar.bands), **outputs, **entries}
    job = ExtractBuildingsJob(sar, model, device="cpu", **entries)
    numbers = extract_buildings.run(job, reporter)["numbers"]
    return list(read_footprint_lines(job.footprints, FoundBuilding)), read(job.mask)[0], numbers, reporter


def read(path):
    with opened(path) as dataset:
        return dataset.read()


def bounds_of(building):
    ring = np.array(building.rings[0])
    return (*ring.min(0), *ring.max(0))


def told(reports):
    return " ".join(reports.texts["info"])


def test_in_radar_geometry_footprints_count_in_columns_and_rows(bright, tmp_path, out):
    sar = write_anywhere(tmp_path / "slc.tif", town())
    buildings, mask, numbers, reports = run(bright, sar, out)
    assert np.array_equal(mask == 1, built())
    assert sorted(map(bounds_of, buildings)) == [(20, -22, 38, -10), (50, -60, 60, -40)]
    assert sorted(each.area_m2 for each in buildings) == [200, 216] and numbers["BUILT_AREA"] == 416
    assert [each.perimeter_m for each in buildings] == [60, 60]
    assert [each.orientation for each in buildings] == [90, 0], "the first is wide, the second tall"
    assert "footprints have no coordinate reference system and lie at x = column and y = -row" in told(reports)
    assert "Buildings found: 2 (416 pixels)" in told(reports) and "The spectrum of layer 'slc'" in told(reports)
    few, mask, _, _ = run(bright, sar, out, min_area=210.0)
    assert len(few) == 1 and (mask == 1).sum() == 216


def test_on_a_map_they_lie_and_count_in_metres(bright, tmp_path, out):
    sar = write_anywhere(tmp_path / "slc.tif", town(), METRES)
    buildings, mask, numbers, reports = run(bright, sar, out)
    assert np.array_equal(mask == 1, built())
    assert bounds_of(buildings[0]) == (500_020, 5_499_978, 500_038, 5_499_990)
    assert numbers["BUILT_AREA"] == pytest.approx(416 / 0.9996**2, rel=1e-3)
    assert "radar geometry" not in told(reports) and " m²)" in told(reports)
    with opened(out / "p.tif") as probability:
        assert (probability.crs, probability.transform) == (UTM31, METRES)


@pytest.mark.parametrize("place", [{"points": POINTS}, {"rpcs": RPCS}])
def test_what_a_file_says_of_its_place_is_carried_to_the_rasters(place, bright, tmp_path, out):
    sar = write_anywhere(tmp_path / "slc.tif", town(), **place)
    _, _, _, reports = run(bright, sar, out, extent=(10.0, 4.0, 60.0, 64.0))
    assert "in its file, which mask and probability have as well, and footprints have not" in told(reports)
    for name in ("mask.tif", "p.tif"):
        with opened(out / name) as after:
            assert after.transform.is_identity and after.crs is None and after.shape == (60, 50)
            if "points" in place:
                np.testing.assert_allclose(places_of(after.gcps[0]), places_of(POINTS) - [4, 10, 0, 0, 0])
            else:
                assert (after.rpcs.line_off, after.rpcs.samp_off) == (RPCS.line_off - 4, RPCS.samp_off - 10)


@pytest.mark.parametrize("transform", [None, METRES])
def test_a_part_is_as_in_the_whole_layer(transform, merlin_seg, tmp_path, out):
    sar = write_anywhere(tmp_path / "slc.tif", simulated(height=120, width=150), transform)
    run(merlin_seg, sar, out)
    whole = read(out / "p.tif")[0]
    extent = (500_031.0, 5_499_900.0, 500_110.0, 5_499_983.0) if transform else (31.0, 17.0, 110.0, 100.0)
    buildings, mask, _, _ = run(merlin_seg, sar, out, extent=extent, min_area=4.0)
    assert np.allclose(read(out / "p.tif")[0], whole[17:100, 31:110], atol=0.02)
    west, south, east, north = extent if transform else (31, -100, 110, -17)
    boxes_of = np.array([bounds_of(each) for each in buildings])
    assert len(boxes_of) and (boxes_of[:, :2] >= [west, south]).all() and (boxes_of[:, 2:] <= [east, north]).all()


def test_tiles_cut_nothing(merlin_seg, tmp_path, out):
    sar = write_anywhere(tmp_path / "slc.tif", simulated(height=230, width=190))
    results = []
    for tile in (0, 64, 256):
        buildings, _, _, _ = run(merlin_seg, sar, out, tile=tile, min_area=3.0)
        results.append((read(out / "p.tif"), sorted(buildings, key=str)))
    for levels, buildings in results[1:]:
        assert np.array_equal(levels, results[0][0]) and buildings == results[0][1]


def test_the_network_sees_both_parts_at_the_level_of_the_scene_with_the_spectrum_in_the_middle(
    merlin_seg, tmp_path, out
):
    samples = simulated(height=192, width=192)
    run(merlin_seg, write_anywhere(tmp_path / "slc.tif", 1e3 * samples), out)
    found = read(out / "p.tif")[0]
    network = load_model(merlin_seg, "buildings")[1]["buildings"]
    power = np.abs(samples[0]) ** 2
    level = np.median(power.reshape(24, 8, 24, 8).mean((1, 3)))
    parts = torch.from_numpy(np.stack([samples[0].real, samples[0].imag]) / np.sqrt(level))[None].float()
    with torch.inference_mode():
        expected = network(parts).sigmoid()[0, 0].numpy()
    inner = np.s_[32:-32, 32:-32]
    assert np.abs(found - expected)[inner].mean() < 0.01 < np.abs(0.5 - expected)[inner].mean()
    _, _, _, reports = run(merlin_seg, write_anywhere(tmp_path / "off.tif", shifted(samples, across=0.2)), out)
    assert "and was brought to the middle" in told(reports)
    assert np.abs(read(out / "p.tif")[0] - expected)[inner].mean() < 0.05


def test_real_and_imaginary_part_may_lie_in_two_bands(bright, tmp_path, out):
    samples = town()
    sar = write_anywhere(tmp_path / "parts.tif", np.concatenate([samples.real, samples.imag]))
    _, mask, _, reports = run(bright, sar, out)
    assert np.array_equal(mask == 1, built()) and "are read as real and imaginary part" in told(reports)


def test_borders_and_gaps_of_zeros_are_no_data(bright, tmp_path, out):
    samples = town()
    samples[:, :, :30] = samples[:, 60:] = 0
    _, mask, numbers, _ = run(bright, write_anywhere(tmp_path / "slc.tif", samples), out)
    known = np.abs(samples[0]) > 0
    assert np.array_equal(mask != 255, known) and np.array_equal(mask == 1, built() & known)
    assert numbers["BUILT_SHARE"] == pytest.approx(100 * (built() & known).sum() / known.sum())


def test_small_parts_are_not_in_the_mask_of_an_image_without_a_place(bright, tmp_path, out, monkeypatch):
    """The last one lies in two strips."""
    monkeypatch.setattr("sarbridge.engine.buildings.found_buildings._STRIP_PIXELS", 100 * 32)
    sar = write_anywhere(tmp_path / "slc.tif", town(houses=[(10, 10, 10, 10), (31, 40, 2, 4)]), points=POINTS)
    with warnings.catch_warnings():
        warnings.simplefilter("error", NotGeoreferencedWarning)
        buildings, mask, _, _ = run(bright, sar, out, min_area=20.0)
    assert len(buildings) == 1 and (mask == 1).sum() == 100
    with opened(out / "mask.tif") as dataset:
        assert len(dataset.gcps[0]) == len(POINTS)


@pytest.mark.parametrize(("transform", "unit"), [(None, "pixels"), (METRES, "m²")])
def test_the_report_counts_as_the_layer_does(transform, unit, bright, tmp_path, out):
    houses = [(10, 20, 12, 18), (340, 450, 20, 10)]
    sar = write_anywhere(tmp_path / "slc.tif", town(400, 520, houses), transform)
    run(bright, sar, out, report=str(out / "r.html"))
    page = (out / "r.html").read_text(encoding="utf-8")
    assert page.count("<img") == 1 + 2 + 1 and "Real and imaginary part" in page
    assert ("in radar geometry" in page) == ("(column " in page) == (unit == "pixels")
    assert f"of 0 {unit} or more" in page and "The spectrum of layer" in page


def test_a_part_of_an_image_without_a_place_is_shown_in_its_report(bright, tmp_path, out):
    sar = write_anywhere(tmp_path / "slc.tif", town())
    run(bright, sar, out, report=str(out / "r.html"), extent=(10.0, 4.0, 60.0, 64.0))
    page = (out / "r.html").read_text(encoding="utf-8")
    assert page.count("<img") == 1 + 1 + 1 and "50 × 60, in radar geometry" in page


def test_models_for_detected_images_see_the_power_of_complex_ones(tmp_path, out, monkeypatch):
    monkeypatch.setitem(networks.NETWORKS, "Bright", Bright)
    monkeypatch.setitem(methods.METHODS, "Bright", methods.Method(is_local=True))
    path = write_segmenter(tmp_path / "toy.safetensors", "Bright", tiling={"side": 96, "halo": 16, "step": 8})
    decibels = boxes(80, 100, HOUSES)
    phases = np.exp(2j * np.pi * np.random.default_rng(1).random(decibels.shape))
    sar = write_anywhere(tmp_path / "slc.tif", (10 ** (decibels / 20) * phases)[None].astype(np.complex64), METRES)
    _, mask, _, _ = run(path, sar, out)
    assert np.array_equal(mask == 1, built())


def _detected(tmp_path):
    return write_radar(tmp_path / "grd.tif", boxes(80, 100, HOUSES))


def _slc(values, **place):
    return lambda tmp_path: write_anywhere(tmp_path / "slc.tif", values, **place)


BAD = {
    "decibels": (_detected, {}, "and layer 'grd' holds no phase: choose a single-look complex .* or a model for detec"),
    "detected, in radar geometry": (_slc(np.abs(town())), {}, "and layer 'slc' holds no phase"),
    "no imaginary part": (_slc(np.abs(town()).astype(np.complex64)), {}, "The imaginary part of layer 'slc' is 0"),
    "two dates": (_slc(np.tile(town(), (2, 1, 1))), {}, "sees one complex image, and 2 bands of layer 'slc'"),
    "a unit it cannot have": (_slc(town()), {"sar_unit": "db"}, "Layer 'slc' holds complex values"),
    "a look": (_slc(town()), {"look_azimuth": 90.0}, "sees images as they lie"),
    "nothing": (_slc(0 * town()), {}, "Layer 'slc' holds only"),
    "an extent elsewhere": (_slc(town()), {"extent": (500.0, 0.0, 600.0, 9.0)}, "holds no cell of layer 'slc'"),
    "pixels of 30 m": (_slc(town(), transform=Affine(30, 0, 5e5, 0, -30, 55e5)), {}, "are 30 m wide, but the model"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_one_sentence_and_no_file(case, merlin_seg, tmp_path, out):
    make, entries, said = BAD[case]
    with pytest.raises(UserError, match=said):
        run(merlin_seg, make(tmp_path), out, **entries)
    assert not list(out.iterdir())


def test_an_extent_without_data_leaves_nothing(bright, tmp_path, out):
    samples = town()
    samples[:, :, 50:] = 0
    with pytest.raises(UserError, match="What is asked for of layer 'slc' holds only no data"):
        run(bright, write_anywhere(tmp_path / "slc.tif", samples), out, extent=(60.0, 0.0, 90.0, 50.0))
    assert not list(out.iterdir())


def test_correlated_parts_are_doubted(bright, tmp_path, out):
    samples = town()
    samples = (samples.real + 1j * (0.9 * samples.real + 0.4 * samples.imag)).astype(np.complex64)
    _, _, _, reports = run(bright, write_anywhere(tmp_path / "slc.tif", samples), out)
    assert reports.texts["warning"]
