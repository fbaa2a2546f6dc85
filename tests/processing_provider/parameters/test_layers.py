"""Layers that cannot be read get a sentence each, whoever asks for them."""

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.parameters.layers import feature_source, raster_layer
from sarbridge.processing_provider.parameters.reading import read_values
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application")


@pytest.fixture
def algorithm():
    return QgsApplication.processingRegistry().createAlgorithmById("sarbridge:coregister")


@pytest.fixture
def context():
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    return context


@pytest.fixture
def image(tmp_path):
    return write_raster(tmp_path / "image.tif", [[1.0, 2.0]])


def test_layers_are_found(algorithm, context, image):
    assert raster_layer(algorithm, {"INPUT": image}, "INPUT", context).name() == "image"
    points = QgsVectorLayer("Point?crs=EPSG:32633", "points", "memory")
    assert feature_source(algorithm, {"POINTS": points}, "POINTS", context).sourceName() == "points"


@pytest.mark.parametrize("empty", [{}, {"TARGET": None}, {"TARGET": ""}])
def test_an_optional_layer_may_be_left_out(algorithm, context, empty):
    assert raster_layer(algorithm, empty, "TARGET", context) is None


def test_what_is_needed_is_asked_for(algorithm, context):
    with pytest.raises(UserError, match=r"Image to move \(INPUT\) is needed: give it and run again"):
        raster_layer(algorithm, {}, "INPUT", context)
    with pytest.raises(UserError, match=r"Tie points \(POINTS\) is needed: give it and run again"):
        feature_source(algorithm, {}, "POINTS", context)


def test_the_first_that_cannot_be_read_is_named(algorithm, context, image, tmp_path):
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    gone = "/nowhere/points.gpkg"
    for given, sentence in (
        ({"INPUT": str(text), "POINTS": gone}, f"Image to move (INPUT): '{text}' cannot be read as a raster"),
        (
            {"INPUT": QgsRasterLayer(str(text), "my photo"), "POINTS": gone},
            "Image to move (INPUT): 'my photo' cannot be read as a raster",
        ),
        ({"INPUT": image, "POINTS": gone}, f"Tie points (POINTS): '{gone}' cannot be read as vector data"),
        (
            {"INPUT": image, "POINTS": QgsProcessingFeatureSourceDefinition(gone, True)},
            f"Tie points (POINTS): '{gone}' cannot be read as vector data",
        ),
    ):
        with pytest.raises(UserError) as raised:
            read_values(algorithm, given, context)
        said = str(raised.value)
        assert said.startswith(sentence) and "check that QGIS shows it as a layer and run again" in said


def test_layers_that_can_be_read_stay_as_they_were_given(algorithm, context, image):
    points = QgsVectorLayer("Point?crs=EPSG:32633", "points", "memory")
    given = {"INPUT": image, "POINTS": points, "OUTPUT": "image.tif"}
    assert read_values(algorithm, given, context) == given


def test_one_name_of_several_layers_is_refused(algorithm, context, image):
    """QGIS takes the first it finds."""
    layers = [QgsProject.instance().addMapLayer(QgsRasterLayer(image, "twin")) for _ in range(2)]
    try:
        given = {"INPUT": "twin", "POINTS": QgsVectorLayer("Point", "points", "memory"), "OUTPUT": "image.tif"}
        with pytest.raises(UserError, match=r"^Image to move \(INPUT\): the project has several layers 'twin'; rename"):
            read_values(algorithm, given, context)
        by_id = {**given, "INPUT": layers[0].id()}
        assert read_values(algorithm, by_id, context) == by_id
    finally:
        QgsProject.instance().clear()
