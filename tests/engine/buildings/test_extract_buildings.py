"""The task on small images, with networks whose answers are known."""

import math

import numpy as np
import pytest
import rasterio
import shapely
import torch
from rasterio.transform import Affine
from sarbridge.contract.buildings_jobs import ExtractBuildingsJob
from sarbridge.contract.errors import UserError
from sarbridge.contract.footprint_lines import FoundBuilding, read_footprint_lines
from sarbridge.engine.buildings import extract_buildings, extraction_report, methods
from sarbridge.engine.compute.device import reduced_precision
from sarbridge.engine.geometry.surface_model import surface_grid
from sarbridge.engine.rasters.scene_scale import scene_scale
from sarbridge.models import networks
from sarbridge.models.buildings.bridge_build import sar_planes
from sarbridge.models.model_file import load_model
from sarbridge.tests.engine.buildings.bright_masks import (
    DARK,
    LEFT,
    TOP,
    BehindBright,
    Bright,
    BrightWithBorder,
    Leaning,
    boxes,
    town,
    write_radar,
)
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.wide_mosaic import SIDE, wide_mosaic
from sarbridge.tests.toy_segmenter import write_segmenter

ROWS = {
    Bright: methods.Method(is_local=True),
    BrightWithBorder: methods.Method(is_local=True, has_border=True),
    BehindBright: methods.Method(is_local=True, has_border=True, is_turned=True),
    Leaning: methods.Method(is_local=True, has_border=True, is_turned=True),
}


@pytest.fixture
def model(tmp_path, monkeypatch):
    """Writes a model of a network of known answers."""

    def write(network=Bright, **entries):
        name = network.__name__
        monkeypatch.setitem(networks.NETWORKS, name, network)
        monkeypatch.setitem(methods.METHODS, name, ROWS[network])
        entries = {"tiling": {"side": 96, "halo": 16, "step": 8}, **entries}
        return write_segmenter(tmp_path / "toy.safetensors", name, **entries)

    return write


def run(model, sar, out, **entries):
    """Extract; return (buildings, mask, numbers, reports)."""
    reporter = KeptReports()
    outputs = {"footprints": str(out / "footprints.jsonl"), "mask": str(out / "mask.tif")}
    entries = {"polarisations": ("",) * len(sar.bands), **outputs, **entries}
    job = ExtractBuildingsJob(sar, model, device="cpu", **entries)
    numbers = extract_buildings.run(job, reporter)["numbers"]
    buildings = list(read_footprint_lines(job.footprints, FoundBuilding))
    with rasterio.open(job.mask) as mask:
        return buildings, mask.read(1), numbers, reporter


def shape_of(building):
    return shapely.Polygon(building.rings[0], building.rings[1:])


def test_buildings_are_those_of_the_network_and_lie_on_the_layer(model, tmp_path, out):
    places = [(20, 30, 12, 18), (60, 5, 10, 10), (90, 100, 9, 20)]
    sar = write_radar(tmp_path / "sar.tif", boxes(110, 140, places))
    buildings, mask, numbers, reports = run(model(), sar, out, probability=str(out / "p.tif"))
    expected = boxes(110, 140, places) > 0
    assert np.array_equal(mask, expected)
    assert [shape_of(each).bounds for each in buildings] == [
        (LEFT + col, TOP - row - tall, LEFT + col + wide, TOP - row) for row, col, tall, wide in places
    ]
    assert numbers["BUILDING_COUNT"] == 3 and numbers["BUILT_AREA"] == pytest.approx(expected.sum(), rel=2e-3)
    assert numbers["BUILT_SHARE"] == pytest.approx(100 * expected.mean())
    assert numbers["MEAN_SCORE"] == pytest.approx(1 / (1 + math.exp(-10)), abs=1e-4)
    assert not reports.texts["warning"] and "Buildings found: 3 (" in reports.texts["info"][-1]
    with rasterio.open(out / "p.tif") as probability, rasterio.open(out / "mask.tif") as written:
        with rasterio.open(sar.path) as radar:
            for each in (probability, written):
                assert (each.transform, each.crs, each.shape) == (radar.transform, radar.crs, radar.shape)
        assert written.nodata == 255 and probability.dtypes == ("float32",)
        assert np.allclose(probability.read(1), np.where(expected, 1, 0), atol=1e-4)


def test_neither_tiles_nor_strips_cut_anything(model, tmp_path, out, monkeypatch):
    generator = np.random.default_rng(2)
    places = [(*generator.integers(0, 380, 2), *generator.integers(4, 60, 2)) for _ in range(60)]
    values = np.maximum(boxes(400, 400, places[:30]), boxes(400, 400, places[30:], level=-6))
    sar = write_radar(tmp_path / "sar.tif", values)
    path = model(BrightWithBorder)
    expected, mask, numbers, _ = run(path, sar, out)
    assert len(expected) > 10
    for tile, strip in ((64, 400 * 128), (200, 400 * 32), (0, 400)):
        monkeypatch.setattr("sarbridge.engine.buildings.found_buildings._STRIP_PIXELS", strip)
        buildings, other, others, _ = run(path, sar, out, tile=tile, min_area=0.0)
        assert np.array_equal(mask, other) and others == pytest.approx(numbers)
        assert sorted(buildings, key=str) == sorted(expected, key=str)


def test_touching_buildings_come_apart_at_their_border(model, tmp_path, out):
    values = boxes(60, 80, [(10, 10, 20, 16), (10, 29, 20, 16)])
    values[10:30, 26:29] = values[10:30, 10:26].mean() - 9  # still bright, but a border
    sar = write_radar(tmp_path / "sar.tif", values)
    joined, _, _, _ = run(model(), sar, out)
    parted, mask, _, _ = run(model(BrightWithBorder), sar, out)
    assert len(joined) == 1 and len(parted) == 2
    one, other = map(shape_of, parted)
    assert one.touches(other) and one.area + other.area == mask.sum() == 20 * 35


def test_small_parts_are_neither_buildings_nor_in_the_mask(model, tmp_path, out, monkeypatch):
    places = [(10, 10, 10, 10), (14, 60, 3, 3), (31, 40, 2, 4)]  # the last one lies in two strips
    sar = write_radar(tmp_path / "sar.tif", boxes(64, 80, places))
    monkeypatch.setattr("sarbridge.engine.buildings.found_buildings._STRIP_PIXELS", 80 * 32)
    buildings, mask, numbers, _ = run(model(), sar, out, min_area=20.0)
    assert len(buildings) == 1 and mask.sum() == 100 and numbers["BUILT_SHARE"] == pytest.approx(100 * 100 / mask.size)


def test_a_look_that_nobody_gives_is_told_by_the_image(model, tmp_path, out):
    sar = town(tmp_path / "town.tif", 98.0)
    path = model(Leaning, working_pixel=1.0, operating_point={"threshold": 0.5, "look_confidence": 0.9})
    _, given, _, _ = run(path, sar, out, look_azimuth=98.0)
    page = out / "report.html"
    _, told, _, reports = run(path, sar, out, report=str(page))
    assert "clearest for a look azimuth of about" in " ".join(reports.texts["info"])
    assert "estimated from the image" in page.read_text(encoding="utf-8")
    given, told = given == 1, told == 1
    assert (given & told).sum() > 0.7 * (given | told).sum() > 0


def test_a_look_that_is_not_clear_is_not_believed(model, tmp_path, out):
    sar = town(tmp_path / "sea.tif", 98.0, houses=1)
    path = model(Leaning, working_pixel=1.0, operating_point={"threshold": 0.5, "look_confidence": 0.9})
    _, _, _, reports = run(path, sar, out)
    assert "is turned to 4 sides" in " ".join(reports.texts["info"])


def test_a_building_is_as_large_as_its_pixels_however_its_outline_is_simplified(model, tmp_path, out):
    """A cross of 21 pixels, whose simplified outline holds 17, and a square of 16, which is too small in any case."""
    sar = write_radar(tmp_path / "sar.tif", boxes(64, 80, [(10, 11, 5, 3), (11, 10, 3, 5), (40, 40, 4, 4)]))
    [building], mask, numbers, _ = run(model(), sar, out, min_area=20.0, regularise="simplify")
    assert mask.sum() == 21 and numbers["BUILDING_COUNT"] == 1
    assert building.area_m2 == pytest.approx(17, rel=0.01) and shape_of(building).area == 17


def test_a_threshold_that_makes_all_one_building_is_held_piece_by_piece_and_told(model, tmp_path, out, monkeypatch):
    sar = write_radar(tmp_path / "sar.tif", boxes(200, 80, [(10, 10, 9, 9)]))
    monkeypatch.setattr("sarbridge.engine.buildings.found_buildings._STRIP_PIXELS", 80 * 32)
    _, _, _, reports = run(model(), sar, out, threshold=0.0)
    assert not reports.texts["warning"]
    monkeypatch.setattr("sarbridge.engine.buildings.whole_parts.MOST_PIXELS", 80 * 70)
    buildings, mask, numbers, reports = run(model(), sar, out, threshold=0.0)
    assert (mask == 1).all() and numbers["BUILDING_COUNT"] == 3
    assert sum(shape_of(each).area for each in buildings) == 200 * 80
    assert "cut along rows (2 times), as more pixels belong together" in reports.texts["warning"][0]
    assert "raise the threshold" in reports.texts["warning"][0]


@pytest.mark.parametrize(
    ("transform", "crs", "azimuth"),
    [
        (None, 32633, 180.0),
        (None, 32633, 90.0),
        (None, 32633, 37.0),
        (Affine.translation(LEFT, TOP) * Affine.rotation(40) * Affine.scale(1, -1), 32633, 250.0),
        (Affine(1.8e-5, 0, 15.0, 0, -9e-6, 60.0), 4326, 310.0),
    ],
)
def test_the_network_sees_the_layer_along_the_line_of_sight(transform, crs, azimuth, model, tmp_path, out):
    """What it finds lies right behind what is bright, as seen from the radar."""
    sar = write_radar(tmp_path / "sar.tif", boxes(160, 160, [(70, 70, 20, 20)]), transform=transform, crs=crs)
    path = model(BehindBright, working_pixel=1.0)
    _, mask, _, _ = run(path, sar, out, look_azimuth=azimuth, incidence=40.0, min_area=15.0)
    metres = surface_grid(sar).pixel_sides()
    middle = np.argwhere(mask == 1).mean(0) + 0.5 - (80, 80)
    east, north = middle[1] * metres[0] + middle[0] * metres[1]
    assert np.hypot(east, north) == pytest.approx(12, abs=2.5)
    assert abs((math.degrees(math.atan2(east, north)) - azimuth + 180) % 360 - 180) < 8


def test_without_a_look_four_sides_are_averaged_and_told(model, tmp_path, out):
    sar = write_radar(tmp_path / "sar.tif", boxes(96, 96, [(42, 42, 12, 12)]))
    path = model(BehindBright, working_pixel=1.0)
    _, mask, _, reports = run(path, sar, out, probability=str(out / "p.tif"), threshold=0.2)
    with rasterio.open(out / "p.tif") as probability:
        levels = probability.read(1)
    assert np.allclose(levels, np.rot90(levels), atol=1e-4)
    assert levels[56, 48] == pytest.approx(0.25, abs=1e-3) and mask[56, 48] == 1
    [told] = [text for text in reports.texts["info"] if "takes 4 times as long" in text]
    assert "'sar'" in told


def test_layers_of_other_pixels_are_seen_in_those_of_the_model(model, tmp_path, out):
    values = boxes(100, 120, [(20, 40, 20, 30)]).repeat(2, 0).repeat(2, 1)
    sar = write_radar(tmp_path / "sar.tif", values, pixel=0.5)
    path = model(Bright, working_pixel=1.0)
    [building], mask, _, _ = run(path, sar, out, regularise="simplify")
    assert building.area_m2 == pytest.approx(600, rel=0.03) and mask.shape == (200, 240)


def test_extents_show_what_the_whole_layer_shows(model, tmp_path, out):
    places = [(20, 30, 12, 18), (60, 50, 30, 10), (90, 100, 9, 20)]
    sar = write_radar(tmp_path / "sar.tif", boxes(128, 140, places))
    path = model(BehindBright, working_pixel=1.0)
    _, whole, _, _ = run(path, sar, out, look_azimuth=120.0)
    extent = LEFT + 21, TOP - 101, LEFT + 115, TOP - 9
    _, part, _, _ = run(path, sar, out, look_azimuth=120.0, extent=extent)
    assert np.array_equal(part, whole[9:101, 21:115])


def test_an_extent_of_a_layer_too_large_for_a_run_is_as_that_image_alone(model, tmp_path, out):
    sar = town(tmp_path / "town.tif", 98.0)
    path = model(Leaning, working_pixel=1.0, operating_point={"threshold": 0.5, "look_confidence": 0.9})
    expected, alone, _, _ = run(path, sar, out)
    wide, extent = wide_mosaic(tmp_path / "wide.vrt", sar, 51_000, 71_000)
    buildings, mask, _, _ = run(path, wide, out, extent=extent)
    assert len(buildings) == len(expected) > 20 and (mask != alone).mean() < 0.01
    with pytest.raises(UserError, match="Layer 'wide' has 400,000 × 400,000 pixels, more than"):
        run(path, wide, out)
    with pytest.raises(UserError, match="The extent of layer 'wide' has 400,000 × 350,000 pixels, more than"):
        run(path, wide, out, extent=(LEFT, TOP - 350_000, LEFT + SIDE, TOP))


def test_what_is_no_data_stays_so(model, tmp_path, out):
    values = boxes(96, 96, [(40, 40, 12, 12)])
    values[:, :20] = np.nan
    _, mask, numbers, _ = run(model(), write_radar(tmp_path / "sar.tif", values), out)
    assert np.array_equal(mask == 255, np.isnan(values))
    assert numbers["BUILT_SHARE"] == pytest.approx(100 * 144 / (96 * 76))


@pytest.mark.parametrize("pixel", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("look", [{"look_azimuth": 37.0}, {}])
def test_every_pixel_with_data_is_known_however_the_layer_is_seen(look, pixel, model, tmp_path, out):
    """At its edges, at those of gaps, and where a single pixel has data: resampling loses and invents none."""
    values = boxes(130, 110, [(40, 40, 12, 12)])
    values[60:75, 50:70] = values[:, :3] = np.nan
    values[np.random.default_rng(1).random(values.shape) < 0.02] = np.nan
    values[67, 60] = DARK
    sar = write_radar(tmp_path / "sar.tif", values, pixel=pixel)
    path = model(BehindBright, working_pixel=1.0)
    _, mask, _, _ = run(path, sar, out, probability=str(out / "p.tif"), **look)
    assert np.array_equal(mask == 255, np.isnan(values))
    with rasterio.open(out / "p.tif") as probability:
        assert np.array_equal(np.isnan(probability.read(1)), np.isnan(values))


def test_holes_are_kept_and_outlines_simplified(model, tmp_path, out):
    rows, cols = np.mgrid[:100, :100]
    ring = np.hypot(rows - 50, cols - 50)
    values = boxes(100, 100, [])
    values[(ring < 30) & (ring > 12)] = 2
    sar = write_radar(tmp_path / "sar.tif", values)
    [along], *_ = run(model(), sar, out)
    [simple], *_ = run(model(), sar, out, regularise="simplify")
    assert len(along.rings) == len(simple.rings) == 2 and len(simple.rings[0]) < len(along.rings[0]) / 2
    assert shape_of(simple).is_valid and simple.area_m2 == pytest.approx(along.area_m2, rel=0.05)


def test_nothing_found_is_an_empty_layer_and_a_warning(model, tmp_path, out):
    sar = write_radar(tmp_path / "sar.tif", boxes(96, 96, [(40, 40, 12, 12)]))
    page = out / "report.html"
    buildings, mask, numbers, reports = run(model(), sar, out, min_area=500.0, report=str(page))
    assert not buildings and not mask.any() and page.exists()
    assert numbers == {"BUILDING_COUNT": 0, "BUILT_AREA": 0.0, "BUILT_SHARE": 0.0, "MEAN_SCORE": None}
    assert "the layer of footprints is empty" in reports.texts["warning"][0]


def test_coarse_models_tell_built_up_areas(model, tmp_path, out):
    sar = write_radar(tmp_path / "sar.tif", boxes(96, 96, [(40, 40, 12, 12)]), pixel=10.0)
    path = model(role="built_up", pixel_size_range=(10.0, 10.0))
    _, _, _, reports = run(path, sar, out)
    assert (
        "Built-up areas found: 1 (" in reports.texts["info"][-1]
        and "one building from another" in reports.texts["info"][-1]
    )


def test_bands_come_in_the_order_of_the_card(model, tmp_path, out):
    vv, vh = boxes(64, 64, [(10, 10, 8, 8)]), boxes(64, 64, [(40, 40, 8, 8)])
    sar = write_radar(tmp_path / "sar.tif", vv, vh)
    path = model(inputs={"sar": {"bands": 1, "unit": "dB", "range": None, "polarisations": ["VH"]}})
    _, mask, _, _ = run(path, sar, out, polarisations=("VV", "VH"))
    assert np.array_equal(mask, vh > 0)
    with pytest.raises(UserError, match="needs the polarisations VH, and layer 'sar' gives VV, HV: choose a band"):
        run(path, sar, out, polarisations=("VV", "HV"))


@pytest.mark.parametrize(("pixel", "said"), [
    (0.15, r"Pixels of layer 'sar' are 0.15 m wide, .* knows those of 0.5 to 3 m: resample the layer to 0.5 m first"),
    (10.0, "Pixels of layer 'sar' are 10 m wide, .*: choose a model for such pixels, or an image with finer ones"),
])  # fmt: skip
def test_pixels_far_from_those_of_the_model_are_refused(pixel, said, model, tmp_path, out):
    sar = write_radar(tmp_path / "sar.tif", boxes(64, 64, [(10, 10, 8, 8)]), pixel=pixel)
    with pytest.raises(UserError, match=said):
        run(model(), sar, out)
    assert not list(out.iterdir())


def test_pixels_near_those_of_the_model_are_warned_of(model, tmp_path, out):
    sar = write_radar(tmp_path / "sar.tif", boxes(64, 64, [(10, 10, 8, 8)]), pixel=4.0)
    _, _, _, reports = run(model(), sar, out)
    assert "buildings can be missed or made up. Resample the layer to 3 m first" in reports.texts["warning"][0]


def test_pixels_at_the_ends_of_the_range_are_not_warned_of(model, tmp_path, out):
    """Map projections make pixels of 3 m a little larger on the ground, or smaller."""
    sar = write_radar(tmp_path / "sar.tif", boxes(64, 64, [(10, 10, 8, 8)]), pixel=3.0)
    assert surface_grid(sar).pixel_size > 3.001
    _, _, _, reports = run(model(), sar, out)
    assert not any("Pixels of layer" in text for text in reports.texts["warning"])


def test_a_disk_too_small_for_the_probabilities_is_called_full(tmp_path, small_disk):
    speckle = np.random.default_rng(0).normal(-10, 5, (640, 640)).astype(np.float32)
    sar = write_radar(tmp_path / "sar.tif", speckle)
    with pytest.raises(UserError, match=f"The disk that holds the folder '{small_disk}' is full"):
        run(write_segmenter(tmp_path / "toy.safetensors"), sar, small_disk, look_azimuth=180.0)
    assert not list(small_disk.iterdir())


@pytest.mark.parametrize("look", [{"look_azimuth": 90.0}, {"incidence": 40.0}])
def test_a_look_that_would_not_be_used_is_refused(look, model, tmp_path, out):
    sar = write_radar(tmp_path / "sar.tif", boxes(64, 64, [(10, 10, 8, 8)]))
    with pytest.raises(UserError, match="sees images as they lie"):
        run(model(), sar, out, **look)
    assert not list(out.iterdir())


def test_a_layer_without_data_is_refused(model, tmp_path, out):
    values = boxes(96, 96, [(40, 40, 12, 12)])
    values[:, 48:] = np.nan
    sar, extent = write_radar(tmp_path / "sar.tif", values), (LEFT + 60, TOP - 50, LEFT + 90, TOP)
    with pytest.raises(UserError, match="What is asked for of layer 'sar' holds only no data"):
        run(model(), sar, out, extent=extent)
    assert not list(out.iterdir())


@pytest.mark.parametrize("entries", [{"tiling": {}}, {"role": "optical"}, {"inputs": {}}])
def test_a_card_that_says_too_little_is_refused(entries, model, tmp_path, out):
    sar = write_radar(tmp_path / "sar.tif", boxes(64, 64, []))
    with pytest.raises(UserError, match="holds no network that finds buildings in SAR images"):
        run(model(**entries), sar, out)


def test_the_networks_own_probabilities_come_out(tmp_path, out):
    """BridgeBuild with random weights, seen along the line of sight."""
    values = boxes(192, 224, [(80, 90, 12, 18), (100, 65, 10, 10)])
    sar = write_radar(tmp_path / "sar.tif", values)
    path = write_segmenter(tmp_path / "toy.safetensors", working_pixel=1.0)
    run(path, sar, out, look_azimuth=180.0, incidence=30.0, probability=str(out / "p.tif"))
    network = load_model(path, "buildings")[1]["buildings"]
    plane = torch.from_numpy(scene_scale(values, False).standardised(values))[None, None]
    with torch.inference_mode(), reduced_precision(torch.device("cpu")):
        expected = network(sar_planes(plane, torch.tensor(30.0), True)).float().sigmoid()[0, 0].numpy()
    with rasterio.open(out / "p.tif") as probability:
        assert np.abs(probability.read(1) - expected)[64:-64, 64:-64].mean() < 0.01  # 0.03 where the angle is another


@pytest.mark.parametrize(("role", "pixel", "title"), [
    ("footprint", 1.0, "Buildings from SAR"),
    ("built_up", 10.0, "Built-up areas from SAR"),
])  # fmt: skip
def test_the_report_shows_places_areas_and_what_the_model_reaches(
    role, pixel, title, model, tmp_path, out, monkeypatch
):
    places = [(20, 30, 12, 18), (60, 5, 10, 10), (300, 400, 9, 20)]
    sar = write_radar(tmp_path / "sar.tif", boxes(320, 440, places), pixel=pixel)
    validation = {"simulated cities": {"iou": 0.5}, "fails": "on sheds"}
    path = model(role=role, pixel_size_range=(pixel, pixel), validation=validation)
    readings = []

    def read(*arguments):
        readings.append(arguments)
        return read_footprint_lines(*arguments)

    monkeypatch.setattr(extraction_report, "read_footprint_lines", read)
    _, _, numbers, _ = run(path, sar, out, report=str(out / "r.html"))
    page = (out / "r.html").read_text(encoding="utf-8")
    assert len(readings) == 2, "where outlines begin, and those of all places"
    assert f"<h1>{title}</h1>" in page and ("not of single buildings" in page) == (role == "built_up")
    assert page.count("<img") == 1 + 2 + 1 and "simulated cities" in page and "on sheds" in page
    assert f"<dd>{numbers['BUILDING_COUNT']}<small>" in page
