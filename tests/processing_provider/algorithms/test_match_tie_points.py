"""`matchtiepoints` through QGIS and the real engine, on a pair with a planted shift and by cross-correlation."""

import math
import threading

import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from sarbridge.contract.tie_points import FIELDS, ORIGIN
from sarbridge.processing_provider.algorithms import match_tie_points
from sarbridge.processing_provider.inputs import layers
from sarbridge.processing_provider.outputs import styles
from sarbridge.tests import qgis_session
from sarbridge.tests.image_pair import DOWN, LEFT, PIXEL, RIGHT, TOP, matching

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")


def run(pair, out, feedback=None, context=None, **others):
    return processing.run("sarbridge:matchtiepoints", matching(pair, out, **others), feedback=feedback, context=context)


def complaint(pair, out, **others):
    return qgis_session.complaint("sarbridge:matchtiepoints", matching(pair, out, **others))


def features(path):
    layer = QgsVectorLayer(path, "read", "ogr")
    assert layer.isValid()
    return layer, list(layer.getFeatures())


def test_the_planted_shift_is_found(pair, out):
    results = run(pair, out)
    assert results["MEAN_SHIFT_X_PX"] == pytest.approx(RIGHT, abs=0.05)
    assert results["MEAN_SHIFT_Y_PX"] == pytest.approx(DOWN, abs=0.05)
    assert results["MEAN_SHIFT_X"] == pytest.approx(RIGHT * PIXEL, abs=0.5)
    assert results["MEAN_SHIFT_Y"] == pytest.approx(-DOWN * PIXEL, abs=0.5)
    layer, found = features(results["TIE_POINTS"])
    assert results["POINT_COUNT"] >= results["ACCEPTED_COUNT"] == len(found) > 20
    assert layer.crs().authid() == "EPSG:32633"
    assert [name for name in layer.fields().names() if name != "fid"] == [*FIELDS, *ORIGIN]
    for point in found:
        assert point.geometry().asPoint().x() == pytest.approx(point["sar_x"])
        assert point.geometry().asPoint().y() == pytest.approx(point["sar_y"])
        assert point["sar_x"] == pytest.approx(LEFT + PIXEL * point["sar_col"])
        assert point["sar_y"] == pytest.approx(TOP - PIXEL * point["sar_row"])
        assert point["sar_col"] - point["opt_col"] == pytest.approx(RIGHT, abs=0.2)
        assert point["sar_row"] - point["opt_row"] == pytest.approx(DOWN, abs=0.2)
        assert [point[name] for name in ORIGIN] == ["sar", "optical", "EPSG:32633"]
        assert point["length_m"] == pytest.approx(PIXEL * math.hypot(RIGHT, DOWN), abs=2)


def test_a_method_of_the_list_runs_with_the_model_of_the_plugin_that_holds_it(pair, out):
    """Wherever the model finds such a texture: what it knows are radar images."""
    feedback = QgsProcessingFeedback(False)
    others = {"METHOD": "corrasl", "MAX_SHIFT": 8, "SPACING": 128, "KEEP_REJECTED": True, "TRANSFORM": "none"}
    assert run(pair, out, feedback, **others)["POINT_COUNT"] >= 4
    assert "Model: 'CorrASL Sentinel-1/2'." in feedback.textLog()
    said = complaint(pair, out, METHOD="corrasl", CANDIDATES="goodness_min")
    assert "'CorrASL Sentinel-1/2' holds none: choose one, or candidates on a grid" in said
    assert "PSiam, the pseudo-siamese network of Hughes 2018 needs a model that holds it" in complaint(
        pair, out, METHOD="psiam"
    )


def test_a_joint_map_of_visibility_rejects_candidates(pair, out):
    """Where the map says anything but 1, jointly visible; here everywhere in the western half."""
    joint = gdal.Warp(str(out / "joint.tif"), pair[0], outputType=gdal.GDT_Byte)
    classes = joint.ReadAsArray()
    classes[:] = 1
    middle = classes.shape[1] // 2
    classes[:, :middle] = 6
    joint.GetRasterBand(1).WriteArray(classes)
    joint = None
    results = run(pair, out, VISIBILITY=str(out / "joint.tif"), KEEP_REJECTED=True)
    _, found = features(results["TIE_POINTS"])
    rejected = [point for point in found if point["reason"] == "visibility"]
    assert rejected and results["ACCEPTED_COUNT"]
    border = LEFT + PIXEL * middle
    assert all(point["opt_x"] < border for point in rejected)
    assert all(point["opt_x"] >= border for point in found if point["accepted"])


def test_shift_vectors_and_control_points_tell_the_same(pair, out):
    results = run(pair, out, VECTORS=str(out / "vectors.shp"), GCP_POINTS=str(out / "gcp.points"))
    layer, found = features(results["VECTORS"])
    assert len(found) == results["ACCEPTED_COUNT"]
    for feature in found:
        start, end = _ends(feature)
        # Of UTM on its central meridian, 0.9996 units are a metre on the ground.
        assert end.x() - start.x() == pytest.approx(0.9996 * feature["dx_m"], abs=0.05)
        assert end.y() - start.y() == pytest.approx(0.9996 * feature["dy_m"], abs=0.05)
        assert (start.x(), start.y()) == pytest.approx((feature["opt_x"], feature["opt_y"]))
    lines = (out / "gcp.points").read_text().splitlines()
    assert lines[0].startswith("#CRS: ")
    assert lines[1].startswith("mapX,mapY,sourceX,sourceY,enable")
    assert len(lines) == 2 + len(found)
    assert {file.name for file in out.iterdir()} >= {"points.qml", "vectors.qml"}


def _ends(feature):
    vertices = list(feature.geometry().vertices())
    return vertices[0], vertices[-1]


def test_a_number_without_an_upper_bound_is_asked_for_without(pair, out):
    assert "(PIXEL_SIZE) must be a number of at least 0; got -1." in complaint(pair, out, PIXEL_SIZE=-1)


def test_two_outputs_of_one_name_are_refused(pair, out):
    said = complaint(pair, out, VECTORS=str(out / "tie.gpkg"), TIE_POINTS=str(out / "tie.gpkg"))
    assert "Two outputs have the same name" in said and not list(out.iterdir())


def test_numbers_that_no_point_tells_are_left_out(pair, out, monkeypatch):
    numbers = {"POINT_COUNT": 0, "ACCEPTED_COUNT": 0, "MEAN_SHIFT_X": None}
    result = {"rows": [], "numbers": numbers, "pixel_size": 10.0}
    monkeypatch.setattr(match_tie_points, "run_job", lambda job, feedback: result)
    results = run(pair, out)
    assert results == {"POINT_COUNT": 0, "ACCEPTED_COUNT": 0, "TIE_POINTS": str(out / "points.gpkg")}
    assert features(results["TIE_POINTS"])[1] == []


def test_rejected_points_are_kept_with_their_reason(pair, out):
    results = run(pair, out, KEEP_REJECTED=True, VECTORS=str(out / "vectors.gpkg"))
    _, found = features(results["TIE_POINTS"])
    rejected = [point for point in found if not point["accepted"]]
    assert len(found) - len(rejected) == results["ACCEPTED_COUNT"]
    assert results["POINT_COUNT"] == len(found)
    assert rejected and all(point["reason"] for point in rejected)
    assert not any(point["reason"] for point in found if point["accepted"])
    _, lines = features(results["VECTORS"])
    matched = [point for point in found if isinstance(point["dx_px"], float)]
    assert len(lines) == len(matched) < len(found)  # what was never matched has no shift


def test_the_optical_layer_may_be_in_degrees(pair, out, tmp_path):
    sar, optical = pair
    degrees = str(tmp_path / "degrees.tif")
    gdal.Warp(degrees, optical, dstSRS="EPSG:4326", resampleAlg="cubic")
    results = run((sar, degrees), out, VECTORS=str(out / "vectors.gpkg"))
    assert results["MEAN_SHIFT_X"] == pytest.approx(RIGHT * PIXEL, abs=3)
    assert results["MEAN_SHIFT_Y"] == pytest.approx(-DOWN * PIXEL, abs=3)
    _, found = features(results["VECTORS"])
    for feature in found:
        start, end = _ends(feature)
        assert 14.9 < feature["opt_x"] < 15.1 and 45.1 < feature["opt_y"] < 45.2
        assert math.hypot(end.x() - start.x(), end.y() - start.y()) == pytest.approx(feature["length_m"], rel=0.01)


def test_a_crs_set_in_qgis_counts(pair, out):
    """In another zone's CRS both layers lie elsewhere, together: nothing else changes."""
    moved = [QgsRasterLayer(path, name) for path, name in zip(pair, ("sar", "optical"))]
    for layer in moved:
        layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32631"))
    results = run(moved, out)
    assert results["MEAN_SHIFT_X_PX"] == pytest.approx(RIGHT, abs=0.05)
    assert features(results["TIE_POINTS"])[0].crs().authid() == "EPSG:32631"


def test_a_layer_in_memory_gives_the_same_points(pair, out, monkeypatch):
    # Just what search windows need, so that the export begins within the layer; a first stage would see less of it.
    monkeypatch.setattr(layers, "MARGIN", 100)
    reach = {"MAX_SHIFT": 16}
    sar, optical = pair
    part = f"{LEFT + 150 * PIXEL},{LEFT + 380 * PIXEL},{TOP - 370 * PIXEL},{TOP - 40 * PIXEL} [EPSG:32633]"
    from_file = run(pair, out, EXTENT=part, **reach)
    gdal.Translate("/vsimem/optical.tif", optical)
    in_memory = QgsRasterLayer("/vsimem/optical.tif", "in memory")
    from_memory = run((sar, in_memory), out, EXTENT=part, TIE_POINTS=str(out / "memory.gpkg"), **reach)
    gdal.Unlink("/vsimem/optical.tif")
    expected, found = (
        sorted([[point[name] for name in ("sar_col", "sar_row", "opt_col", "opt_row")] for point in points])
        for _, points in (features(results["TIE_POINTS"]) for results in (from_file, from_memory))
    )
    assert len(found) == len(expected) > 10
    for one, other in zip(found, expected):
        assert one == pytest.approx(other, abs=0.01)


def test_the_extent_limits_the_points(pair, out):
    right = LEFT + 250 * PIXEL
    results = run(pair, out, EXTENT=f"{LEFT},{right},{TOP - 384 * PIXEL},{TOP} [EPSG:32633]")
    _, found = features(results["TIE_POINTS"])
    assert found and all(point["sar_x"] <= right for point in found)


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"SAR": "/nowhere/sar.tif"}, "SAR layer (SAR): '/nowhere/sar.tif' cannot be read as a raster"),
        ({"SAR_BAND": 2}, "(SAR_BAND) must be a band of layer 'sar', which has only 1; got 2."),
        ({"OPTICAL_BANDS": [1, 9]}, "different bands of layer 'optical', which has 1 to 3; got the list 1, 9."),
        (
            {"METHOD": "bridgematch", "MODEL_FILE": "/nowhere/model.safetensors"},
            "/nowhere/model.safetensors",
        ),
        ({"TIE_POINTS": "/nowhere/points.gpkg"}, "Tie points (TIE_POINTS): the folder /nowhere does not exist"),
        (
            {"TIE_POINTS": "/tmp/points.csv"},
            "Tie points (TIE_POINTS): '/tmp/points.csv' has a format that is not supported",
        ),
        ({"DEVICE": "cuda:7"}, "cuda:7"),
        ({"EXTENT": "0,1,0,1 [EPSG:4326]"}, "The extent lies outside the overlap of layers 'sar' and 'optical'"),
    ],
)
def test_bad_input_gets_a_sentence_and_no_file(pair, out, parameters, words):
    assert words in complaint(pair, out, **parameters)
    assert list(out.iterdir()) == []


def test_a_corrupt_file_is_named(pair, out, tmp_path):
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"II*\0 this is no TIFF")
    assert f"Optical layer (OPTICAL): '{broken}' cannot be read as a raster" in complaint((pair[0], str(broken)), out)
    assert list(out.iterdir()) == []


def test_a_layer_without_crs_is_named(pair, out):
    layer = QgsProject.instance().addMapLayer(QgsRasterLayer(pair[1], "my photo"))
    layer.setCrs(QgsCoordinateReferenceSystem())
    assert "Layer 'my photo' has no coordinate reference system" in complaint((pair[0], layer.id()), out)
    QgsProject.instance().clear()


def test_a_cancel_leaves_nothing(pair, out):
    feedback = QgsProcessingFeedback(False)
    threading.Timer(0.5, feedback.cancel).start()
    with pytest.raises(QgsProcessingException):
        run(pair, out, feedback, METHOD="mi", SPACING=8, GCP_POINTS=str(out / "gcp.points"))
    assert list(out.iterdir()) == []


def test_an_older_file_survives_a_failure(pair, out):
    (out / "points.gpkg").write_text("precious")
    complaint(pair, out, EXTENT="0,1,0,1 [EPSG:4326]")
    assert (out / "points.gpkg").read_text() == "precious"


def test_loaded_layers_are_styled(pair, out):
    """As QGIS does after a run: it loads the layer without the QML beside the file, then asks the post-processor."""
    project, context = QgsProject(), QgsProcessingContext()
    context.setProject(project)
    destinations = {
        key: QgsProcessingOutputLayerDefinition(str(out / f"{key}.gpkg"), project) for key in ("TIE_POINTS", "VECTORS")
    }
    before = set(styles._waiting)
    run(pair, out, context=context, KEEP_REJECTED=True, **destinations)
    assert len(styles._waiting - before) == 2
    for path, details in context.layersToLoadOnCompletion().items():
        layer = QgsVectorLayer(path, "loaded", "ogr", QgsVectorLayer.LayerOptions(False))
        assert layer.renderer().type() == "singleSymbol"
        details.postProcessor().postProcessLayer(layer, context, QgsProcessingFeedback(False))
        assert layer.renderer().type() == "RuleRenderer"
    assert styles._waiting == before
