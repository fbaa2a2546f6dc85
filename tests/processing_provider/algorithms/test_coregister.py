"""`coregister` through QGIS and the real engine: a misplaced image must land where its true twin lies."""

import re

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from sarbridge.contract.tie_points import FIELDS
from sarbridge.tests import qgis_session
from sarbridge.tests.exact_tie_points import DEGREES, tie_point_rows, write_points
from sarbridge.tests.image_pair import DOWN, LEFT, PIXEL, RIGHT, TOP

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")


def parameters(image, tie_points, out, **others):
    return {"INPUT": image, "POINTS": tie_points, "OUTPUT": str(out / "corrected.tif"), **others}


def run(*arguments, **others):
    return processing.run("sarbridge:coregister", parameters(*arguments, **others))


def complaint(*arguments, **others):
    return qgis_session.complaint("sarbridge:coregister", parameters(*arguments, **others))


def origin(path):
    transform = gdal.Open(path).GetGeoTransform()
    return transform[0], transform[3]


@pytest.mark.parametrize("suffix", [".tif", ".vrt"])
@pytest.mark.parametrize("points_suffix", [".gpkg", ".shp", ".geojson"])
def test_a_shift_moves_the_origin_and_no_pixel(pair, out, suffix, points_suffix):
    tie_points = write_points(out / f"points{points_suffix}", tie_point_rows(wrong=3))
    results = run(pair[1], tie_points, out, TRANSFORM="shift", OUTPUT=str(out / f"corrected{suffix}"))
    assert origin(results["OUTPUT"]) == pytest.approx((LEFT + RIGHT * PIXEL, TOP - DOWN * PIXEL), abs=1e-4)
    np.testing.assert_array_equal(gdal.Open(results["OUTPUT"]).ReadAsArray(), gdal.Open(pair[1]).ReadAsArray())
    assert results["POINT_COUNT"] == 13
    assert results["RMSE"] == pytest.approx(0, abs=1e-3)
    assert results["RMSE_PX"] == pytest.approx(0, abs=1e-4)


def test_the_sar_image_moves_the_other_way(pair, out):
    tie_points = write_points(out / "points.gpkg", tie_point_rows())
    results = run(pair[0], tie_points, out, TRANSFORM="shift", MOVES="sar")
    assert origin(results["OUTPUT"]) == pytest.approx((LEFT - RIGHT * PIXEL, TOP + DOWN * PIXEL), abs=1e-4)


@pytest.mark.parametrize("named_by", ["OPTICAL_CRS", "TARGET"])
def test_optical_positions_in_degrees_are_understood(pair, out, tmp_path, named_by):
    degrees = str(tmp_path / "degrees.tif")
    gdal.Warp(degrees, pair[1], dstSRS="EPSG:4326")
    tie_points = write_points(out / "points.gpkg", tie_point_rows(DEGREES))
    naming = {"OPTICAL_CRS": DEGREES} if named_by == "OPTICAL_CRS" else {"TARGET": degrees}
    results = run(pair[0], tie_points, out, MOVES="sar", **naming)
    assert results["RMSE"] < 0.05
    expected_system = degrees if named_by == "TARGET" else pair[0]
    assert QgsRasterLayer(results["OUTPUT"]).crs() == QgsRasterLayer(expected_system).crs()


def test_an_affine_lays_the_image_over_its_twin(pair, out):
    tie_points = write_points(out / "points.gpkg", tie_point_rows())
    results = run(pair[1], tie_points, out, TARGET=pair[0], COMPRESSION="lzw", RESAMPLING="nearest")
    corrected, optical, sar = (gdal.Open(path).ReadAsArray() for path in (results["OUTPUT"], pair[1], pair[0]))
    assert corrected.shape[1:] == sar.shape
    inner = slice(20, -20)
    moved = np.roll(optical, (DOWN, RIGHT), axis=(1, 2))
    np.testing.assert_array_equal(corrected[:3, inner, inner], moved[:, inner, inner])
    assert np.corrcoef(corrected[0, inner, inner].ravel(), sar[inner, inner].ravel())[0, 1] > 0.99
    assert results["LEAVE_ONE_OUT_PX"] == pytest.approx(0, abs=1e-3)


def test_the_point_itself_is_the_sar_position(pair, out):
    """Users drag points, and reproject layers: the fields `sar_x` and `sar_y` then tell what was."""
    written = write_points(out / "points.gpkg", tie_point_rows())
    reprojected = {"INPUT": written, "TARGET_CRS": DEGREES, "OUTPUT": "memory:"}
    in_degrees = processing.run("native:reprojectlayer", reprojected)["OUTPUT"]
    results = run(pair[1], in_degrees, out, TRANSFORM="shift")
    assert origin(results["OUTPUT"]) == pytest.approx((LEFT + RIGHT * PIXEL, TOP - DOWN * PIXEL), abs=0.01)
    dragged = {"INPUT": written, "DELTA_X": 30, "DELTA_Y": 10, "OUTPUT": "memory:"}
    moved = processing.run("native:translategeometry", dragged)["OUTPUT"]
    results = run(pair[1], moved, out, TRANSFORM="shift", OUTPUT=str(out / "dragged.tif"))
    assert origin(results["OUTPUT"]) == pytest.approx((LEFT + RIGHT * PIXEL + 30, TOP - DOWN * PIXEL + 10), abs=1e-4)


def test_multipoints_that_were_dragged_count_where_they_lie(pair, out):
    points = {"INPUT": write_points(out / "points.gpkg", tie_point_rows()), "OUTPUT": "memory:"}
    several = processing.run("native:promotetomulti", points)["OUTPUT"]
    dragged = {"INPUT": several, "DELTA_X": 30, "DELTA_Y": 10, "OUTPUT": "memory:"}
    moved = processing.run("native:translategeometry", dragged)["OUTPUT"]
    results = run(pair[1], moved, out, TRANSFORM="shift")
    assert origin(results["OUTPUT"]) == pytest.approx((LEFT + RIGHT * PIXEL + 30, TOP - DOWN * PIXEL + 10), abs=1e-4)


def test_points_matched_in_coarse_pixels_agree_within_those(pair, out):
    """Noise of a few working pixels of 100 m is much for the 10 m of the image, not for the points."""
    noise = np.random.default_rng(0).normal(0, 150, (16, 2)).tolist()
    rows = tie_point_rows()
    for row, (east, north) in zip(rows, noise):
        row["opt_x"], row["opt_y"] = row["opt_x"] + east, row["opt_y"] + north
    assert "contradict" in complaint(pair[1], write_points(out / "unknown.gpkg", rows), out)
    for row in rows:
        row.update(length_m=500.0, dx_px=3.0, dy_px=4.0)
    assert run(pair[1], write_points(out / "coarse.gpkg", rows), out)["POINT_COUNT"] == 16


def test_only_selected_points_are_used(pair, out):
    layer = QgsVectorLayer(write_points(out / "points.gpkg", tie_point_rows()), "points", "ogr")
    QgsProject.instance().addMapLayer(layer)
    layer.selectByExpression('"id" <= 5')
    selected = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    assert run(pair[1], selected, out, TRANSFORM="shift")["POINT_COUNT"] == 5
    QgsProject.instance().removeMapLayer(layer)


@pytest.mark.parametrize("has_ids", [True, False])
def test_the_report_names_points_by_their_ids(pair, out, has_ids):
    rows = [{**row, "id": 100 + row["id"]} for row in tie_point_rows(wrong=3)]
    rows[9]["opt_x"] += 40
    tie_points = write_points(out / "points.gpkg", rows)
    if not has_ids:
        bare = str(out / "bare.gpkg")
        gdal.VectorTranslate(bare, tie_points, selectFields=[name for name in FIELDS if name != "id"])
        tie_points = bare
    report = out / "report.html"
    run(pair[1], tie_points, out, TRANSFORM="shift", REPORT=str(report))
    listed = re.findall("<tr><td>(.*?)</td>", report.read_text(encoding="utf-8"))
    assert listed[0] == ("110" if has_ids else "10")  # without the field, the number of the feature in its layer
    assert len(listed) == 13


def test_a_layer_in_memory_can_be_corrected(pair, out):
    gdal.Translate("/vsimem/optical.tif", pair[1])
    layer = QgsProject.instance().addMapLayer(QgsRasterLayer("/vsimem/optical.tif", "in memory")).id()
    tie_points = write_points(out / "points.gpkg", tie_point_rows())
    vrt = str(out / "corrected.vrt")
    assert "is not a file that a VRT could refer to" in complaint(layer, tie_points, out, TRANSFORM="shift", OUTPUT=vrt)
    results = run(layer, tie_points, out, TRANSFORM="shift")
    QgsProject.instance().clear()
    gdal.Unlink("/vsimem/optical.tif")
    np.testing.assert_array_equal(gdal.Open(results["OUTPUT"]).ReadAsArray(), gdal.Open(pair[1]).ReadAsArray())


def test_points_without_the_fields_are_refused(pair, out):
    bare = QgsVectorLayer("Point?crs=EPSG:32633&field=sar_x:double&field=sar_y:double", "my points", "memory")
    said = complaint(pair[1], QgsProject.instance().addMapLayer(bare).id(), out)
    QgsProject.instance().clear()
    assert "Layer 'my points' lacks the field opt_x, opt_y, accepted" in said


def test_positions_read_in_a_wrong_crs_are_refused(pair, out):
    tie_points = write_points(out / "points.gpkg", tie_point_rows(DEGREES))
    assert "of the optical layer (OPTICAL_CRS)" in complaint(pair[0], tie_points, out, MOVES="sar")


def test_too_few_points_are_refused(pair, out):
    tie_points = write_points(out / "points.gpkg", tie_point_rows(wrong=14))
    assert "optical" in complaint(pair[1], tie_points, out)
    assert not (out / "corrected.tif").exists()


def test_the_input_is_never_overwritten(pair, out):
    tie_points = write_points(out / "points.gpkg", tie_point_rows())
    assert "choose another output file" in complaint(pair[1], tie_points, out, TRANSFORM="shift", OUTPUT=pair[1])
    assert origin(pair[1]) == (LEFT, TOP)


def test_an_unsupported_format_is_refused(pair, out):
    tie_points = write_points(out / "points.gpkg", tie_point_rows())
    said = complaint(pair[1], tie_points, out, OUTPUT=str(out / "corrected.jpg"))
    assert "(OUTPUT):" in said and "not supported" in said
