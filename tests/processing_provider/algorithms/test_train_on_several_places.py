"""`traintranslator` on layers of several places, through QGIS and the real engine."""

from pathlib import Path

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingFeedback, QgsRasterLayer
from sarbridge.models.card import read_card
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, polygons, write_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

TRAIN = "sarbridge:traintranslator"


def write(path, bands=1, shift=0, kind=float):
    """Write an image of 128 × 192 pixels whose values depend on its name; return the path."""
    random = np.random.default_rng(sum(path.name.encode()))
    values = random.normal(-10, 3, (bands, 128, 192)) if kind is float else random.integers(1, 200, (bands, 128, 192))
    return write_raster(path, values.astype(kind), cell=10, corner=(LEFT + shift, TOP))


@pytest.fixture
def given(tmp_path, out):
    """A place, and two more of it 40 and 80 km farther east."""
    more = {"MORE_SAR": [], "MORE_OPTICAL": []}
    for number in (1, 2):
        more["MORE_SAR"].append(write(tmp_path / f"s1_{number}_vv.tif", shift=40_000 * number))
        more["MORE_OPTICAL"].append(write(tmp_path / f"s2_{number}.tif", 3, 40_000 * number, np.uint8))
    return {
        **SMALL_RUNS["traintranslator"](tmp_path),
        **more,
        "METHOD": "sardinet",
        "OUTPUT": str(out / "m.safetensors"),
    }


def test_all_places_are_learnt_from(given, out):
    feedback = QgsProcessingFeedback(False)
    results = processing.run(TRAIN, {**given, "REPORT": str(out / "report.html")}, feedback=feedback)
    assert results["TRAINING_PATCHES"] == 3 * 6 and results["VALIDATION_PATCHES"] == 3 * 2 and results["STEPS"] == 6
    names = ("s1_vv", "s2", "s1_1_vv", "s2_1", "s1_2_vv", "s2_2")
    assert read_card(out / "m.safetensors").training_sets == names
    page = (out / "report.html").read_text(encoding="utf-8")
    assert all(f", {layer}: Translated." in page for layer in ("s1_vv", "s1_1_vv", "s1_2_vv"))


def test_layers_that_are_no_files_are_written_where_their_own_place_is(given):
    for key in ("MORE_SAR", "MORE_OPTICAL"):
        name = given[key][0].rpartition("/")[2]
        gdal.Translate(f"/vsimem/{name}", given[key][0])
        given[key][0] = QgsRasterLayer(f"/vsimem/{name}", name[:-4])
    feedback = QgsProcessingFeedback(False)
    assert processing.run(TRAIN, given, feedback=feedback)["TRAINING_PATCHES"] == 18
    assert "Layer 's1_1_vv' is not a file: its pixels are written to a temporary one." in feedback.textLog()


def test_bands_of_other_places_are_found_by_what_they_are_called(given, tmp_path):
    vh_first = write(tmp_path / "s1_stack.tif", 2, 40_000)
    dataset = gdal.Open(vh_first, gdal.GA_Update)
    for band, name in enumerate(("VH", "VV"), 1):
        dataset.GetRasterBand(band).SetDescription(name)
    dataset = None
    given["MORE_SAR"][0] = vh_first
    report = given["OUTPUT"].replace(".safetensors", ".html")
    processing.run(TRAIN, {**given, "REPORT": report})
    assert "s1_stack: 2<" in Path(report).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"MORE_OPTICAL": []},
            "SAR layers of other places (MORE_SAR) are 2, and Optical layers of other places (MORE_",
        ),
        (
            {"MORE_SAR": []},
            "(MORE_SAR) are 0, and Optical layers of other places (MORE_OPTICAL) are 2: give one of each",
        ),
        ({"MORE_DEM": ["dem.tif"] * 2}, "Elevation layers of other places (MORE_DEM) would not be used, as Elevation"),
        ({"DEM": "dem.tif"}, "(MORE_SAR) are 2, and Elevation layers of other places (MORE_DEM) are 0"),
        (
            {"MORE_SAR": ["s1_vv.tif", "s1_1_vv.tif"]},
            "SAR layer (SAR) and SAR layers of other places (MORE_SAR) are the",
        ),
        ({"MORE_SAR": ["s1_1_vv.tif"] * 2}, "SAR layers of other places (MORE_SAR) hold the same image twice, band 1"),
        ({"MORE_OPTICAL": ["s2_1.tif", "s1_2_vv.tif"], "OPTICAL_BANDS": [1]}, "are the same image, band 1 of layer"),
        ({"MORE_SAR": ["s1_1_vv.tif", "other_vh.tif"]}, "Layer 'other_vh' shows VH and not VV, as layer 's1_vv' does"),
        (
            {"MORE_OPTICAL": ["s2_1.tif", "grey.tif"]},
            "Layer 'grey' has 1 band, but of layer 's2' the bands 1, 2, 3 are",
        ),
        ({"MORE_OPTICAL": ["s2_2.tif", "s2_1.tif"]}, "'s1_1_vv' and 's2_2' do not overlap"),
        ({"MORE_SAR": ["s1_1_vv.tif", "nowhere.tif"]}, "(MORE_SAR): '"),
        ({"AREA": "area.gpkg"}, "No polygon of layer 'area' lies on layer 's1_1_vv'"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(wrong, said, given, tmp_path, out):
    write(tmp_path / "other_vh.tif", shift=80_000)
    write(tmp_path / "grey.tif", 1, 80_000, np.uint8)
    write(tmp_path / "dem.tif")
    polygons(tmp_path / "area.gpkg", (0, 0, 192, 128))

    def in_folder(value):
        if isinstance(value, list):
            return [in_folder(each) for each in value]
        return str(tmp_path / value) if str(value).endswith((".tif", ".gpkg")) else value

    wrong = {key: in_folder(value) for key, value in wrong.items()}
    method = "pix2pix" if "DEM" in wrong else "sardinet"
    assert said in complaint(TRAIN, {**given, "METHOD": method, **wrong})
    assert not list(out.iterdir())
