"""The whole matching run on synthetic pairs with a planted shift."""

import math
from dataclasses import replace

import numpy as np
import pytest
import rasterio
import torch
from rasterio.transform import Affine
from rasterio.warp import transform as project
from sarbridge.contract.errors import UserError
from sarbridge.contract.tie_points import FIELDS
from sarbridge.engine.matching import blocks, match_report, match_tie_points
from sarbridge.engine.matching.block_matchers import _default_batch
from sarbridge.engine.matching.first_stage import FirstStage
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.engine.tie_points.error_scale import error_scale
from sarbridge.models.card import read_card
from sarbridge.models.model_file import save_model
from sarbridge.tests.engine.matching.matching_pairs import (
    DEGREES,
    EAST,
    NORTH,
    PIXEL,
    SCALE,
    SHIFT,
    SIDE,
    TURN,
    UTM,
    job,
    source,
    write,
)
from sarbridge.tests.engine.matching.misplaced_pairs import about_the_middle, misplaced, texture
from sarbridge.tests.engine.matching.training.transparent_corr_asl import transparent_corr_asl
from sarbridge.tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="module")
def corr_asl(tmp_path_factory):
    """A model file with a CorrASL that was trained on 8-bit renderings."""
    folder = tmp_path_factory.mktemp("corrasl")
    card = read_card(write_tiny_bundle(folder / "tiny.safetensors"))
    sar = {**card.inputs["sar"], "unit": "8-bit rendering", "range": [32, 224]}
    networks = {"match": {"class": "CorrASL", "arguments": {}}}
    card = replace(card, networks=networks, inputs={**card.inputs, "sar": sar}, sha256="")
    save_model(folder / "corrasl.safetensors", card, {"match": transparent_corr_asl()})
    return str(folder / "corrasl.safetensors")


@pytest.fixture(scope="module")
def turned_result(turned):
    return run(job(turned), NullReporter())


def test_planted_shift_in_a_turned_grid(turned_result):
    rows = turned_result["rows"]
    assert len(rows) >= 25
    assert all(tuple(row) == FIELDS and row["accepted"] and row["reason"] == "" for row in rows)
    cos, sin = math.cos(math.radians(TURN)), math.sin(math.radians(TURN))
    right, down = (cos, sin), (sin, -cos)  # directions on the map
    length = math.hypot(*SHIFT)
    for row in rows:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=0.1 * PIXEL)
        for key, (x, y) in (("dx_px", right), ("dy_px", down)):
            assert row[key] == pytest.approx((x * SHIFT[0] + y * SHIFT[1]) / PIXEL, abs=0.1)
        assert row["length_m"] == pytest.approx(length, abs=0.12 * PIXEL)
        # Clockwise from north: 24 m east and 41 m south is 150 degrees.
        assert row["azimuth"] == pytest.approx(math.degrees(math.acos(SHIFT[1] / length)), abs=2)
        assert row["score"] > 0.9 and row["peak_ratio"] > 1
    mean = np.mean([(row["dx_m"], row["dy_m"]) for row in rows], axis=0)
    np.testing.assert_allclose(mean, SHIFT, atol=0.03 * PIXEL)


def test_positions_in_both_layers(turned, turned_result):
    """Map and pixel positions against rasterio's own, and the SAR position against the optical one plus the shift."""
    with rasterio.open(turned[0].path) as sar, rasterio.open(turned[1].path) as optical:
        for row in turned_result["rows"]:
            for dataset, x, y, col, part in ((sar, "sar_x", "sar_y", "sar_col", "sar_row"),
                                             (optical, "opt_x", "opt_y", "opt_col", "opt_row")):  # fmt: skip
                assert dataset.index(row[x], row[y]) == (int(row[part]), int(row[col]))
                assert dataset.xy(row[part], row[col], offset="ul") == pytest.approx((row[x], row[y]), abs=1e-9 * PIXEL)
            (east,), (north,) = project(DEGREES, UTM, [row["opt_x"]], [row["opt_y"]])
            assert (row["sar_x"] - east, row["sar_y"] - north) == pytest.approx(
                (row["dx_m"] * SCALE, row["dy_m"] * SCALE), abs=0.05
            )
            assert 0 <= row["sar_col"] <= SIDE and 0 <= row["sar_row"] <= SIDE


def test_numbers(turned_result):
    rows, numbers = turned_result["rows"], turned_result["numbers"]
    assert numbers["ACCEPTED_COUNT"] == len(rows) < numbers["POINT_COUNT"]
    for suffix, x, y, unit in (("", "dx_m", "dy_m", 1), ("_PX", "dx_px", "dy_px", PIXEL)):
        for axis, key in (("X", x), ("Y", y)):
            values = [row[key] for row in rows]
            mean = sum(values) / len(values)
            assert numbers[f"MEAN_SHIFT_{axis}{suffix}"] == pytest.approx(mean)
            variance = sum((value - mean) ** 2 for value in values) / len(values)
            assert numbers[f"STD_{axis}{suffix}"] == pytest.approx(math.sqrt(variance))
        # The outlier test's shift is the mean shift here, where no point was an outlier.
        squares = [sum((row[key] - numbers[f"MEAN_SHIFT_{axis}"]) ** 2 for axis, key in (("X", "dx_m"), ("Y", "dy_m")))
                   for row in rows]  # fmt: skip
        assert numbers[f"RMSE{suffix}"] * unit == pytest.approx(math.sqrt(sum(squares) / len(squares)), rel=0.03)


def test_keep_rejected(turned, turned_result):
    kept = run(job(turned, keep_rejected=True), NullReporter())
    assert kept["numbers"] == turned_result["numbers"]
    assert [row for row in kept["rows"] if row["accepted"]] == turned_result["rows"]
    assert [row["id"] for row in kept["rows"]] == list(range(1, kept["numbers"]["POINT_COUNT"] + 1))
    rejected = [row for row in kept["rows"] if not row["accepted"]]
    assert {row["reason"] for row in rejected} == {"border"}
    assert all(row["dx_m"] is None and row["azimuth"] is None and row["residual_m"] is None for row in rejected)


def test_no_data_hole(plain, tmp_path):
    with rasterio.open(plain[0].path) as dataset:
        values, lattice = dataset.read(1), dataset.transform
    values[130:190, 40:110] = np.nan
    sar = source("Radar", write(tmp_path / "sar.tif", values, lattice, UTM), UTM)
    rows = run(job((sar, plain[1]), keep_rejected=True), NullReporter())["rows"]
    assert {row["reason"] for row in rows} == {"", "border", "nodata"}
    for row in rows:
        col, line = round(row["opt_col"]), round(row["opt_row"])
        if min(col, line) >= 64 and max(col, line) <= SIDE - 64:
            # The least of the hole that a template of the SAR image may lie on, 8 pixels up and down, left and right.
            width, height = (
                min(
                    max(0, min(centre + step + 64, end) - max(centre + step - 64, start))
                    for step in range(-8, 9)
                    if 51 <= centre + step <= SIDE - 51
                )
                for centre, start, end in ((col, 40, 110), (line, 130, 190))
            )
            if row["reason"] == "nodata":
                assert width * height > 0.05 * 128**2, (col, line)
            else:
                assert width * height <= 0.1 * 128**2, (col, line)


def test_outliers_are_rejected(plain, tmp_path):
    """A quarter of the optical image shows ground from 60 m further east: its points do not follow the others."""
    with rasterio.open(plain[1].path) as dataset:
        values, lattice = dataset.read(1), dataset.transform
    values[:, 210:] = np.roll(values, 6, 1)[:, 210:]
    optical = source("Colours", write(tmp_path / "optical.tif", values, lattice, UTM), UTM)
    rows = run(job((plain[0], optical), max_shift=12, keep_rejected=True), NullReporter())["rows"]
    rejected = [row for row in rows if row["reason"] == "transform"]
    assert rejected and all(row["opt_col"] > 210 - 64 and row["residual_m"] > 30 for row in rejected)
    assert all(row["dx_m"] == pytest.approx(SHIFT[0], abs=30) for row in rows if row["accepted"])


@pytest.mark.parametrize(
    ("method", "candidates"),
    [("ncc", "grid"), ("orientation", "grid"), ("bridgematch", "grid"), ("ncc", "goodness_min")],
)
def test_same_points_whatever_the_blocks_and_batches(turned, bundle, monkeypatch, method, candidates):
    model = bundle if method == "bridgematch" or candidates == "goodness_min" else ""
    settings = {"method": method, "model": model, "candidates": candidates, "spacing": 48, "goodness_threshold": 0.0}
    whole = table(run(job(turned, **settings), NullReporter())["rows"])
    monkeypatch.setattr(blocks, "BLOCK", 100)  # blocks of 96 pixels
    parts = table(run(job(turned, batch_size=3, **settings), NullReporter())["rows"])
    np.testing.assert_allclose(parts[:, :2], whole[:, :2], atol=1e-6)
    assert len(whole) >= 9
    np.testing.assert_allclose(parts[:, 2:], whole[:, 2:], atol=0.02)


def table(rows):
    return np.array(sorted((row["opt_col"], row["opt_row"], row["dx_px"], row["dy_px"]) for row in rows))


@pytest.mark.parametrize("spacing", [30, 33])
def test_any_spacing_goes_with_the_networks(plain, bundle, monkeypatch, spacing):
    """Blocks whose sides are no multiples of the feature lattice."""
    monkeypatch.setattr(blocks, "BLOCK", 150)
    rows = run(job(plain, method="bridgematch", model=bundle, spacing=spacing), NullReporter())["rows"]
    assert len(rows) >= 16
    for row in rows:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=1.2 * PIXEL)  # random weights, no sub-pixel peaks


@pytest.mark.parametrize("candidates", ["goodness_min", "goodness_max", "corners"])
def test_learned_candidates_and_the_bundle(turned, bundle, candidates):
    rows = run(job(turned, method="bridgematch", model=bundle, candidates=candidates), NullReporter())["rows"]
    assert len(rows) >= 9
    for row in rows:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=1.2 * PIXEL)  # random weights, no sub-pixel peaks
        assert 0 <= row["score"] <= 1


def test_thresholds_of_the_job_win_over_the_card(plain, bundle):
    learned = job(plain, method="bridgematch", model=bundle)
    scores = sorted(row["score"] for row in run(learned, NullReporter())["rows"])
    assert scores[0] < scores[-1]
    between = (scores[0] + scores[-1]) / 2
    result = run(replace(learned, orn_threshold=between, keep_rejected=True), NullReporter())
    tried = [row for row in result["rows"] if row["reason"] != "border"]
    assert len(tried) == len(scores) and {row["reason"] for row in tried} == {"", "orn"}
    assert all((row["score"] < between) == (row["reason"] == "orn") for row in tried)
    result = run(replace(learned, orn_threshold=1.0), NullReporter())
    assert result["rows"] == [] and result["numbers"]["ACCEPTED_COUNT"] == 0
    assert result["numbers"]["RMSE"] is None and result["numbers"]["MEAN_SHIFT_X"] is None


def test_errors_that_the_model_predicts_are_told_and_reject(plain, bundle, tmp_path):
    predicting = write_tiny_bundle(tmp_path / "predicting.safetensors", without=())
    learned = job(plain, method="bridgematch", model=predicting, outlier_test="none")
    result = run(learned, NullReporter())
    sigmas = sorted(row["sigma_px"] for row in result["rows"])
    assert len(sigmas) >= 25 and 0 < sigmas[0] < sigmas[-1] <= 32
    assert result["numbers"]["SIGMA_SCALE"] is None, "without a test there is no transform to scatter around"
    between = (sigmas[0] + sigmas[-1]) / 2
    result = run(replace(learned, largest_sigma=between, keep_rejected=True), NullReporter())
    tried = [row for row in result["rows"] if row["reason"] != "border"]
    assert {row["reason"] for row in tried} == {"", "sigma"}
    assert all((row["sigma_px"] > between) == (row["reason"] == "sigma") for row in tried)
    assert all(row["sigma_px"] is None for row in result["rows"] if row["reason"] == "border")
    without = run(replace(learned, model=bundle, outlier_test="shift"), NullReporter())
    assert without["rows"] and all(row["sigma_px"] is None for row in without["rows"])
    assert without["numbers"]["SIGMA_SCALE"] is None


def test_predicted_errors_agree_with_the_scatter_of_the_points(plain, tmp_path):
    """Those of a network that learnt nothing are wrong by any factor."""
    with rasterio.open(plain[0].path) as image:
        values, transform = image.read(1), image.transform
    noise = np.random.default_rng(0).normal(0, 10 * values.std(), values.shape)
    noisy = source("Radar", write(tmp_path / "noisy.tif", (values + noise).astype("float32"), transform, UTM), UTM)
    predicting = write_tiny_bundle(tmp_path / "predicting.safetensors", without=())
    learned = job((noisy, plain[1]), method="bridgematch", model=predicting, keep_rejected=True)
    told = []
    result = run(learned, Reporter(told.append))
    tried = [row for row in result["rows"] if row["sigma_px"] is not None]
    as_predicted = run(replace(learned, outlier_test="none"), NullReporter())["rows"]
    as_predicted = {row["id"]: row["sigma_px"] for row in as_predicted}
    scale = result["numbers"]["SIGMA_SCALE"]
    assert [row["sigma_px"] for row in tried] == pytest.approx([scale * as_predicted[row["id"]] for row in tried])
    points = [row for row in tried if row["accepted"]]
    predicted = np.array([as_predicted[row["id"]] for row in points])
    residual = np.array([row["residual_m"] for row in points]) / PIXEL
    assert len(points) >= 15 and abs(math.log(scale)) > 0.3
    assert scale == pytest.approx(error_scale(predicted, residual, "shift"), rel=0.01)
    assert any(f"multiplied by {scale:.2f}" in message.get("text", "") for message in told)


def test_far_apart_and_turned_images_give_the_points_of_the_image_as_georeferenced(tmp_path):
    """70 pixels off and turned by 6°: the first stage finds it, windows look 16 pixels around that."""
    side = 512
    ground = texture(side)
    error = about_the_middle(side, Affine.translation(60, -40) * Affine.rotation(6))
    sar, optical, _ = misplaced(tmp_path, error, ground, ground)
    model = write_tiny_bundle(tmp_path / "tiny.safetensors")
    asked = job((sar.source, optical.source), method="bridgematch", model=model, max_shift=96, outlier_test="affine")
    rows = run(replace(asked, orn_threshold=0.0), NullReporter())["rows"]
    assert len(rows) >= 30
    claimed = np.array([(row["opt_col"], row["opt_row"]) for row in rows])
    found = np.array([(row["sar_col"], row["sar_row"]) for row in rows])
    assert np.abs(found - claimed).max() < 1.6, "both show the same pixel of one texture"
    whole = np.hypot([row["dx_px"] for row in rows], [row["dy_px"] for row in rows])
    assert whole.max() > 80 and whole.max() - whole.min() > 20


def test_an_extent_limits_the_points_not_what_their_windows_see(plain):
    """Search windows of 144 px in an extent of 64 px: its points are those of the whole overlap."""
    left, top = EAST + 96 * PIXEL, NORTH - 96 * PIXEL
    extent = (left, top - 64 * PIXEL, left + 64 * PIXEL, top)
    rows = run(job(plain, extent=extent, extent_crs=plain[0].crs), NullReporter())["rows"]
    whole = {(row["sar_x"], row["sar_y"]) for row in run(job(plain), NullReporter())["rows"]}
    assert len(rows) == 4
    for row in rows:
        assert any(math.dist((row["sar_x"], row["sar_y"]), place) < 0.05 * PIXEL for place in whole)


def test_large_search_windows_go_in_small_batches():
    for name, largest in (("cpu", 8), ("cuda", 32), ("mps", 32)):
        device = torch.device(name)
        assert _default_batch(device, 256) == _default_batch(device, 128) == largest
        assert _default_batch(device, 512) == largest // 4
        assert _default_batch(device, 10_000) == 1


def test_mutual_information(plain):
    rows = run(job(plain, method="mi", spacing=64), NullReporter())["rows"]
    assert len(rows) >= 4
    for row in rows:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=0.2 * PIXEL)
        assert 0.5 < row["score"] <= 1


def test_corr_asl_on_decibels(plain, corr_asl):
    """Clipped to the range of 8-bit renderings the image would be black."""
    sent = []
    settings = {"method": "corrasl", "model": corr_asl, "spacing": 40, "outlier_test": "none"}
    rows = run(job(plain, **settings), Reporter(sent.append))["rows"]
    rows = [
        row for row in rows if min(row["opt_col"], row["opt_row"], SIDE - row["opt_col"], SIDE - row["opt_row"]) >= 128
    ]
    assert len(rows) >= 4
    for row in rows:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=1.5 * PIXEL)  # heat cells measure two pixels
        assert max(abs(row["dx_px"]), abs(row["dy_px"])) <= 8
    assert any("'Radar' is clipped to its own 3-sigma range" in message.get("text", "") for message in sent)


def test_the_report_gets_the_transform_of_the_run(plain, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(match_report, "write_match_report", lambda *arguments: written.append(arguments))
    rows = run(job(plain, report=str(tmp_path / "report.html")), NullReporter())["rows"]
    transform = written[0][6]
    optical, sar = (np.array([(row[f"{which}_x"], row[f"{which}_y"]) for row in rows]) for which in ("opt", "sar"))
    distances = np.hypot(*(transform.transform(optical) - sar).T)
    np.testing.assert_allclose(distances / SCALE, [row["residual_m"] for row in rows], rtol=1e-4)


def test_an_outlier_test_that_falls_back_to_a_shift_says_so(plain):
    sent = []
    numbers = run(job(plain, outlier_test="affine", spacing=128), Reporter(sent.append))["numbers"]
    assert 0 < numbers["ACCEPTED_COUNT"] < 6
    assert any("took a shift instead" in message.get("text", "") for message in sent)


def test_georeferencer_points(turned, turned_result, tmp_path):
    """Each point leads from where the optical image shows it to where it belongs, both in degrees."""
    path = tmp_path / "optical.points"
    run(job(turned, gcp_points=str(path)), NullReporter())
    points = np.loadtxt(path, delimiter=",", skiprows=2)
    assert len(points) == len(turned_result["rows"])
    there = np.array(project(DEGREES, UTM, points[:, 0], points[:, 1]))
    here = np.array(project(DEGREES, UTM, points[:, 2], points[:, 3]))
    np.testing.assert_allclose((there - here).mean(1), SHIFT, atol=0.03 * PIXEL)
    assert (points[:, 4] == 1).all()
    with_rejected = run(job(turned, gcp_points=str(path), keep_rejected=True), NullReporter())["rows"]
    enabled = np.loadtxt(path, delimiter=",", skiprows=2)[:, 4]
    matched = [row for row in with_rejected if row["dx_px"] is not None]
    assert len(enabled) == len(matched) and enabled.sum() == len(points)


def test_points_that_few_others_bear_out_do_not_outweigh_a_first_stage_that_found_nothing(plain, monkeypatch):
    """Four points; with windows that look 8 pixels around, that they agree is not sure by itself."""
    asked = job(plain, spacing=128, refuse_chance=True)
    assert run(asked, NullReporter())["numbers"]["ACCEPTED_COUNT"] == 4
    nothing = FirstStage(Affine.identity(), False, asked.max_shift, "nothing was found", "they show another place")
    monkeypatch.setattr(match_tie_points, "first_stage", lambda *_: nothing)
    with pytest.raises(UserError, match="4 of 4 matches agree with one shift, .* they show another place"):
        run(asked, NullReporter())


@pytest.mark.parametrize("found", [True, False])
def test_where_most_matches_are_uncertain_larger_pixels_are_advised_for_images_that_belong_together(
    plain, tmp_path, monkeypatch, found
):
    asked = job(
        plain,
        method="bridgematch",
        model=write_tiny_bundle(tmp_path / "predicting.safetensors", without=()),
        largest_sigma=0.0,
    )
    first = FirstStage(Affine.identity(), found, asked.max_shift, "")
    monkeypatch.setattr(match_tie_points, "first_stage", lambda *_: first)
    told = []
    run(asked, Reporter(told.append))
    warnings = " ".join(message["text"] for message in told if message.get("level") == "warning")
    assert ("choose a larger pixel size" in warnings) == found == ("No tie point was accepted" not in warnings)
