"""The whole matching run on synthetic pairs with a planted shift, and on what no run can do anything with."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from rasterio.warp import transform as project
from sarbridge.engine.errors import UserError
from sarbridge.engine.jobs import MatchTiePointsJob, RasterSource
from sarbridge.engine.matching import blocks
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.matching.tie_points import FIELDS
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.engine.reports import match_report
from sarbridge.models.card import read_card
from sarbridge.models.model_file import save_model
from sarbridge.tests.engine.transparent_corr_asl import transparent_corr_asl
from sarbridge.tests.tiny_bundle import write_tiny_bundle
from sarbridge.tests.waves import waves

UTM, DEGREES = "EPSG:32633", "EPSG:4326"
EAST, NORTH = 500_000.0, 5_200_000.0  # the upper left corner of the SAR image
PIXEL, SIDE, TURN = 10.0, 320, 20.0  # metres, pixels, degrees
SHIFT = (23.7, -41.2)  # metres east and north, to be added to an optical position to land on the SAR position

GROUND = waves(150.0, seed=2)  # of map positions in UTM


def write(path, values, transform, crs):
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype=values.dtype,
        crs=crs, transform=transform,
    ) as dataset:  # fmt: skip
        dataset.write(values, 1)
    return str(path)


def map_positions(transform, width, height):
    cols, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return transform * (cols, rows)


def write_sar(path, transform, side=SIDE):
    """SAR in dB, with its true georeference."""
    return write(path, (-12 + 3 * GROUND(*map_positions(transform, side, side))).astype("float32"), transform, UTM)


def write_optical(path, transform, crs, width, height):
    """8-bit optical image, misplaced: at a position it shows the ground that lies SHIFT further on."""
    xs, ys = map_positions(transform, width, height)
    east, north = (np.reshape(part, xs.shape) for part in project(crs, UTM, xs.ravel(), ys.ravel()))
    grey = 128 + 40 * GROUND(east + SHIFT[0], north + SHIFT[1])
    return write(path, np.clip(grey, 0, 255).astype("uint8"), transform, crs)


def source(name, path, crs):
    return RasterSource(name, path, rasterio.crs.CRS.from_user_input(crs).to_wkt())


@pytest.fixture(scope="module")
def turned(tmp_path_factory):
    """SAR on a lattice turned by 20 degrees, optical in degrees around it: (SAR source, optical source)."""
    folder = tmp_path_factory.mktemp("turned")
    lattice = Affine.translation(EAST, NORTH) * Affine.rotation(TURN) * Affine.scale(PIXEL, -PIXEL)
    sar = write_sar(folder / "sar.tif", lattice)
    corners = [lattice * corner for corner in ((0, 0), (SIDE, 0), (0, SIDE), (SIDE, SIDE))]
    longitude, latitude = project(UTM, DEGREES, *zip(*corners))
    west, north = min(longitude) - 0.002, max(latitude) + 0.002
    step_x, step_y = 1.3e-4, 0.9e-4  # degrees, about 10 m here
    width, height = int((max(longitude) + 0.002 - west) / step_x), int((north - min(latitude) + 0.002) / step_y)
    degrees = Affine(step_x, 0, west, 0, -step_y, north)
    optical = write_optical(folder / "optical.tif", degrees, DEGREES, width, height)
    return source("Radar", sar, UTM), source("Colours", optical, DEGREES)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Both images on one north-up lattice in UTM: (SAR source, optical source)."""
    folder = tmp_path_factory.mktemp("plain")
    lattice = Affine(PIXEL, 0, EAST, 0, -PIXEL, NORTH)
    sar = write_sar(folder / "sar.tif", lattice)
    optical = write_optical(folder / "optical.tif", lattice, UTM, SIDE, SIDE)
    return source("Radar", sar, UTM), source("Colours", optical, UTM)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("model") / "tiny.safetensors")


@pytest.fixture(scope="module")
def corr_asl(tmp_path_factory):
    """A model file with a CorrASL that was trained on 8-bit renderings."""
    folder = tmp_path_factory.mktemp("corrasl")
    card = read_card(write_tiny_bundle(folder / "tiny.safetensors"))
    card = replace(
        card, networks={"match": {"class": "CorrASL", "arguments": {}}}, sha256="",
        sar_input={"bands": 1, "unit": "8-bit rendering", "value_range": [32, 224]},
    )  # fmt: skip
    save_model(folder / "corrasl.safetensors", card, {"match": transparent_corr_asl()})
    return str(folder / "corrasl.safetensors")


def job(pair, **changes):
    settings = {
        "method": "ncc", "candidates": "grid", "spacing": 32, "max_shift": 8, "outlier_test": "shift",
        "device": "cpu", "pixel_size": PIXEL,
    }  # fmt: skip
    return MatchTiePointsJob(*pair, **settings | changes)


def joint_map(path, visible_from, dtype="uint8", east=EAST):
    """A map in cells of 5 m over the SAR image; from column `visible_from` on it says jointly visible, else façade."""
    classes = np.full((640, 640), 2, dtype)
    classes[:, visible_from:] = 1
    return source("Joint map", write(path, classes, Affine(5, 0, east, 0, -5, NORTH), UTM), UTM)


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
            assert (row["sar_x"] - east, row["sar_y"] - north) == pytest.approx((row["dx_m"], row["dy_m"]), abs=1e-3)
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
        assert numbers[f"RMSE{suffix}"] * unit == pytest.approx(math.sqrt(sum(squares) / len(squares)), rel=1e-3)


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
    half = 64 + 8
    for row in rows:
        col, line = round(row["opt_col"]), round(row["opt_row"])
        width, height = min(col + half, 110) - max(col - half, 40), min(line + half, 190) - max(line - half, 130)
        overlap = max(0, width) * max(0, height)
        if half <= min(col, line) and max(col, line) <= SIDE - half:
            assert row["reason"] == ("nodata" if overlap > 0.1 * (2 * half) ** 2 else ""), (col, line)


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


@pytest.mark.parametrize("method", ["ncc", "bridgematch"])
def test_same_points_whatever_the_blocks_and_batches(turned, bundle, monkeypatch, method):
    settings = {"method": method, "model": bundle if method == "bridgematch" else "", "spacing": 48}
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


def test_mutual_information(plain):
    rows = run(job(plain, method="mi", spacing=64), NullReporter())["rows"]
    assert len(rows) >= 4
    for row in rows:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=0.2 * PIXEL)
        assert 0.5 < row["score"] <= 1


def test_corr_asl_on_decibels(plain, corr_asl):
    """Clipped to the range of 8-bit renderings the image would be black. Search windows measure 256 pixels."""
    sent = []
    settings = {"method": "corrasl", "model": corr_asl, "spacing": 40, "outlier_test": "none"}
    rows = run(job(plain, **settings), Reporter(sent.append))["rows"]
    within = {centre: (min(centre + 128, SIDE) - max(centre - 128, 0)) / 256 for centre in range(20, SIDE, 40)}
    expected = [(col, row) for col in within for row in within if within[col] * within[row] >= 0.9]
    assert sorted((round(row["opt_col"]), round(row["opt_row"])) for row in rows) == expected and len(expected) > 3
    for row in rows:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=1.5 * PIXEL)  # heat cells measure two pixels
        assert max(abs(row["dx_px"]), abs(row["dy_px"])) <= 8
    assert any("'Radar' is clipped to its own 3-sigma range" in message.get("text", "") for message in sent)


def test_the_report_gets_the_transform_of_the_run(plain, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(match_report, "write_match_report", lambda *arguments: written.append(arguments))
    rows = run(job(plain, report=str(tmp_path / "report.html")), NullReporter())["rows"]
    transform = written[0][5]
    optical, sar = (np.array([(row[f"{which}_x"], row[f"{which}_y"]) for row in rows]) for which in ("opt", "sar"))
    distances = np.hypot(*(transform.transform(optical) - sar).T)
    np.testing.assert_allclose(distances, [row["residual_m"] for row in rows], atol=1e-6)


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


def test_swapped_layers_are_mentioned(plain, tmp_path):
    """A colour picture as SAR layer, a single band as optical layer."""
    with rasterio.open(plain[1].path) as dataset:
        values, profile = dataset.read(1), dataset.profile | {"count": 3, "photometric": "RGB"}
    with rasterio.open(tmp_path / "colours.tif", "w", **profile) as dataset:
        dataset.write(np.stack([values] * 3))
    first, second = source("First", str(tmp_path / "colours.tif"), UTM), source("Second", plain[0].path, UTM)
    sent = []
    run(job((first, second)), Reporter(sent.append))
    warnings = [message["text"] for message in sent if message.get("level") == "warning"]
    assert any("'First'" in text and "'Second'" in text and "swapped" in text for text in warnings)


def refusal(wrong_job):
    with pytest.raises(UserError) as error:
        run(wrong_job, NullReporter())
    return str(error.value)


def test_overlap_smaller_than_a_search_window(plain):
    text = refusal(job(plain, max_shift=100))
    assert "'Radar'" in text and "'Colours'" in text and "320 × 320" in text
    assert "search window of 328: choose a smaller largest shift" in text


def test_overlap_smaller_than_a_search_window_of_the_published_size(plain):
    small = {"pixel_size": 14.0, "model": "corrasl.safetensors"}
    text = refusal(job(plain, method="corrasl", **small))
    assert "search window of 256: choose a method with smaller search windows" in text


def test_model_that_cannot_be_used(plain, bundle, tmp_path):
    learned = {"method": "bridgematch", "model": str(tmp_path / "none.safetensors")}
    assert "none.safetensors' cannot be opened" in refusal(job(plain, **learned))
    with pytest.raises(UserError, match="needs a model"):
        job(plain, method="bridgematch")
    assert "'Tiny bundle' holds BridgeMatch, not CorrASL" in refusal(job(plain, method="corrasl", model=bundle))
    other = write_tiny_bundle(tmp_path / "other.safetensors", task="buildings")
    assert "made for the task 'buildings'" in refusal(job(plain, method="bridgematch", model=other))
    filters = write_tiny_bundle(tmp_path / "filters.safetensors", without=("match",))
    assert "'Tiny bundle' holds no network 'match'" in refusal(job(plain, method="bridgematch", model=filters))


def test_a_model_that_the_method_does_not_ask_is_not_read(plain, tmp_path):
    assert run(job(plain, method="ncc", candidates="grid", model=str(tmp_path / "none.safetensors")), NullReporter())
    assert "need a model with goodness networks" in refusal(job(plain, candidates="goodness_min"))


@pytest.mark.parametrize(("value", "said"), [(np.nan, "only no data"), (-12.0, "only the one value")])
@pytest.mark.parametrize("which", [0, 1])
def test_image_without_content(plain, tmp_path, which, value, said):
    with rasterio.open(plain[0].path) as dataset:
        lattice = dataset.transform
    empty = np.full((SIDE, SIDE), value, "float32")
    pair = list(plain)
    pair[which] = source("Blank", write(tmp_path / "blank.tif", empty, lattice, UTM), UTM)
    assert re.search(f"'Blank'.*{said}", refusal(job(pair)))


@pytest.mark.parametrize("pair", ["plain", "turned"])
def test_candidates_that_are_not_jointly_visible_are_rejected(pair, request, tmp_path):
    """By their place on the map, whatever the lattices; all others become what they are without the map."""
    pair = request.getfixturevalue(pair)
    settings = {"keep_rejected": True, "outlier_test": "none"}
    without = run(job(pair, **settings), NullReporter())["rows"]
    visibility = joint_map(tmp_path / "joint.tif", visible_from=320)
    rows = run(job(pair, **settings, visibility=visibility), NullReporter())["rows"]
    rejected = [row for row in rows if row["reason"] == "visibility"]
    assert len(rows) == len(without) and rejected and len(rejected) < sum(row["accepted"] for row in without)
    for row, before in zip(rows, without):
        # Of rejected candidates only the optical position is told, by definition that of the place on the grid.
        x, y = project(pair[1].crs, UTM, [before["opt_x"]], [before["opt_y"]])
        inside = EAST <= x[0] < EAST + 3200 and NORTH - 3200 < y[0] <= NORTH
        hidden = not inside or x[0] < EAST + 1600
        assert row["reason"] == ("visibility" if before["reason"] == "" and hidden else before["reason"])


def test_a_joint_map_elsewhere_or_of_other_values_is_refused(plain, tmp_path):
    elsewhere = joint_map(tmp_path / "far.tif", 0, east=EAST + 50_000)
    with pytest.raises(UserError, match="'Joint map' and 'Radar' do not overlap"):
        run(job(plain, visibility=elsewhere), NullReporter())
    heights = joint_map(tmp_path / "heights.tif", 0, dtype="float32")
    with pytest.raises(UserError, match="'Joint map' is no map of classes"):
        run(job(plain, visibility=heights), NullReporter())
