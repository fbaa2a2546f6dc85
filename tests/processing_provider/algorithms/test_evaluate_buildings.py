"""`evaluatebuildings` through QGIS and the real engine."""

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from sarbridge.processing_provider.algorithms.evaluate_buildings import NUMBERS
from sarbridge.tests.processing_provider.algorithms.small_runs import small_run
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, write_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

ALGORITHM = "sarbridge:evaluatebuildings"
BOXES = {"map": [(10, 10, 20, 20), (40, 40, 60, 60)], "found": [(11, 10, 21, 20), (80, 80, 85, 85), (40, 42, 60, 62)]}
SCORES = (0.9, 0.8, 0.3)
PLACE = f"{LEFT},{LEFT + 100},{TOP - 100},{TOP} [EPSG:32633]"
EXPECTED = {
    "IOU": (90 + 360) / (110 + 440 + 25),
    "ACCURACY": 1 - (20 + 80 + 25) / 10_000,
    "HITS": 2,
    "MISSES": 0,
    "FALSE_ALARMS": 1,
    "BUILDING_PRECISION": 2 / 3,
    "MEAN_IOU": (90 / 110 + 360 / 440) / 2,
}


def layer_of(name, field="score", kind="double", crs="EPSG:32633", geometry="Polygon", scores=SCORES):
    layer = QgsVectorLayer(f"{geometry}?crs={crs}&field={field}:{kind}", name, "memory")
    for box, score in zip(BOXES[name], scores):
        feature = QgsFeature(layer.fields())
        rectangle = QgsRectangle(LEFT + box[0], TOP - box[3], LEFT + box[2], TOP - box[1])
        shape = QgsGeometry.fromRect(rectangle)
        feature.setGeometry(shape if geometry == "Polygon" else shape.centroid())
        feature.setAttributes([score])
        assert layer.dataProvider().addFeature(feature)
    return layer


def mask_of(name, folder):
    values = np.zeros((100, 100), np.uint8)
    for left, top, right, bottom in BOXES[name]:
        values[top:bottom, left:right] = 255
    return write_raster(folder / f"{name}.tif", values)


def test_footprints_and_masks_are_scored_alike(tmp_path, out):
    for predicted in (layer_of("found"), mask_of("found", tmp_path)):
        for reference in (layer_of("map"), mask_of("map", tmp_path)):
            given = {"PREDICTED": predicted, "REFERENCE": reference, "EXTENT": PLACE, "REPORT": str(out / "r.html")}
            results = processing.run(ALGORITHM, given)
            assert {key: results[key] for key in EXPECTED} == pytest.approx(EXPECTED)
            assert set(results) == {*NUMBERS, "REPORT"} - {"IOU_LOW", "IOU_HIGH"}
            assert results["PIXELS"] == (100 if str in map(type, (predicted, reference)) else 200) ** 2
    assert "Evaluation of buildings" in (out / "r.html").read_text(encoding="utf-8")


def test_scores_are_those_of_the_field():
    """The false alarm is the second of three: precision 1 for the first half of the recall, 2 / 3 for the other."""
    both = {"REFERENCE": layer_of("map"), "EXTENT": PLACE}
    assert processing.run(ALGORITHM, {"PREDICTED": layer_of("found"), **both})["AP"] == pytest.approx((1 + 2 / 3) / 2)
    sure = layer_of("found", field="certainty", scores=(0.9, 0.1, 0.3))
    assert processing.run(ALGORITHM, {"PREDICTED": sure, "SCORE_FIELD": "certainty", **both})["AP"] == 1
    feedback = QgsProcessingFeedback(False)
    results = processing.run(ALGORITHM, {"PREDICTED": sure, **both}, feedback=feedback)
    assert results["AP"] == pytest.approx(2 / 3) and "have no scores" in feedback.textLog()


def test_other_coordinates_and_areas(tmp_path):
    geographic = processing.run(
        "native:reprojectlayer", {"INPUT": layer_of("found"), "TARGET_CRS": "EPSG:4326", "OUTPUT": "memory:"}
    )["OUTPUT"]
    given = {"PREDICTED": geographic, "REFERENCE": mask_of("map", tmp_path)}
    results = processing.run(ALGORITHM, given)
    assert {key: results[key] for key in EXPECTED} == pytest.approx(EXPECTED)
    area = QgsVectorLayer("Polygon?crs=EPSG:32633", "area", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(LEFT, TOP - 30, LEFT + 100, TOP)))
    area.dataProvider().addFeature(feature)
    results = processing.run(ALGORITHM, {**given, "AREA": area})
    assert (results["HITS"], results["MISSES"], results["FALSE_ALARMS"]) == (1, 0, 0)
    assert results["PIXELS"] == 30 * 100 and results["IOU"] == pytest.approx(90 / 110)


@pytest.mark.parametrize("suffix", [".csv", ".gpkg"])
def test_the_table_has_a_row_for_each_class_of_sizes(suffix, tmp_path, out):
    given = {**small_run("evaluatebuildings", tmp_path), "TABLE": str(out / f"scores{suffix}")}
    results = processing.run(ALGORITHM, given)
    layer = QgsVectorLayer(results["TABLE"], "scores", "ogr")
    assert layer.isValid() and layer.wkbType() == QgsWkbTypes.NoGeometry and layer.featureCount() == 6
    rows = {row["size"]: row for row in layer.getFeatures()}
    assert float(rows["all"]["pixel_iou"]) == pytest.approx(results["IOU"], rel=1e-6)
    assert [int(rows[size]["hits"]) for size in rows] == [1, 0, 0, 1, 0, 0]
    assert int(rows["150 to 500 m²"]["misses"]) == 1 and int(rows["under 50 m²"]["false_alarms"]) == 1


def test_masks_in_memory_and_nothing_predicted(tmp_path):
    gdal.Translate("/vsimem/found.tif", mask_of("found", tmp_path))
    given = {"PREDICTED": QgsRasterLayer("/vsimem/found.tif", "found"), "REFERENCE": layer_of("map")}
    results = processing.run(ALGORITHM, given)
    assert {key: results[key] for key in EXPECTED} == pytest.approx(EXPECTED)
    empty = QgsVectorLayer("Polygon?crs=EPSG:32633", "empty", "memory")
    feedback = QgsProcessingFeedback(False)
    results = processing.run(ALGORITHM, {"PREDICTED": empty, "REFERENCE": layer_of("map")}, feedback=feedback)
    assert (results["IOU"], results["RECALL"], results["MISSES"]) == (0, 0, 2) and "PRECISION" not in results
    assert "'empty' has no building where things are compared: all are missed" in feedback.textLog()


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"REFERENCE": lambda _: layer_of("map", geometry="Point")}, "'map' holds no polygons (Point): choose a"),
        ({"REFERENCE": lambda _: layer_of("map", crs="")}, "'map' has no coordinate reference system"),
        ({"REFERENCE": lambda folder: mask_of("found", folder)}, "are the same image"),
        (
            {"REFERENCE": lambda folder: write_raster(folder / "p.tif", np.linspace(0, 1, 100).reshape(10, 10))},
            "a mask of buildings has 0 and one other value",
        ),
        ({"SCORE_FIELD": lambda _: "certainty"}, "Field with scores (SCORE_FIELD): there is no layer to take it from"),
        ({"EXTENT": lambda _: "0,10,0,10 [EPSG:32633]"}, "have nothing within the extent and the area"),
        ({"REFERENCE": lambda folder: str(folder)}, "cannot be read as a raster or vector data"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, tmp_path, out):
    given = {"PREDICTED": mask_of("found", tmp_path), "REFERENCE": layer_of("map"), "TABLE": str(out / "t.gpkg")}
    assert said in complaint(ALGORITHM, {**given, **{key: make(tmp_path) for key, make in others.items()}})
    assert not list(out.iterdir())
