"""Evaluations on files: what is known of them beforehand, and what is refused."""

import csv

import numpy as np
import pytest
import rasterio
import torch
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.contract.geometry_jobs import SarView
from sarbridge.contract.sources import RasterSource
from sarbridge.contract.translation_jobs import EvaluateTranslationJob
from sarbridge.engine.rasters.grid import Tiles
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.engine.translation import evaluate_translation
from sarbridge.engine.translation.evaluate_translation import COLUMNS, run
from sarbridge.models.matching.bridge_match import BridgeMatch
from sarbridge.models.model_file import save_model
from sarbridge.models.networks import network_entries
from sarbridge.models.translation.inception import InceptionV3
from sarbridge.models.weights_file import load_weights
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.translation.sar_images import CRS_OF_ALL, LEFT, PIXEL, TOP, backscatter, write_sar
from sarbridge.tests.inception_weights import write_weights
from sarbridge.tests.model_cards import card_with


def colours(height=96, width=120, seed=0):
    """Smooth colours 40..200, uint8 [3, height, width]."""
    coarse = torch.from_numpy(np.random.default_rng(seed).uniform(40, 200, (1, 3, height // 8, width // 8)))
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")[0].round().numpy().astype(np.uint8)


def written(path, bands, nodata=None, corner=(LEFT, TOP), pixel=PIXEL):
    return write_sar(path, *bands, nodata=nodata, corner=corner, pixel=pixel, dtype=bands.dtype.name)


def evaluated(translated, reference, **others):
    return run(EvaluateTranslationJob(translated, reference, **others), NullReporter())["numbers"]


def test_identical_images_have_no_error(tmp_path):
    image = written(tmp_path / "a.tif", colours())
    numbers = evaluated(image, image)
    assert (numbers["MSE_ALL"], numbers["PIXELS_ALL"], numbers["PSNR_ALL"]) == (0, 96 * 120, None)
    assert numbers["SSIM_ALL"] == pytest.approx(1)
    shares = colours() / 255
    assert numbers["MEAN_COLOUR_MSE"] == pytest.approx(shares.var((1, 2)).mean(), rel=1e-5)
    assert numbers["MSE_SHADOW"] is None and numbers["PIXELS_SHADOW"] is None and "FEATURE_DISTANCE" not in numbers


def test_a_known_offset_is_its_square_whatever_the_range_of_values(tmp_path):
    image = colours()
    translated = written(tmp_path / "a.tif", image + np.uint8(51))  # a fifth of 255
    for name, reference in (("bytes", image), ("shares", (image / 255).astype(np.float32)), ("floats", image * 1.0)):
        numbers = evaluated(translated, written(tmp_path / f"{name}.tif", reference))
        assert numbers["MSE_ALL"] == pytest.approx(0.04, rel=1e-5)
        assert numbers["PSNR_ALL"] == pytest.approx(10 * np.log10(25), rel=1e-5)


def test_no_data_of_either_image_counts_for_nothing(tmp_path):
    image = colours()
    translated, reference = image.copy(), image.copy()
    translated[:, :20] = 0
    reference[:, :, 100:] = 0
    numbers = evaluated(
        written(tmp_path / "a.tif", translated, nodata=0), written(tmp_path / "b.tif", reference, nodata=0)
    )
    assert (numbers["MSE_ALL"], numbers["PIXELS_ALL"]) == (0, 76 * 100)
    assert numbers["SSIM_ALL"] == pytest.approx(1)


def test_black_that_is_hardly_a_colour_is_told(tmp_path):
    image = colours()
    reference = image.copy()
    reference[:, :, 100:] = 0
    reporter = KeptReports()
    run(EvaluateTranslationJob(written(tmp_path / "a.tif", image), written(tmp_path / "b.tif", reference)), reporter)
    assert any("17 % of the pixels of layer 'b' are exactly 0" in text for text in reporter.texts["warning"])


def test_the_radar_image_of_the_regression_is_in_a_unit_that_it_can_have(tmp_path):
    image = written(tmp_path / "a.tif", colours())
    sar = written(tmp_path / "sar.tif", np.int16(100 * backscatter(96, 120))[None])
    with pytest.raises(UserError, match="'sar' cannot hold decibels, .*: divide tenths or hundredths of decibels"):
        evaluated(image, image, sar=sar)


def test_the_reference_is_resampled_onto_the_translated_grid(tmp_path):
    image = colours()
    coarse = image.reshape(3, 48, 2, 60, 2).mean((2, 4)).round().astype(np.uint8)
    numbers = evaluated(written(tmp_path / "a.tif", coarse, pixel=2 * PIXEL), written(tmp_path / "b.tif", image))
    assert numbers["PIXELS_ALL"] == 48 * 60
    assert numbers["MSE_ALL"] < 1e-5 < numbers["MEAN_COLOUR_MSE"]


def test_windows_do_not_show_in_the_scores(tmp_path, monkeypatch):
    image, other = colours(), colours(seed=1)
    layers = written(tmp_path / "a.tif", image), written(tmp_path / "b.tif", other)
    sar = write_sar(tmp_path / "sar.tif", backscatter(96, 120))
    whole = evaluated(*layers, sar=sar)
    monkeypatch.setattr(evaluate_translation, "Tiles", lambda window, side: Tiles(window, 40))
    by_parts = evaluated(*layers, sar=sar)
    assert whole["REGRESSION_SSIM"] is not None
    for name, value in whole.items():
        assert by_parts[name] == (value if value is None else pytest.approx(value, rel=1e-6)), name


def test_the_regression_finds_colours_that_follow_from_the_radar_image(tmp_path):
    sar = backscatter(96, 120)
    reference = np.stack([(0.5 + sar / 100)] * 3).clip(0, 1).astype(np.float32)
    numbers = evaluated(
        written(tmp_path / "a.tif", np.full_like(reference, 0.5)),
        written(tmp_path / "b.tif", reference),
        sar=write_sar(tmp_path / "sar.tif", sar),
    )
    assert numbers["REGRESSION_MSE"] < 1e-6 < 1e-4 < numbers["MEAN_COLOUR_MSE"]
    assert numbers["REGRESSION_SSIM"] == pytest.approx(1, abs=1e-3)


def test_zones_of_another_size_are_scored_apart(tmp_path):
    image = colours()
    translated = image.copy()
    translated[:, :, :60] += 51
    zones = np.zeros((1, 24, 30), np.uint8)  # cells of 4 pixels
    zones[:, :, :15] = 2 | 8
    zones[:, :, 29] = 128
    zones[:, 0, :] = 128  # no data
    layers = [written(tmp_path / f"{name}.tif", each) for name, each in (("a", translated), ("b", image))]
    table = tmp_path / "table.csv"
    numbers = evaluated(
        *layers,
        zones=written(tmp_path / "zones.tif", zones, pixel=4 * PIXEL),
        table=str(table),
        report=str(tmp_path / "report.html"),
    )
    for zone in ("LAYOVER", "SHADOW"):
        assert numbers[f"PIXELS_{zone}"] == pytest.approx(60 * 92, rel=0.04)
        assert numbers[f"MSE_{zone}"] == pytest.approx(0.04, rel=1e-3)
    assert numbers["MSE_UNDISTORTED"] < 0.001 and numbers["PIXELS_FORESHORTENING"] == 0
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["image"], row["zone"]) for row in rows] == [
        (image, zone) for image in ("translated", "mean_colour") for zone in ("all", "shadow", "layover", "undistorted")
    ]
    assert float(rows[0]["mse"]) == pytest.approx(numbers["MSE_ALL"])
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert report.count("<img") == 3 and "layover" in report and f"{numbers['MSE_ALL']:.4f}" in report


def test_zones_follow_from_heights_and_view(tmp_path):
    image = written(tmp_path / "a.tif", colours())
    heights = np.zeros((1, 96, 120), np.float32)
    heights[..., 40:60] = 300  # a wall: the radar looks east
    dem = written(tmp_path / "dem.tif", heights)
    numbers = evaluated(image, image, dem=dem, view=SarView(90.0, 40.0, 40.0), table=str(tmp_path / "t.csv"))
    assert numbers["PIXELS_LAYOVER"] > 500 and numbers["PIXELS_SHADOW"] > 500
    assert numbers["PIXELS_UNDISTORTED"] > 2000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "dem.tif", "t.csv"]


def test_features_tell_a_blurred_image_from_a_sharp_one(tmp_path):
    torch.manual_seed(0)
    network = BridgeMatch(widths=(8, 8, 8), features=4).eval()
    arguments = {"match": {"widths": [8, 8, 8], "features": 4}}
    card = card_with(networks=network_entries({"match": network}, arguments))
    save_model(tmp_path / "model.safetensors", card, {"match": network})
    noise = np.random.default_rng(0).integers(0, 255, (3, 96, 120)).astype(np.uint8)
    sharp, smooth = written(tmp_path / "sharp.tif", noise), written(tmp_path / "smooth.tif", colours())
    features = str(tmp_path / "model.safetensors")
    assert evaluated(sharp, sharp, features=features)["FEATURE_DISTANCE"] == pytest.approx(0, abs=1e-9)
    assert evaluated(smooth, sharp, features=features)["FEATURE_DISTANCE"] > 1e-5


@pytest.fixture(scope="module")
def inception(tmp_path_factory):
    """A file of random weights for Inception-v3."""
    return write_weights(tmp_path_factory.mktemp("weights") / "inception.safetensors")


class Log(Reporter):
    """Keeps what a run says, by level."""

    def __init__(self):
        self.said = []
        super().__init__(lambda message: self.said.append((message.get("level"), message.get("text", ""))))


def test_the_distance_of_inception_is_called_fid(tmp_path, inception):
    sharp = np.random.default_rng(0).integers(60, 190, (3, 256, 400)).astype(np.uint8)
    layers = [written(tmp_path / f"{name}.tif", each) for name, each in (("a", colours(256, 400)), ("b", sharp))]
    job = EvaluateTranslationJob(*layers, features=inception, report=str(tmp_path / "r.html"))
    log = Log()
    numbers = run(job, log)["numbers"]
    images = [torch.from_numpy(each / np.float32(255)) for each in (colours(256, 400), sharp)]
    network = InceptionV3()
    load_weights(inception, network, "torchvision")
    of_both = []
    for image in images:
        patches = torch.stack([image[..., :256], image[..., 128:384]])  # the two that fit
        with torch.inference_mode():
            features = network(2 * torch.nn.functional.interpolate(patches, (299, 299), mode="bilinear") - 1)
        of_both.append(features.double().numpy())
    [mean, covariance], [other, of_other] = ((each.mean(0), np.cov(each.T)) for each in of_both)
    # Of two samples a covariance has one direction, and that of the product of two its dot product squared.
    common = abs(np.dot(*(each[0] - each[1] for each in of_both))) / 2
    expected = np.square(mean - other).sum() + np.trace(covariance) + np.trace(of_other) - 2 * common
    assert numbers["FID"] == pytest.approx(expected, rel=1e-3) and "FEATURE_DISTANCE" not in numbers
    assert any(level == "warning" and "2 samples are no more than the 2,048 features" in t for level, t in log.said)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Fréchet inception distance (FID)" in page and "of 2 patches of 256 pixels with 2,048 features each" in page
    assert "Mean colour of the reference</td>" in page and "inception.safetensors" in page


def test_a_scene_without_two_whole_patches_has_no_distance(tmp_path, inception):
    image = colours(256, 400)
    image[:, 100, 300] = 0  # a hole in the second patch
    log = Log()
    layer = written(tmp_path / "a.tif", image, nodata=0)
    assert run(EvaluateTranslationJob(layer, layer, features=inception), log)["numbers"]["FID"] is None
    assert any(level == "warning" and "know 1 whole patches of 256 pixels" in text for level, text in log.said)


def test_inception_looks_at_one_band_or_three(tmp_path, inception):
    grey, more = (written(tmp_path / f"{name}.tif", colours()[bands]) for name, bands in (("g", [0]), ("m", [0, 1])))
    assert evaluated(grey, grey, features=inception)["FID"] is None
    assert "but 2 bands are compared" in refused(more, more, features=inception)


def refused(translated, reference, **others):
    with pytest.raises(UserError) as caught:
        evaluated(translated, reference, **others)
    return str(caught.value)


def test_what_cannot_be_compared_is_refused(tmp_path):
    image = written(tmp_path / "a.tif", colours())
    far = written(tmp_path / "far.tif", colours(), corner=(LEFT + 10_000, TOP))
    assert "'a'" in refused(image, far) and "'far'" in refused(image, far)
    grey = written(tmp_path / "grey.tif", colours()[:1])
    assert "'a' is read with 3 and 'grey' with 1 of its bands" in refused(image, grey)
    reflectance = written(tmp_path / "dn.tif", colours().astype(np.uint16) * 40)
    assert "neither 8 bits nor 0 to 1" in refused(image, reflectance)
    empty = written(tmp_path / "empty.tif", np.zeros((3, 96, 120), np.uint8), nodata=0)
    assert "no pixel that both know" in refused(image, empty)
    zones = written(tmp_path / "zones.tif", colours()[:1])
    assert "no mask of distortion zones" in refused(image, image, zones=zones)
    assert "heights and the view" in refused(image, image, dem=grey)


@pytest.mark.parametrize("layer", ["zones", "dem", "sar"])
def test_what_lies_elsewhere_is_refused_by_name(layer, tmp_path):
    image = written(tmp_path / "a.tif", colours())
    far = written(tmp_path / "far.tif", np.zeros((1, 96, 120), np.float32), corner=(LEFT + 50_000, TOP))
    view = SarView(90.0, 40.0, 40.0) if layer == "dem" else None
    assert "Layers 'a' and 'far' do not overlap" in refused(image, image, **{layer: far}, view=view)


@pytest.mark.parametrize(("highest", "taken"), [(1.015, True), (1.5, False), (9, False), (80, True), (262, False)])
def test_reflectance_beyond_white_is_not_taken_for_bytes(highest, taken, tmp_path):
    image = np.linspace(0, highest, 3 * 96 * 120).reshape(3, 96, 120).astype(np.float32)
    layers = written(tmp_path / "a.tif", image), written(tmp_path / "b.tif", colours())
    if taken:
        assert evaluated(*layers)["MSE_ALL"] > 0
    else:
        assert "neither 8 bits nor 0 to 1" in refused(*layers)


def test_complex_values_are_no_colours(tmp_path):
    layer = written(tmp_path / "slc.tif", colours().astype(np.complex64))
    assert "'slc' holds complex values, which are no colours" in refused(layer, written(tmp_path / "b.tif", colours()))


def said(translated, reference, level="warning", **others):
    log = Log()
    run(EvaluateTranslationJob(translated, reference, **others), log)
    return [text for each, text in log.said if each == level]


def test_a_coarser_reference_is_warned_of(tmp_path):
    image = colours()
    fine = written(tmp_path / "a.tif", image)
    coarse = written(tmp_path / "c.tif", np.ascontiguousarray(image[:, ::4, ::4]), pixel=4 * PIXEL)
    [warning] = said(fine, coarse)
    assert "Pixels of layer 'c' are 40 m wide and those of 'a' 10 m" in warning
    assert said(coarse, fine) == []


@pytest.mark.parametrize(("columns", "level"), [(1, "info"), (30, "warning")])
def test_pixels_of_no_known_zone_are_told_of(columns, level, tmp_path):
    image = written(tmp_path / "a.tif", colours())
    zones = np.zeros((1, 96, 120), np.uint8)
    zones[:, :, :columns] = 128
    mask = written(tmp_path / "zones.tif", zones)
    assert any(
        f"{96 * columns:,} of these pixels lie where no" in text for text in said(image, image, level, zones=mask)
    )


def test_a_report_says_what_is_infinite_and_what_to_doubt(tmp_path):
    image = colours()
    same, negative = (written(tmp_path / f"{name}.tif", each) for name, each in (("a", image), ("n", 255 - image)))
    pages = []
    for reference in (same, negative):
        evaluated(same, reference, report=str(tmp_path / "r.html"))
        pages.append((tmp_path / "r.html").read_text(encoding="utf-8"))
    doubted = ["no nearer to the reference than one even colour" in page for page in pages]
    assert "<dd>∞<small>" in pages[0] and "∞" not in pages[1] and doubted == [False, True]


def test_an_image_of_four_pixels_has_an_error_and_no_similarity(tmp_path):
    pixel = written(tmp_path / "pixel.tif", np.full((3, 2, 2), 51, np.uint8))
    numbers = evaluated(pixel, written(tmp_path / "black.tif", np.zeros((3, 2, 2), np.uint8)))
    assert numbers["MSE_ALL"] == pytest.approx(0.04) and numbers["SSIM_ALL"] is None


def test_a_turned_reference_lies_where_it_lies(tmp_path):
    image = colours()
    translated = written(tmp_path / "a.tif", image)
    path = tmp_path / "mirrored.tif"
    mirrored = Affine(PIXEL, 0, LEFT, 0, PIXEL, TOP - 96 * PIXEL)  # rows run north
    with rasterio.open(
        path, "w", driver="GTiff", crs=CRS_OF_ALL, transform=mirrored, height=96, width=120, count=3, dtype="uint8"
    ) as dataset:
        dataset.write(image[:, ::-1])
    assert evaluated(translated, RasterSource("mirrored", str(path), CRS_OF_ALL.to_wkt(), (1, 2, 3)))["MSE_ALL"] == 0
