"""Features of every kind → polygons: none vanishes without a word."""

import math

import pytest
from osgeo import ogr
from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsVectorLayer,
)
from sarbridge.processing_provider.inputs.polygons import polygons_of

pytestmark = pytest.mark.usefixtures("qgis_application")

SQUARE = "(0 0,4 0,4 4,0 4,0 0)"
CIRCLE = "CURVEPOLYGON(CIRCULARSTRING(-1 0,0 1,1 0,0 -1,-1 0))"
HALF = "CURVEPOLYGON(COMPOUNDCURVE(CIRCULARSTRING(-1 0,0 1,1 0),(1 0,-1 0)))"


class Feedback(QgsProcessingFeedback):
    def __init__(self):
        super().__init__(False)
        self.warnings = []

    def pushWarning(self, text):
        self.warnings.append(text)


def areas(geometries, feedback, kind="Polygon"):
    """Return the areas of the polygons of a layer of geometries, and what was warned of."""
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:32633", "houses", "memory")
    for geometry in geometries:
        feature = QgsFeature()
        feature.setGeometry(geometry)
        assert layer.dataProvider().addFeature(feature)
    source = QgsProcessingFeatureSource(layer, QgsProcessingContext())
    return [polygon.area() for _, polygon in polygons_of(source, QgsFeatureRequest(), feedback)]


@pytest.mark.parametrize(
    "kind, shape, expected",
    [
        ("Polygon", f"POLYGON({SQUARE})", [16]),
        ("Polygon", f"POLYGON({SQUARE},(1 1,2 1,2 2,1 2,1 1))", [15]),
        ("Polygon", "POLYGON((0 0,4 4,4 0,0 4,0 0))", [0]),  # an eight
        ("PolygonZ", "POLYGON Z((0 0 7,4 0 7,4 4 9,0 4 9,0 0 7))", [16]),
        ("MultiPolygonM", "MULTIPOLYGON M(((0 0 7,4 0 7,4 4 9,0 0 7)))", [8]),
        ("MultiPolygon", f"MULTIPOLYGON(({SQUARE}),((9 9,11 9,9 11,9 9)))", [16, 2]),
        ("CurvePolygon", CIRCLE, [math.pi]),
        ("CurvePolygon", HALF, [math.pi / 2]),
        ("CurvePolygonZ", "CURVEPOLYGON Z(CIRCULARSTRING Z(-1 0 5,0 1 5,1 0 5,0 -1 5,-1 0 5))", [math.pi]),
        ("MultiSurface", f"MULTISURFACE({CIRCLE},({SQUARE}))", [math.pi, 16]),
        ("MultiPolygonZ", "MULTIPOLYGON Z(((0 0 0,4 0 0,4 0 9,0 0 0)),((0 0 9,4 0 9,4 4 9,0 0 9)))", [8]),  # a wall
        ("GeometryCollection", f"GEOMETRYCOLLECTION(POINT(1 1),GEOMETRYCOLLECTION(POLYGON({SQUARE})))", [16]),
        ("GeometryCollection", f"GEOMETRYCOLLECTION({CIRCLE},{HALF})", [math.pi, math.pi / 2]),
    ],
)
def test_areas_of_every_kind_are_found(kind, shape, expected):
    feedback = Feedback()
    assert areas([QgsGeometry.fromWkt(shape)], feedback, kind) == pytest.approx(expected, rel=1e-3)
    assert feedback.warnings == []


def test_what_has_no_area_is_counted_in_one_warning():
    not_finite = [[QgsPointXY(0, 0), QgsPointXY(math.nan, 0), QgsPointXY(0, 1), QgsPointXY(0, 0)]]
    endless = [[QgsPointXY(0, 0), QgsPointXY(math.inf, 0), QgsPointXY(0, 1), QgsPointXY(0, 0)]]
    shapes = [f"POLYGON({SQUARE})", "POLYGON EMPTY", "POLYGON((0 0,1 1,0 0))", "POLYGON((5 5,5 5,5 5,5 5))"]
    geometries = [QgsGeometry(), *map(QgsGeometry.fromWkt, shapes)]
    feedback = Feedback()
    assert areas(geometries + [*map(QgsGeometry.fromPolygonXY, (not_finite, endless))], feedback) == [16]
    [warning] = feedback.warnings
    assert warning.startswith("Layer 'houses': 6 features are left out, as they have no area")


def test_lines_and_points_among_areas_are_counted():
    feedback = Feedback()
    shapes = ["POINT(1 1)", "LINESTRING(0 0,1 1,1 0,0 0)", "GEOMETRYCOLLECTION(POINT(1 1))", f"POLYGON({SQUARE})"]
    collected = [QgsGeometry.fromWkt(f"GEOMETRYCOLLECTION({shape})") for shape in shapes]
    assert areas(collected, feedback, "GeometryCollection") == [16]
    assert len(feedback.warnings) == 1 and "3 features are left out" in feedback.warnings[0]


@pytest.mark.parametrize("kind", ["POLYHEDRALSURFACE Z", "TIN Z"])
def test_surfaces_of_triangles_in_a_file(tmp_path, kind):
    """QGIS reads them as polygons before version 3.40, and as what they are from then on."""
    path = str(tmp_path / "solid.gpkg")
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = dataset.CreateLayer("solid", None, ogr.wkbUnknown)
    feature = ogr.Feature(layer.GetLayerDefn())
    triangles = "((0 0 0,1 0 0,0 1 0,0 0 0)),((0 1 0,1 0 0,1 1 0,0 1 0)),((0 0 0,1 0 0,1 0 9,0 0 0))"
    feature.SetGeometry(ogr.CreateGeometryFromWkt(f"{kind}({triangles})"))
    layer.CreateFeature(feature)
    del layer, dataset
    written = QgsVectorLayer(path, "solid", "ogr")
    source = QgsProcessingFeatureSource(written, QgsProcessingContext())
    feedback = Feedback()
    found = polygons_of(source, QgsFeatureRequest(), feedback)
    assert [polygon.area() for _, polygon in found] == [0.5, 0.5]
    assert feedback.warnings == []


def test_a_cancel_ends_the_reading():
    feedback = Feedback()
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        areas([QgsGeometry.fromWkt(f"POLYGON({SQUARE})")], feedback)
