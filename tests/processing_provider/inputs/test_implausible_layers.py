"""What holds no heights or angles is refused, what hardly does is warned of, and good layers pass without a word."""

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingFeedback, QgsRasterLayer
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.inputs.implausible_layers import check_angles, check_heights, check_image
from sarbridge.processing_provider.inputs.layer_kinds import Kind, kinds_by_name
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application")

FLOAT = np.zeros((8, 8), np.float32)
PICTURE = np.zeros((3, 8, 8), np.uint8)


class Feedback(QgsProcessingFeedback):
    def __init__(self):
        super().__init__(False)
        self.warnings = []

    def pushWarning(self, text):
        self.warnings.append(text)


def layer(folder, values=FLOAT, name="heights", change=None):
    path = write_raster(folder / f"{name}.tif", values)
    if change:
        dataset = gdal.Open(path, gdal.GA_Update)
        change(dataset)
        dataset = None
    return QgsRasterLayer(path, name)


def colours(*interpretations):
    def change(dataset):
        for number, interpretation in enumerate(interpretations, 1):
            dataset.GetRasterBand(number).SetColorInterpretation(interpretation)

    return change


def palette(dataset):
    table = gdal.ColorTable()
    table.SetColorEntry(1, (255, 0, 0))
    dataset.GetRasterBand(1).SetColorTable(table)


def metres(dataset):
    dataset.GetRasterBand(1).SetUnitType("m")


PICTURES = {
    "RGB": (PICTURE, None),
    "four bands of 8 bits": (np.zeros((4, 8, 8), np.uint8), None),
    "three bands without colours": (PICTURE, colours(gdal.GCI_GrayIndex, gdal.GCI_Undefined, gdal.GCI_Undefined)),
    "a palette": (PICTURE[:1], palette),
    "an alpha band": (PICTURE[:1], colours(gdal.GCI_AlphaBand)),
    "one red band": (PICTURE[:1], colours(gdal.GCI_RedBand)),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_are_no_heights_and_no_angles(tmp_path, kind):
    picture = layer(tmp_path, *PICTURES[kind][:1], "dem", PICTURES[kind][1])
    with pytest.raises(
        UserError, match="^Layer 'dem' holds a picture, colours, not heights: choose a layer that holds"
    ):
        check_heights(picture, Feedback())
    with pytest.raises(UserError, match="^Layer 'dem' holds a picture, colours, not incidence angles: "):
        check_angles(picture)


def test_a_picture_opened_with_options_is_a_picture(tmp_path):
    picture = layer(tmp_path, *PICTURES["a palette"][:1], "dem", PICTURES["a palette"][1])
    with_options = QgsRasterLayer(f"{picture.source()}|option:NUM_THREADS=2", "dem")
    assert with_options.isValid()
    with pytest.raises(UserError, match="holds a picture"):
        check_angles(with_options)


def test_pictures_of_16_bits_are_no_heights(tmp_path):
    path = str(tmp_path / "photo.tif")
    gdal.Translate(path, write_raster(tmp_path / "8.tif", PICTURE), outputType=gdal.GDT_UInt16)
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.GetRasterBand(1).SetColorInterpretation(gdal.GCI_RedBand)
    dataset = None
    with pytest.raises(UserError, match="holds a picture"):
        check_heights(QgsRasterLayer(path, "photo"), Feedback())


@pytest.mark.parametrize("kind", [gdal.GDT_CInt16, gdal.GDT_CFloat32, gdal.GDT_CFloat64])
def test_complex_values_are_no_heights(tmp_path, kind):
    path = str(tmp_path / "slc.tif")
    gdal.Translate(path, write_raster(tmp_path / "real.tif", FLOAT), outputType=kind)
    with pytest.raises(UserError, match="^Layer 'slc' holds complex values, as radar images do, not heights"):
        check_heights(QgsRasterLayer(path, "slc"), Feedback())


@pytest.mark.parametrize(
    "name, values, doubt",
    [
        ("grey", PICTURE[:1], "holds whole numbers from 0 to 255"),
        ("grey", PICTURE[:2], "holds whole numbers from 0 to 255"),
        ("S1A_IW_GRDH_VV", FLOAT, "is called like a radar image"),
        ("hillshade", FLOAT, "is called like shaded relief or slopes"),
        ("incidence", FLOAT, "is called like incidence angles"),
        ("two", np.stack([FLOAT] * 2), "has 2 bands, of which the first is used"),
    ],
)
def test_doubtful_heights_are_warned_of(tmp_path, name, values, doubt):
    feedback = Feedback()
    check_heights(layer(tmp_path, values, name), feedback)
    assert feedback.warnings == [
        f"Layer '{name}' {doubt}, but is taken for heights in metres: make sure that it is an elevation layer."
    ]


@pytest.mark.parametrize("name", ["dem", "S1_DEM", "my layer", "plain", "DSM_KRbig"])
@pytest.mark.parametrize("kind", [gdal.GDT_Float32, gdal.GDT_Int16, gdal.GDT_UInt16, gdal.GDT_Int32, gdal.GDT_Float64])
def test_heights_pass_without_a_word(tmp_path, name, kind):
    path = str(tmp_path / f"{name}.tif")
    gdal.Translate(path, write_raster(tmp_path / "float.tif", FLOAT), outputType=kind)
    feedback = Feedback()
    check_heights(QgsRasterLayer(path, name), feedback)
    check_angles(QgsRasterLayer(path, name))
    assert feedback.warnings == []


@pytest.mark.parametrize("kind", [Kind.SAR, Kind.OPTICAL])
def test_heights_as_an_image_are_warned_of(tmp_path, kind):
    for given, doubt in (
        (layer(tmp_path, name="srtm"), "is called like heights"),
        (layer(tmp_path, FLOAT, "a", metres), "holds metres"),
    ):
        feedback = Feedback()
        check_image(given, kind, feedback)
        [warning] = feedback.warnings
        assert warning == f"Layer '{given.name()}' {doubt}, but is taken for {kind.value}: make sure that it is one."


def test_images_pass_without_a_word(tmp_path):
    feedback = Feedback()
    for name in ("S1A_vv", "sar", "image", "scene 12"):
        check_image(layer(tmp_path, name=name), Kind.SAR, feedback)
    for name in ("S2B_TCI", "optical", "image", "scene 12"):
        check_image(layer(tmp_path, PICTURE, name), Kind.OPTICAL, feedback)
    assert feedback.warnings == []


@pytest.mark.parametrize(
    "name, kinds",
    [
        ("S1A_IW_GRDH_1SDV_20200101T052411", {Kind.SAR}),
        ("rotterdam_capella_x_hh_c64", {Kind.SAR}),
        ("SarImage", {Kind.SAR}),
        ("T32UQD_20200101T101321_TCI_10m", {Kind.OPTICAL}),
        ("T32UQD_B04_10m", {Kind.OPTICAL}),
        ("Copernicus_DSM_10_N50_00_E010_00_DEM", {Kind.HEIGHTS}),
        ("localIncidenceAngle", {Kind.ANGLES}),
        ("Hillshade (2)", {Kind.SHADING}),
        ("demo", set()),
        ("Salinas", set()),
        ("corrected", set()),
    ],
)
def test_names_say_what_layers_show(tmp_path, name, kinds):
    assert kinds_by_name(QgsRasterLayer(str(tmp_path / "nothing.tif"), name)) == kinds
