"""Parameters that go with their algorithm: QGIS crashes where Python refers to one that is gone."""

import gc

import pytest
from qgis.core import QgsApplication
from qgis.PyQt import sip

pytestmark = pytest.mark.usefixtures("qgis_application")


@pytest.mark.parametrize("name", ["alignimages", "matchandcoregister", "matchtiepoints"])
def test_python_is_told_when_parameters_are_deleted_with_their_algorithm(name):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"sarbridge:{name}")
    held = [each for each in algorithm.parameterDefinitions() if not each.isDestination()]
    assert held and not any(map(sip.isdeleted, held))
    del algorithm
    gc.collect()
    assert all(map(sip.isdeleted, held))
