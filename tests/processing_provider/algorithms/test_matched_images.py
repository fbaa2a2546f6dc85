"""Tie points remember their images: Co-register knows them again, and says when it is given another one."""

import shutil
from pathlib import Path

import processing
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingFeedback
from sarbridge.contract.coregistration_jobs import CORRECTED_FROM
from sarbridge.contract.tie_points import ORIGIN
from sarbridge.tests.exact_tie_points import DEGREES, remembering, tie_point_rows, write_points
from sarbridge.tests.image_pair import DOWN, LEFT, PIXEL, RIGHT, TOP
from sarbridge.tests.qgis_session import complaint

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

MOVED = pytest.approx((LEFT + RIGHT * PIXEL, TOP - DOWN * PIXEL), abs=1e-4)


@pytest.fixture
def remembered(pair, out):
    """The path of points that know the pair."""
    return write_points(out.parent / "points.gpkg", remembering(tie_point_rows(), *pair))


@pytest.fixture
def nameless(remembered, out):
    """The path of such points of an earlier version, which did not write names."""
    return without_fields(remembered, out, ORIGIN)


def without_fields(points, out, names):
    path = str(out.parent / "without.gpkg")
    return processing.run("native:deletecolumn", {"INPUT": points, "COLUMN": list(names), "OUTPUT": path})["OUTPUT"]


def asked(image, points, out, **others):
    given = {"INPUT": image, "POINTS": points, "TRANSFORM": "shift", "OUTPUT": str(out / "corrected.tif")}
    return {**given, **others}


def corrected(image, points, out, **others):
    """Return (where the corrected image begins, what was warned of)."""

    class Feedback(QgsProcessingFeedback):
        def pushWarning(self, text):
            warnings.append(text)

    warnings, feedback = [], Feedback(False)
    path = processing.run("sarbridge:coregister", asked(image, points, out, **others), feedback=feedback)["OUTPUT"]
    transform = gdal.Open(path).GetGeoTransform()
    return (transform[0], transform[3]), warnings


def refused(image, points, out, **others):
    said = complaint("sarbridge:coregister", asked(image, points, out, **others))
    assert not list(out.iterdir())
    return said


def part_of(path, name, **others):
    """Write a part of an image that begins 16 pixels further in; return its path."""
    part = str(Path(path).with_name(name))
    gdal.Translate(part, path, srcWin=[16, 16, 352, 352], **others)
    return part


def test_the_image_itself_moves_without_a_word(pair, remembered, out):
    assert corrected(pair[1], remembered, out) == (MOVED, [])


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".fgb"])
def test_every_format_remembers(pair, out, suffix):
    points = write_points(out.parent / f"points{suffix}", remembering(tie_point_rows(), *pair))
    assert corrected(pair[1], points, out) == (MOVED, [])
    out.joinpath("corrected.tif").unlink()
    assert "is the SAR image of the points 'points', not the optical image" in refused(pair[0], points, out)


@pytest.mark.parametrize(
    "tool, given",
    [
        ("native:savefeatures", {}),
        ("native:reprojectlayer", {"TARGET_CRS": "EPSG:4326"}),
        ("native:promotetomulti", {}),
        ("native:extractbyexpression", {"EXPRESSION": "id > 3"}),
        ("native:translategeometry", {"DELTA_X": 5}),
        ("native:fieldcalculator", {"FIELD_NAME": "mine", "FORMULA": "1"}),
    ],
)
def test_copies_and_edits_remember(pair, remembered, out, tool, given):
    points = processing.run(tool, {"INPUT": remembered, "OUTPUT": str(out.parent / "edited.gpkg"), **given})["OUTPUT"]
    assert corrected(pair[1], points, out)[1] == []
    out.joinpath("corrected.tif").unlink()
    assert "is the SAR image of the points" in refused(pair[0], points, out)


def test_the_same_image_elsewhere_and_in_another_format_moves_without_a_word(pair, remembered, out):
    (out.parent / "elsewhere").mkdir()
    for path in (out.parent / "elsewhere" / "optical.tif", out.parent / "optical.img", out.parent / "optical.vrt"):
        gdal.Translate(str(path), pair[1], format={".img": "HFA", ".vrt": "VRT"}.get(path.suffix, "GTiff"))
        assert corrected(str(path), remembered, out) == (MOVED, [])


def test_a_renamed_image_moves_with_a_warning(pair, remembered, out):
    renamed = shutil.copy(pair[1], str(out.parent / "my photo.tif"))
    place, [warning] = corrected(renamed, remembered, out)
    assert place == MOVED
    assert "were matched in 'optical'; layer 'my photo' has another name. That is right for a copy" in warning


def test_a_renamed_image_moves_without_a_word_where_only_the_grid_is_remembered(pair, nameless, out):
    renamed = shutil.copy(pair[1], str(out.parent / "my photo.tif"))
    assert corrected(renamed, nameless, out) == (MOVED, [])


def test_a_part_moves_with_a_warning(pair, remembered, out):
    place, [warning] = corrected(part_of(pair[1], "part.tif"), remembered, out)
    assert place == pytest.approx((LEFT + (RIGHT + 16) * PIXEL, TOP - (DOWN + 16) * PIXEL), abs=1e-4)
    assert "layer 'part' has another name and another grid" in warning


def test_a_part_of_an_image_without_a_name_moves_with_a_warning(pair, nameless, out):
    _, [warning] = corrected(part_of(pair[1], "part.tif"), nameless, out)
    assert "were matched in the optical image; layer 'part' has another grid" in warning


def test_another_resolution_moves_as_far(pair, remembered, out):
    coarse = str(out.parent / "coarse.tif")
    gdal.Translate(coarse, pair[1], xRes=2 * PIXEL, yRes=2 * PIXEL)
    place, [warning] = corrected(coarse, remembered, out)
    assert place == MOVED and "another grid" in warning


@pytest.mark.parametrize("moves, wrong, other", [("optical", 0, "SAR"), ("sar", 1, "optical")])
def test_the_other_image_is_refused_by_its_name(pair, remembered, out, moves, wrong, other):
    """On one grid only the names tell."""
    said = refused(pair[wrong], remembered, out, MOVES=moves)
    assert (
        f"is the {other} image of the points 'points', not the" in said
        and f"choose the {other} image in 'Which image is it' (MOVES)" in said
    )


@pytest.mark.parametrize("moves, wrong, other", [("optical", 0, "SAR"), ("sar", 1, "optical")])
def test_the_other_image_is_known_by_its_grid_too(pair, out, moves, wrong, other):
    """Where names are known, an image of another name may share the grid of the other one: that is but a warning."""
    images = pair[0], part_of(pair[1], "part.tif")
    points = write_points(out.parent / "points.gpkg", remembering(tie_point_rows(), *images))
    renamed = shutil.copy(images[wrong], str(out.parent / "renamed.tif"))
    said = refused(renamed, without_fields(points, out, ORIGIN), out, MOVES=moves)
    assert f"Layer 'renamed' is the {other} image of the points" in said
    _, [warning] = corrected(renamed, points, out, MOVES=moves)
    assert f"layer 'renamed' has another name and the grid of the {other} image" in warning


def test_points_without_memory_move_what_they_are_given(pair, out):
    points = write_points(out.parent / "old.gpkg", tie_point_rows())
    names = ["sar_col", "sar_row", "opt_col", "opt_row", *ORIGIN]
    assert corrected(pair[1], points, out) == (MOVED, [])
    assert corrected(pair[0], without_fields(points, out, names), out)[1] == []


def test_points_of_two_images_are_told(pair, out):
    rows = tie_point_rows()
    other = shutil.copy(pair[1], str(out.parent / "other.tif"))
    rows = remembering(rows[:8], *pair) + remembering(rows[8:], pair[0], other)
    _, [warning] = corrected(pair[1], write_points(out.parent / "merged.gpkg", rows), out)
    assert "were matched in 'optical' and 'other'; layer 'optical' has one of these names" in warning


def test_an_image_elsewhere_is_refused(pair, remembered, out):
    far = str(out.parent / "far.tif")
    gdal.Translate(far, pair[1], outputBounds=[LEFT + 90_000, TOP, LEFT + 93_840, TOP - 3840])
    assert "None of the points 'points' lies on layer 'far': choose the image" in refused(far, remembered, out)


@pytest.mark.parametrize("given", [{}, {"TRANSFORM": "affine"}, {"OUTPUT": ".vrt"}])
def test_an_image_is_not_corrected_twice(pair, remembered, out, given):
    once = str(out.parent / f"once{given.pop('OUTPUT', '.tif')}")
    processing.run("sarbridge:coregister", asked(pair[1], remembered, out, **given, OUTPUT=once))
    assert gdal.Open(once).GetMetadataItem(CORRECTED_FROM) == "optical"
    said = refused(once, remembered, out)
    assert "Layer 'once' has been co-registered before, and the points 'points' would move it twice" in said
    again = write_points(out.parent / "again.gpkg", remembering(tie_point_rows(), pair[0], once))
    assert corrected(once, again, out)[1] == []


def test_points_name_the_crs_of_their_optical_positions(pair, out):
    """Without a word about it, and without the optical layer, the SAR image moves."""
    degrees = str(out.parent / "degrees.tif")
    gdal.Warp(degrees, pair[1], dstSRS="EPSG:4326")
    rows = remembering(tie_point_rows(DEGREES), pair[0], degrees)
    tie_points = write_points(out.parent / "points.gpkg", rows)
    place, warnings = corrected(pair[0], tie_points, out, MOVES="sar")
    assert place == pytest.approx((LEFT - RIGHT * PIXEL, TOP + DOWN * PIXEL), abs=0.01) and warnings == []
    place, [warning] = corrected(pair[1], tie_points, out)
    assert place == pytest.approx((LEFT + RIGHT * PIXEL, TOP - DOWN * PIXEL), abs=0.01)
    assert "were matched in 'degrees'; layer 'optical' has another name and the grid of the SAR image" in warning
