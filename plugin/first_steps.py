"""The first minutes with the plugin: the offer to set up the engine, and a sample pair to try the matching on."""

from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
)
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QCoreApplication, QObject, QUrl, pyqtSlot
from qgis.PyQt.QtWidgets import QPushButton

from ..processing_provider import settings
from ..processing_provider.engine_process.interpreter import find_interpreter

SAMPLE = {"SEED": 1, "SIZE": 384, "LANDSCAPE": "prairie", "SHIFT_RIGHT": 8.3, "SHIFT_DOWN": 5.6}
"""The scene of the user guide's worked example, smaller."""

IMAGES = {"SAR": ("sample_sar.tif", "Sample SAR"), "OPTICAL": ("sample_optical.tif", "Sample optical")}
"""By parameter of the matching: file and name of the layer."""


class FirstSteps(QObject):
    """What the menu's first entry does, and what is said where there is no engine yet."""

    def __init__(self, iface: QgisInterface):
        super().__init__()
        self._iface = iface
        self._run = None

    def greet(self) -> None:
        """After the installation, once: offer what is still missing."""
        if find_interpreter().path is None and not settings.greeted():
            settings.set_greeted()
            self.offer_engine()

    def offer_engine(self) -> None:
        """Say that the engine is missing, with a button that opens its set-up."""
        bar = self._iface.messageBar()
        missing, _, _ = find_interpreter().why.partition(": ")  # what to do about it says the button
        message = bar.createMessage(f"{missing}.")  # without a title: it names the plugin
        button = QPushButton(_tr("Set up the engine…"))
        button.clicked.connect(lambda: (bar.popWidget(message), open_dialog("setupengine", {})))
        message.layout().addWidget(button)
        bar.pushWidget(message, Qgis.MessageLevel.Info)

    @pyqtSlot(QUrl)
    def open_link(self, url: QUrl) -> None:
        """Open the dialog of the algorithm that a link `sarbridge:ID` names."""
        open_dialog(url.path(), {})

    def try_sample(self) -> None:
        """Simulate the sample pair unless it is there, load it, and open the matching filled in."""
        if find_interpreter().path is None:
            self.offer_engine()
        elif all(path.is_file() for path in _paths().values()):
            self._show()
        elif self._run is None:
            self._simulate()

    def _simulate(self):
        settings.sample_folder().mkdir(parents=True, exist_ok=True)
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:simulatescene")
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
        wanted = {**SAMPLE, **{key: str(path) for key, path in _paths().items()}}
        task = QgsProcessingAlgRunnerTask(algorithm, wanted, context, feedback)
        task.executed.connect(self._simulated)
        self._run = task, algorithm, context, feedback  # which QGIS does not keep
        self._iface.messageBar().pushInfo("SARbridge", _tr("A sample pair is being simulated; it takes a minute."))
        QgsApplication.taskManager().addTask(task)

    def _simulated(self, successful, results):
        log = self._run[-1].textLog()
        self._run = None
        if successful:
            self._show()
        else:
            last = next((line for line in reversed(log.splitlines()) if line.strip()), "")
            self._iface.messageBar().pushWarning(
                "SARbridge", _tr("The sample pair was not made. {why}").format(why=last)
            )

    def _show(self):
        layers = {key: _layer(path, IMAGES[key][1]) for key, path in _paths().items()}
        open_dialog("matchtiepoints", {**{key: layer.id() for key, layer in layers.items()}, "TRANSFORM": "shift"})


def open_dialog(algorithm: str, parameters: dict[str, Any]) -> None:
    """Open the dialog of one of our algorithms with some parameters filled in."""
    from processing import createAlgorithmDialog  # a plugin that comes with QGIS, and may be switched off

    dialog = createAlgorithmDialog(f"sarbridge:{algorithm}", parameters)
    if dialog is not None:
        dialog.show()


def _paths() -> dict[str, Path]:
    return {key: settings.sample_folder() / file for key, (file, _) in IMAGES.items()}


def _layer(path, name):
    """Return the layer of a file, which is added to the project unless it is in it."""
    project = QgsProject.instance()
    for layer in project.mapLayers().values():
        if layer.source() == str(path):
            return layer
    return project.addMapLayer(QgsRasterLayer(str(path), name))


def _tr(text):
    return QCoreApplication.translate("SARbridge", text)
