"""Footprints → the engine's file: heights as fields of any kind tell them, and outlines with straight sides."""

import math

import pytest
from qgis.core import (
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsVectorLayer,
)
from sarbridge.contract.errors import UserError
from sarbridge.contract.footprint_lines import ScoredFootprint, read_footprint_lines
from sarbridge.processing_provider.inputs.export import Export
from sarbridge.processing_provider.inputs.footprint_file import write_footprints, write_scored_footprints

pytestmark = pytest.mark.usefixtures("qgis_application")

SQUARE = "POLYGON((0 0,4 0,4 4,0 4,0 0))"


def written(folder, shape=SQUARE, value=7.0, kind="double", geometry="Polygon", field="h"):
    layer = QgsVectorLayer(f"{geometry}?crs=EPSG:32633&field=h:{kind}", "houses", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(shape))
    feature.setAttributes([value])
    assert layer.dataProvider().addFeature(feature)
    export = Export(folder, (), QgsCoordinateTransformContext(), QgsProcessingFeedback(False))
    source = QgsProcessingFeatureSource(layer, QgsProcessingContext())
    return list(read_footprint_lines(write_footprints(source, field, export).path))


@pytest.mark.parametrize(
    "kind, value, height",
    [
        ("double", 7.5, 7.5),
        ("integer", 7, 7),
        ("string", "7.5", 7.5),
        ("string", "12,5", None),
        ("string", "7 m", None),
        ("string", "1_0", None),
        ("string", "", None),
        ("string", "nan", None),
        ("double", math.nan, None),
        ("double", math.inf, None),
        ("double", None, None),
        ("double", -3.0, -3),
        ("boolean", True, None),
    ],
)
def test_heights_are_numbers_or_unknown(tmp_path, kind, value, height):
    """The engine refuses footprints whose height is unknown or not above zero, and says how many."""
    [footprint] = written(tmp_path, value=value, kind=kind)
    assert footprint.height == height
    assert footprint.rings == [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]


def test_a_circle_becomes_one_footprint_of_its_area(tmp_path):
    shape = "CURVEPOLYGON(CIRCULARSTRING(-1 0,0 1,1 0,0 -1,-1 0))"
    [footprint] = written(tmp_path, shape, geometry="CurvePolygon")
    [ring] = footprint.rings
    area = sum(x * b - a * y for (x, y), (a, b) in zip(ring, ring[1:])) / 2
    assert abs(area) == pytest.approx(math.pi, rel=1e-3) and footprint.height == 7


def test_a_field_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UserError, match="Layer 'houses' has no field 'storeys': choose the one that holds the heights"):
        written(tmp_path, field="storeys")


@pytest.mark.parametrize("score, height", [("h", ""), ("", "h"), ("h", "h"), ("", "")])
def test_scores_and_heights_are_numbers_of_the_fields_that_are_chosen(tmp_path, score, height):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633&field=other:double&field=h:double", "houses", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(SQUARE))
    feature.setAttributes([1.0, 7.0])
    assert layer.dataProvider().addFeature(feature)
    export = Export(tmp_path, (), QgsCoordinateTransformContext(), QgsProcessingFeedback(False))
    source = QgsProcessingFeatureSource(layer, QgsProcessingContext())
    [line] = read_footprint_lines(write_scored_footprints(source, score, export, height).path, ScoredFootprint)
    assert (line.score, line.height) == (7.0 if score else None, 7.0 if height else None)
