"""`traintranslator` and `buildpatches` through QGIS and the real engine."""

import csv

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from sarbridge.models.card import read_card
from sarbridge.processing_provider import settings
from sarbridge.processing_provider.algorithms import build_patches
from sarbridge.processing_provider.engine_process import engine_client
from sarbridge.tests.processing_provider.algorithms.impatient import Impatient
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, polygons, read_raster, write_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

TRAIN, BUILD = "sarbridge:traintranslator", "sarbridge:buildpatches"


@pytest.fixture
def given(tmp_path):
    return SMALL_RUNS["traintranslator"](tmp_path)


@pytest.fixture
def layers(tmp_path):
    return SMALL_RUNS["buildpatches"](tmp_path)


@pytest.fixture
def own_models(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(settings, "model_folder", lambda: str(folder))
    return folder


def test_a_model_is_listed_at_once_and_translates(given, own_models, out):
    given = {**given, "NAME": "Town in June", "BATCH_SIZE": 2}
    feedback = QgsProcessingFeedback(False)
    results = processing.run(TRAIN, given, feedback=feedback)
    path = own_models / "Town_in_June.safetensors"
    assert results["OUTPUT"] == str(path) and [each.name for each in own_models.iterdir()] == [path.name]
    assert results["STEPS"] == 3 and results["MSE"] > 0 and "REPORT" not in results
    assert "Step 1 of 3: mse" in feedback.textLog() and " left." in feedback.textLog()
    card = read_card(path)
    assert card.inputs["sar"]["polarisations"] == ["VV"] and card.training_sets == ("s1_vv", "s2")
    translate = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:translatetooptical")
    assert "Town in June" in translate.parameterDefinition("MODEL").options()
    translation = {"SAR": given["SAR"], "MODEL": "Town in June", "OUTPUT": str(out / "optical.tif")}
    assert processing.run("sarbridge:translatetooptical", translation)["VALID_PIXELS"] == 128 * 192
    assert "there is a model" in complaint(TRAIN, given)


def test_a_qgis_that_is_killed_leaves_nothing_beside_a_data_set(layers, out, monkeypatch):
    """While the engine writes, which removes what is its own, nothing of QGIS is there."""
    there = []

    def run_job(job, feedback):
        there.append(list(out.iterdir()))
        return engine_client.run_job(job, feedback)

    monkeypatch.setattr(build_patches, "run_job", run_job)
    processing.run(BUILD, {**layers, "FOLDER": str(out / "set")})
    assert there == [[]] and [path.name for path in out.iterdir()] == ["set"]


def test_a_training_that_was_cancelled_goes_on(given, out):
    given = {**given, "EPOCHS": 10, "METHOD": "bridgeview", "OUTPUT": str(out / "mine.safetensors")}
    with pytest.raises(QgsProcessingException):
        processing.run(TRAIN, given, feedback=Impatient("Step 3 of 20"))
    assert [path.name for path in out.iterdir()] == ["mine.checkpoint"]
    said = complaint(TRAIN, {**given, "SEED": 2})
    assert "other settings (seed: 1 instead of 2" in said and [path.name for path in out.iterdir()] == [
        "mine.checkpoint"
    ]
    feedback = QgsProcessingFeedback(False)
    processing.run(TRAIN, {**given, "REPORT": str(out / "report.html")}, feedback=feedback)
    assert "The training goes on after step " in feedback.textLog() and "Step 1 of 20" not in feedback.textLog()
    assert sorted(path.name for path in out.iterdir()) == ["mine.safetensors", "report.html"]
    assert read_card(out / "mine.safetensors").name == "BridgeView of s1_vv"


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"METHOD": "sardinet_late"}, "SARDINet-L learns from heights"),
        ({"DEM": "dem.tif", "METHOD": "sardinet"}, "SARDINet takes no heights, so that layer 'dem' would not be used"),
        ({"OPTICAL": "far.tif"}, "do not overlap"),
        ({"OPTICAL": "even.tif"}, "holds only the one value 7"),
        ({"OPTICAL": "copy.tif", "SAR": "copy.tif"}, "are the same image"),
        ({"PATCH_SIZE": 256}, "too few for one patch of 256"),
        ({"PATCH_SIZE": 100}, "must be a multiple of 32"),
        ({"AREA": "corner.gpkg"}, "None of 15 patches of 64 pixels of layer 's1_vv' can be used"),
        ({"AREA": "elsewhere.gpkg"}, "No polygon of layer"),
        ({"POLARISATIONS": "VV, VH"}, "must name one for each band, 1 in all"),
        ({"NAME": "a<b"}, "The model needs a name"),
        ({"MINUTES": 5, "EPOCHS": 3}, "Epochs (EPOCHS) and Minutes (instead of epochs) (MINUTES) are both chosen"),
        ({"OUTPUT": ""}, "there is no folder of own models"),
        ({"OUTPUT": "model.tif"}, "has a format that is not supported here"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, given, tmp_path, out):
    colours = np.random.default_rng(0).integers(1, 255, (3, 128, 192)).astype(np.uint8)
    write_raster(tmp_path / "far.tif", colours, cell=10, corner=(LEFT + 50_000, TOP))
    write_raster(tmp_path / "even.tif", np.full_like(colours, 7), cell=10)
    write_raster(tmp_path / "copy.tif", colours, cell=10)
    write_raster(tmp_path / "dem.tif", np.zeros((128, 192)), cell=10)
    polygons(tmp_path / "corner.gpkg", (0, 0, 40, 40))
    polygons(tmp_path / "elsewhere.gpkg", (5000, 0, 5040, 40))
    others = {
        key: str(tmp_path / value) if str(value).endswith((".tif", ".gpkg")) else value for key, value in others.items()
    }
    assert said in complaint(TRAIN, {**given, "OUTPUT": str(out / "mine.safetensors"), **others})
    assert not list(out.iterdir())


def test_minutes_are_timed_before_the_training_begins(given, out):
    feedback = QgsProcessingFeedback(False)
    given = {**given, "EPOCHS": None, "MINUTES": 0.001, "METHOD": "sardinet", "OUTPUT": str(out / "mine.safetensors")}
    assert processing.run(TRAIN, given, feedback=feedback)["STEPS"] == 1
    said = feedback.textLog()
    assert "scorings fit into 0.001 min." in said
    assert said.index("A step takes") < said.index("Step 1 of 1")


def test_patches_lie_where_their_outlines_are(layers, tmp_path, out):
    area = polygons(tmp_path / "area.gpkg", (0, 0, 192, 64), (0, 64, 64, 128))
    given = {**layers, "AREA": area, "FOLDER": str(out / "set"), "CLOUD_SHARE": 50}
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    results = processing.run(BUILD, given, context=context)
    assert [(path, each.name) for path, each in context.layersToLoadOnCompletion().items()] == [
        (results["OUTLINES"], "Patches")
    ]
    layer = QgsVectorLayer(results["OUTLINES"], "read", "ogr")
    context.layerToLoadOnCompletionDetails(results["OUTLINES"]).postProcessor().postProcessLayer(layer, context, None)
    assert [each.value() for each in layer.renderer().categories()] == ["training", "validation", "between"]
    assert (out / "set" / "patches.qml").is_file()
    assert results["FOLDER"] == str(out / "set") and results["OUTLINES"] == str(out / "set" / "patches.gpkg")
    assert [path.name for path in out.iterdir()] == ["set"]
    outlines = QgsVectorLayer(results["OUTLINES"], "patches", "ogr")
    assert outlines.crs().authid() == "EPSG:32633" and outlines.featureCount() == results["PATCHES"] == 7
    with (out / "set" / "patches.csv").open() as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    for feature in outlines.getFeatures():
        row, image = rows[feature["name"]], QgsRasterLayer(str(out / "set" / feature["optical"]), "patch")
        assert image.extent() == feature.geometry().boundingBox() and image.width() == 64
        assert (feature["place_split"], feature["random_split"]) == (row["place_split"], row["random_split"])
        assert feature["col"] == int(row["col"])
    splits = [row["place_split"] for row in rows.values()]
    assert splits.count("validation") == results["VALIDATION_PATCHES"] >= 1


def test_two_polarisations_may_lie_in_two_layers(given, tmp_path, out):
    vh = write_raster(tmp_path / "s1_vh.tif", np.random.default_rng(2).normal(-17, 2, (128, 192)), cell=10)
    output = str(out / "mine.safetensors")
    processing.run(TRAIN, {**given, "SAR_OTHER": vh, "METHOD": "sardinet", "OUTPUT": output})
    card = read_card(output)
    assert card.inputs["sar"]["polarisations"] == ["VV", "VH"] and card.inputs["sar"]["bands"] == 2


def test_layers_that_are_no_files_are_cut_as_their_files(layers, out):
    gdal.Translate("/vsimem/s1_vv.tif", layers["SAR"])
    for name, sar in (("file", layers["SAR"]), ("memory", QgsRasterLayer("/vsimem/s1_vv.tif", "s1_vv"))):
        assert processing.run(BUILD, {**layers, "SAR": sar, "FOLDER": str(out / name)})["PATCHES"] == 15
    assert (out / "file" / "patches.csv").read_text() == (out / "memory" / "patches.csv").read_text()
    one, other = (read_raster(out / name / "sar" / "0007.tif") for name in ("file", "memory"))
    assert np.array_equal(one, other) and one.std() > 20


def test_a_folder_that_holds_something_is_refused(layers, out):
    (out / "set").mkdir()
    empty = processing.run(BUILD, {**layers, "FOLDER": str(out / "set")})
    assert empty["PATCHES"] == 15
    said = complaint(BUILD, {**layers, "FOLDER": str(out / "set")})
    assert "is there already and no empty folder: choose a new one." in said
    assert "does not exist" in complaint(BUILD, {**layers, "FOLDER": str(out / "nowhere" / "set")})
    assert "too few for one patch" in complaint(BUILD, {**layers, "PATCH_SIZE": 160, "FOLDER": str(out / "other")})
    assert [path.name for path in out.iterdir()] == ["set"]
