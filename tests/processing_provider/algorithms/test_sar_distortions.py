"""`sardistortions` through QGIS and the real engine: a box on a plain, its legend, a model step, and bad input."""

import math
from pathlib import Path

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelParameter,
    QgsProcessingParameterRasterLayer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from sarbridge.processing_provider.algorithms.sar_distortions import NUMBERS
from sarbridge.processing_provider.outputs.styles import DISTORTION_ZONES
from sarbridge.tests.processing_provider.model_steps import model_of, step
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, write_raster
from sarbridge.tests.rasters import read_raster as read

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

ALGORITHM = "sarbridge:sardistortions"
COMBINATIONS = {0, 1, 2, 4, 5, 8, 12, 16, 17, 18, 20, 21}
"""Sums of bits that can occur: a slope faces the sensor or turns away, and is what it makes or what falls on it."""


@pytest.fixture
def box(tmp_path):
    heights = np.full((90, 100), 200.0)
    heights[40:60, 40:60] = 212
    return write_raster(tmp_path / "box.tif", heights)


def parameters(dem, out, **others):
    chosen = {"DEM": dem, "HEADING": 0, "INCIDENCE_ANGLE": 40, "DEVICE": "cpu", "OUTPUT": str(out / "zones.tif")}
    return {**chosen, **others}


def test_a_box_has_layover_before_it_and_shadow_behind_it(box, out):
    outputs = {"INCIDENCE": str(out / "incidence.tif"), "LAYOVER_COUNT": str(out / "count.tif")}
    results = processing.run(ALGORITHM, parameters(box, out, **outputs))
    mask = read(results["OUTPUT"])
    middle = mask[50]
    assert (middle[:40] & 6 > 0).sum() == pytest.approx(12 / math.tan(math.radians(40)), abs=1)
    assert (middle[60:] & 24 > 0).sum() == pytest.approx(12 * math.tan(math.radians(40)), abs=1)
    assert not mask[:35].any()
    assert results["VALID_CELLS"] == mask.size
    assert results["SHADOW_SHARE"] == pytest.approx(100 * (mask & 24 > 0).mean())
    assert set(NUMBERS) < set(results)
    assert read(results["INCIDENCE"])[10] == pytest.approx(40, abs=1e-3)
    assert read(results["LAYOVER_COUNT"])[10] == pytest.approx(1, abs=1e-3)
    assert {path.name for path in out.iterdir()} == {
        f"{name}.{suffix}" for name in ("zones", "incidence", "count") for suffix in ("tif", "qml")
    }


def test_look_side_and_look_azimuth_turn_it(box, out):
    right = read(processing.run(ALGORITHM, parameters(box, out))["OUTPUT"])
    left = read(processing.run(ALGORITHM, parameters(box, out, LOOK_SIDE="left"))["OUTPUT"])
    wins = parameters(box, out, HEADING=123, LOOK_AZIMUTH=-90)
    by_azimuth = read(processing.run(ALGORITHM, wins)["OUTPUT"])
    assert (left == right[:, ::-1]).mean() > 0.99 and (left != right).any()
    assert np.array_equal(by_azimuth, left)


def test_an_extent_in_degrees_is_understood(box, out):
    """Its cells are those whose centres lie in the extent, as QGIS transforms it."""
    extent = QgsRectangle(LEFT + 20.2, TOP - 70.3, LEFT + 63.9, TOP - 31.8)
    systems = QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326")
    there = QgsCoordinateTransform(*systems, QgsProject.instance()).transformBoundingBox(extent)
    bounds = there.xMinimum(), there.xMaximum(), there.yMinimum(), there.yMaximum()
    text = ",".join(map(repr, bounds)) + " [EPSG:4326]"
    mask = QgsRasterLayer(processing.run(ALGORITHM, parameters(box, out, EXTENT=text))["OUTPUT"]).extent()
    found = mask.xMinimum(), mask.xMaximum(), mask.yMinimum(), mask.yMaximum()
    assert found == pytest.approx((LEFT + 20, LEFT + 64, TOP - 70, TOP - 32), abs=1)


def test_layers_of_angles_and_in_memory_are_understood(box, out, tmp_path):
    expected = read(processing.run(ALGORITHM, parameters(box, out))["OUTPUT"])
    angles = write_raster(tmp_path / "angles.tif", np.full((20, 20), 40.0), cell=10, corner=(LEFT - 50, TOP))
    gdal.Translate("/vsimem/dem.tif", box)
    layer = QgsProject.instance().addMapLayer(QgsRasterLayer("/vsimem/dem.tif", "in memory")).id()
    given = parameters(layer, out, INCIDENCE_ANGLE=20, INCIDENCE_LAYER=angles)
    found = read(processing.run(ALGORITHM, given)["OUTPUT"])
    QgsProject.instance().clear()
    gdal.Unlink("/vsimem/dem.tif")
    assert np.array_equal(found, expected)


def test_the_legend_names_every_combination_that_can_occur(box, out):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    path = str(out / "zones.tif")
    context.addLayerToLoadOnCompletion(
        path, QgsProcessingContext.LayerDetails("zones", QgsProject.instance(), "OUTPUT")
    )
    processing.run(ALGORITHM, parameters(box, out), context=context)
    layer = QgsRasterLayer(path, "zones")
    context.layerToLoadOnCompletionDetails(path).postProcessor().postProcessLayer(
        layer, context, QgsProcessingFeedback()
    )
    classes = {int(each.value): each.label for each in layer.renderer().classes()}
    assert set(classes) == COMBINATIONS
    assert set(np.unique(read(path))) <= COMBINATIONS
    words = {1: "foreshort", 2 + 4: "layover", 8 + 16: "shadow", 2: "active layover", 8: "active shadow"}
    for value, label in classes.items():
        for bits, word in words.items():
            assert (word in label.lower().replace("passive", "")) == bool(value & bits), label
    assert (out / "zones.qml").read_text().startswith(Path(DISTORTION_ZONES).read_text())


def test_it_works_as_a_step_of_a_model(box, out):
    given = {
        "DEM": QgsProcessingModelChildParameterSource.fromModelParameter("dem"),
        "LOOK_AZIMUTH": 90,
        "DEVICE": "cpu",
    }
    model = model_of(step("sardistortions", given, ["OUTPUT"]))
    model.addModelParameter(QgsProcessingParameterRasterLayer("dem"), QgsProcessingModelParameter("dem"))
    results = processing.run(model, {"dem": box, "sardistortions:OUTPUT": str(out / "zones.tif")})
    assert read(results["sardistortions:OUTPUT"]).shape == (90, 100)


@pytest.mark.parametrize(
    "others, words",
    [
        ({"HEADING": None}, "Nothing says where the radar looks: give its flight direction (HEADING)"),
        ({"INCIDENCE_ANGLE": 50, "INCIDENCE_ANGLE_FAR": 40}, "must not be smaller than the near one"),
        ({"EXTENT": "0,1,0,1 [EPSG:32633]"}, "The extent holds no cell of layer 'box'"),
        ({"DEM": "/nowhere/dem.tif"}, "(DEM): '/nowhere/dem.tif' cannot be read as a raster"),
        ({"DEVICE": "cuda:7"}, "cuda:7"),
        ({"OUTPUT": "/nowhere/zones.tif"}, "Distortion zones (OUTPUT): the folder /nowhere does not exist"),
    ],
)
def test_bad_input_gets_a_sentence_and_leaves_no_file(box, out, others, words):
    assert words in complaint(ALGORITHM, parameters(box, out, **others))
    assert list(out.iterdir()) == []


def test_angles_out_of_range_are_refused_before_the_run(box, out):
    said = complaint(ALGORITHM, parameters(box, out, INCIDENCE_ANGLE=3))
    assert "Incidence angle (degrees) (INCIDENCE_ANGLE) must be a number of at least 5 and at most 85; got 3." in said
    said = complaint(ALGORITHM, parameters(box, out, HEADING=400))
    assert "(HEADING) must be a number of at least -360 and at most 360; got 400." in said


def test_the_band_of_the_incidence_layer_can_be_chosen(box, out, tmp_path):
    """A product whose second band holds the angles."""
    angles = write_raster(tmp_path / "angles.tif", np.full((90, 100), 40.0))
    stack = str(tmp_path / "stack.vrt")
    gdal.BuildVRT(stack, [box, angles], separate=True).FlushCache()
    alone = processing.run(ALGORITHM, parameters(box, out))["LAYOVER_SHARE"]
    stacked = parameters(box, out, INCIDENCE_ANGLE=20, INCIDENCE_LAYER=stack, INCIDENCE_BAND=2)
    assert processing.run(ALGORITHM, stacked)["LAYOVER_SHARE"] == alone
    stacked["INCIDENCE_BAND"] = 3
    assert "must be a band of layer 'stack', which has 1 to 2; got 3." in complaint(ALGORITHM, stacked)


def test_layers_of_angles_that_make_no_sense_are_refused(box, out, tmp_path):
    radians = write_raster(tmp_path / "radians.tif", np.full((90, 100), 0.7))
    assert "look like radians" in complaint(ALGORITHM, parameters(box, out, INCIDENCE_LAYER=radians))
    elsewhere = write_raster(tmp_path / "elsewhere.tif", np.full((90, 100), 40.0), corner=(LEFT + 3000, TOP))
    assert "do not overlap" in complaint(ALGORITHM, parameters(box, out, INCIDENCE_LAYER=elsewhere))
    assert list(out.iterdir()) == []


def test_no_data_only_is_refused_and_feet_are_warned_of(out, tmp_path):
    empty = write_raster(tmp_path / "empty.tif", np.full((30, 30), np.nan))
    assert "Layer 'empty' holds only no data" in complaint(ALGORITHM, parameters(empty, out))
    everest = write_raster(tmp_path / "everest.tif", np.linspace(28_000, 29_000, 900).reshape(30, 30), cell=90)
    feedback = QgsProcessingFeedback(False)
    processing.run(ALGORITHM, parameters(everest, out), feedback=feedback)
    assert "if they are feet" in feedback.textLog()
