"""`evaluatetranslation` through QGIS and the real engine."""

import csv

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingFeedback, QgsRasterLayer, QgsVectorLayer, QgsWkbTypes
from sarbridge.processing_provider.algorithms.evaluate_translation import NUMBERS
from sarbridge.tests.inception_weights import write_weights
from sarbridge.tests.processing_provider.algorithms.small_runs import small_run
from sarbridge.tests.qgis_session import ENGINE_PYTHON, complaint
from sarbridge.tests.rasters import LEFT, TOP, write_raster
from sarbridge.tests.written_by_engine import write_by_engine

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

ALGORITHM = "sarbridge:evaluatetranslation"


def colours(height=48, width=60):
    return np.random.default_rng(0).integers(20, 200, (3, height, width)).astype(np.uint8)


@pytest.fixture
def images(tmp_path):
    """A reference, and a translated image that is a fifth of the range brighter in its western half."""
    translated = colours()
    translated[:, :, :30] += 51
    return {
        "TRANSLATED": write_raster(tmp_path / "translated.tif", translated, cell=10),
        "REFERENCE": write_raster(tmp_path / "s2.tif", colours(), cell=10),
    }


def test_known_differences_are_scored(images, tmp_path, out):
    zones = np.zeros((24, 30), np.uint8)
    zones[:, :15] = 8  # active shadow in the western half, cells twice as large
    given = {**images, "ZONES": write_raster(tmp_path / "zones.tif", zones, cell=20), "REPORT": str(out / "r.html")}
    feedback = QgsProcessingFeedback(False)
    results = processing.run(ALGORITHM, given, feedback=feedback)
    assert results["MSE_ALL"] == pytest.approx(0.02) and results["PIXELS_ALL"] == 48 * 60
    assert results["MSE_SHADOW"] == pytest.approx(0.04) and results["PSNR_SHADOW"] == pytest.approx(13.9794)
    assert results["MSE_UNDISTORTED"] == 0 and "PSNR_UNDISTORTED" not in results and "MSE_LAYOVER" not in results
    assert results["MEAN_COLOUR_MSE"] == pytest.approx((colours() / 255).var((1, 2)).mean(), rel=1e-5)
    assert results["FEATURE_DISTANCE"] > 0 and set(results) < {*NUMBERS, "REPORT"}
    assert "Over 2,880 pixels the mean squared error is 0.02" in feedback.textLog()
    assert "Evaluation of a translation" in (out / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", [".csv", ".gpkg"])
def test_the_table_has_a_row_for_each_image_and_zone(suffix, tmp_path, out):
    given = {**small_run("evaluatetranslation", tmp_path), "TABLE": str(out / f"scores{suffix}")}
    results = processing.run(ALGORITHM, given)
    layer = QgsVectorLayer(results["TABLE"], "scores", "ogr")
    assert layer.isValid() and layer.wkbType() == QgsWkbTypes.NoGeometry and layer.featureCount() == 3 * 5
    rows = {(row["image"], row["zone"]): row for row in layer.getFeatures()}
    for zone in ("all", "foreshortening", "shadow", "layover", "undistorted"):
        row = rows["translated", zone]
        assert float(row["mse"]) == pytest.approx(results[f"MSE_{zone.upper()}"], rel=1e-6)
        assert int(row["pixels"]) == results[f"PIXELS_{zone.upper()}"]
        assert bool(row["features"]) == (zone == "all")
    assert float(rows["translated", "all"]["frechet_distance"]) == pytest.approx(results["FEATURE_DISTANCE"], rel=1e-6)
    assert rows["mean_colour", "all"]["features"].startswith("the optical encoder of BridgeMatch")
    assert float(rows["regression", "all"]["ssim"]) == pytest.approx(results["REGRESSION_SSIM"], rel=1e-6)


def test_a_table_replaces_the_one_before_and_leaves_other_layers(images, out):
    """QGIS writes it once more under the name it has, and as a layer beside it."""
    path = out / "scores.gpkg"
    layers = f"ogr:dbname='{path}' table=\"again\" (geom)"
    for table in (str(path), str(path), layers, layers, str(path)):
        processing.run(ALGORITHM, {**images, "TABLE": table})
    for name in ("scores", "again"):
        assert QgsVectorLayer(f"{path}|layername={name}", name, "ogr").featureCount() == 2


def test_zones_are_made_from_heights_and_view(images, tmp_path, out):
    heights = np.zeros((48, 60))
    heights[:, 25:35] = 200
    given = {**images, "DEM": write_raster(tmp_path / "dem.tif", heights, cell=10), "HEADING": 0}
    results = processing.run(ALGORITHM, {**given, "TABLE": str(out / "scores.csv")})
    with (out / "scores.csv").open() as file:
        zones = {row["zone"] for row in csv.DictReader(file)}
    assert {"all", "shadow", "layover"} <= zones and results["PIXELS_SHADOW"] > 200
    assert [path.name for path in out.iterdir()] == ["scores.csv"]


def test_weights_of_inception_give_the_fid(tmp_path, out):
    """Two patches of 256 pixels fit."""
    weights = write_by_engine(write_weights, tmp_path / "inception.safetensors", ENGINE_PYTHON)
    given = {
        "TRANSLATED": write_raster(tmp_path / "a.tif", colours(256, 384) // 2),
        "REFERENCE": write_raster(tmp_path / "b.tif", colours(256, 384)),
        "FEATURE_MODEL_FILE": weights,
    }
    feedback = QgsProcessingFeedback(False)
    results = processing.run(ALGORITHM, given, feedback=feedback)
    assert results["FID"] > 0 and "FEATURE_DISTANCE" not in results and set(results) < set(NUMBERS)
    assert "(FID) by Inception-v3 with the weights of inception.safetensors: " in feedback.textLog()
    assert "2 samples are no more than the 2,048 features" in feedback.textLog()


def test_layers_in_memory_are_scored_as_their_files(images):
    gdal.Translate("/vsimem/translated.tif", images["TRANSLATED"])
    layer = QgsRasterLayer("/vsimem/translated.tif", "translated")
    in_memory, of_file = (
        processing.run(ALGORITHM, {**images, "TRANSLATED": each}) for each in (layer, images["TRANSLATED"])
    )
    assert in_memory == of_file


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"REFERENCE": "far.tif"}, "do not overlap"),
        ({"REFERENCE": "grey.tif"}, "'translated' is read with 3 and 'grey' with 1 of"),
        ({"REFERENCE": "copy.tif"}, "are the same image"),
        ({"REFERENCE": "dn.tif"}, "neither 8 bits nor 0 to 1"),
        ({"ZONES": "grey.tif"}, "no mask of distortion zones"),
        ({"HEADING": 0}, "Distortion zones follow from heights and the view of the radar"),
        ({"DEM": "dem.tif"}, "Nothing says where the radar looks"),
        ({"DEM": "dem.tif", "HEADING": 0, "ZONES": "grey.tif"}, "Distortion zones are given twice"),
        ({"REFERENCE_BANDS": [1, 2]}, "'translated' is read with 3 and 's2' with 2 of"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, images, tmp_path, out):
    write_raster(tmp_path / "far.tif", colours(), cell=10, corner=(LEFT + 50_000, TOP))
    write_raster(tmp_path / "grey.tif", colours()[0] + np.uint8(1), cell=10)
    write_raster(tmp_path / "dn.tif", colours() * 40.0, cell=10)
    write_raster(tmp_path / "dem.tif", np.zeros((48, 60)), cell=10)
    gdal.Translate(str(tmp_path / "copy.tif"), images["TRANSLATED"])
    others = {key: str(tmp_path / value) if str(value).endswith(".tif") else value for key, value in others.items()}
    assert said in complaint(ALGORITHM, {**images, "TABLE": str(out / "scores.gpkg"), **others})
    assert not list(out.iterdir())
