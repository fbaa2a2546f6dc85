"""A warning where QGIS and the engine lay two coordinate reference systems over each other differently."""

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsPointXY, QgsProcessingContext
from sarbridge.processing_provider.inputs.datum_operation import warn_of_other_operation
from sarbridge.processing_provider.inputs.ground_size import GLOBE, ruler
from sarbridge.tests.toy_engine import Feedback

pytestmark = pytest.mark.usefixtures("qgis_application")

UTM31, UTM32 = (QgsCoordinateReferenceSystem(f"EPSG:3263{zone}") for zone in (1, 2))


def row(off):
    """A row whose shift the engine measured as `off` metres longer than QGIS does."""
    context, globe = QgsProcessingContext(), QgsCoordinateReferenceSystem(GLOBE)
    optical = QgsPointXY(200_000, 5_500_000)
    there = QgsCoordinateTransform(UTM32, UTM31, context.transformContext()).transform(optical)
    sar = QgsPointXY(there.x() + 30, there.y())
    to_globe = QgsCoordinateTransform(UTM31, globe, context.transformContext())
    length = ruler().measureLine(to_globe.transform(there), to_globe.transform(sar))
    positions = {"sar_x": sar.x(), "sar_y": sar.y(), "opt_x": optical.x(), "opt_y": optical.y()}
    return {**positions, "length_m": length + off, "accepted": True}


@pytest.mark.parametrize(("off", "is_warned"), [(0, False), (4, False), (6, True), (-6, True)])
def test_half_a_pixel_is_told(off, is_warned):
    feedback = Feedback()
    rows = [row(off), row(off), {**row(500), "accepted": False}]
    warn_of_other_operation(rows, 10, UTM32, UTM31, QgsProcessingContext(), feedback)
    assert len(feedback.warnings) == is_warned
    assert all("shifts differ by 6.0 m: reproject one of the layers" in text for text in feedback.warnings)


def test_one_system_is_one_and_no_points_tell_nothing():
    feedback = Feedback()
    warn_of_other_operation([row(50)], 10, UTM31, UTM31, QgsProcessingContext(), feedback)
    warn_of_other_operation([], 10, UTM32, UTM31, QgsProcessingContext(), feedback)
    assert feedback.warnings == []
