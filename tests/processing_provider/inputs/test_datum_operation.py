"""A warning where QGIS and the engine lay two coordinate reference systems over each other differently."""

import math

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsPointXY,
)
from sarbridge.processing_provider.inputs.datum_operation import warn_of_other_operation
from sarbridge.processing_provider.inputs.ground_size import GLOBE, ruler
from sarbridge.tests.toy_engine import Feedback

pytestmark = pytest.mark.usefixtures("qgis_application")

UTM31, UTM32 = (QgsCoordinateReferenceSystem(f"EPSG:3263{zone}") for zone in (1, 2))


def row(east, north=0.0):
    """A row whose shift the engine measured as so many metres farther east and north than QGIS does."""
    context, globe = QgsCoordinateTransformContext(), QgsCoordinateReferenceSystem(GLOBE)
    optical = QgsPointXY(200_000, 5_500_000)
    there = QgsCoordinateTransform(UTM32, UTM31, context).transform(optical)
    sar = QgsPointXY(there.x() + 30, there.y())
    to_globe = QgsCoordinateTransform(UTM31, globe, context)
    ends = to_globe.transform(there), to_globe.transform(sar)
    length, azimuth = ruler().measureLine(*ends), ruler().bearing(*ends)
    shift = {"dx_m": length * math.sin(azimuth) + east, "dy_m": length * math.cos(azimuth) + north}
    positions = {"sar_x": sar.x(), "sar_y": sar.y(), "opt_x": optical.x(), "opt_y": optical.y()}
    return {**positions, **shift, "accepted": True}


@pytest.mark.parametrize(
    ("off", "is_warned"), [((0, 0), False), ((4, 0), False), ((6, 0), True), ((0, -6), True), ((4, 4.472), True)]
)
def test_half_a_pixel_is_told_in_whatever_direction(off, is_warned):
    feedback = Feedback()
    rows = [row(*off), row(*off), *[{**row(500), "accepted": False}] * 200]
    warn_of_other_operation(rows, 10, UTM32, UTM31, QgsCoordinateTransformContext(), feedback)
    assert len(feedback.warnings) == is_warned
    assert all("shifts differ by 6.0 m: reproject one of the layers" in text for text in feedback.warnings)


def test_one_system_is_one_and_no_points_tell_nothing():
    feedback = Feedback()
    warn_of_other_operation([row(50)], 10, UTM31, UTM31, QgsCoordinateTransformContext(), feedback)
    warn_of_other_operation([], 10, UTM32, UTM31, QgsCoordinateTransformContext(), feedback)
    assert feedback.warnings == []
