"""`jointvisibility` through QGIS and the real engine: a box on a plain, real cities, and what users get wrong."""

import xml.etree.ElementTree as ET

import numpy as np
import processing
import pytest
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from sarbridge.engine.geometry.visibility_classes import COLOURS, LABELS
from sarbridge.engine.geometry.visibility_classes import Visibility as V
from sarbridge.processing_provider.outputs import styles
from sarbridge.tests import qgis_session
from sarbridge.tests.processing_provider.algorithms.houses import houses
from sarbridge.tests.rasters import LEFT, TOP, write_raster
from sarbridge.tests.rasters import read_raster as classes

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

SIDE, FIRST, END, HEIGHT = 120, 50, 80, 12.0  # cells of 1 m; the box reaches from FIRST to END on both axes
EAST_LOOKING = {"HEADING": 0, "LOOK_SIDE": "right", "INCIDENCE_ANGLE": 45}


def box():
    heights = np.zeros((SIDE, SIDE))
    heights[FIRST:END, FIRST:END] = HEIGHT
    return heights


BOX = QgsRectangle(LEFT + FIRST, TOP - END, LEFT + END, TOP - FIRST)


@pytest.fixture
def dsm(tmp_path):
    return write_raster(tmp_path / "dsm.tif", box())


def parameters(dsm, folder, **others):
    chosen = {"DSM": dsm, **EAST_LOOKING, "OFF_NADIR": 30, "VIEW_AZIMUTH": 180, "OUTPUT": str(folder / "joint.tif")}
    return {**chosen, **others}


def run(*arguments, context=None, **others):
    return processing.run("sarbridge:jointvisibility", parameters(*arguments, **others), context=context)


def complaint(*arguments, **others):
    return qgis_session.complaint("sarbridge:jointvisibility", parameters(*arguments, **others))


def test_maps_shares_and_style(dsm, tmp_path):
    results = run(dsm, tmp_path, SAR_MAP=str(tmp_path / "sar.tif"), OPTICAL_MAP=str(tmp_path / "optical.tif"))
    joint = classes(results["OUTPUT"])
    row = joint[SIDE // 2]
    assert (row[END:] == V.RADAR_SHADOW).sum() == pytest.approx(HEIGHT, abs=1)
    assert (row[:FIRST] == V.FACADE_LAYOVER).sum() == pytest.approx(HEIGHT, abs=1)
    for key, values in (
        ("SCENE", joint),
        ("SAR", classes(results["SAR_MAP"])),
        ("OPTICAL", classes(results["OPTICAL_MAP"])),
    ):
        shown = values[values != {"SAR": V.RADAR_SHADOW, "OPTICAL": V.OCCLUSION}.get(key, V.NO_DATA)]
        assert results[f"{key}_VISIBLE"] == pytest.approx(100 * (shown == V.VISIBLE).mean())
        assert sum(results[f"{key}_{kind}"] for kind in ("NOT_VISIBLE", "UNCERTAIN", "VISIBLE")) == pytest.approx(100)
    assert results["CELL_COUNT"] == SIDE * SIDE
    for name in ("joint", "sar", "optical"):
        layer = QgsRasterLayer(str(tmp_path / f"{name}.tif"))
        assert [entry.label for entry in layer.renderer().classes()] == list(LABELS.values())


def test_the_style_has_the_labels_and_colours_of_the_classes():
    """So that the report and QGIS show one legend."""
    entries = ET.parse(styles.JOINT_VISIBILITY).getroot().iter("paletteEntry")
    found = {int(each.get("value")): (each.get("color"), each.get("label")) for each in entries}
    assert found == {int(each): ("#{:02x}{:02x}{:02x}".format(*COLOURS[each]), LABELS[each]) for each in LABELS}


def test_the_layer_is_styled_when_qgis_loads_it(dsm, tmp_path):
    context = QgsProcessingContext()
    project = QgsProject()
    context.setProject(project)
    output = QgsProcessingOutputLayerDefinition(str(tmp_path / "joint.tif"), project)
    run(dsm, tmp_path, OUTPUT=output, context=context)
    details = context.layerToLoadOnCompletionDetails(str(tmp_path / "joint.tif"))
    assert isinstance(details.postProcessor(), styles.LayerStyle)


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:4326", "EPSG:3857"])
def test_footprints_in_any_crs(tmp_path, crs):
    """A tree beside the box is no building: it has no façade, and what it lies over is told apart."""
    heights = box()
    heights[10:20, 55:65] = 9
    dsm = write_raster(tmp_path / "dsm.tif", heights)
    run(dsm, tmp_path, FOOTPRINTS=houses([BOX], crs), OFF_NADIR=0)
    joint = classes(tmp_path / "joint.tif")
    assert V.OTHER_LAYOVER in joint[15] and not np.isin(joint[15], (V.FACADE, V.FACADE_LAYOVER)).any()
    assert V.FACADE in joint[60] and V.FACADE_LAYOVER in joint[60] and V.OTHER_LAYOVER not in joint[60]


def test_a_terrain_model_of_another_resolution(dsm, tmp_path):
    dtm = write_raster(tmp_path / "dtm.tif", np.zeros((SIDE // 4, SIDE // 4)), cell=4.0)
    with_terrain = run(dsm, tmp_path, DTM=dtm)
    assert with_terrain["SCENE_VISIBLE"] == pytest.approx(run(dsm, tmp_path)["SCENE_VISIBLE"])


def test_extent_in_another_crs_and_table(dsm, tmp_path):
    """Only the extent is mapped; the table holds each of its cells, as CSV and as GeoPackage alike."""
    extent = f"{LEFT + 40},{LEFT + 60},{TOP - 60},{TOP - 30} [EPSG:32633]"
    for suffix in ("csv", "gpkg"):
        results = run(dsm, tmp_path, EXTENT=extent, CELLS=str(tmp_path / f"cells.{suffix}"))
        assert classes(results["OUTPUT"]).shape == (30, 20)
        layer = QgsVectorLayer(results["CELLS"], "cells", "ogr")
        assert layer.featureCount() == 600
        assert all(field.alias() for field in layer.fields())
        if suffix == "gpkg":
            assert layer.crs().authid() == "EPSG:32633"
            feature = next(layer.getFeatures("id = 0"))
            point = feature.geometry().asPoint()
            assert (point.x(), point.y()) == (feature["x"], feature["y"]) == (LEFT + 40.5, TOP - 30.5)


def test_report(dsm, tmp_path):
    results = run(dsm, tmp_path, REPORT=str(tmp_path / "report.html"), DEVICE="cpu")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"{results['SCENE_VISIBLE']:.2f}" in page and "Munich" in page
    assert "<th>Device</th><td>cpu</td>" in page


def test_shade_of_the_sun(dsm, tmp_path):
    run(dsm, tmp_path, SUN_AZIMUTH=-180, SUN_ELEVATION=45, OFF_NADIR=0)
    column = classes(tmp_path / "joint.tif")[:, SIDE // 2]
    assert (column[:FIRST] == V.SUN_SHADOW).sum() == pytest.approx(HEIGHT, abs=1)


def test_sun_below_the_horizon(dsm, tmp_path):
    assert "below the horizon" in complaint(dsm, tmp_path, SUN_AZIMUTH=100, SUN_ELEVATION=-4)


def test_half_a_sun(dsm, tmp_path):
    assert "give both" in complaint(dsm, tmp_path, SUN_AZIMUTH=100)


def test_off_nadir_out_of_range(dsm, tmp_path):
    assert "OFF_NADIR" in complaint(dsm, tmp_path, OFF_NADIR=75)


def test_no_direction_of_the_radar(dsm, tmp_path):
    assert "HEADING" in complaint(dsm, tmp_path, HEADING=None)


def test_footprints_without_features(dsm, tmp_path):
    assert "'houses' has no features" in complaint(dsm, tmp_path, FOOTPRINTS=houses([]))


def test_footprints_that_are_no_polygons(dsm, tmp_path):
    assert "'houses' holds no polygons" in complaint(dsm, tmp_path, FOOTPRINTS=houses([BOX], geometry="LineString"))


def test_footprints_elsewhere(dsm, tmp_path):
    elsewhere = QgsRectangle(LEFT + 5000, TOP - 10, LEFT + 5010, TOP)
    assert "No footprint of layer 'houses' lies on layer 'dsm'" in complaint(
        dsm, tmp_path, FOOTPRINTS=houses([elsewhere])
    )


def test_terrain_above_the_surface(dsm, tmp_path):
    dtm = write_raster(tmp_path / "terrain.tif", box() + 30)
    said = complaint(dsm, tmp_path, DTM=dtm)
    assert "'dsm'" in said and "'terrain'" in said and "100 %" in said
    assert not (tmp_path / "joint.tif").exists()


def test_shares_of_a_real_city(real_data, tmp_path):
    """Gothenburg, a block of the centre: more than a quarter is jointly visible, and every class occurs."""
    for name in ("DSM_KRbig", "DEM_KRbig"):
        (tmp_path / f"{name}.tif").write_bytes((real_data / "dsm" / "gothenburg" / f"{name}.tif").read_bytes())
    for part in ("shp", "shx", "dbf", "prj"):
        (tmp_path / f"buildings.{part}").write_bytes(
            (real_data / "dsm" / "gothenburg" / f"buildings.{part}").read_bytes()
        )
    city = {"DTM": str(tmp_path / "DEM_KRbig.tif"), "FOOTPRINTS": str(tmp_path / "buildings.shp")}
    view = {"HEADING": 350, "INCIDENCE_ANGLE": 49.9, "OFF_NADIR": 14.5, "VIEW_AZIMUTH": 99}
    results = run(str(tmp_path / "DSM_KRbig.tif"), tmp_path, **city, **view)
    assert 25 < results["SCENE_VISIBLE"] < 75
    found = set(np.unique(classes(tmp_path / "joint.tif")).tolist())
    assert found >= {V.VISIBLE, V.FACADE, V.FACADE_LAYOVER, V.OTHER_LAYOVER, V.RADAR_SHADOW, V.OCCLUSION}
