"""`despeckle` through QGIS and the real engine, with small networks of random weights and with filters."""

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
)
from sarbridge.processing_provider.algorithms.despeckle import NUMBERS
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS
from sarbridge.tests.qgis_session import ENGINE_PYTHON, complaint
from sarbridge.tests.rasters import read_raster, write_raster
from sarbridge.tests.slc import ON_MAP, speckled, write_slc
from sarbridge.tests.toy_despeckler import write_bridge_clear
from sarbridge.tests.written_by_engine import write_by_engine

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

ALGORITHM = "sarbridge:despeckle"
BOXCAR = {"METHOD": "boxcar", "MODEL_FILE": None}


@pytest.fixture
def given(tmp_path, out):
    return {**SMALL_RUNS["despeckle"](tmp_path), "OUTPUT": str(out / "clean.tif")}


def despeckled(given):
    return read_raster(processing.run(ALGORITHM, given)["OUTPUT"])


def test_result_and_ratio_make_the_layer_in_every_unit(given, out):
    power = np.abs(speckled(128, 192)) ** 2
    results = processing.run(ALGORITHM, {**given, "RATIO": str(out / "ratio.tif")})
    decibels, ratio = read_raster(results["OUTPUT"]), read_raster(results["RATIO"])
    assert decibels.dtype == np.float32 and decibels.shape == (128, 192)
    assert np.allclose(10 ** (decibels / 10) * ratio, power, rtol=1e-3)
    assert np.allclose(despeckled({**given, "OUTPUT_UNIT": "power"}), 10 ** (decibels / 10), rtol=1e-3)
    assert np.allclose(despeckled({**given, "OUTPUT_UNIT": "amplitude"}), 10 ** (decibels / 20), rtol=1e-3)
    assert results["VALID_PIXELS"] == 128 * 192 and results["RATIO_MEAN"] == pytest.approx(ratio.mean(), rel=1e-3)
    assert results["LOOKS"] == pytest.approx(1, abs=0.1) and results["CORRELATION_AFTER"] < 0.1
    assert set(results) == {*NUMBERS, "OUTPUT", "RATIO"}
    assert {path.name for path in out.iterdir()} == {"clean.tif", "clean.qml", "ratio.tif", "ratio.qml"}


@pytest.mark.parametrize(
    "place", [{}, {"points": True}, {"polynomials": True}, {"transform": ON_MAP}, {"transform": (0, 1, 2, 0, 2, -1)}]
)
def test_the_result_lies_where_the_layer_does(place, given, tmp_path):
    path = write_slc(tmp_path / "other.tif", **place)
    processing.run(ALGORITHM, {**given, **BOXCAR, "INPUT": path})
    layer, result = gdal.Open(path), gdal.Open(given["OUTPUT"])
    assert (result.RasterXSize, result.RasterYSize) == (96, 64)
    assert result.GetGeoTransform(can_return_null=True) == layer.GetGeoTransform(can_return_null=True)
    lies = QgsRasterLayer(path), QgsRasterLayer(given["OUTPUT"])
    assert lies[0].crs() == lies[1].crs() and lies[0].extent() == lies[1].extent()
    assert result.GetMetadata("RPC").keys() == layer.GetMetadata("RPC").keys()
    corners = [[(gcp.GCPPixel, gcp.GCPLine, gcp.GCPX, gcp.GCPY) for gcp in each.GetGCPs()] for each in (layer, result)]
    assert corners[0] == corners[1] and len(corners[0]) == (4 if "points" in place else 0)


@pytest.mark.parametrize("transform", [None, ON_MAP])
def test_a_part_is_as_in_the_whole_layer(transform, given, tmp_path):
    given = {**given, **BOXCAR, "INPUT": write_slc(tmp_path / "other.tif", transform=transform)}
    whole = despeckled(given)
    west, north = (ON_MAP[0], ON_MAP[3]) if transform else (0, 0)
    extent = f"{west + 20},{west + 70},{north - 50},{north - 10}{' [EPSG:32633]' if transform else ''}"
    assert np.allclose(despeckled({**given, "EXTENT": extent}), whole[10:50, 20:70], atol=1e-4)


def test_real_and_imaginary_part_may_lie_in_two_bands(given, tmp_path):
    values = speckled(128, 192)
    parts = write_raster(tmp_path / "parts.tif", np.stack([values.real, values.imag]))
    assert np.allclose(despeckled({**given, "INPUT": parts, "SAR_UNIT": "parts"}), despeckled(given), atol=1e-3)
    assert "Real and imaginary part are two bands, and 1 of layer 'parts'" in complaint(
        ALGORITHM, {**given, "INPUT": parts, "SAR_UNIT": "parts", "BANDS": [2]}
    )


def test_each_band_is_despeckled_by_itself(given, tmp_path):
    powers = [np.abs(speckled(seed=seed)) ** 2 for seed in (1, 2)]
    given = {**given, **BOXCAR, "INPUT": write_raster(tmp_path / "grd.tif", np.stack(powers)), "SAR_UNIT": "power"}
    both = despeckled(given)
    assert both.shape == (2, 64, 96)
    assert np.allclose(despeckled({**given, "BANDS": [2]}), both[1], atol=1e-4)


def test_detected_images_need_a_model_that_needs_no_phase(given, out, tmp_path):
    given["INPUT"] = write_raster(tmp_path / "grd.tif", 10 * np.log10(np.abs(speckled()) ** 2))
    said = complaint(ALGORITHM, given)
    assert "and layer 'grd' holds no phase: choose a model for detected images" in said and not list(out.iterdir())
    given["MODEL_FILE"] = write_by_engine(write_bridge_clear, tmp_path / "clear.safetensors", ENGINE_PYTHON)
    results = processing.run(ALGORITHM, given)
    assert np.isfinite(read_raster(results["OUTPUT"])).all() and "CORRELATION_BEFORE" not in results


def test_a_layer_in_memory_is_despeckled_as_its_file(given, tmp_path):
    given = {**given, **BOXCAR, "INPUT": write_slc(tmp_path / "other.tif", transform=ON_MAP)}
    gdal.Translate("/vsimem/other.tif", given["INPUT"])
    in_memory = {**given, "INPUT": QgsRasterLayer("/vsimem/other.tif", "other")}
    assert np.array_equal(despeckled(in_memory), despeckled(given))


def test_the_ratio_is_loaded_in_grey_below_the_result(given, out):
    project, context = QgsProject(), QgsProcessingContext()
    context.setProject(project)
    path = str(out / "ratio.tif")
    for each, name in ((path, "RATIO"), (given["OUTPUT"], "OUTPUT")):
        context.addLayerToLoadOnCompletion(each, QgsProcessingContext.LayerDetails(name, project, name))
    processing.run(ALGORITHM, {**given, "RATIO": path}, context=context)
    layer = QgsProcessingUtils.mapLayerFromString(path, context)
    context.layerToLoadOnCompletionDetails(path).postProcessor().postProcessLayer(
        layer, context, QgsProcessingFeedback()
    )
    stretch = layer.renderer().contrastEnhancement()
    assert (stretch.minimumValue(), stretch.maximumValue()) == (0, 3)


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"METHOD": "refined_lee"}, "(MODEL_FILE) is not used by the refined Lee filter: leave it empty."),
        ({"METHOD": "median"}, "Method (METHOD) must be one of these"),
        ({"EXTENT": "0,50,0,50"}, "Extent (EXTENT): it does not meet layer 'slc', which lies nowhere on a map"),
        ({"SAR_UNIT": "db"}, "Layer 'slc' holds complex values (complex64): choose the SAR unit complex"),
        ({"OUTPUT": "clean.jpg"}, "has a format that is not supported here: give a file name that ends in .tif"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, given, out):
    others = {key: str(out / value) if key == "OUTPUT" else value for key, value in others.items()}
    assert said in complaint(ALGORITHM, {**given, **others})
    assert not list(out.iterdir())
