"""The algorithm dialogs as a user meets them: they open, are filled in, run, and load the result with its style."""

import time

import pytest
from processing.gui.AlgorithmDialog import AlgorithmDialog
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt import sip
from sarbridge.processing_provider.algorithms.match_tie_points_parameters import MatchTiePointsParameters as Keys
from sarbridge.tests.image_pair import write_image_pair

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")


@pytest.fixture
def open_dialog():
    dialogs = []

    def opened(algorithm):
        dialogs.append(
            AlgorithmDialog(QgsApplication.processingRegistry().createAlgorithmById(f"sarbridge:{algorithm}"))
        )
        dialogs[-1].show()
        return dialogs[-1]

    yield opened
    for dialog in dialogs:
        dialog.close()
        sip.delete(dialog)  # now, while the provider of its algorithm is still there


@pytest.mark.parametrize("algorithm", ["matchtiepoints", "coregister", "evaluatebuildings"])
def test_every_visible_parameter_has_a_widget_and_help(open_dialog, algorithm):
    dialog = open_dialog(algorithm)
    for definition in dialog.algorithm().parameterDefinitions():
        assert definition.help()
        assert definition.isDestination() or definition.name() in dialog.mainWidget().wrappers


def test_the_dialog_runs_and_loads_styled_layers(open_dialog, tmp_path):
    sar, optical = write_image_pair(tmp_path)
    chosen = {Keys.SAR: sar, Keys.OPTICAL: optical, Keys.METHOD: "ncc", Keys.CANDIDATES: "grid", Keys.SAR_UNIT: "db"}
    dialog = open_dialog("matchtiepoints")
    dialog.setParameters(chosen)
    finished = []
    dialog.algorithmFinished.connect(lambda successful, results: finished.append((successful, results)))
    dialog.runAlgorithm()
    give_up = time.monotonic() + 60
    while not QgsProject.instance().count() and time.monotonic() < give_up:  # loading comes after finishing
        QgsApplication.processEvents()
    assert finished and finished[0][0]
    [layer] = QgsProject.instance().mapLayers().values()
    assert layer.featureCount() == finished[0][1]["ACCEPTED_COUNT"]
    assert layer.renderer().type() == "RuleRenderer"
    QgsProject.instance().clear()
