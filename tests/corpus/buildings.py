"""Buildings to compare as they are found, and as they should not be."""

import numpy as np
from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer
from qgis.PyQt.QtGui import QTransform
from sarbridge.tests.corpus.case import Case, building_evaluation
from sarbridge.tests.rasters import LEFT, TOP, write_raster


def footprint_layer(*patterns, crs="EPSG:32633", geometry="Polygon", name="houses"):
    """A layer of WKT whose coordinates count metres right and down of the corner."""
    layer = QgsVectorLayer(f"{geometry}?crs={crs}", name, "memory")
    for pattern in patterns:
        shape = QgsGeometry.fromWkt(pattern)
        shape.transform(QTransform(1, 0, 0, -1, LEFT, TOP))
        feature = QgsFeature()
        feature.setGeometry(shape)
        assert layer.dataProvider().addFeature(feature)
    return layer


HOUSE = "POLYGON((10 10,30 10,30 20,10 20,10 10))"
BOW = "POLYGON((10 10,30 20,30 10,10 20,10 10))"
SLIVER = "POLYGON((10 10,30 10.1,30 10,10 10))"
LINE = "POLYGON((10 10,30 10,10 10))"
COURTS = (
    "MULTIPOLYGON(((10 10,30 10,30 20,10 20,10 10),(15 12,20 12,20 18,15 18,15 12)),((40 40,50 40,50 50,40 50,40 40)))"
)
CURVE = "CURVEPOLYGON(CIRCULARSTRING(10 20,20 30,30 20,20 10,10 20))"
NOWHERE = "POLYGON((10 10,1e300 10,30 20,10 20,10 10))"


def of(name, *patterns, geometry="Polygon", crs="EPSG:32633", key="REFERENCE", **expected):
    """A case of such a layer beside a mask of 60 × 80 m with one building of 10 × 18 m."""
    make = lambda at: building_evaluation(at, **{key: footprint_layer(*patterns, geometry=geometry, crs=crs)})  # noqa: E731
    return Case(f"{name} as {key.lower()}", make, **expected)


def masks(name, values, key="PREDICTED", nodata=None, **expected):
    def make(at):
        return building_evaluation(at, **{key: write_raster(at / "values.tif", values, nodata=nodata)})

    return Case(name, make, **expected)


def _mask(value, kind=np.uint8):
    values = np.zeros((60, 80), kind)
    values[10:20, 10:30] = value
    return values


CASES = [
    of("a house", HOUSE, right=lambda results: results["HITS"] == 1 and results["FALSE_ALARMS"] == 1),
    of("a bow", BOW, HOUSE, warned="cross or touch themselves", right=lambda results: results["MISSES"] == 1),
    of("a sliver", SLIVER, HOUSE, right=lambda results: results["HITS"] == 1 and results["MISSES"] == 0),
    of(
        "a line that is called a polygon", LINE, HOUSE, warned="1 features are left out", right=lambda r: r["HITS"] == 1
    ),
    of("a courtyard", COURTS, geometry="MultiPolygon", right=lambda results: results["MISSES"] == 1),
    of("a circle", CURVE, HOUSE, geometry="CurvePolygon", right=lambda results: results["MISSES"] == 1),
    of("coordinates beyond the world", NOWHERE, HOUSE, right=lambda results: results["HITS"] == 1),
    of("points", "POINT(10 10)", geometry="Point", refused=r"'houses' holds no polygons \(Point\)"),
    of("nothing", warned="recall has no meaning there"),
    of("nothing", key="PREDICTED", warned="all are missed"),
    of("a house of another place", HOUSE, crs="EPSG:32733", refused="do not overlap"),
    of("degrees that are metres", HOUSE, crs="EPSG:4326", refused="do not overlap"),
    masks("a mask of 255", _mask(255), right=lambda results: results["HITS"] == 1),
    masks("a mask of minus one", _mask(-1, float), refused="holds -1 and 0 in its band 1"),
    masks("classes as a mask", _mask(5) + np.uint8(2), refused="holds 2 and 7 in its band 1"),
    masks("probabilities as a mask", _mask(1, float) * 0.4 + 0.1, refused='such as "layer@1" > 0.5 of probabilities'),
    masks("a mask that is all built", _mask(1) * 0 + np.uint8(1), warned="no better than to call everything built"),
    masks("a mask whose zeros are no data", _mask(1), nodata=0, refused="holds 1 and no data, but no 0"),
    masks("a mask of no data", _mask(0), nodata=0, refused="'values' holds only no data"),
    masks("a mask that is empty", _mask(0), warned="all are missed"),
    masks("a truth that is empty", _mask(0), key="REFERENCE", warned="recall has no meaning there"),
]
