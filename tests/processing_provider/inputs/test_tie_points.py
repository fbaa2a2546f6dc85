"""Tie points as co-registration reads them: which count, where they are, and in which pixels they were matched."""

import math

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingFeedback,
    QgsVectorLayer,
)
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.inputs.tie_points import (
    accepted_points,
    check_nearness,
    expected_errors,
    matched_pixel,
)
from sarbridge.tests.exact_tie_points import tie_point_rows, write_points

pytestmark = pytest.mark.usefixtures("qgis_application")

NUMBERS = ("sar_x", "sar_y", "opt_x", "opt_y", "length_m", "dx_px", "dy_px", "sigma_px")


class Source:
    """A layer as algorithms see one."""

    def __init__(self, layer):
        self._layer = layer

    def __getattr__(self, name):
        return getattr(self._layer, name)

    def sourceName(self):
        return self._layer.name()


def source(*rows, accepted="string", numbers="double", geometry="Point"):
    fields = ["id:int", *(f"{name}:{numbers}" for name in NUMBERS), f"accepted:{accepted}"]
    fields = "&".join(f"field={field}" for field in fields)
    layer = QgsVectorLayer(f"{geometry}?crs=EPSG:32633&{fields}", "my points", "memory")
    for row in rows:
        feature = QgsFeature(layer.fields())
        for name, value in row.items():
            if name != "at":
                feature[name] = value
        at = row["at"]
        feature.setGeometry(QgsGeometry.fromWkt(at) if isinstance(at, str) else at)
        assert layer.dataProvider().addFeature(feature)
    return Source(layer)


class Feedback(QgsProcessingFeedback):
    def __init__(self):
        super().__init__(False)
        self.warnings = []

    def pushWarning(self, text):
        self.warnings.append(text)


def accepted(*rows, **others):
    """Return the points of a layer of which nothing is doubtful."""
    feedback = Feedback()
    points = accepted_points(source(*rows, **others), feedback)
    assert feedback.warnings == []
    return points


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
    "at": "POINT(10 20)",
}


def test_a_point_is_read():
    [point] = accepted(ROW)
    assert point.id == "7" and point.length == 50
    assert (point.sar, point.optical) == (QgsPointXY(10, 20), QgsPointXY(13, 24))
    assert point.pixel == 10  # 50 m are 5 pixels


@pytest.mark.parametrize(
    "geometry, place",
    [
        ("Point", "POINT(11 22)"),
        ("MultiPoint", "MULTIPOINT((11 22))"),
        ("PointZ", "POINT Z(11 22 5)"),
        ("PointM", "POINT M(11 22 5)"),
        ("MultiPointZM", "MULTIPOINT ZM((11 22 5 6))"),
    ],
)
def test_the_place_of_a_point_wins_over_its_fields(geometry, place):
    [point] = accepted({**ROW, "at": place}, geometry=geometry)
    assert point.sar == QgsPointXY(11, 22)


@pytest.mark.parametrize(
    "place", [QgsGeometry(), "MULTIPOINT EMPTY", QgsGeometry.fromMultiPointXY([QgsPointXY(math.nan, 20)])]
)
def test_an_accepted_point_without_a_place_is_refused(place):
    with pytest.raises(UserError, match=r"'my points' has an accepted point without a place on the map \(feature 1\)"):
        accepted({**ROW, "at": place}, geometry="MultiPoint")
    assert accepted({**ROW, "at": place, "accepted": "false"}, geometry="MultiPoint") == []


def test_a_point_of_several_parts_is_refused():
    with pytest.raises(UserError, match=r"accepted point of several parts \(feature 1\): split it"):
        accepted({**ROW, "at": "MULTIPOINT((10 20), (30 40))"}, geometry="MultiPoint")


def test_lines_are_no_points():
    with pytest.raises(UserError, match=r"Layer 'my points' holds no points \(LineString\)"):
        accepted({**ROW, "at": "LINESTRING(13 24, 10 20)"}, geometry="LineString")


def test_a_layer_without_crs_is_refused():
    layer = source(ROW)
    layer.setCrs(QgsCoordinateReferenceSystem())
    with pytest.raises(UserError, match="Layer 'my points' has no coordinate reference system"):
        accepted_points(layer, Feedback())


@pytest.mark.parametrize(
    "kind, value, counts",
    [
        *(("string", word, 1) for word in ("true", "True", "1", "t", "1.0", "yes", "Y", " true ")),
        *(("string", word, 0) for word in ("false", "F", "no", "0", "0.0", "0.000")),
        *((kind, 1, 1) for kind in ("integer", "int8", "double")),
        *((kind, 0, 0) for kind in ("integer", "int8", "double")),
        ("boolean", True, 1),
        ("boolean", False, 0),
    ],
)
def test_formats_spell_accepted_in_their_way(kind, value, counts):
    assert len(accepted({**ROW, "accepted": value}, accepted=kind)) == counts


@pytest.mark.parametrize(
    "kind, value", [("string", "maybe"), ("string", "wahr"), ("double", 0.5), ("double", math.nan), ("integer", 2)]
)
def test_what_is_neither_true_nor_false_is_refused(kind, value):
    with pytest.raises(UserError, match=r"in the field accepted \(feature 1\) is neither true nor false"):
        accepted({**ROW, "accepted": value}, accepted=kind)


@pytest.mark.parametrize("kind, value", [("string", ""), ("string", " "), ("string", None), ("boolean", None)])
def test_points_of_which_nothing_is_said_are_left_out_with_a_warning(kind, value):
    feedback = Feedback()
    said = "yes" if kind == "string" else True
    layer = source({**ROW, "accepted": value}, {**ROW, "accepted": said}, accepted=kind)
    assert len(accepted_points(layer, feedback)) == 1
    assert feedback.warnings == ["Layer 'my points': 1 points without a value in the field accepted are left out."]


def test_a_point_that_is_there_twice_counts_once():
    feedback = Feedback()
    assert [point.id for point in accepted_points(source(ROW, {**ROW, "id": 8}), feedback)] == ["7"]
    [warning] = feedback.warnings
    assert warning.startswith("Layer 'my points': 1 points repeat another one")


def test_without_a_number_of_its_own_a_point_has_that_of_its_feature():
    row = {key: value for key, value in ROW.items() if key != "id"}
    assert [point.id for point in accepted(row, {**row, "opt_x": 14})] == ["1", "2"]


def test_the_pixel_is_that_of_most_points():
    lengths = [{**ROW, "length_m": length, "opt_x": length} for length in (45, 50, 500)]
    assert matched_pixel(accepted(*lengths, {**ROW, "dx_px": 0, "dy_px": 0})) == 10
    assert matched_pixel(accepted({**ROW, "dx_px": None})) == 0
    assert matched_pixel(accepted({**ROW, "dx_px": math.nan})) == 0
    assert matched_pixel([]) == 0


@pytest.mark.parametrize(
    "field, value, shown",
    [
        ("opt_x", None, "empty"),
        ("opt_y", "12,5", "'12,5'"),
        ("opt_x", "1_000", "'1_000'"),
    ],
)
def test_an_accepted_point_without_a_position_is_refused(field, value, shown):
    row = {**ROW, field: value}
    sentence = rf"'my points' has an accepted point without positions \(feature 1\): its {field} is {shown}; give"
    with pytest.raises(UserError, match=sentence):
        accepted(row, numbers="string")
    assert accepted({**row, "accepted": "false"}, numbers="string") == []


def test_a_point_that_was_drawn_by_hand_needs_no_length():
    """Nor does one that was rejected unmatched and is accepted now; layers without the field are points, too."""
    drawn = accepted({**ROW, "length_m": None, "dx_px": None, "dy_px": None}, {**ROW, "opt_x": 14})
    assert [point.length for point in drawn] == [None, 50]
    utm = QgsCoordinateReferenceSystem("EPSG:32633")
    check_nearness([drawn[0]], "my points", utm, utm, QgsCoordinateTransformContext(), Feedback())
    without = {key: value for key, value in ROW.items() if key not in ("length_m", "dx_px", "dy_px")}
    assert [point.length for point in accepted(without)] == [None]


def test_numbers_may_be_text():
    [point] = accepted({**ROW, "opt_x": "13.5"}, numbers="string")
    assert point.optical == QgsPointXY(13.5, 24)


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".fgb"])
def test_what_match_tie_points_writes_is_read_back(tmp_path, suffix):
    """An edit in QGIS included: each format has its own kind of truth."""
    path = write_points(tmp_path / f"points{suffix}", tie_point_rows(wrong=3))
    layer = QgsVectorLayer(path, "written", "ogr")
    feedback = Feedback()
    assert len(accepted_points(Source(layer), feedback)) == 13
    field = layer.fields().lookupField("accepted")
    first = next(feature for feature in layer.getFeatures() if feature["id"] == 1)
    if layer.startEditing():
        assert layer.changeAttributeValue(first.id(), field, False) and layer.commitChanges()
        assert len(accepted_points(Source(layer), feedback)) == 12
    assert feedback.warnings == []


@pytest.mark.parametrize("numbers", ["double", "string"])
def test_expected_errors_are_those_of_the_points_or_the_middle_one(numbers):
    """Of an error that is empty, none or below none nothing is believed, nor of one smaller than any that is told."""
    spelled = [0.5, None, 0.8, -1, 0, 2, 1e-9] + (["", "good", "nan", "1e999", "-0.3"] if numbers == "string" else [])
    rows = [{**ROW, "id": number, "sigma_px": sigma, "opt_x": number} for number, sigma in enumerate(spelled)]
    points = accepted(*rows, numbers=numbers)
    expected = [0.5, 0.65, 0.8, 0.65, 0.65, 2.0, 0.05] + [0.65] * (len(spelled) - 7)
    assert expected_errors(points) == pytest.approx(expected)


def test_without_predicted_errors_all_points_weigh_alike():
    points = accepted(ROW, {**ROW, "sigma_px": 0, "opt_x": 1})
    assert expected_errors(points) == () == expected_errors([])
