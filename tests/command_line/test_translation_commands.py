"""Translation, training and evaluation by the real `qgis_process`."""

import numpy as np
import pytest

pytest.importorskip("osgeo.gdal")

from osgeo import gdal  # noqa: E402
from sarbridge.models.card import read_card  # noqa: E402
from sarbridge.tests.command_line.commands import command, results_of, run  # noqa: E402
from sarbridge.tests.qgis_session import QGIS_PROCESS, ROOT  # noqa: E402
from sarbridge.tests.rasters import LEFT, TOP, write_raster  # noqa: E402
from sarbridge.tests.toy_translator import write_translator  # noqa: E402
from sarbridge.tests.written_by_engine import write_by_engine  # noqa: E402

pytestmark = pytest.mark.skipif(QGIS_PROCESS is None, reason="qgis_process is not installed")


def test_a_translation(tmp_path, out, environment, engine):
    """By two bands that the file's name tells, with zones of a plain."""
    backscatter = np.random.default_rng(0).normal(-12, 3, (2, 50, 60))
    translation = command(
        "sarbridge:translatetooptical",
        SAR=write_raster(tmp_path / "s1_vv_vh.tif", backscatter, cell=10),
        SAR_BANDS="1,2",
        MODEL_FILE=write_by_engine(write_translator, tmp_path / "toy.safetensors", engine),
        DEM=write_raster(tmp_path / "dem.tif", np.zeros((50, 60)), cell=10),
        HEADING=348,
        OUTPUT=out / "optical.tif",
        REPORT=out / "report.html",
    )
    numbers = results_of(translation, environment)
    assert numbers["VALID_PIXELS"] == 3000 and numbers["UNDISTORTED_SHARE"] == 100
    assert "polarisation: VV, VH)" in (out / "report.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in out.iterdir()) == ["optical.qml", "optical.tif", "report.html"]


def test_the_model_that_translates_and_matches(pair, out, environment):
    """All of its outputs are there; the tie points of both images are layers of their own."""
    outputs = {
        "translate:Translated image": out / "translated.tif",
        "match_sar:Tie points of the SAR image": out / "of_sar.gpkg",
        "match_translated:Tie points of the translated image": out / "of_translated.gpkg",
    }
    given = {"SAR": pair[0], "POLARISATIONS": "VH", "OPTICAL": pair[1]}
    results_of(command(ROOT / "docs" / "translate_and_match.model3", **given, **outputs), environment)
    assert gdal.Open(str(out / "translated.tif")).RasterCount == 3
    assert (out / "of_sar.gpkg").is_file() and (out / "of_translated.gpkg").is_file()


def place(folder, number):
    """Write a radar and an optical image of a place 40 km from the one before; return their paths."""
    random, where = np.random.default_rng(number), {"cell": 10, "corner": (LEFT + 40_000 * number, TOP)}
    field = random.normal(size=(16, 24)).repeat(8, 0).repeat(8, 1)
    colours = np.stack([120 + 30 * field, 110 - 20 * field, 90 + 10 * field]).clip(1, 200).astype(np.uint8)
    sar = write_raster(folder / f"s1_{number}_vv.tif", 3 * field + random.normal(-10, 1, field.shape), **where)
    return sar, write_raster(folder / f"s2_{number}.tif", colours, **where)


def test_a_training_on_two_places_whose_model_is_evaluated(tmp_path, out, environment):
    """A list is given by its key once for each layer; the model file translates, and the translation is scored."""
    (sar, optical), (more_sar, more_optical) = (place(tmp_path, number) for number in (0, 1))
    training = command(
        "sarbridge:traintranslator",
        SAR=sar,
        OPTICAL=optical,
        MORE_SAR=[more_sar],
        MORE_OPTICAL=[more_optical],
        METHOD="sardinet",
        EPOCHS=1,
        BATCH_SIZE=4,
        PATCH_SIZE=64,
        NAME="Two places",
        OUTPUT=out / "two.safetensors",
        REPORT=out / "report.html",
    )
    numbers = results_of(training, environment)
    assert numbers["STEPS"] == 3 and numbers["TRAINING_PATCHES"] == 12 and numbers["VALIDATION_PATCHES"] == 4
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "two.safetensors"]
    assert read_card(out / "two.safetensors").training_sets == ("s1_0_vv", "s2_0", "s1_1_vv", "s2_1")
    translation = command(
        "sarbridge:translatetooptical", SAR=sar, MODEL_FILE=out / "two.safetensors", OUTPUT=out / "optical.tif"
    )
    translated = results_of(translation, environment)["OUTPUT"]
    evaluation = command(
        "sarbridge:evaluatetranslation", TRANSLATED=translated, REFERENCE=optical, SAR=sar, TABLE=out / "scores.csv"
    )
    scores = results_of(evaluation, environment)
    assert 0 < scores["MSE_ALL"] < 1 and scores["REGRESSION_MSE"] < scores["MEAN_COLOUR_MSE"]
    assert len((out / "scores.csv").read_text().splitlines()) > 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"MORE_SAR": ["/nowhere/s1.tif"]}, "(MORE_SAR): '/nowhere/s1.tif' cannot be read as a raster"),
        ({"EPOCHS": 2, "MINUTES": 1}, "Epochs (EPOCHS) and Minutes (instead of epochs) (MINUTES) are both chosen"),
        ({"PATCH_SIZE": 256}, "too few for one patch of 256"),
    ],
)
def test_a_training_of_bad_input_ends_with_code_1_and_a_sentence(wrong, sentence, tmp_path, out, environment):
    sar, optical = place(tmp_path, 0)
    given = {"SAR": sar, "OPTICAL": optical, "PATCH_SIZE": 64, "OUTPUT": out / "mine.safetensors", **wrong}
    done = run(command("sarbridge:traintranslator", **given), environment)
    assert done.returncode == 1 and sentence in done.stderr and "Traceback" not in done.stderr
    assert list(out.iterdir()) == []
