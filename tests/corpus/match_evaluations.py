"""What is given to evaluations of matching: points that are none, truths that cannot be, and what is odd but right."""

import math

from qgis.core import QgsFeature, QgsField, QgsFields, QgsGeometry, QgsPointXY, QgsVectorLayer
from qgis.PyQt.QtCore import QVariant
from sarbridge.tests.corpus.case import Case, Run
from sarbridge.tests.image_pair import LEFT, TOP

_KINDS = {str: QVariant.String, float: QVariant.Double, bool: QVariant.Bool, type(None): QVariant.Double}


def points(spoilt=None, geometry="Point", shape=None, **values):
    """A layer of twelve points, 1 m off each; of the fifth, fields are as in `spoilt` and the geometry is `shape`."""
    rows = []
    for number in range(12):
        x, y = LEFT + 300 * number, TOP - 200 * number
        rows.append((x + 1, y, {"opt_x": float(x), "opt_y": float(y), **values}))
    kinds = {**rows[0][2], **(spoilt or {})}
    fields = QgsFields()
    for name, value in kinds.items():
        fields.append(QgsField(name, _KINDS[type(value)]))
    layer = QgsVectorLayer(f"{geometry}?crs=EPSG:32633", "points", "memory")
    layer.dataProvider().addAttributes(fields)
    layer.updateFields()
    for number, (x, y, row) in enumerate(rows):
        feature = QgsFeature(fields)
        place = QgsGeometry.fromPointXY(QgsPointXY(x, y))
        feature.setGeometry(shape if shape is not None and number == 4 else place)
        feature.setAttributes(
            [(spoilt or {}).get(name, row.get(name)) if number == 4 else row.get(name) for name in kinds]
        )
        layer.dataProvider().addFeature(feature)
    return layer


def judged(name, refused="", right=None, warned="", points=points, **given):
    """A case of points beside the identity, but for what is given."""

    def make(_):
        return Run("evaluatematching", {"POINTS": points(), "TRUE_TRANSFORM": "0 0", "PIXEL_SIZE": 10, **given})

    return Case(name, make, refused=refused, right=right, warned=warned)


def _count(number):
    return lambda results: results["COUNT"] == number and math.isclose(results["MEAN_ERROR"], 0.1, rel_tol=1e-3)


CASES = [
    judged("positions alone", right=_count(12)),
    judged("a point without an optical position", "its opt_x is empty", points=lambda: points({"opt_x": None})),
    judged("a position in words", "its opt_x is 'east'", points=lambda: points({"opt_x": "east"})),
    judged("an infinite position", "its opt_y is 'inf'", points=lambda: points({"opt_y": math.inf})),
    judged(
        "a position beyond the Earth",
        "where there is no place on the Earth",
        points=lambda: points({"opt_x": 1e300}),
    ),
    judged("a point without geometry", "without a place on the map", points=lambda: points(shape=QgsGeometry())),
    judged(
        "a point of two parts",
        "of several parts",
        points=lambda: points(
            geometry="MultiPoint",
            shape=QgsGeometry.fromMultiPointXY([QgsPointXY(LEFT, TOP), QgsPointXY(LEFT + 5, TOP)]),
        ),
    ),
    judged("accepted in words", "'perhaps' in the field accepted", points=lambda: points({"accepted": "perhaps"})),
    judged(
        "a point that nobody decided on",
        warned="1 points without a value in the field accepted",
        right=_count(11),
        points=lambda: points({"accepted": None}, accepted=1.0),
    ),
    judged("none accepted", warned="No point was accepted", points=lambda: points(accepted=False)),
    judged(
        "a place that one image does not show", right=_count(11), points=lambda: points({"reason": "nodata"}, reason="")
    ),
    judged("a predicted error below 0", right=_count(12), points=lambda: points({"sigma_px": -1.0}, sigma_px=0.5)),
    judged("a transform that is no number", r"\(TRUE_TRANSFORM\) must be a shift", TRUE_TRANSFORM="nan, 3"),
    judged("a transform that is infinite", r"\(TRUE_TRANSFORM\) must be a shift", TRUE_TRANSFORM="1e400, 3"),
    judged("a transform off the Earth", "where there is no place on the Earth", TRUE_TRANSFORM="1e300, 3"),
    judged("a transform without area", "cannot be inverted", TRUE_TRANSFORM="0,0,5,0,0,7"),
    judged("a huge pixel", right=lambda results: results["WITHIN_1"] == 100, PIXEL_SIZE=1e6),
]
