"""The task of translation on small images, with a small network of random weights."""

import re

import numpy as np
import pytest
import rasterio
import torch
from sarbridge.contract.errors import UserError
from sarbridge.contract.geometry_jobs import SarView
from sarbridge.contract.translation_jobs import TranslateToOpticalJob
from sarbridge.engine.rasters.scene_scale import scene_scale
from sarbridge.engine.translation import methods, translate_to_optical
from sarbridge.models import networks
from sarbridge.models.model_file import load_model
from sarbridge.models.translation.planes import with_facts
from sarbridge.tests.engine.geometry.surfaces import KeptReports, write_surface
from sarbridge.tests.engine.translation.sar_images import LEFT, PIXEL, TOP, backscatter, write_sar
from sarbridge.tests.engine.wide_mosaic import wide_mosaic
from sarbridge.tests.toy_translator import STEP, write_translator

VIEW = SarView(look_azimuth=90.0, near=38.0, far=38.0)

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def model(tmp_path):
    return write_translator(tmp_path / "toy.safetensors")


class Averaging(torch.nn.Module):
    """The bands' mean as grey, brighter by the height where there is one."""

    def forward(self, sar, *heights):
        grey = 0.5 + 0.1 * sar.mean(1, keepdim=True)
        return (grey + sum(heights)).expand(-1, 3, -1, -1) if heights else grey.expand(-1, 3, -1, -1)


@pytest.fixture
def averaging(tmp_path, monkeypatch):
    """Writes a model that shows the mean of VV and VH."""
    monkeypatch.setitem(networks.NETWORKS, "Averaging", Averaging)
    monkeypatch.setitem(methods.METHODS, "Averaging", methods.Method())

    def write(**entries):
        return write_translator(tmp_path / "averaging.safetensors", "Averaging", **entries)

    return write


def run(model, sar, out, reporter=None, **entries):
    """Translate, and return (colours [3, h, w], numbers, reports)."""
    reporter = reporter or KeptReports()
    entries = {"polarisations": ("VV", "VH")[: len(sar.bands)], **entries}
    job = TranslateToOpticalJob(sar, model, str(out / "optical.tif"), device="cpu", **entries)
    numbers = translate_to_optical.run(job, reporter)["numbers"]
    return read(out / "optical.tif"), numbers, reporter


def read(path):
    with rasterio.open(path) as dataset:
        return dataset.read()


def test_colours_are_those_of_the_network_and_lie_on_the_sar_image(model, tmp_path, out):
    values = backscatter(96, 112)
    sar = write_sar(tmp_path / "sar.tif", values)
    colours, numbers, _ = run(model, sar, out, uncertainty=str(out / "error.tif"))
    network = load_model(model, "translate")[1]["translate"]
    plane = torch.from_numpy(scene_scale(values, False).standardised(values))
    with torch.inference_mode():
        [expected] = network(with_facts(plane[None, None], (0, 0, 0))).numpy()
    inner = np.s_[:, 40:-40, 40:-40]  # at the edges the image goes on mirrored, here it ends
    assert np.abs(colours[inner] / 255.0 - expected[:3].clip(1 / 255, 1)[inner]).max() < 0.008
    [error] = read(out / "error.tif")
    assert np.abs(error - expected[3])[40:-40, 40:-40].max() < 0.004
    assert numbers["MEAN_UNCERTAINTY"] == pytest.approx(error.mean(), rel=1e-4)
    assert numbers["VALID_PIXELS"] == 96 * 112 and numbers["LAYOVER_SHARE"] is None
    with rasterio.open(out / "optical.tif") as image, rasterio.open(sar.path) as radar:
        assert (image.transform, image.crs, image.shape) == (radar.transform, radar.crs, radar.shape)
        assert image.dtypes == ("uint8",) * 3 and image.nodata == 0 and image.compression.name == "deflate"
        assert [colour.name for colour in image.colorinterp] == ["red", "green", "blue"]
        assert image.block_shapes[0] == (512, 512) and not image.overviews(1)


@pytest.mark.parametrize(
    ("unit", "rendered", "dtype"),
    [
        ("complex", lambda values: 10 ** (values / 20) * np.exp(2j * values), "complex64"),
        ("amplitude", lambda values: 3000 * 10 ** (values / 20), "uint16"),
        ("power", lambda values: 10 ** (values / 10), "float32"),
        ("db", lambda values: values - 12, "float32"),
    ],
)
def test_neither_unit_nor_calibration_matters(unit, rendered, dtype, model, tmp_path, out):
    values = backscatter(80, 90)
    expected, _, _ = run(model, write_sar(tmp_path / "db.tif", values), out)
    sar = write_sar(tmp_path / "other.tif", rendered(values), dtype=dtype)
    colours, _, reports = run(model, sar, out)
    assert np.abs(colours.astype(int) - expected).mean() < 1
    assert any("is read as" in text for text in reports.texts["info"]) and not reports.texts["warning"]
    assert np.array_equal(colours, run(model, sar, out, sar_unit=unit)[0])


@pytest.mark.parametrize("enhance", ["none", "laplacian", "wiener"])
def test_moving_the_tiles_by_the_networks_step_shows_no_seam(enhance, model, tmp_path, out):
    """The same place in images that begin elsewhere, far from their edges."""
    values = backscatter(300, 420)
    whole, _, _ = run(model, write_sar(tmp_path / "whole.tif", values), out, enhance=enhance)
    for moved in (STEP, 11 * STEP, 5, 43):  # an extent begins at any pixel
        corner = LEFT + moved * PIXEL, TOP - moved * PIXEL
        left = whole.shape[2] - moved, whole.shape[1] - moved
        extent = corner[0], corner[1] - left[1] * PIXEL, corner[0] + left[0] * PIXEL, corner[1]
        part, _, _ = run(model, write_sar(tmp_path / "whole.tif", values), out, enhance=enhance, extent=extent)
        assert part.shape == (3, left[1], left[0])
        assert np.abs(part.astype(int) - whole[:, moved:, moved:]).max() <= 1


@pytest.mark.parametrize(("tile", "overlap"), [(96, 16), (0, 24)])
def test_tiles_that_see_too_little_are_blended(tile, overlap, model, tmp_path, out):
    sar = write_sar(tmp_path / "sar.tif", backscatter(200, 220))
    exact, _, _ = run(model, sar, out)
    blended, _, _ = run(model, sar, out, tile=tile, overlap=overlap)
    off = np.abs(blended.astype(int) - exact)
    assert off.max() > 0 and off.mean() < 2


@pytest.mark.parametrize(("overlap", "said"), [(0, "seams show where they meet"), (8, "Seams are blended")])
def test_tiles_that_see_too_little_are_warned_of(overlap, said, model, tmp_path, out):
    sar, page = write_sar(tmp_path / "sar.tif", backscatter(80, 90)), out / "report.html"
    _, _, reports = run(model, sar, out, tile=64, overlap=overlap, report=str(page))
    assert said in reports.texts["warning"][0] and said in page.read_text(encoding="utf-8")


def test_what_is_no_data_stays_so(model, tmp_path, out):
    values = backscatter(120, 140)
    values[:, :30] = values[50:60, 70:80] = np.nan
    colours, numbers, _ = run(
        model, write_sar(tmp_path / "sar.tif", values, nodata=np.nan), out, report=str(out / "r.html")
    )
    assert np.array_equal((colours == 0).all(0), np.isnan(values)) and not (colours == 0)[:, ~np.isnan(values)].any()
    assert numbers["VALID_PIXELS"] == np.isfinite(values).sum()
    page = (out / "r.html").read_text(encoding="utf-8")
    assert page.count("<img") == 2 and "Toy translator" in page


def test_bands_are_joined_by_the_inverse_squares_of_their_errors(model, tmp_path, out):
    """Each band by itself, and both."""
    vv, vh = backscatter(90, 100, seed=1), backscatter(90, 100, seed=2) - 7
    error = out / "error.tif"
    parts = []
    for name, values in (("VV", vv), ("VH", vh)):
        sar = write_sar(tmp_path / "one.tif", values)
        parts.append((run(model, sar, out, polarisations=(name,), uncertainty=str(error))[0] / 255.0, read(error)))
    both, _, _ = run(model, write_sar(tmp_path / "both.tif", vv, vh), out, uncertainty=str(error))
    (one, of_one), (other, of_other) = parts
    weights = of_one**-2.0, of_other**-2.0
    expected = (one * weights[0] + other * weights[1]) / sum(weights)
    seen = ((one > 0.01) & (one < 0.99) & (other > 0.01) & (other < 0.99)).all(0)  # no colour was cut off
    assert seen.mean() > 0.1 and np.abs(both / 255.0 - expected)[:, seen].max() < 0.012
    assert np.abs(read(error) - (of_one * weights[0] + of_other * weights[1]) / sum(weights)).max() < 0.01
    assert np.abs(one - other).max() > 0.05


def test_bands_come_in_the_order_of_the_card(averaging, tmp_path, out):
    model = averaging(inputs={"sar": {"bands": 1, "unit": "dB", "range": None, "polarisations": ["VH"]}})
    vv, vh = backscatter(60, 60, seed=1), backscatter(60, 60, seed=2)
    colours, _, _ = run(model, write_sar(tmp_path / "sar.tif", vv, vh), out)
    grey = 0.5 + 0.1 * scene_scale(vh, False).standardised(vh)
    assert np.abs(colours[0] / 255.0 - grey).max() < 0.004


def test_a_polarisation_that_the_model_needs_is_asked_for(averaging, tmp_path, out):
    sar = write_sar(tmp_path / "sar.tif", backscatter(60, 60))
    with pytest.raises(
        UserError, match="needs the polarisations VV, VH, and layer 'sar' gives VV: choose a band for VH"
    ):
        run(averaging(), sar, out)
    assert not list(out.iterdir())


@pytest.mark.parametrize("full_height", [None, 80.0])
def test_heights_are_parts_of_the_highest_or_of_the_one_that_counts(full_height, averaging, monkeypatch, tmp_path, out):
    model = averaging(heights=True, polarisations=["VV"])
    monkeypatch.setitem(methods.METHODS, "Averaging", methods.Method(full_height=full_height))
    values = backscatter(60, 80)
    heights = np.linspace(0, 40, 80)[None].repeat(60, 0)
    dem = write_surface(tmp_path / "dem.tif", heights, cell=PIXEL)
    colours, numbers, _ = run(model, write_sar(tmp_path / "sar.tif", values), out, dem=dem, view=VIEW)
    grey = 0.5 + 0.1 * scene_scale(values, False).standardised(values) + heights / (full_height or 40)
    assert np.abs(colours[0] / 255.0 - grey.clip(0, 1)).max() < 0.004
    assert numbers["UNDISTORTED_SHARE"] == pytest.approx(100) and not (out / "zones.tif").exists()


@pytest.mark.parametrize("fusion", ["none", "late"])
def test_sardinet_shows_no_seams(fusion, tmp_path, out):
    arguments = {"sar_bands": 2, "fusion": fusion, "widths": [4, 8, 12, 16, 8, 4]}
    tiling = {"side": 160, "halo": 48, "step": 8}
    model = write_translator(
        tmp_path / "toy.safetensors", "SARDINet", arguments, heights=fusion != "none", tiling=tiling
    )
    sar = write_sar(tmp_path / "sar.tif", backscatter(150, 170, 1), backscatter(150, 170, 2))
    heights = np.random.default_rng(0).uniform(0, 30, (150, 170))
    heights[:9, :9] = 200  # far from the extent: what heights are shown by is the largest one of the layer
    dem = write_surface(tmp_path / "dem.tif", heights, cell=PIXEL) if fusion != "none" else None
    whole, numbers, _ = run(model, sar, out, dem=dem)
    extent = LEFT + 80 * PIXEL, TOP - 150 * PIXEL, LEFT + 170 * PIXEL, TOP
    part, _, _ = run(model, sar, out, dem=dem, extent=extent)
    assert np.abs(part.astype(int) - whole[:, :, 80:]).max() <= 1
    assert numbers["MEAN_UNCERTAINTY"] is None


@pytest.mark.parametrize(
    ("network", "arguments"),
    [
        ("CycleGAN", {"sar_bands": 1, "width": 4, "blocks": 1}),
        ("Pix2Pix", {"sar_bands": 1, "width": 4, "levels": 6}),
    ],
)
def test_networks_that_see_whole_tiles_are_blended_and_warned_of(network, arguments, tmp_path, out):
    tiling = {"side": 64, "halo": 16, "step": 16}
    model = write_translator(tmp_path / "toy.safetensors", network, arguments, polarisations=["VV"], tiling=tiling)
    page = out / "report.html"
    colours, _, reports = run(model, write_sar(tmp_path / "sar.tif", backscatter(50, 170)), out, report=str(page))
    assert colours.shape == (3, 50, 170) and colours.all()
    (warning,) = reports.texts["warning"]
    mean, largest = re.search(r"differ by ([\d.]+) of 255 levels on average, (\d+) at most", warning).groups()
    assert 0 <= float(mean) <= float(largest) < 255
    assert f"{mean} of 255 levels" in page.read_text(encoding="utf-8")
    _, _, reports = run(model, write_sar(tmp_path / "small.tif", backscatter(30, 30)), out)
    assert not reports.texts["warning"]


def test_zones_lie_under_the_image(model, tmp_path, out):
    heights = np.zeros((200, 200))
    heights[90:110, 90:110] = 300
    dem = write_surface(tmp_path / "dem.tif", heights, cell=PIXEL, corner=(LEFT - 500, TOP + 500))
    sar = write_sar(tmp_path / "sar.tif", backscatter(100, 100))
    _, numbers, _ = run(model, sar, out, dem=dem, view=VIEW, zones=str(out / "zones.tif"))
    zones = read(out / "zones.tif")[0]
    assert zones.shape == (100, 100)
    assert numbers["SHADOW_SHARE"] == pytest.approx(100 * (zones & 24 > 0).mean()) and numbers["SHADOW_SHARE"] > 1


def test_overviews_are_made_on_request(model, tmp_path, out):
    run(model, write_sar(tmp_path / "sar.tif", backscatter(300, 600)), out, overviews=True)
    with rasterio.open(out / "optical.tif") as image:
        assert image.overviews(1) == [2, 4]


@pytest.mark.parametrize(
    ("values", "unit", "said"),
    [
        (np.full((50, 50), np.nan), "auto", "'sar' holds only no data in the bands that are read"),
        (backscatter(50, 50), "complex", "'sar' holds real values .float32., not complex ones"),
        (backscatter(50, 50), "power", "'sar' cannot hold linear power, as most of its values are negative"),
        (backscatter(50, 50), "display", "'sar' cannot hold an 8-bit rendering"),
        (np.arange(2500.0).reshape(50, 50), "db", "'sar' cannot hold decibels, as its values run from 12"),
        (np.full((1, 1), -8.0), "auto", "'sar' is only 1 × 1 pixels"),
    ],
)
def test_layers_that_cannot_be_translated(values, unit, said, model, tmp_path, out):
    with pytest.raises(UserError, match=said):
        run(model, write_sar(tmp_path / "sar.tif", values, nodata=np.nan), out, sar_unit=unit)
    assert not list(out.iterdir())


def test_an_extent_of_a_layer_too_large_for_a_run_is_as_that_image_alone(model, tmp_path, out):
    sar = write_sar(tmp_path / "sar.tif", backscatter(96, 112))
    alone, _, _ = run(model, sar, out)
    wide, extent = wide_mosaic(tmp_path / "wide.vrt", sar, 8 * 6_000, 8 * 7_000)
    part, _, _ = run(model, wide, out, extent=extent)
    assert np.abs(part.astype(int) - alone).max() <= 1
    with pytest.raises(UserError, match="Layer 'wide' has 400,000 × 400,000 pixels, more than"):
        run(model, wide, out)


def test_an_extent_without_data_is_refused(model, tmp_path, out):
    values = backscatter(100, 100)
    values[:, 50:] = np.nan
    extent = LEFT + 60 * PIXEL, TOP - 50 * PIXEL, LEFT + 90 * PIXEL, TOP
    with pytest.raises(UserError, match="What is asked for of layer 'sar' holds only no data"):
        run(model, write_sar(tmp_path / "sar.tif", values, nodata=np.nan), out, extent=extent)
    assert not list(out.iterdir())


@pytest.mark.parametrize(("pixel", "resample"), [(40.0, "20 m"), (1.0, "5 m")])
def test_pixels_that_the_model_does_not_know_are_warned_of(pixel, resample, model, tmp_path, out):
    _, _, reports = run(model, write_sar(tmp_path / "sar.tif", backscatter(50, 50), pixel=pixel), out)
    [warning] = reports.texts["warning"]
    assert f"Pixels of layer 'sar' are {pixel:g} m" in warning and f"Resample the layer to {resample} first" in warning


def test_heights_of_another_place_are_refused(averaging, tmp_path, out):
    model = averaging(heights=True, polarisations=["VV"])
    sar = write_sar(tmp_path / "sar.tif", backscatter(60, 60))
    dem = write_surface(tmp_path / "dem.tif", np.zeros((60, 60)), corner=(LEFT + 50_000, TOP))
    with pytest.raises(UserError, match="Layers 'sar' and 'dem' do not overlap"):
        run(model, sar, out, dem=dem)
    with pytest.raises(UserError, match="needs heights: choose an elevation layer"):
        run(model, sar, out)
    assert not list(out.iterdir())


def test_what_would_not_be_used_is_refused(model, averaging, tmp_path, out):
    sar = write_sar(tmp_path / "sar.tif", backscatter(60, 60))
    dem = write_surface(tmp_path / "dem.tif", np.zeros((60, 60)), cell=PIXEL)
    with pytest.raises(UserError, match="takes no heights, so that layer 'dem' would not be used"):
        run(model, sar, out, dem=dem)
    with pytest.raises(UserError, match="does not tell how far its colours are off"):
        run(averaging(polarisations=["VV"]), sar, out, uncertainty=str(out / "error.tif"))


def test_feet_are_read_as_metres_where_the_layer_says_so(averaging, tmp_path, out):
    model = averaging(heights=True, polarisations=["VV"])
    dem = write_surface(tmp_path / "dem.tif", np.full((60, 60), 9000.0), cell=PIXEL, unit="ft")
    sar = write_sar(tmp_path / "sar.tif", backscatter(60, 60))
    _, _, reports = run(model, sar, out, dem=dem)
    assert any("stated in 'ft' and are converted to metres" in text for text in reports.texts["info"])


def test_a_model_of_another_task_is_refused(tmp_path, out):
    model = write_translator(tmp_path / "toy.safetensors", task="match")
    with pytest.raises(UserError, match="made for the task 'match', not 'translate'"):
        run(model, write_sar(tmp_path / "sar.tif", backscatter(50, 50)), out)


@pytest.mark.parametrize(
    "entries",
    [
        {"outputs": {"optical": {"bands": 4, "unit": "reflectance rendering", "range": [0, 1], "polarisations": []}}},
        {"tiling": {"side": 162, "halo": 48, "step": 6}},
        {"tiling": {"side": 1_000_000, "halo": 48, "step": 4}},
        {"heights": True},
    ],
)
def test_a_card_that_says_something_else_than_its_network_is_refused(entries, tmp_path, out):
    model = write_translator(tmp_path / "toy.safetensors", **entries)
    sar = write_sar(tmp_path / "sar.tif", backscatter(50, 50))
    with pytest.raises(UserError, match="The network of the model 'Toy translator' does not take tiles, or give bands"):
        run(model, sar, out)


@pytest.mark.parametrize("entries", [{"tiling": {}}, {"outputs": {}}, {"inputs": {}}])
def test_a_card_that_says_too_little_is_refused(entries, tmp_path, out):
    model = write_translator(tmp_path / "toy.safetensors", **entries)
    with pytest.raises(UserError, match="holds no network that translates, or does not say what it takes and gives"):
        run(model, write_sar(tmp_path / "sar.tif", backscatter(50, 50)), out)
