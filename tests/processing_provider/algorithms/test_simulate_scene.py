"""`simulatescene` through QGIS and the real engine: an invented place, layers, a model, and what users get wrong."""

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from sarbridge.processing_provider.outputs import styles
from sarbridge.tests import qgis_session
from sarbridge.tests.processing_provider.algorithms.houses import houses
from sarbridge.tests.processing_provider.model_steps import model_of, output_of, step
from sarbridge.tests.rasters import LEFT, TOP, write_raster
from sarbridge.tests.rasters import read_raster as values

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

SIDE = 60  # cells of 1 m
BOX = QgsRectangle(LEFT + 20, TOP - 40, LEFT + 44, TOP - 16)
FINE = {"SAR_PRESET": "xband_half_metre", "OPTICAL_PRESET": "rgb0m5", "POLARISATIONS": ["HH"]}


@pytest.fixture
def plain(tmp_path):
    return write_raster(tmp_path / "plain.tif", np.full((SIDE, SIDE), 30.0))


def terrace(heights, crs="EPSG:32633", kind="double"):
    """A layer of houses side by side, one for each height, that share `BOX`."""
    width = BOX.width() / len(heights)
    lefts = [BOX.xMinimum() + width * index for index in range(len(heights))]
    rectangles = [QgsRectangle(left, BOX.yMinimum(), left + width, BOX.yMaximum()) for left in lefts]
    return houses(rectangles, crs, "MultiPolygon", heights, kind)


def parameters(folder, **others):
    return {"SIZE": 32, "SAR": str(folder / "sar.tif"), "OPTICAL": str(folder / "optical.tif"), **others}


def run(folder, context=None, **others):
    return processing.run("sarbridge:simulatescene", parameters(folder, **others), context=context)


def test_an_invented_scene_with_all_outputs(tmp_path):
    keys = ("DEM_OUT", "DSM_OUT", "BUILDINGS", "ZONES", "POSITIONS", "TRUTH", "SLC", "GROUND_RANGE")
    outputs = {key: str(tmp_path / f"{key}.tif") for key in keys}
    buildings = str(tmp_path / "buildings.gpkg")
    found = run(tmp_path, LANDSCAPE="village", SHIFT_RIGHT=3.5, SHIFT_DOWN=-2, FOOTPRINTS_OUT=buildings, **outputs)
    assert values(found["SAR"]).shape == (2, 32, 32) and values(found["OPTICAL"]).shape == (3, 32, 32)
    assert values(found["POSITIONS"]).shape == (6, 64, 64)
    assert values(found["SLC"]).dtype == np.complex64
    told = [found[key] for key in ("MEAN_SHIFT_X", "MEAN_SHIFT_Y", "MEAN_SHIFT_X_PX", "MEAN_SHIFT_Y_PX")]
    assert told == pytest.approx([35, 20, 3.5, -2], rel=5e-4)  # metres on the ground, of which UTM takes a little
    assert set(np.unique(values(found["TRUTH"]))) == {3.5, -2}
    assert found["VALID_CELLS"] == 64 * 64 and 0 < found["UNDISTORTED_SHARE"] <= 100
    layer = QgsVectorLayer(buildings, "buildings", "ogr")
    assert layer.crs().authid() == "EPSG:32633" and layer.featureCount() > 0
    areas = sum(feature.geometry().area() for feature in layer.getFeatures())
    assert areas == pytest.approx(values(found["BUILDINGS"]).sum() * 25)
    assert (tmp_path / "ZONES.qml").is_file() and (tmp_path / "buildings.qml").is_file()


def test_look_and_sun_and_seed_matter(tmp_path):
    first, again, other = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    for folder in (first, again, other):
        folder.mkdir()
    scenes = [
        run(first, SEED=4),
        run(again, SEED=4, LOOK_AZIMUTH=258, SUN_AZIMUTH=200),
        run(other, SEED=5),
    ]
    for key in ("SAR", "OPTICAL"):
        assert len({values(scene[key]).tobytes() for scene in scenes}) == 3


def test_footprints_of_another_crs_with_heights_as_text(tmp_path, plain):
    layer = terrace(["8", "15.5"], "EPSG:4326", "string")
    outputs = {"DSM_OUT": str(tmp_path / "dsm.tif"), "FOOTPRINTS_OUT": str(tmp_path / "out.gpkg")}
    found = run(tmp_path, DSM=plain, FOOTPRINTS=layer, HEIGHT_FIELD="h", **outputs, **FINE)
    surface = values(found["DSM_OUT"])
    assert surface.shape == (2 * SIDE, 2 * SIDE)
    assert surface[34:78, 42:62] == pytest.approx(38, abs=0.01) and surface[34:78, 66:86] == pytest.approx(45.5)
    written = {round(each["height"], 2) for each in QgsVectorLayer(found["FOOTPRINTS_OUT"], "b", "ogr").getFeatures()}
    assert written == {8, 15.5}


def test_an_angle_left_empty_is_its_default(tmp_path):
    """As Python and models may pass it."""
    (tmp_path / "other").mkdir()
    run(tmp_path)
    run(tmp_path / "other", VIEW_AZIMUTH=None, OFF_NADIR=None, SUN_AZIMUTH=None)
    assert np.array_equal(values(tmp_path / "optical.tif"), values(tmp_path / "other" / "optical.tif"))


def test_features_without_a_shape_are_left_out(tmp_path, plain):
    layer = terrace([7.0])
    for shape in (QgsGeometry.fromWkt("Polygon EMPTY"), QgsGeometry()):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(shape)
        feature.setAttributes([5.0])
        layer.dataProvider().addFeature(feature)
    given = {"DSM": plain, "FOOTPRINTS": layer, "HEIGHT_FIELD": "h", "BUILDINGS": str(tmp_path / "buildings.tif")}
    run(tmp_path, **given, **FINE)
    assert values(tmp_path / "buildings.tif").sum() == 48**2


def test_only_selected_footprints_become_buildings(tmp_path, plain):
    layer = QgsProject.instance().addMapLayer(terrace([7.0, 9.0]))
    layer.selectByIds([1])
    selected = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    given = {"DSM": plain, "FOOTPRINTS": selected, "HEIGHT_FIELD": "h", "BUILDINGS": str(tmp_path / "buildings.tif")}
    run(tmp_path, **given, **FINE)
    QgsProject.instance().clear()
    assert values(tmp_path / "buildings.tif").sum() == 48**2 / 2


def test_a_surface_over_a_terrain_in_an_extent(tmp_path, plain):
    heights = np.full((SIDE, SIDE), 30.0)
    heights[16:40, 20:44] = 42
    dsm = write_raster(tmp_path / "dsm.tif", heights)
    extent = f"{LEFT + 10},{LEFT + 50},{TOP - 50},{TOP - 10} [EPSG:32633]"
    found = run(tmp_path, DSM=dsm, DTM=plain, EXTENT=extent, BUILDINGS=str(tmp_path / "buildings.tif"), **FINE)
    mask = values(found["BUILDINGS"])
    assert mask.shape == (80, 80)
    assert (mask[14:58, 22:66] == 1).all() and (mask[:10] == 0).all()
    assert gdal.Open(found["SAR"]).GetGeoTransform()[0] == LEFT + 10


def test_layers_are_styled_when_loaded(tmp_path):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    buildings = str(tmp_path / "buildings.gpkg")
    definition = QgsProcessingOutputLayerDefinition(buildings, context.project())
    run(tmp_path, context=context, LANDSCAPE="village", FOOTPRINTS_OUT=definition)
    details = context.layersToLoadOnCompletion()[buildings]
    assert isinstance(details.postProcessor(), styles.LayerStyle)
    layer = QgsVectorLayer(buildings, "buildings", "ogr")
    details.postProcessor().postProcessLayer(layer, context, None)
    assert layer.renderer().type() == "graduatedSymbol" and len(layer.renderer().ranges()) == 5


def test_in_a_model(tmp_path):
    """A model simulates and maps the zones of what it simulated: the same shares as the simulation tells."""
    outputs = ("SAR", "OPTICAL", "DSM_OUT")
    village = {"SIZE": 32, "LANDSCAPE": "village", "LOOK_AZIMUTH": 90}
    zones = {"DEM": output_of("simulatescene", "DSM_OUT"), "LOOK_AZIMUTH": 90}
    model = model_of(step("simulatescene", village, outputs), step("sardistortions", zones, ["OUTPUT"]))
    paths = {f"simulatescene:{key}": str(tmp_path / f"{key}.tif") for key in outputs}
    found = processing.run(model, {**paths, "sardistortions:OUTPUT": str(tmp_path / "zones.tif")})
    told = found["CHILD_RESULTS"]
    # Not to the last cell: the step knows the layer only, the simulator what lies around the scene as well.
    assert told["sardistortions"]["LAYOVER_SHARE"] == pytest.approx(told["simulatescene"]["LAYOVER_SHARE"], rel=0.01)
    assert QgsRasterLayer(str(tmp_path / "SAR.tif")).isValid()


def test_bad_input_gets_a_sentence_and_leaves_nothing(tmp_path, plain):
    out = tmp_path / "out"
    out.mkdir()
    no_heights = terrace([None, 6.0])
    for sentence, given in (
        ("tells no heights: choose its field", {"DSM": plain, "FOOTPRINTS": no_heights}),
        (
            "must be a field of layer 'houses', which has h; got 'storeys'",
            {"DSM": plain, "FOOTPRINTS": no_heights, "HEIGHT_FIELD": "storeys"},
        ),
        ("1 of the 2 footprints", {"DSM": plain, "FOOTPRINTS": no_heights, "HEIGHT_FIELD": "h", **FINE}),
        (
            "reach 1e+308 m, which nobody builds: choose the field",
            {"DSM": plain, "FOOTPRINTS": terrace([6.0, 1e308]), "HEIGHT_FIELD": "h", **FINE},
        ),
        ("needs an elevation layer", {"FOOTPRINTS": no_heights, "HEIGHT_FIELD": "h"}),
        ("needs an elevation layer", {"DTM": plain}),
        ("6 × 6 pixels of 10 m", {"DSM": plain}),
        ("must be less than east", {"DSM": plain, "EXTENT": f"{LEFT + 5},{LEFT + 5},{TOP - 9},{TOP - 9} [EPSG:32633]"}),
        ("must be less than east", {"EXTENT": "500000,500000,5300000,5300000 [EPSG:32633]"}),
        ("no coordinate reference system", {"EXTENT": "0,500,0,500"}),
        ("format that is not supported", {"ZONES": str(out / "zones.png")}),
    ):
        said = qgis_session.complaint("sarbridge:simulatescene", parameters(out, **given))
        assert sentence in said, said
        assert list(out.iterdir()) == []
