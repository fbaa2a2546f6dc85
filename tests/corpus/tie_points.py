"""Tie points that cannot be true, layers that are none, and what formats and users make of good ones."""

import math

import processing
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QVariant
from sarbridge.tests.corpus.case import Case, coregister
from sarbridge.tests.exact_tie_points import tie_point_rows, write_points

_KINDS = {"text": QVariant.String, "real": QVariant.Double, "whole": QVariant.LongLong, "bool": QVariant.Bool}


def _all(results):
    return results["POINT_COUNT"] == 16


def _rejected(results):
    return results["POINT_COUNT"] == 15


def _layer(change=lambda row: row, geometry="Point", crs="EPSG:32633", place=None, **kinds):
    """Return a layer in memory of true points; `change(row)` spoils one, `place(x, y)` gives its geometry."""
    rows = [dict(row) for row in tie_point_rows()]
    fields = QgsFields()
    for name, value in rows[0].items():
        kind = kinds.get(name, {bool: "bool", str: "text", int: "whole"}.get(type(value), "real"))
        fields.append(QgsField(name, _KINDS[kind]))
    layer = QgsVectorLayer(f"{geometry}{f'?crs={crs}' if crs else ''}", "points", "memory")
    layer.dataProvider().addAttributes(fields)
    layer.updateFields()
    for row in rows:
        feature = QgsFeature(fields)
        x, y = row["sar_x"], row["sar_y"]
        shape = place(x, y) if place and row["id"] == 5 else QgsGeometry.fromPointXY(QgsPointXY(x, y))
        if not shape.isNull() and "Point" != geometry != "MultiPoint":
            [shape] = shape.coerceToType(layer.wkbType())
        feature.setGeometry(shape)
        row = change(row) if row["id"] == 5 else row
        feature.setAttributes([row.get(name) for name in fields.names()])
        layer.dataProvider().addFeature(feature)
    if not crs:
        layer.setCrs(QgsCoordinateReferenceSystem())
    return layer


def _multipoint(*places):
    if not places:
        return QgsGeometry.fromWkt("MULTIPOINT EMPTY")
    return QgsGeometry.fromMultiPointXY([QgsPointXY(*place) for place in places])


def _spoilt(name, refused="", right=None, warned="", change=None, **layer):
    """A case of true points of which the fifth is spoilt."""
    change = change or (lambda row: row)
    make = lambda at: coregister(at, POINTS=_layer(change, **layer))  # noqa: E731
    return Case(name, make, refused=refused, right=right, warned=warned)


def _with(**values):
    return lambda row: {**row, **values}


def _every(name, kind, true, false):
    """Two cases of a kind of field: all points say `true`, and one of them says `false`."""

    def layer(one):
        made = _layer(accepted=kind)
        made.startEditing()
        field = made.fields().lookupField("accepted")
        for feature in made.getFeatures():
            made.changeAttributeValue(feature.id(), field, one if feature["id"] == 5 else true)
        assert made.commitChanges()
        return made

    yield Case(f"accepted as {name}", lambda at: coregister(at, POINTS=layer(true)), right=_all)
    yield Case(f"one rejected as {name}", lambda at: coregister(at, POINTS=layer(false)), right=_rejected)


def _processed(algorithm, **parameters):
    """What a tool of QGIS makes of the points."""
    made = {"INPUT": _layer(), "OUTPUT": "memory:", **parameters}
    return processing.run(algorithm, made)["OUTPUT"]


def _table(at, geometry):
    options = f"?crs=EPSG:32633&xField=sar_x&yField=sar_y&{geometry}"
    names = list(tie_point_rows()[0])
    lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in tie_point_rows())]
    (at / "points.csv").write_text("\n".join(lines))
    return QgsVectorLayer(f"{(at / 'points.csv').as_uri()}{options}", "points", "delimitedtext")


NO_PLACE = r"Layer 'points' has an accepted point without a place on the map \(feature 5\)"
NO_POSITION = r"Layer 'points' has an accepted point without positions \(feature 5\): its "
NEITHER = r"in the field accepted \(feature 5\) is neither true nor false: correct it"

CASES = [
    Case("no point at all", lambda at: coregister(at, POINTS=write_points(at / "none.gpkg", [])), refused="point"),
    Case("true points", lambda at: coregister(at), right=_all),
    Case(
        "rejected points only",
        lambda at: coregister(at, POINTS=write_points(at / "rejected.gpkg", tie_point_rows(wrong=16))),
        refused="point",
    ),
    *_every("real", "real", 1.0, 0.0),
    *_every("whole number", "whole", 1, 0),
    *_every("text", "text", "TRUE", "False"),
    *_every("yes and no", "text", "Yes", "no"),
    *_every("text of a real", "text", "1.0", "0.0"),
    _spoilt("accepted is half true", NEITHER, accepted="real", change=_with(accepted=0.5)),
    _spoilt("accepted is NaN", NEITHER, accepted="real", change=_with(accepted=math.nan)),
    _spoilt("accepted is a word", NEITHER, accepted="text", change=_with(accepted="perhaps")),
    _spoilt(
        "accepted is NULL",
        warned="1 points without a value in the field accepted",
        right=_rejected,
        change=_with(accepted=None),
    ),
    _spoilt("no geometry", NO_PLACE, place=lambda x, y: QgsGeometry()),
    _spoilt("an empty multipoint", NO_PLACE, geometry="MultiPoint", place=lambda x, y: _multipoint()),
    _spoilt("a place that is NaN", NO_PLACE, geometry="MultiPoint", place=lambda x, y: _multipoint((math.nan, y))),
    _spoilt("a place at infinity", NO_PLACE, geometry="MultiPoint", place=lambda x, y: _multipoint((math.inf, y))),
    _spoilt(
        "two parts",
        r"point of several parts \(feature 5\): split it",
        geometry="MultiPoint",
        place=lambda x, y: _multipoint((x, y), (x + 9, y)),
    ),
    _spoilt("multipoints of one part", right=_all, geometry="MultiPoint"),
    _spoilt("points with heights", right=_all, geometry="PointZ"),
    _spoilt("multipoints with measures", right=_all, geometry="MultiPointM"),
    _spoilt("opt_x is NULL", NO_POSITION + "opt_x is empty", change=_with(opt_x=None)),
    _spoilt("opt_y is NaN", NO_POSITION + "opt_y is 'nan'", change=_with(opt_y=math.nan)),
    _spoilt("length_m is infinite", right=_all, change=_with(length_m=math.inf)),
    _spoilt("a decimal comma", NO_POSITION + "opt_x is '12,5'", opt_x="text", change=_with(opt_x="12,5")),
    _spoilt("a position in words", NO_POSITION + "opt_x is 'here'", opt_x="text", change=_with(opt_x="here")),
    _spoilt("positions as text", right=_all, opt_x="text", opt_y="text"),
    _spoilt("a score that is NaN", right=_all, change=_with(score=math.nan)),
    _spoilt("no CRS", "Layer 'points' has no coordinate reference system", crs=""),
    Case(
        "a point copied twice",
        lambda at: coregister(at, POINTS=_processed("native:mergevectorlayers", LAYERS=[_layer(), _layer()])),
        warned="16 points repeat another one",
        right=_all,
    ),
    Case(
        "in degrees",
        lambda at: coregister(at, POINTS=_processed("native:reprojectlayer", TARGET_CRS="EPSG:4326")),
        right=_all,
    ),
    Case(
        "assigned the same zone with another datum",
        lambda at: coregister(at, POINTS=_processed("native:assignprojection", CRS="EPSG:23033")),
        warned=r"SAR positions, read in EPSG:23033, and optical ones, read in EPSG:32633, differ by \d+ m",
    ),
    Case(
        "an optical CRS with another datum",
        lambda at: coregister(at, OPTICAL_CRS="EPSG:23033"),
        warned=r"and optical ones, read in EPSG:23033, differ by \d+ m from what the points say",
    ),
    Case("as multipoints", lambda at: coregister(at, POINTS=_processed("native:promotetomulti")), right=_all),
    Case(
        "buffers of points",
        lambda at: coregister(at, POINTS=_processed("native:buffer", DISTANCE=5)),
        refused=r"holds no points \(MultiPolygon\): choose the tie points",
    ),
    Case(
        "without geometry",
        lambda at: coregister(at, POINTS=_processed("native:dropgeometries")),
        refused="holds no points",
    ),
    Case(
        "without opt_x",
        lambda at: coregister(at, POINTS=_processed("native:deletecolumn", COLUMN=["opt_x"])),
        refused="lacks the field opt_x: choose tie points made by Match tie points",
    ),
    Case("a table of text", lambda at: coregister(at, POINTS=_table(at, "detectTypes=no")), right=_all),
    Case("a table of numbers", lambda at: coregister(at, POINTS=_table(at, "detectTypes=yes")), right=_all),
]
