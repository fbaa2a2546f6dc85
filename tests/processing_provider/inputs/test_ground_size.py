"""Metres on the ground: of maps in metres, degrees and feet, and in whichever thread QGIS is asked first."""

import subprocess
import sys

import pytest

pytest.importorskip("qgis.core")

from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransformContext, QgsPointXY  # noqa: E402
from sarbridge.processing_provider.inputs.ground_size import sides_on_ground  # noqa: E402
from sarbridge.tests.qgis_session import ROOT  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application")

IN_A_THREAD_FIRST = f"""
import sys, threading
sys.path.insert(0, {str(ROOT / "engine")!r})
from package import load_package
load_package()
from qgis.core import *
application = QgsApplication([], False)
application.initQgis()
from sarbridge.processing_provider.provider import SarbridgeProvider
provider = SarbridgeProvider()
QgsApplication.processingRegistry().addProvider(provider)
from sarbridge.processing_provider.inputs.ground_size import sides_on_ground
system = QgsCoordinateReferenceSystem("EPSG:32633")  # of a layer, which the main thread has read
system.toWkt()
def measure():
    print(*sides_on_ground(QgsPointXY(500000, 5500000), 10, 20, system, QgsCoordinateTransformContext()))
thread = threading.Thread(target=measure)
thread.start()
thread.join()
measure()
"""


@pytest.mark.parametrize(
    "crs, place, sides, metres",
    [
        ("EPSG:32633", (500000, 5500000), (10, 20), (10 / 0.9996, 20 / 0.9996)),
        ("EPSG:3857", (0, 8399737.89), (10, 10), (5.013, 5.009)),  # at 60° N
        ("EPSG:4326", (0, 60), (1, 1), (55800, 111412)),
        ("EPSG:2263", (984000, 197000), (100, 100), (30.48, 30.48)),  # feet of New York
        ("EPSG:4326", (0, 1000), (1, 1), (1e-9, 1e-9)),
    ],
)
def test_sides_are_metres_on_the_ground(crs, place, sides, metres):
    system = QgsCoordinateReferenceSystem(crs)
    found = sides_on_ground(QgsPointXY(*place), *sides, system, QgsCoordinateTransformContext())
    assert found == pytest.approx(metres, rel=1e-3)


def test_the_thread_that_asks_first_may_end():
    """As that of a dialog's run does."""
    done = subprocess.run([sys.executable, "-c", IN_A_THREAD_FIRST], capture_output=True, text=True, check=True)
    in_thread, afterwards = done.stdout.splitlines()
    assert in_thread == afterwards and float(afterwards.split()[0]) == pytest.approx(10 / 0.9996)
