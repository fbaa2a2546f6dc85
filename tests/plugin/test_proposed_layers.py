"""Dialogs propose the layers that are likely meant, and nothing but dialogs does."""

import numpy as np
import pytest
from processing.gui.AlgorithmDialog import AlgorithmDialog
from qgis.core import QgsApplication, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt import sip
from sarbridge.tests.exact_tie_points import tie_point_rows, write_points
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

FLOAT, BYTE = np.zeros((8, 8)), np.zeros((3, 8, 8), np.uint8)


@pytest.fixture
def project(tmp_path):
    """Loads rasters of such names and values into the project, in this order."""

    def loaded(**layers):
        for name, values in layers.items():
            path = write_raster(tmp_path / f"{name}.tif", values)
            QgsProject.instance().addMapLayer(QgsRasterLayer(path, name))

    yield loaded
    QgsProject.instance().clear()


@pytest.fixture
def proposed():
    """Returns the names of the layers that the dialog of an algorithm shows, by the keys of parameters."""
    dialogs = []

    def shown(algorithm, *keys):
        created = QgsApplication.processingRegistry().createAlgorithmById(f"sarbridge:{algorithm}")
        dialogs.append(created.createCustomParametersWidget(None) or AlgorithmDialog(created))
        wrappers = dialogs[-1].mainWidget().wrappers
        layers = [QgsProject.instance().mapLayer(wrappers[key].parameterValue()) for key in keys]
        return [layer and layer.name() for layer in layers]

    yield shown
    for dialog in dialogs:
        dialog.close()
        sip.delete(dialog)


@pytest.mark.parametrize("algorithm", ["matchtiepoints", "matchandcoregister"])
@pytest.mark.parametrize(
    "layers, expected",
    [
        ({"a_optical": BYTE, "b_sar": FLOAT}, ["b_sar", "a_optical"]),
        ({"a_s2_rgb": BYTE, "b_dem": FLOAT, "c_S1A_IW_GRDH": BYTE[:1]}, ["c_S1A_IW_GRDH", "a_s2_rgb"]),
        ({"a": BYTE, "b": FLOAT}, ["b", "a"]),
        ({"a_sigma0_VV": FLOAT, "b_dsm": FLOAT, "c_pan": BYTE[:1]}, ["a_sigma0_VV", "c_pan"]),
        ({"a_vh": FLOAT, "b_vv": FLOAT}, ["a_vh", "b_vv"]),
    ],
)
def test_matching_proposes_a_radar_and_another_image(project, proposed, algorithm, layers, expected):
    project(**layers)
    assert proposed(algorithm, "SAR", "OPTICAL") == expected


@pytest.mark.parametrize("algorithm, key", [("sardistortions", "DEM"), ("jointvisibility", "DSM")])
def test_heights_are_proposed_where_heights_are_asked_for(project, proposed, algorithm, key):
    project(a_photo=BYTE, b_sar=FLOAT, c_srtm=FLOAT, d_hillshade=BYTE[:1])
    assert proposed(algorithm, key) == ["c_srtm"]


def test_coregister_proposes_tie_points_and_the_optical_image(project, proposed, tmp_path):
    project(a_sar=FLOAT, b_optical=BYTE)
    for name, layer in (
        ("a_roads", QgsVectorLayer("Point?crs=EPSG:32633&field=id:int", "a_roads", "memory")),
        ("b_points", QgsVectorLayer(write_points(tmp_path / "points.gpkg", tie_point_rows()), "b_points", "ogr")),
    ):
        assert QgsProject.instance().addMapLayer(layer).name() == name
    assert proposed("coregister", "INPUT", "POINTS") == ["b_optical", "b_points"]
    # Either points or images are judged, so that images are not proposed.
    assert proposed("evaluatematching", "POINTS", "SAR") == ["b_points", None]


def test_evaluation_proposes_two_layers_of_buildings(project, proposed):
    """Roads and images never, those with scores as what was found."""
    project(a_sar=FLOAT)
    for kind, name, field in (
        ("Point", "a_houses", "score:double"),
        ("Polygon", "b_parcels", "id:int"),
        ("Polygon", "c_buildings", "id:int"),
        ("Polygon", "d_footprints", "score:double"),
    ):
        QgsProject.instance().addMapLayer(QgsVectorLayer(f"{kind}?crs=EPSG:32633&field={field}", name, "memory"))
    assert proposed("evaluatebuildings", "PREDICTED", "REFERENCE") == ["d_footprints", "c_buildings"]


def test_an_empty_project_proposes_nothing(project, proposed):
    project()
    assert proposed("matchtiepoints", "SAR", "OPTICAL") == [None, None]


def test_only_dialogs_propose(project, tmp_path):
    """What is left out is refused everywhere else, and no default changes."""
    project(a_dem=FLOAT)
    created = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:sardistortions")
    assert created.createCustomParametersWidget(None) is None
    assert created.parameterDefinition("DEM").defaultValue() is None
    created = created.create()
    fresh = created.parameterDefinition("DEM")
    assert fresh.defaultValue() is None and fresh.defaultValueForGui() is None
    said = complaint("sarbridge:sardistortions", {"HEADING": 0, "OUTPUT": str(tmp_path / "zones.tif")})
    assert "(DEM)" in said
