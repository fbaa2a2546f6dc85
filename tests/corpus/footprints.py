"""Building footprints as they are found, and as they should not be."""

import math

import numpy as np
import processing
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsVectorLayer,
)
from sarbridge.tests.corpus.case import Case, simulation, visibility
from sarbridge.tests.rasters import LEFT, TOP, write_raster

X, Y = LEFT + 20, TOP - 20
"""The middle of the surface, of 40 by 40 cells of 1 m."""


def _at(pattern):
    """Return WKT whose coordinates `{x+3}` and `{y-4}` count from the middle of the surface, in metres."""
    for sign in "+-":
        for metres in range(20):
            pattern = pattern.replace(f"x{sign}{metres:02}", str(X + int(f"{sign}{metres}")))
            pattern = pattern.replace(f"y{sign}{metres:02}", str(Y + int(f"{sign}{metres}")))
    return QgsGeometry.fromWkt(pattern)


RING = "(x-05 y-05,x+05 y-05,x+05 y+05,x-05 y+05,x-05 y-05)"
SQUARE = _at(f"POLYGON({RING})")
CIRCLE = "CURVEPOLYGON(CIRCULARSTRING(x-08 y+00,x+00 y+08,x+08 y+00,x+00 y-08,x-08 y+00))"
HALF = "CURVEPOLYGON(COMPOUNDCURVE(CIRCULARSTRING(x-08 y+00,x+00 y+08,x+08 y+00),(x+08 y+00,x-08 y+00)))"


def _layer(*shapes, geometry="Polygon", crs="EPSG:32633", heights=(), kind="double"):
    layer = QgsVectorLayer(f"{geometry}?crs={crs}&field=h:{kind}", "houses", "memory")
    layer.setCrs(QgsCoordinateReferenceSystem(crs))  # collections in memory do not heed the one above
    for number, shape in enumerate(shapes):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(shape)
        feature.setAttributes([heights[number] if heights else 6.0 if kind == "double" else "6"])
        assert layer.dataProvider().addFeature(feature)
    return layer


def _simulated(name, layer, area=None, refused="", warned=""):
    """A case of simulated buildings, which must cover so many square metres of ground."""
    fine = {"SAR_PRESET": "xband_half_metre", "OPTICAL_PRESET": "rgb0m5", "HEIGHT_FIELD": "h"}

    def make(at):
        ground = write_raster(at / "ground.tif", np.full((40, 40), 30.0))
        return simulation(at, DSM=ground, FOOTPRINTS=layer() if callable(layer) else layer, **fine)

    def right(results):
        cells = gdal.Open(results["BUILDINGS"]).ReadAsArray()
        return abs(cells.sum() / 4 - area) <= 0.07 * area  # cells of half a metre

    return Case(f"{name}, simulated", make, refused, warned, None if area is None else right)


def _mapped(name, layer, refused="", warned=""):
    """A case of joint visibility of a box with such footprints."""
    make = lambda at: visibility(at, FOOTPRINTS=layer() if callable(layer) else layer)  # noqa: E731
    return Case(f"{name}, mapped", make, refused, warned, lambda results: results["CELL_COUNT"] == 1600)


def _shape(name, pattern, area, geometry="Polygon"):
    """Both cases of a shape that covers so many square metres."""
    make = lambda: _layer(_at(pattern), geometry=geometry)  # noqa: E731
    return _simulated(name, make, area), _mapped(name, make)


def _moved(**parameters):
    return processing.run("native:reprojectlayer", {"INPUT": _layer(SQUARE), "OUTPUT": "memory:", **parameters})[
        "OUTPUT"
    ]


def _ring(*points):
    return QgsGeometry.fromPolygonXY([[QgsPointXY(*point) for point in points]])


NO_AREA = "Layer 'houses': 1 features are left out, as they have no area"
NONE_HERE = "No footprint of layer 'houses' lies on"
SHAPELESS = {
    "no geometry": lambda: QgsGeometry(),
    "an empty polygon": lambda: QgsGeometry.fromWkt("POLYGON EMPTY"),
    "a polygon of two points": lambda: _at("POLYGON((x+00 y+00,x+05 y+05,x+00 y+00))"),
    "a polygon without width": lambda: _at("POLYGON((x+00 y+00,x+05 y+05,x+02 y+02,x+00 y+00))"),
    "a coordinate that is NaN": lambda: _ring((X, Y), (math.nan, Y), (X, Y + 3), (X, Y)),
    "a coordinate at infinity": lambda: _ring((X, Y), (math.inf, Y), (X, Y + 3), (X, Y)),
}
HEIGHTS = {
    "NULL": (None, "double"),
    "NaN": (math.nan, "double"),
    "zero": (0.0, "double"),
    "negative": (-3.0, "double"),
    "infinite": (math.inf, "double"),
    "with a decimal comma": ("12,5", "string"),
    "with a unit": ("12 m", "string"),
    "in words": ("high", "string"),
}

CASES = [
    Case("a folder that is no layer", lambda at: visibility(at, FOOTPRINTS=str(at)), refused="FOOTPRINTS"),
    *_shape("a square", f"POLYGON({RING})", 100),
    *_shape("a courtyard", f"POLYGON({RING},(x-02 y-02,x+02 y-02,x+02 y+02,x-02 y+02,x-02 y-02))", 84),
    *_shape("a square of the other sense", "POLYGON((x-05 y-05,x-05 y+05,x+05 y+05,x+05 y-05,x-05 y-05))", 100),
    *_shape("a circle", CIRCLE, math.pi * 64, "CurvePolygon"),
    *_shape("half a circle", HALF, math.pi * 32, "CurvePolygon"),
    *_shape(
        "surfaces",
        f"MULTISURFACE({HALF},((x-05 y-09,x+05 y-09,x+05 y-02,x-05 y-09)))",
        math.pi * 32 + 35,
        "MultiSurface",
    ),
    *_shape(
        "two parts",
        "MULTIPOLYGON(((x-09 y-09,x-01 y-09,x-01 y-01,x-09 y-09)),((x+01 y+01,x+09 y+01,x+09 y+09,x+01 y+01)))",
        64,
        "MultiPolygon",
    ),
    *_shape("heights in the outline", "POLYGON Z((x-05 y-05 1,x+05 y-05 2,x+05 y+05 3,x-05 y-05 1))", 50, "PolygonZ"),
    *_shape("measures in the outline", "POLYGON M((x-05 y-05 1,x+05 y-05 2,x+05 y+05 3,x-05 y-05 1))", 50, "PolygonM"),
    *_shape("a collection", f"GEOMETRYCOLLECTION(POINT(x+00 y+00),{HALF})", math.pi * 32, "GeometryCollection"),
    *_shape("an outline that crosses itself", "POLYGON((x-05 y-05,x+05 y+05,x+05 y-05,x-05 y+05,x-05 y-05))", 50),
    _simulated("one of them elsewhere", lambda: _layer(SQUARE, _ring((0, 0), (9, 0), (9, 9), (0, 0))), 100),
    _simulated("in degrees", lambda: _moved(TARGET_CRS="EPSG:4326"), 100),
    _simulated(
        "in feet",
        lambda: _moved(TARGET_CRS="EPSG:2263"),
        100,
        warned="state no unit on a map that counts in 'US survey foot'",
    ),
    _mapped("in degrees", lambda: _moved(TARGET_CRS="EPSG:4326")),
    *(
        _simulated(name, lambda shape=shape: _layer(SQUARE, shape()), 100, warned=NO_AREA)
        for name, shape in SHAPELESS.items()
    ),
    *(_mapped(name, lambda shape=shape: _layer(SQUARE, shape()), warned=NO_AREA) for name, shape in SHAPELESS.items()),
    _simulated("no area at all", lambda: _layer(QgsGeometry()), refused=NONE_HERE),
    _mapped("no area at all", lambda: _layer(QgsGeometry()), refused=NONE_HERE),
    _mapped("elsewhere", lambda: _layer(_ring((0, 0), (9, 0), (9, 9), (0, 0))), refused=NONE_HERE),
    _mapped("off the Earth", lambda: _layer(_ring((1e300, 0), (1e301, 0), (1e301, 9), (1e300, 0))), refused=NONE_HERE),
    _mapped("lines", lambda: _layer(geometry="LineString"), refused=r"'houses' holds no polygons \(LineString\)"),
    _mapped("points", lambda: _layer(geometry="Point"), refused=r"'houses' holds no polygons \(Point\)"),
    _mapped("no feature", lambda: _layer(), refused="Layer 'houses' has no features"),
    _mapped("no CRS", lambda: _layer(SQUARE, crs=""), refused="Layer 'houses' has no coordinate reference system"),
    *(
        _simulated(
            f"a height {name}",
            lambda value=value, kind=kind: _layer(
                SQUARE, SQUARE, heights=(8.0 if kind == "double" else "8", value), kind=kind
            ),
            refused="1 of the 2 footprints in layer 'houses' have no height above zero",
        )
        for name, (value, kind) in HEIGHTS.items()
    ),
    _simulated("heights as text", lambda: _layer(SQUARE, kind="string"), 100),
    _simulated("a height of 1e308", lambda: _layer(SQUARE, heights=(1e308,)), refused="which nobody builds"),
]
