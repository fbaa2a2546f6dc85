"""`extractbuildings` through QGIS and the real engine, with a small network of random weights."""

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsVectorLayer,
)
from sarbridge.processing_provider.algorithms.extract_buildings import NUMBERS
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS, small_run
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, read_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

ALGORITHM = "sarbridge:extractbuildings"


@pytest.fixture
def given(tmp_path, out):
    run = SMALL_RUNS["extractbuildings"](tmp_path)
    return {**run, "FOOTPRINTS": str(out / "houses.gpkg"), "MASK": str(out / "mask.tif")}


def test_footprints_are_those_of_the_mask_and_say_what_was_measured(given, out):
    feedback = QgsProcessingFeedback(False)
    results = processing.run(ALGORITHM, {**given, "PROBABILITY": str(out / "p.tif")}, feedback=feedback)
    layer, mask = QgsVectorLayer(results["FOOTPRINTS"], "houses", "ogr"), read_raster(results["MASK"])
    probability = read_raster(results["PROBABILITY"])
    assert layer.crs().authid() == "EPSG:32633" and layer.featureCount() == results["BUILDING_COUNT"] > 0
    names = ["id", "area_m2", "perimeter_m", "score", "elongation", "orientation"]
    assert [field.name() for field in layer.fields()] == ["fid", *names]
    features = list(layer.getFeatures())
    assert all(feature.geometry().isGeosValid() for feature in features)
    assert sum(feature.geometry().area() for feature in features) == pytest.approx((mask == 1).sum())
    assert sum(feature["area_m2"] for feature in features) == pytest.approx(results["BUILT_AREA"])
    assert results["BUILT_AREA"] == pytest.approx((mask == 1).sum() / 0.9996**2, rel=1e-3)
    assert np.array_equal(mask == 1, probability >= 0.5) and np.array_equal(mask == 255, np.isnan(probability))
    assert not (mask == 255).any(), "whichever way the layer is turned"
    assert results["BUILT_SHARE"] == pytest.approx(100 * (mask == 1).sum() / (mask != 255).sum())
    for feature in features:
        assert 0.5 <= feature["score"] <= 1 and feature["elongation"] >= 1 and 0 <= feature["orientation"] < 180
    assert set(results) < {*NUMBERS, *given, "PROBABILITY"} and "Buildings found: " in feedback.textLog()
    names = {"houses.gpkg", "houses.qml", "mask.tif", "mask.qml", "p.tif", "p.qml"}
    assert {path.name for path in out.iterdir()} == names


def test_the_direction_can_be_given_by_the_flight(given, out):
    """A heading of 10 degrees and a look to the right are a look azimuth of 100."""
    by_azimuth = read_raster(processing.run(ALGORITHM, given)["MASK"])
    by_flight = {**given, "LOOK_AZIMUTH": None, "HEADING": 10}
    assert np.array_equal(read_raster(processing.run(ALGORITHM, by_flight)["MASK"]), by_azimuth)
    left = {**by_flight, "LOOK_SIDE": "left"}
    assert not np.array_equal(read_raster(processing.run(ALGORITHM, left)["MASK"]), by_azimuth)


def test_without_a_look_the_user_is_told_what_it_costs(given):
    feedback = QgsProcessingFeedback(False)
    processing.run(ALGORITHM, {**given, "LOOK_AZIMUTH": None}, feedback=feedback)
    assert "it takes 4 times as long as with a look azimuth or a flight direction" in feedback.textLog()


def test_footprints_are_loaded_by_their_scores_over_the_mask(given, out):
    project, context = QgsProject(), QgsProcessingContext()
    context.setProject(project)
    path = given["FOOTPRINTS"]
    context.addLayerToLoadOnCompletion(path, QgsProcessingContext.LayerDetails("houses", project, "FOOTPRINTS"))
    processing.run(ALGORITHM, given, context=context)
    layer = QgsProcessingUtils.mapLayerFromString(path, context)
    context.layerToLoadOnCompletionDetails(path).postProcessor().postProcessLayer(
        layer, context, QgsProcessingFeedback()
    )
    assert layer.renderer().classAttribute() == "score"


def test_a_part_of_the_layer(given):
    extent = f"{LEFT + 16},{LEFT + 56},{TOP - 48},{TOP - 8} [EPSG:32633]"
    part = read_raster(processing.run(ALGORITHM, {**given, "EXTENT": extent})["MASK"])
    assert part.shape == (40, 40)


@pytest.mark.parametrize(("others", "said"), [
    ({"FOOTPRINTS": "houses.shp"}, "has a format that is not supported here: give a file name that ends in .gpkg"),
    ({"POLARISATIONS": "VV, VH"}, "(POLARISATIONS) must name one for each band"),
    ({"MODEL": "none such"}, "Model (MODEL) must be one of these"),
])  # fmt: skip
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, given, out):
    if "MODEL" in others:
        given["MODEL_FILE"] = None
    others = {key: str(out / value) if key == "FOOTPRINTS" else value for key, value in others.items()}
    assert said in complaint(ALGORITHM, {**given, **others})
    assert not list(out.iterdir())


def test_geojson_without_a_code_is_refused(given, out, tmp_path):
    sar = str(tmp_path / "odd.tif")
    gdal.Translate(sar, given["SAR"], outputSRS="+proj=tmerc +lon_0=14.9 +k=0.9996 +x_0=500000 +datum=WGS84 +units=m")
    said = complaint(ALGORITHM, {**given, "SAR": sar, "FOOTPRINTS": str(out / "houses.geojson")})
    assert "GeoJSON can only name a CRS that has an EPSG code" in said and not list(out.iterdir())


def test_every_output_together(tmp_path):
    wanted = small_run("extractbuildings", tmp_path)
    results = processing.run(ALGORITHM, {**wanted, "REGULARISE": "simplify"})
    assert 'href="' in (tmp_path / "REPORT.html").read_text(encoding="utf-8") and results["BUILDING_COUNT"] > 0
