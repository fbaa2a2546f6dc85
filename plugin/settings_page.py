"""The page SARbridge in QGIS's options: engine interpreter, device and the folder of own models."""

from typing import Optional

from qgis.gui import QgsFileWidget, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QLabel, QWidget

from ..processing_provider import settings
from ..processing_provider.engine_process.interpreter import find_interpreter
from ..processing_provider.toolbox_entry import ICONS
from .model_list import ModelList

PAGE_NAME = "sarbridgeOptions"
DEVICES = ("auto", "cpu", "cuda", "mps")


class SettingsPageFactory(QgsOptionsWidgetFactory):
    """Gives QGIS a fresh page each time the options dialog opens."""

    def __init__(self):
        super().__init__("SARbridge", QIcon(str(ICONS / "sarbridge.svg")))

    def createWidget(self, parent: Optional[QWidget]) -> QgsOptionsPageWidget:
        return SettingsPage(parent)


class SettingsPage(QgsOptionsPageWidget):
    """Shows what is set; `apply`, called by the dialog's OK, keeps what was changed."""

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName(PAGE_NAME)
        self.engine_python = QgsFileWidget()
        self.engine_python.setStorageMode(QgsFileWidget.StorageMode.GetFile)
        self.engine_python.setDialogTitle(_tr("Python interpreter of the engine"))
        self.engine_python.lineEdit().setPlaceholderText(_tr("chosen automatically"))
        self.engine_python.setFilePath(settings.engine_python())
        self.device = QComboBox()
        self.device.setEditable(True)  # cuda:1 and so on are typed
        self.device.addItems(DEVICES)
        self.device.setCurrentText(settings.device())
        self.model_folder = QgsFileWidget()
        self.model_folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.model_folder.setDialogTitle(_tr("Folder of own models"))
        self.model_folder.lineEdit().setPlaceholderText(_tr("only the models that come with the plugin"))
        self.model_folder.setFilePath(settings.model_folder())
        self.models = ModelList(lambda: self.model_folder.filePath().strip())
        self.model_folder.fileChanged.connect(self.models.refresh)
        self._lay_out()

    def apply(self) -> None:
        settings.set_engine_python(self.engine_python.filePath().strip())
        settings.set_device(self.device.currentText().strip() or DEVICES[0])
        settings.set_model_folder(self.model_folder.filePath().strip())

    def _lay_out(self):
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(_tr("Python interpreter of the engine"), self.engine_python)
        form.addRow("", _note(_engine_in_use()))
        form.addRow(_tr("Device"), self.device)
        form.addRow("", _note(_tr("auto takes the fastest device found; cuda:1 is the second NVIDIA GPU.")))
        form.addRow(_tr("Folder of own models"), self.model_folder)
        form.addRow("", _note(_tr("Model files (.safetensors) in it appear in the algorithms' list of models.")))
        form.addRow(_tr("Models"), self.models)


def _engine_in_use():
    interpreter = find_interpreter()
    if interpreter.path is None:
        return interpreter.why
    return _tr("At present: {path} ({why}).").format(path=interpreter.path, why=interpreter.why)


def _note(text):
    label = QLabel(text)
    label.setWordWrap(True)
    return label


def _tr(text):
    return QCoreApplication.translate("SARbridge", text)
