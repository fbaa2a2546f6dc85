"""The graphical models in `docs/` open in the designer and have all that their steps ask for."""

import pytest

pytest.importorskip("qgis.core")

from qgis.core import QgsProcessingModelAlgorithm  # noqa: E402
from sarbridge.tests.qgis_session import ROOT  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application")


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.model3")), ids=lambda path: path.stem)
def test_a_model_is_complete(path):
    model = QgsProcessingModelAlgorithm()
    assert model.fromFile(str(path))
    valid, problems = model.validate()
    assert valid, problems
