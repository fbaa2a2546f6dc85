"""`extractbuildings` of complex layers through QGIS and the real engine, with a small MERLIN-Seg of random weights."""

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsVectorLayer,
)
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS, complex_houses
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, polygons, read_raster, write_raster
from sarbridge.tests.slc import ON_MAP, speckled, write_slc

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

ALGORITHM = "sarbridge:extractbuildings"


@pytest.fixture
def given(tmp_path, out):
    return {**complex_houses(tmp_path), "FOOTPRINTS": str(out / "houses.gpkg"), "MASK": str(out / "mask.tif")}


def burnt(path, shape):
    """Footprints as a mask whose pixels are those of an image as QGIS shows it without a place."""
    image = gdal.GetDriverByName("MEM").Create("", shape[1], shape[0], 1)
    image.SetGeoTransform((0, 1, 0, 0, 0, -1))
    source = gdal.OpenEx(path)
    gdal.RasterizeLayer(image, [1], source.GetLayer(), burn_values=[1])
    return image.ReadAsArray()


def is_shown_as_it_is(layer):
    """Whether QGIS brings it to no CRS of a map."""
    on_map = QgsCoordinateReferenceSystem("EPSG:3857")
    return QgsCoordinateTransform(layer.crs(), on_map, QgsCoordinateTransformContext()).isShortCircuited()


def test_in_radar_geometry_footprints_lie_over_the_image_as_qgis_shows_it(given, out):
    feedback = QgsProcessingFeedback(False)
    results = processing.run(ALGORITHM, {**given, "REPORT": str(out / "r.html")}, feedback=feedback)
    layer, mask = QgsVectorLayer(results["FOOTPRINTS"], "houses", "ogr"), read_raster(results["MASK"])
    assert layer.featureCount() == results["BUILDING_COUNT"] > 0 and is_shown_as_it_is(layer)
    assert np.array_equal(burnt(results["FOOTPRINTS"], mask.shape), mask == 1)
    assert QgsRasterLayer(given["SAR"]).extent().contains(layer.extent())
    assert sum(each["area_m2"] for each in layer.getFeatures()) == (mask == 1).sum() == results["BUILT_AREA"]
    assert "is in radar geometry: footprints have no coordinate reference system" in feedback.textLog()
    assert gdal.Open(results["MASK"]).GetGeoTransform(can_return_null=True) is None
    assert "in radar geometry" in (out / "r.html").read_text(encoding="utf-8")


def test_in_a_geopackage_with_other_layers_they_are_shown_as_they_are(given, tmp_path):
    package = str(tmp_path / "map.gpkg")
    polygons(package, (1, 1, 3, 2))
    processing.run(ALGORITHM, {**given, "FOOTPRINTS": f'ogr:dbname="{package}" table="houses" (geom)'})
    layers = [QgsVectorLayer(f"{package}|layername={name}", name, "ogr") for name in ("houses", "area")]
    assert [is_shown_as_it_is(each) for each in layers] == [True, False] and layers[0].featureCount() > 0


def test_in_flatgeobuf_they_are_shown_as_they_are(given, out):
    results = processing.run(ALGORITHM, {**given, "FOOTPRINTS": str(out / "houses.fgb")})
    layer = QgsVectorLayer(results["FOOTPRINTS"], "houses", "ogr")
    assert is_shown_as_it_is(layer) and layer.featureCount() == results["BUILDING_COUNT"]


def test_on_a_map_they_lie_there(given, tmp_path):
    results = processing.run(ALGORITHM, {**given, "SAR": write_slc(tmp_path / "map.tif", transform=ON_MAP)})
    layer = QgsVectorLayer(results["FOOTPRINTS"], "houses", "ogr")
    assert layer.crs().authid() == "EPSG:32633" and layer.featureCount() > 0
    assert layer.extent().xMinimum() >= LEFT and layer.extent().yMaximum() <= TOP


def test_control_points_are_kept_by_the_rasters(given, tmp_path, out):
    sar = write_slc(tmp_path / "gcps.tif", points=True)
    assert QgsRasterLayer(sar).crs().isValid(), "QGIS lays it on the map"
    results = processing.run(ALGORITHM, {**given, "SAR": sar, "PROBABILITY": str(out / "p.tif")})
    for key in ("MASK", "PROBABILITY"):
        assert gdal.Open(results[key]).GetGCPCount() == 4
    layer = QgsVectorLayer(results["FOOTPRINTS"], "houses", "ogr")
    assert is_shown_as_it_is(layer) and layer.extent().yMaximum() <= 0 and layer.extent().xMaximum() <= 96


@pytest.mark.parametrize("transform", [None, ON_MAP])
def test_a_part_is_as_in_the_whole_layer(transform, given, tmp_path):
    given["SAR"] = write_slc(tmp_path / "other.tif", transform=transform)
    whole = read_raster(processing.run(ALGORITHM, {**given, "MIN_AREA": 0})["MASK"])
    west, north = (ON_MAP[0], ON_MAP[3]) if transform else (0, 0)
    extent = f"{west + 20},{west + 70},{north - 50},{north - 10}{' [EPSG:32633]' if transform else ''}"
    results = processing.run(ALGORITHM, {**given, "MIN_AREA": 0, "EXTENT": extent})
    assert (read_raster(results["MASK"]) == whole[10:50, 20:70]).mean() > 0.99
    box = QgsVectorLayer(results["FOOTPRINTS"], "houses", "ogr").extent()
    assert west + 20 <= box.xMinimum() and north - 50 <= box.yMinimum() and box.yMaximum() <= north - 10


def test_real_and_imaginary_part_may_lie_in_two_bands(given, tmp_path):
    values = speckled(128, 192)
    expected = read_raster(processing.run(ALGORITHM, given)["MASK"])
    parts = write_raster(tmp_path / "parts.tif", np.stack([values.real, values.imag]))
    found = read_raster(processing.run(ALGORITHM, {**given, "SAR": parts})["MASK"])
    assert (found == expected).mean() > 0.99


def test_other_models_take_no_layer_without_a_place(given, tmp_path, out):
    detected = SMALL_RUNS["extractbuildings"](tmp_path)
    said = complaint(ALGORITHM, {**given, "MODEL_FILE": detected["MODEL_FILE"]})
    assert "Layer 'slc' has no coordinate reference system: set it in the layer's properties" in said
    said = complaint(ALGORITHM, {**given, "SAR": detected["SAR"]})
    assert "by real and imaginary part of a complex image, and layer 'x_hh' holds no phase" in said
    assert not list(out.iterdir())


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"FOOTPRINTS": "houses.geojson"}, "CRS that has an EPSG code, and layer 'slc' has none: choose a GeoPackage"),
        ({"SAR_OTHER": "slc.tif"}, "(SAR_OTHER) is not used by a model for complex images, which sees one: leave it"),
        ({"EXTENT": "0,50,0,50"}, "Extent (EXTENT): it does not meet layer 'slc', which lies nowhere on a map"),
        ({"LOOK_AZIMUTH": 90}, "sees images as they lie"),
        ({"SAR_UNIT": "db"}, "Layer 'slc' holds complex values (complex64): choose the SAR unit complex"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, given, out, tmp_path):
    folders = {"FOOTPRINTS": out, "SAR_OTHER": tmp_path}
    others = {key: str(folders[key] / value) if key in folders else value for key, value in others.items()}
    assert said in complaint(ALGORITHM, {**given, **others})
    assert not list(out.iterdir())
