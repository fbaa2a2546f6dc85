"""Tie points as co-registration reads them: which count, where they are, and in which pixels they were matched."""

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.inputs.tie_points import accepted_points, matched_pixel

pytestmark = pytest.mark.usefixtures("qgis_application")

FIELDS = "id:int sar_x:double sar_y:double opt_x:double opt_y:double length_m:double dx_px:double dy_px:double"


class Source:
    """A layer as algorithms see one."""

    def __init__(self, layer):
        self._layer = layer

    def __getattr__(self, name):
        return getattr(self._layer, name)

    def sourceName(self):
        return self._layer.name()


def source(*rows, accepted="string"):
    fields = "&".join(f"field={field}" for field in [*FIELDS.split(), f"accepted:{accepted}"])
    layer = QgsVectorLayer(f"Point?crs=EPSG:32633&{fields}", "my points", "memory")
    for row in rows:
        feature = QgsFeature(layer.fields())
        for name, value in row.items():
            if name != "at":
                feature[name] = value
        if "at" in row:
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(*row["at"])))
        layer.dataProvider().addFeature(feature)
    return Source(layer)


ROW = {
    "id": 7,
    "sar_x": 10,
    "sar_y": 20,
    "opt_x": 13,
    "opt_y": 24,
    "length_m": 50,
    "dx_px": 3,
    "dy_px": 4,
    "accepted": "t",
}


def test_a_point_is_read_from_its_fields():
    [point] = accepted_points(source(ROW))
    assert point.id == "7" and point.length == 50
    assert (point.sar, point.optical) == (QgsPointXY(10, 20), QgsPointXY(13, 24))
    assert point.pixel == 10  # 50 m are 5 pixels


def test_the_place_of_a_point_wins_over_its_fields():
    [point] = accepted_points(source({**ROW, "at": (11, 22)}))
    assert point.sar == QgsPointXY(11, 22)


@pytest.mark.parametrize(
    "spelt, counts", [("true", 1), ("True", 1), ("1", 1), ("t", 1), ("false", 0), ("", 0), ("no", 0)]
)
def test_formats_spell_accepted_in_their_way(spelt, counts):
    assert len(accepted_points(source({**ROW, "accepted": spelt}))) == counts


def test_without_a_number_of_its_own_a_point_has_that_of_its_feature():
    row = {key: value for key, value in ROW.items() if key != "id"}
    assert [point.id for point in accepted_points(source(row, row))] == ["1", "2"]


def test_the_pixel_is_that_of_most_points():
    rows = [{**ROW, "length_m": length} for length in (45, 50, 500)] + [{**ROW, "dx_px": 0, "dy_px": 0}]
    assert matched_pixel(accepted_points(source(*rows))) == 10
    assert matched_pixel(accepted_points(source({**ROW, "dx_px": None}))) == 0
    assert matched_pixel([]) == 0


def test_an_accepted_point_without_a_position_is_refused():
    with pytest.raises(UserError, match=r"Layer 'my points' has an accepted point without positions \(feature 1\)"):
        accepted_points(source({**ROW, "opt_x": None}))
    assert accepted_points(source({**ROW, "opt_x": None, "accepted": "false"})) == []
