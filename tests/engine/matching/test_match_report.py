"""The report of a matching run: what a parser reads from the page, and what its pictures show."""

import base64
import io
import tracemalloc
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import Affine
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.contract.sources import RasterSource
from sarbridge.contract.tie_points import REJECTED_COLOUR, SCORE_CLASSES, SIGMA_CLASSES
from sarbridge.engine.compute.device import device_and_reason
from sarbridge.engine.matching.first_stage import FirstStage
from sarbridge.engine.matching.match_report import Images, write_match_report
from sarbridge.engine.matching.matches import Matches
from sarbridge.engine.matching.table import numbers_of, rows_of
from sarbridge.engine.matching.working_grid import grid_once_moved, laid_over, working_grid
from sarbridge.engine.rasters.grid_reader import GridReader
from sarbridge.engine.rasters.radiometry import OpticalRadiometry, SarRadiometry
from sarbridge.engine.tie_points.outliers import robust_inliers
from sarbridge.tests.model_cards import card_with
from scipy.ndimage import gaussian_filter

CRS = rasterio.crs.CRS.from_epsg(32631).to_wkt()
TRUE = Affine(10, 0, 500000, 0, -10, 5500000)
CENTRE = Affine.translation(350, 300)
PLANTED = {
    "shift": Affine.translation(17.3, -11.6),
    "affine": Affine.translation(15, -10) * CENTRE * Affine.rotation(3) * Affine.scale(1.02) * ~CENTRE,
}
"""Errors of the optical georeferencing in pixels: where the image claims to lie, from where it lies."""

CARD = card_with(
    name="A model & more",
    networks={"match": {"class": "BridgeMatch", "arguments": {}}},
    inputs={
        "sar": {"bands": 1, "unit": "dB", "range": [-30, 10], "polarisations": ["VV", "VH"]},
        "optical": {"bands": 1, "unit": "grey", "range": None, "polarisations": []},
    },
    pixel_size_range=(8, 20),
    training_sets=("Los Angeles", "SEN1-2"),
    validation={"within 1 px": 0.875},
    operating_point={"orn_threshold": 0.625},
    date="2026-05-01",
    sha256="ab" * 32,
)


class Page(HTMLParser):
    """The parsed page: `text`, `tables` (lists of rows of cells), `figures` by the `alt` of their images."""

    def __init__(self, html):
        super().__init__()
        self.html, self.text, self.tables, self.figures, self.open = html, "", [], {}, []
        self.feed(html)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "img":
            scheme, data = attributes["src"].split(",")
            assert scheme == "data:image/png;base64"
            self.figures[attributes["alt"]] = Image.open(io.BytesIO(base64.b64decode(data)))
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data
        if "style" not in self.open:
            self.text += data

    def row(self, beginning):
        """The cells after the first of the one row whose first cell begins so."""
        return next(row[1:] for table in self.tables for row in table if row[0].startswith(beginning))


def write_image(path, bands, transform, **profile):
    count, height, width = bands.shape
    shape = {"width": width, "height": height, "count": count}
    with rasterio.open(path, "w", "GTiff", dtype="uint8", crs=CRS, transform=transform, **shape, **profile) as file:
        file.write(bands)


def make_pair(folder, planted, size=(600, 700), smoothing=4):
    """A texture as SAR and as optical image, the latter with falsified georeferencing; return the two sources."""
    texture = np.random.default_rng(1).normal(size=size)
    if smoothing:
        texture = gaussian_filter(texture, smoothing)
    grey = np.clip(128 + 45 * texture / texture.std(), 0, 255).astype(np.uint8)
    write_image(folder / "sar.tif", grey[None], TRUE)
    write_image(folder / "optical.tif", np.stack([grey, grey // 2, grey]), TRUE * planted)
    return (
        RasterSource("SAR <b>", str(folder / "sar.tif"), CRS),
        RasterSource("Optical & co", str(folder / "optical.tif"), CRS, (1, 2, 3)),
    )


def make_matches(grid, planted, noise=0.3, reasons=("transform", "orn", "border"), spacing=64):
    """Matches of a grid of positions: true ones with noise, and one rejected for each of the reasons."""
    cols, rows = (part.ravel() for part in np.mgrid[70 : grid.width - 70 : spacing, 70 : grid.height - 70 : spacing])
    claimed_to_true = TRUE * ~planted * ~TRUE
    map_x, map_y = grid.to_map(cols, rows)
    true = grid.to_pixel(*(claimed_to_true * (map_x, map_y)))
    random = np.random.default_rng(2)
    dx, dy = (there - here + random.normal(0, noise, len(cols)) for there, here in zip(true, (cols, rows)))
    reason = np.full(len(cols), "", "U16")
    reason[: len(reasons)] = reasons
    untried = np.isin(reason, ("border", "nodata", "low_goodness"))
    score = random.uniform(0.6, 1, len(cols))
    for values in (dx, dy, score):
        values[untried] = np.nan
    return Matches(cols.astype(float), rows.astype(float), dx, dy, score, score + 1, np.full(len(cols), np.nan), reason)


NOTHING_LOOKED_FOR = FirstStage(Affine.identity(), False, 8, "")


def report(
    folder,
    matches_of,
    planted=PLANTED["shift"],
    kind="affine",
    sources=None,
    card=None,
    first=NOTHING_LOOKED_FOR,
    **settings,
):
    """Write a report; return (its `Page`, rows, numbers). `matches_of(grid)` gives the matches."""
    sar_source, optical_source = sources or make_pair(folder, planted)
    job = MatchTiePointsJob(sar_source, optical_source, method="ncc", outlier_test=kind, **settings)
    grid = whole = working_grid(sar_source, optical_source)
    if first.found:
        grid = grid_once_moved(whole, first.transform, sar_source, optical_source)
    laid_grid = laid_over(grid, first.in_pixels_of(grid, whole))
    matches = matches_of(grid)
    residual = np.where(matches.reason == "", 4.0, np.where(np.isnan(matches.dx), np.nan, 400.0))
    rows = rows_of(matches, residual, grid, sar_source, optical_source)
    numbers = numbers_of(rows, residual / grid.pixel_size)
    transform = outlier_test(kind, matches, grid)
    path = folder / "report.html"
    with (
        GridReader(sar_source, grid, SarRadiometry("display")) as sar,
        GridReader(optical_source, grid, OpticalRadiometry(0, 255)) as optical,
        GridReader(optical_source, laid_grid, OpticalRadiometry(0, 255)) as laid,
    ):
        write_match_report(path, job, grid, rows, numbers, first, transform, Images(sar, optical, laid), card)
    return Page(path.read_text(encoding="utf-8")), rows, numbers


def outlier_test(kind, matches, grid):
    """The transform of the accepted matches, as a run finds it."""
    kept = matches.reason == ""
    optical = np.column_stack(grid.to_map(matches.col, matches.row))[kept]
    sar = np.column_stack(grid.to_map(matches.col + matches.dx, matches.row + matches.dy))[kept]
    return robust_inliers(kind, optical, sar, 30.0)[2] if kept.any() else None


def shown(text):
    return float(text.replace("\u2212", "-").split("\u00a0")[0])


def seam_correlation(board):
    """Correlation of the grey levels of SAR and optical pixels that touch across a seam of a checkerboard."""
    indices = np.asarray(board)
    levels, is_optical = indices % 127, indices >= 127
    pairs = []
    for flipped in (False, True):
        grey, kind = (levels.T, is_optical.T) if flipped else (levels, is_optical)
        seam = kind[:, 1:] != kind[:, :-1]
        sar = np.where(kind[:, 1:], grey[:, :-1], grey[:, 1:])
        optical = np.where(kind[:, 1:], grey[:, 1:], grey[:, :-1])
        pairs.append((sar[seam], optical[seam]))
    return np.corrcoef(*(np.concatenate(part) for part in zip(*pairs)))[0, 1]


def test_the_numbers_on_the_page_are_those_of_the_run(tmp_path):
    page, rows, numbers = report(tmp_path, lambda grid: make_matches(grid, PLANTED["shift"]), kind="shift")
    for label, key in {
        "Mean shift: m to the east": "MEAN_SHIFT_X",
        "Mean shift: m to the north": "MEAN_SHIFT_Y",
        "Standard deviation east": "STD_X",
        "Standard deviation north": "STD_Y",
        "RMSE": "RMSE",
    }.items():
        metres, pixels = (shown(cell) for cell in page.row(label))
        assert metres == pytest.approx(numbers[key], abs=6e-4)
        assert pixels == pytest.approx(numbers[f"{key}_PX"], abs=6e-4)
    assert numbers["MEAN_SHIFT_X_PX"] == pytest.approx(-17.3, abs=0.2)
    assert f"of {numbers['POINT_COUNT']} candidates" in page.text

    accepted = [row for row in rows if row["accepted"]]
    shifts = np.array([(row["dx_m"], row["dy_m"]) for row in accepted])
    left_out = [
        shifts[i] - np.delete(shifts, i, axis=0).mean(axis=0) for i in range(len(shifts))
    ]  # the mean of the others, point by point
    expected = np.sqrt((np.array(left_out) ** 2).sum(axis=1).mean())
    metres, pixels = (shown(cell) for cell in page.row("Leave-one-out"))
    assert metres == pytest.approx(expected, rel=2e-3)
    assert pixels == pytest.approx(expected / 10, abs=6e-4)


def test_candidates_are_counted_by_reason_and_the_share_by_windows(tmp_path):
    reasons = ("orn", "orn", "border", "transform", "transform", "transform")
    page, rows, _ = report(tmp_path, lambda grid: make_matches(grid, PLANTED["shift"], reasons=reasons))
    accepted = len(rows) - 6
    counts = {row[1]: int(row[2]) for table in page.tables for row in table if len(row) == 5 and row[0] != "Result"}
    assert counts == {"": accepted, "orn": 2, "border": 1, "transform": 3}
    # The images share 682 × 588 pixels: 10 × 9 windows of 64.
    assert f"{100 * accepted / 90:.1f}\u00a0%" in page.text


@pytest.mark.parametrize("kind", PLANTED)
def test_seams_fit_after_and_not_before(tmp_path, kind):
    planted = PLANTED[kind]
    page, _, _ = report(tmp_path, lambda grid: make_matches(grid, planted, noise=0), planted, kind)
    places = sorted({alt.split(" at ")[1].split(",")[0] for alt in page.figures if alt.startswith("Checkerboard")})
    assert places == ["place 1", "place 2", "place 3", "place 4"]
    for place in places:
        before = page.figures[f"Checkerboard of SAR and optical image at {place}, as they came."]
        after = page.figures[f"Checkerboard of SAR and optical image at {place}, optical image moved."]
        assert before.size == after.size == (256, 256)
        assert seam_correlation(after) > 0.85
        assert seam_correlation(before) < 0.5


def test_the_fitted_affine_is_described(tmp_path):
    """The planted error turns pixels by 3° clockwise on the map and stretches by 1.02; the transform takes it back."""
    planted = PLANTED["affine"]
    page, _, _ = report(tmp_path, lambda grid: make_matches(grid, planted, noise=0), planted)
    assert "turns by 3.000° (anticlockwise) and scales by 0.98039" in page.text


def test_all_pictures_are_there_and_nothing_comes_from_elsewhere(tmp_path):
    page, _, _ = report(tmp_path, lambda grid: make_matches(grid, PLANTED["shift"]))
    for beginning in ("Map of the overlap", "Arrows from optical", "Arrows of what", "Histograms"):
        figure = next(figure for alt, figure in page.figures.items() if alt.startswith(beginning))
        assert np.asarray(figure.convert("L")).std() > 5, "not a blank picture"
    for loaded in ("<script", "<link", "http:", "https:", "@import", "url("):
        assert loaded not in page.html


def test_layer_names_cannot_change_the_page(tmp_path):
    page, _, _ = report(tmp_path, lambda grid: make_matches(grid, PLANTED["shift"]), card=CARD)
    assert "<b>" not in page.html
    assert "SAR <b> (SAR) and Optical & co (optical)" in page.text
    assert page.row("Name") == ["A model & more"]


def test_settings_and_model_card(tmp_path):
    page, _, _ = report(
        tmp_path, lambda grid: make_matches(grid, PLANTED["shift"]), card=CARD, max_shift=24, candidates="goodness_min"
    )
    assert page.row("Largest shift") == ["24 px (240.1 m)"]
    assert page.row("SAR values") == ["read as an 8-bit rendering (detected)"]
    assert page.row("SAR input") == ["bands: 1; polarisations: VV, VH; unit: dB; value range: -30 to 10"]
    assert page.row("Optical input") == ["bands: 1; unit: grey; value range: any"]
    assert page.row("Training sets") == ["Los Angeles; SEN1-2"]
    assert page.row("within 1 px") == ["0.875"]
    assert page.row("Date") == ["2026-05-01"]
    assert page.text.count("Hughes") == 1 and "Deep Learning for Matching High-Resolution" in page.text
    assert page.row("Licence") == ["GPL-2.0-or-later"]
    assert page.row("Score threshold") == ["\u2013"], "nothing tests the scores of a classical method"
    assert page.row("Largest predicted error") == ["\u2013"]


def test_the_validation_of_the_model_is_a_table_of_tests_and_measures(tmp_path):
    validation = {
        "set": "ten <tiles>",
        "all windows": {"within_1": 79.47, "count": 1690},
        "after goodness": {"within_1": 85.69, "share_kept": 32.2, "my_own": "yes"},
    }
    card = replace(CARD, validation=validation)
    page, _, _ = report(tmp_path, lambda grid: make_matches(grid, PLANTED["shift"]), card=card)
    assert [
        ["Test", "within 1 px (%)", "matches", "share kept (%)", "my own"],
        ["all windows", "79.47", "1690", "", ""],
        ["after goodness", "85.69", "", "32.2", "yes"],
    ] in page.tables
    assert page.row("set") == ["ten <tiles>"]


def test_the_device_that_was_used_is_named_with_the_reason(tmp_path):
    page, _, _ = report(tmp_path, lambda grid: make_matches(grid, PLANTED["shift"]), device="auto")
    device, reason = device_and_reason("auto")
    assert page.row("Device") == [f"{device} ({reason})"]


def test_the_map_has_the_colours_that_tie_points_have_in_qgis(tmp_path):
    def one_of_each(grid):
        matches = make_matches(grid, PLANTED["shift"], reasons=("orn",))
        matches.score[1:7] = [0.3, 0.6, 0.75, 0.8, 0.87, 0.9]
        return matches

    page, _, _ = report(tmp_path, one_of_each)
    drawn = next(figure for alt, figure in page.figures.items() if alt.startswith("Map of the overlap"))
    found = {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in drawn.convert("RGB").getcolors(2**24)}
    assert found >= {*SCORE_CLASSES.values(), REJECTED_COLOUR}


def test_where_errors_are_predicted_they_colour_the_map_and_have_a_histogram(tmp_path):
    def one_of_each(grid):
        matches = make_matches(grid, PLANTED["shift"], reasons=("sigma",))
        matches.sigma[:] = 0.6
        matches.sigma[:7] = [5, *(lowest + 0.01 for lowest in SIGMA_CLASSES)]
        return matches

    card = replace(CARD, networks={**CARD.networks, "match_error": {"class": "MatchErrorNet", "arguments": {}}})
    card.operating_point["largest_sigma"] = 2.5
    page, _, _ = report(tmp_path, one_of_each, card=card)
    drawn = next(figure for alt, figure in page.figures.items() if alt.startswith("Map of the overlap"))
    found = {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in drawn.convert("RGB").getcolors(2**24)}
    assert found >= {*SIGMA_CLASSES.values(), REJECTED_COLOUR}
    assert any("coloured by predicted error" in alt for alt in page.figures)
    plain, _, _ = report(tmp_path, lambda grid: make_matches(grid, PLANTED["shift"]))
    taller, lower = (
        next(figure.height for alt, figure in each.figures.items() if alt.startswith("Histograms"))
        for each in (page, plain)
    )
    assert taller > 1.3 * lower
    assert any(row[:2] == ["Uncertain place", "sigma"] for table in page.tables for row in table)


def test_a_large_shift_leaves_no_empty_ground(tmp_path):
    """By their georeferencing the images share a strip only; the first stage laid them over each other.

    The map shows the image there, checkerboards what had none before, and arrows what differs from the mean shift.
    """
    planted = Affine.translation(520, 0)
    first = FirstStage(~planted, True, 16, "First stage: 12 of 12 templates agree.")

    def matches(grid):
        return make_matches(grid, Affine.identity()).without(first.transform)

    page, _, numbers = report(tmp_path, matches, planted, first=first)
    assert numbers["MEAN_SHIFT_X_PX"] == pytest.approx(-520, abs=0.2)
    assert first.sentence in page.text and "where the first stage laid it" in page.text
    assert "without the mean shift of 5" in page.text
    drawn = next(figure for alt, figure in page.figures.items() if alt.startswith("Map of the overlap"))
    levels = np.asarray(drawn.convert("L"))
    assert (levels[levels.shape[0] // 4 : levels.shape[0] // 2] < 250).mean() > 0.7
    boards = {alt: board for alt, board in page.figures.items() if alt.startswith("Checkerboard")}
    assert len(boards) == 8
    assert all(seam_correlation(board) > 0.85 for alt, board in boards.items() if alt.endswith("moved."))


@pytest.mark.parametrize("found", [True, False])
def test_what_the_first_stage_says_is_on_the_page_and_marked_where_it_failed(tmp_path, found):
    first = FirstStage(Affine.translation(-17.3, 11.6), True, 16, "The whole <is> off.")
    first = first if found else replace(first, transform=Affine.identity(), found=False)
    page, _, _ = report(tmp_path, lambda grid: make_matches(grid, PLANTED["shift"]), first=first)
    assert "The whole <is> off." in page.text
    assert ("where the first stage laid it" in page.text) == found
    assert ('class="notice"' in page.html) == (not found)


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
@pytest.mark.parametrize("kind", ["none", "shift", "affine"])
def test_few_points(tmp_path, kept, kind):
    def first_ones(grid):
        matches = make_matches(grid, PLANTED["shift"], reasons=())
        matches.reason[kept:] = "orn"
        return matches

    page, _, _ = report(tmp_path, first_ones, kind=kind)
    assert "nan" not in page.text.lower().split() and "None" not in page.text
    assert ("No tie point was accepted" in page.text) == (kept == 0)
    boards = [alt for alt in page.figures if alt.startswith("Checkerboard")]
    assert any(alt.endswith("as they came.") for alt in boards)
    assert any(alt.endswith("moved.") for alt in boards) == (kept > 0)
    if kept == 1:
        assert page.row("Leave-one-out") == ["\u2013", "\u2013"]


def test_no_candidates_at_all(tmp_path):
    page, _, _ = report(tmp_path, lambda grid: Matches.joined([]))
    assert "There was no candidate" in page.text
    assert "of 0 candidates" in page.text
    assert len(page.figures) == 5, "the map and four checkerboards as they came"


def test_the_noisiest_images_stay_below_three_megabytes(tmp_path):
    sources = make_pair(tmp_path, PLANTED["shift"], size=(1100, 1100), smoothing=0)
    report(tmp_path, lambda grid: make_matches(grid, PLANTED["shift"], spacing=24), sources=sources)
    assert (tmp_path / "report.html").stat().st_size < 3e6


def test_memory_does_not_grow_with_the_images(tmp_path):
    side = 7000
    profile = {"width": side, "height": side, "count": 1, "tiled": True, "sparse_ok": True}
    patch = np.random.default_rng(0).integers(0, 255, (1, 512, 512), np.uint8)
    for name in ("sar.tif", "optical.tif"):
        with rasterio.open(tmp_path / name, "w", "GTiff", dtype="uint8", crs=CRS, transform=TRUE, **profile) as file:
            file.write(patch, window=((4096, 4608), (4096, 4608)))
    sources = tuple(RasterSource(name, str(tmp_path / name), CRS) for name in ("sar.tif", "optical.tif"))
    tracemalloc.start()
    report(tmp_path, lambda grid: make_matches(grid, Affine.identity(), spacing=512), sources=sources)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * 4 * side**2, "half of one image as float32 is more than is ever held"
