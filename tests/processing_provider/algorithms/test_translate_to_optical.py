"""`translatetooptical` through QGIS and the real engine, with a small network of random weights."""

from urllib.parse import quote

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingUtils, QgsProject, QgsRasterLayer
from sarbridge.processing_provider.algorithms.translate_to_optical import NUMBERS
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, read_raster, write_raster
from sarbridge.tests.toy_translator import write_translator
from sarbridge.tests.written_by_engine import write_by_engine

pytestmark = pytest.mark.usefixtures("qgis_application")

ALGORITHM = "sarbridge:translatetooptical"


@pytest.fixture(scope="module")
def model(engine, tmp_path_factory):
    return write_by_engine(write_translator, tmp_path_factory.mktemp("model") / "toy.safetensors", engine)


def backscatter(seed=0, height=60, width=70):
    return 10 * np.log10(np.random.default_rng(seed).gamma(4, 0.25, (height, width))) - 10


@pytest.fixture
def sar(tmp_path):
    values = backscatter()
    values[:, :10] = -999
    return write_raster(tmp_path / "s1_vv.tif", values, cell=10, nodata=-999)


def parameters(sar, model, out, **others):
    chosen = {"SAR": sar, "MODEL_FILE": model, "DEVICE": "cpu", "OUTPUT": str(out / "optical.tif")}
    return {**chosen, **others}


def log_of(given):
    feedback = QgsProcessingFeedback(False)
    results = processing.run(ALGORITHM, given, feedback=feedback)
    return results, feedback.textLog()


def test_a_part_of_a_layer_that_is_no_file_is_warned_of(sar, model, out):
    """What is bright and what is dark follows from the pixels that are exported."""
    named = f"a:uri={quote(sar, safe='')}&a:provider=gdal"
    box = f"{LEFT},{TOP - 600},{LEFT + 700},{TOP}"
    uri = f"?crs=EPSG:32633&extent={box}&width=70&height=60&formula={quote(chr(34) + 'a@1' + chr(34))}&{named}"
    layer, part = QgsRasterLayer(uri, "vv", "virtualraster"), f"{LEFT},{LEFT + 300},{TOP - 300},{TOP} [EPSG:32633]"
    for given, is_doubtful in (
        ({"SAR": layer}, False),
        ({"EXTENT": part}, False),
        ({"SAR": layer, "EXTENT": part}, True),
    ):
        _, log = log_of(parameters(sar, model, out, **given))
        assert (
            "Layer 'vv' is no file, so that only the extent and 512 pixels around it are read" in log
        ) == is_doubtful


def test_a_layer_is_translated(sar, model, out):
    given = parameters(sar, model, out, UNCERTAINTY=str(out / "error.tif"), REPORT=str(out / "report.html"))
    results, log = log_of(given)
    colours = read_raster(results["OUTPUT"])
    assert colours.shape == (3, 60, 70) and colours.dtype == np.uint8
    assert not colours[:, :, :10].any() and colours[:, :, 10:].all()
    errors = read_raster(results["UNCERTAINTY"])
    assert np.array_equal(np.isnan(errors), (colours == 0).all(0))
    assert results["MEAN_UNCERTAINTY"] == pytest.approx(np.nanmean(errors), rel=1e-4)
    assert results["VALID_PIXELS"] == 60 * 60 and set(results) < {*NUMBERS, *given}
    assert "is read as decibels" in log and "3,600 pixels are translated, 85.7 %" in log
    assert {path.name for path in out.iterdir()} == {
        *("optical.tif", "optical.qml", "error.tif", "error.qml", "report.html"),
    }


def test_the_layer_is_loaded_with_its_colours_as_they_are(sar, model, out):
    project, context = QgsProject(), QgsProcessingContext()
    context.setProject(project)
    wanted = QgsProcessingContext.LayerDetails("optical", project, "OUTPUT")
    context.addLayerToLoadOnCompletion(str(out / "optical.tif"), wanted)
    processing.run(ALGORITHM, parameters(sar, model, out), context=context)
    layer = QgsProcessingUtils.mapLayerFromString(str(out / "optical.tif"), context)
    details = context.layerToLoadOnCompletionDetails(str(out / "optical.tif"))
    details.postProcessor().postProcessLayer(layer, context, QgsProcessingFeedback())
    assert layer.renderer().type() == "multibandcolor"
    assert layer.renderer().redContrastEnhancement().contrastEnhancementAlgorithm() == 0


def test_a_part_is_translated_as_the_whole(sar, model, out):
    whole = read_raster(processing.run(ALGORITHM, parameters(sar, model, out))["OUTPUT"])
    extent = f"{LEFT + 200},{LEFT + 500},{TOP - 440},{TOP - 80} [EPSG:32633]"
    part = read_raster(processing.run(ALGORITHM, parameters(sar, model, out, EXTENT=extent))["OUTPUT"])
    assert part.shape == (3, 36, 30)
    assert np.abs(part.astype(int) - whole[:, 8:44, 20:50]).max() <= 1


def test_what_bands_are_called_is_what_they_are(model, tmp_path, out):
    """Of three bands two are polarisations, whose order does not matter."""
    paths = []
    for number, order in enumerate((("VV", "angle", "VH"), ("VH", "VV", "angle"))):
        bands = {"VV": backscatter(1), "VH": backscatter(2) - 7, "angle": np.full((60, 70), 38.0)}
        path = write_raster(tmp_path / f"stack{number}.tif", np.stack([bands[name] for name in order]), cell=10)
        dataset = gdal.Open(path, gdal.GA_Update)
        for band, name in enumerate(order, 1):
            dataset.GetRasterBand(band).SetDescription(name)
        del dataset
        paths.append(path)
    first, second = (read_raster(processing.run(ALGORITHM, parameters(path, model, out))["OUTPUT"]) for path in paths)
    assert np.abs(first.astype(int) - second).max() <= 1


def test_two_files_are_two_polarisations(sar, model, tmp_path, out):
    other = write_raster(tmp_path / "s1_vh.tif", backscatter(2) - 7, cell=10)
    given = parameters(sar, model, out, REPORT=str(out / "report.html"))
    one = read_raster(processing.run(ALGORITHM, given)["OUTPUT"])
    assert "polarisation: VV)" in (out / "report.html").read_text(encoding="utf-8")
    both = read_raster(processing.run(ALGORITHM, {**given, "SAR_OTHER": other})["OUTPUT"])
    assert "polarisation: VV, VH)" in (out / "report.html").read_text(encoding="utf-8")
    assert not both[:, :, :10].any() and (one != both).any()
    said = complaint(ALGORITHM, {**given, "SAR_OTHER": other, "POLARISATIONS": "VV"})
    assert "Polarisations of the bands (POLARISATIONS) must name one for each band, 2 in all; got 'VV'." in said


def test_zones_come_with_heights_and_a_view(sar, model, tmp_path, out):
    dem = write_raster(tmp_path / "dem.tif", np.zeros((60, 70)), cell=10)
    zones = str(out / "zones.tif")
    results = processing.run(ALGORITHM, parameters(sar, model, out, DEM=dem, HEADING=0, ZONES=zones))
    assert results["UNDISTORTED_SHARE"] == pytest.approx(100) and not read_raster(zones).any()


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"HEADING": 0}, "Distortion zones follow from heights: choose an elevation layer"),
        ({"ZONES": "zones.tif"}, "Nothing says where the radar looks"),
        ({"DEM": "dem.tif"}, "takes no heights, so that layer 'dem' would not be used"),
        ({"DEM": "far.tif", "HEADING": 0}, "Layers 's1_vv' and 'far' do not overlap"),
        ({"SAR_UNIT": "power"}, "'s1_vv' cannot hold linear power"),
        ({"SAR_UNIT": "complex"}, "holds real values"),
        ({"POLARISATIONS": "XX"}, "must be different ones of VV, VH, HH, HV"),
        ({"MODEL_FILE": None}, "The translation needs a model"),
        ({"EXTENT": "0,10,0,10 [EPSG:32633]"}, "The extent holds no cell of layer 's1_vv'"),
        ({"TILE": 64}, "Tiles of 64 pixels that overlap by 48 on each side are mostly overlap"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_and_no_file(others, said, sar, model, tmp_path, out, monkeypatch):
    monkeypatch.setattr("sarbridge.processing_provider.parameters.model_parameters.model_files", lambda task: {})
    write_raster(tmp_path / "dem.tif", np.zeros((60, 70)), cell=10)
    write_raster(tmp_path / "far.tif", np.zeros((60, 70)), cell=10, corner=(LEFT + 50_000, TOP))
    others = {key: str(tmp_path / value) if key == "DEM" else value for key, value in others.items()}
    if "ZONES" in others:
        others["ZONES"] = str(out / others["ZONES"])
    assert said in complaint(ALGORITHM, parameters(sar, model, out, **others))
    assert not list(out.iterdir())


def test_a_layer_in_memory_is_translated_as_its_file(sar, model, out):
    """QGIS alone knows what has no file."""
    gdal.Translate("/vsimem/s1_vv.tif", sar)
    layer = QgsRasterLayer("/vsimem/s1_vv.tif", "s1_vv")
    in_memory = read_raster(processing.run(ALGORITHM, parameters(layer, model, out))["OUTPUT"])
    assert np.array_equal(in_memory, read_raster(processing.run(ALGORITHM, parameters(sar, model, out))["OUTPUT"]))
