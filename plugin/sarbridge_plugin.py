"""The plugin object: puts the provider into Processing, and the menu and the settings page into QGIS."""

from typing import Optional

from qgis.core import QgsApplication
from qgis.gui import QgisInterface, QgsFilterLineEdit
from qgis.PyQt.QtCore import QCoreApplication, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QIcon
from qgis.PyQt.QtWidgets import QAction, QDockWidget

from ..contract.installation import user_guide_url
from ..processing_provider.inputs.temporary_folder import remove_abandoned_folders
from ..processing_provider.provider import SarbridgeProvider
from ..processing_provider.toolbox_entry import ICONS, LINKS

MENU = "SARbridge"


class SarbridgePlugin:
    """`iface` is None in `qgis_process`, which calls `initProcessing` only."""

    def __init__(self, iface: Optional[QgisInterface]):
        self._iface = iface
        self._provider = None
        self._settings_pages = None
        self._first_steps = None
        self._actions = []

    def initProcessing(self) -> None:
        remove_abandoned_folders()
        self._provider = SarbridgeProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)
        self._provider.refreshAlgorithms()  # a model finds its steps in the registry only now

    def initGui(self) -> None:
        from .first_steps import FirstSteps
        from .settings_page import SettingsPageFactory

        self.initProcessing()
        self._first_steps = FirstSteps(self._iface)
        QDesktopServices.setUrlHandler(LINKS, self._first_steps, "open_link")
        self._settings_pages = SettingsPageFactory()
        self._iface.registerOptionsWidgetFactory(self._settings_pages)
        sample = _tr("Simulates a small pair of images, loads it and opens Match tie points with it")
        self._add_action("First steps: try a sample pair", self._first_steps.try_sample, _svg("matchtiepoints"), sample)
        self._add_action("Processing tools", self.show_toolbox, _svg("sarbridge"))
        self._add_action("Settings…", self.show_settings, QgsApplication.getThemeIcon("/mActionOptions.svg"))
        self._add_action("User guide", show_user_guide, QgsApplication.getThemeIcon("/mActionHelpContents.svg"))
        self._first_steps.greet()

    def unload(self) -> None:
        from ..processing_provider.engine_process.engine_client import shut_down

        QDesktopServices.unsetUrlHandler(LINKS)
        for action in self._actions:
            self._iface.removePluginMenu(MENU, action)
        self._actions.clear()
        self._iface.unregisterOptionsWidgetFactory(self._settings_pages)
        QgsApplication.processingRegistry().removeProvider(self._provider)
        shut_down()

    def show_toolbox(self) -> None:
        """Open the Processing toolbox with the algorithms of this plugin only."""
        toolbox = self._iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox")
        if toolbox is None:
            self._iface.messageBar().pushWarning(
                MENU, _tr("The Processing toolbox is missing: switch on Processing in the plugin manager.")
            )
            return
        toolbox.findChild(QgsFilterLineEdit, "searchBox").setText("sarbridge")
        toolbox.setUserVisible(True)

    def show_settings(self) -> None:
        from .settings_page import PAGE_NAME

        self._iface.showOptionsDialog(self._iface.mainWindow(), PAGE_NAME)

    def _add_action(self, text, slot, icon, tip=""):
        action = QAction(icon, _tr(text), self._iface.mainWindow())
        action.setToolTip(tip or _tr(text))
        action.triggered.connect(lambda checked: slot())
        self._iface.addPluginToMenu(MENU, action)
        self._actions.append(action)


def show_user_guide() -> None:
    QDesktopServices.openUrl(QUrl(user_guide_url()))


def _svg(name):
    return QIcon(str(ICONS / f"{name}.svg"))


def _tr(text):
    return QCoreApplication.translate("SARbridge", text)
