"""An area of polygons: nothing outside of it, and inside it what there is without it."""

import numpy as np
import processing
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from sarbridge.tests.image_pair import LEFT as PAIR_LEFT
from sarbridge.tests.image_pair import PIXEL, matching
from sarbridge.tests.image_pair import TOP as PAIR_TOP
from sarbridge.tests.processing_provider.algorithms.houses import houses
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, read_raster, write_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

NO_DATA = {"sardistortions": 128, "jointvisibility": 0}
SURFACE = {"sardistortions": "DEM", "jointvisibility": "DSM"}
COUNT = {"sardistortions": "VALID_CELLS", "jointvisibility": "CELL_COUNT"}
INSIDE = QgsRectangle(LEFT + 4, TOP - 30, LEFT + 34, TOP - 10)
each_geometry = pytest.mark.parametrize("algorithm", SURFACE)


@pytest.fixture
def heights(tmp_path):
    values = np.zeros((40, 40))
    values[15:25, 15:25] = 8
    return write_raster(tmp_path / "heights.tif", values)


def mapped(algorithm, heights, out, name="zones", **others):
    """Return (values of the map, number of its cells)."""
    given = {SURFACE[algorithm]: heights, "HEADING": 0, "OUTPUT": str(out / f"{name}.tif"), **others}
    found = processing.run(f"sarbridge:{algorithm}", given)
    return read_raster(found["OUTPUT"]), found[COUNT[algorithm]]


def whole_and_within(algorithm, heights, out, area, **others):
    """Return the map of all 40 by 40 cells, and that of the area laid into as many cells of no data."""
    whole, _ = mapped(algorithm, heights, out, "whole")
    part, count = mapped(algorithm, heights, out, AREA=area, **others)
    within = np.full_like(whole, NO_DATA[algorithm])
    within[10:30, 4:34] = part
    assert count == (part != NO_DATA[algorithm]).sum()
    return whole, within


@each_geometry
@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:4326"])
def test_maps_end_at_the_area(heights, out, algorithm, crs):
    """A triangle, whose box is 30 by 20 cells."""
    shape = QgsGeometry.fromRect(INSIDE).asPolygon()[0]
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633", "area", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromPolygonXY([[*shape[:3], shape[0]]]))
    layer.dataProvider().addFeature(feature)
    layer = processing.run("native:reprojectlayer", {"INPUT": layer, "TARGET_CRS": crs, "OUTPUT": "memory:"})["OUTPUT"]
    extent = f"{INSIDE.xMinimum()},{INSIDE.xMaximum()},{INSIDE.yMinimum()},{INSIDE.yMaximum()} [EPSG:32633]"
    whole, within = whole_and_within(algorithm, heights, out, layer, EXTENT=extent)
    asked = within != NO_DATA[algorithm]
    assert asked.sum() == pytest.approx(300, abs=20)
    np.testing.assert_array_equal(within[asked], whole[asked])


@each_geometry
def test_without_an_extent_the_map_is_that_around_the_area(heights, out, algorithm):
    whole, within = whole_and_within(algorithm, heights, out, houses([INSIDE]))
    np.testing.assert_array_equal(within[10:30, 4:34], whole[10:30, 4:34])


@each_geometry
def test_an_area_without_a_place_on_the_map_is_refused(heights, out, algorithm):
    area = QgsVectorLayer("Polygon?crs=EPSG:4326", "elsewhere", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(105, 0, 105.5, 0.1)))
    area.dataProvider().addFeature(feature)
    given = {SURFACE[algorithm]: heights, "HEADING": 0, "OUTPUT": str(out / "none.tif"), "AREA": area}
    assert "Layer 'elsewhere' cannot be transformed to EPSG:32633" in complaint(f"sarbridge:{algorithm}", given)


@each_geometry
def test_only_selected_polygons_count(heights, out, algorithm):
    other = QgsRectangle(LEFT, TOP - 5, LEFT + 5, TOP)
    layer = QgsProject.instance().addMapLayer(houses([INSIDE, other]))
    layer.selectByIds([1])
    selected = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    whole, within = whole_and_within(algorithm, heights, out, selected)
    np.testing.assert_array_equal(within[10:30, 4:34], whole[10:30, 4:34])
    layer.removeSelection()
    nothing = {SURFACE[algorithm]: heights, "HEADING": 0, "OUTPUT": str(out / "none.tif"), "AREA": selected}
    assert "has no features, or no selected ones" in complaint(f"sarbridge:{algorithm}", nothing)
    QgsProject.instance().clear()


@each_geometry
def test_an_area_elsewhere_is_refused(heights, out, algorithm):
    elsewhere = houses([QgsRectangle(LEFT + 900, TOP - 30, LEFT + 934, TOP)])
    given = {SURFACE[algorithm]: heights, "HEADING": 0, "OUTPUT": str(out / "none.tif"), "AREA": elsewhere}
    assert "No polygon of layer 'houses' lies on layer 'heights'" in complaint(f"sarbridge:{algorithm}", given)
    assert not list(out.iterdir())


def places(path):
    return {(round(each["opt_x"]), round(each["opt_y"])) for each in QgsVectorLayer(path, "read", "ogr").getFeatures()}


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:4326"])
def test_points_lie_in_the_area(pair, out, crs):
    """Those that there are without it: rejected ones are not even tried elsewhere."""
    box = QgsRectangle(PAIR_LEFT + 60 * PIXEL, PAIR_TOP - 320 * PIXEL, PAIR_LEFT + 250 * PIXEL, PAIR_TOP - 90 * PIXEL)
    settings = {"SPACING": 16, "TRANSFORM": "none", "KEEP_REJECTED": True}
    whole = processing.run("sarbridge:matchtiepoints", matching(pair, out, **settings))
    everywhere = places(whole["TIE_POINTS"])
    given = {**settings, "AREA": houses([box], crs), "TIE_POINTS": str(out / "within.gpkg")}
    within = processing.run("sarbridge:matchtiepoints", matching(pair, out, **given))
    found = places(within["TIE_POINTS"])
    assert found and all(box.contains(x, y) for x, y in found)
    assert len(found) < len(everywhere) and within["POINT_COUNT"] == len(found) < whole["POINT_COUNT"]
    assert within["MEAN_SHIFT_X_PX"] == pytest.approx(7, abs=0.1)


def test_points_are_not_looked_for_elsewhere(pair, out):
    elsewhere = houses([QgsRectangle(0, 0, 9, 9)])
    said = complaint("sarbridge:matchtiepoints", matching(pair, out, AREA=elsewhere))
    assert "No polygon of layer 'houses' lies on layer 'sar'" in said and not list(out.iterdir())
