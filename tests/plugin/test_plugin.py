"""The plugin object as QGIS calls it; `Interface` takes down what it is asked for."""

import pytest

pytest.importorskip("qgis.gui")

import sarbridge  # noqa: E402
from qgis.core import QgsApplication  # noqa: E402
from qgis.gui import QgsDockWidget, QgsFilterLineEdit, QgsMessageBarItem, QgsProcessingToolboxTreeView  # noqa: E402
from qgis.PyQt.QtGui import QDesktopServices  # noqa: E402
from qgis.PyQt.QtWidgets import QDockWidget, QMainWindow  # noqa: E402
from sarbridge.contract.installation import USER_GUIDE  # noqa: E402
from sarbridge.plugin import settings_page  # noqa: E402
from sarbridge.processing_provider.engine_process import engine_client  # noqa: E402


class Interface:
    def __init__(self, window):
        self._window = window
        self.menu, self.pages, self.opened, self.warnings = {}, [], [], []
        self.offers, self.infos = [], []

    def createMessage(self, text):
        return QgsMessageBarItem(text)

    def pushWidget(self, widget, level):
        self.offers.append(widget)

    def popWidget(self, widget):
        self.offers.remove(widget)

    def pushInfo(self, title, text):
        self.infos.append(text)

    def mainWindow(self):
        return self._window

    def messageBar(self):
        return self

    def pushWarning(self, title, text):
        self.warnings.append(text)

    def addPluginToMenu(self, menu, action):
        self.menu[action.text()] = action

    def removePluginMenu(self, menu, action):
        del self.menu[action.text()]

    def registerOptionsWidgetFactory(self, factory):
        self.pages.append(factory)

    def unregisterOptionsWidgetFactory(self, factory):
        self.pages.remove(factory)

    def showOptionsDialog(self, parent, page):
        self.opened.append(page)


@pytest.fixture
def interface(qgis_application):
    """An interface whose QGIS has no SARbridge yet; the tests' own provider comes back afterwards."""
    registry = QgsApplication.processingRegistry()
    registry.removeProvider("sarbridge")
    window = QMainWindow()
    yield Interface(window)
    registry.removeProvider("sarbridge")
    qgis_application.sarbridge.initProcessing()


@pytest.fixture
def plugin(interface):
    made = sarbridge.classFactory(interface)
    made.initGui()
    return made


def test_loading_brings_provider_menu_and_page(plugin, interface):
    assert QgsApplication.processingRegistry().providerById("sarbridge").algorithm("matchtiepoints")
    assert list(interface.menu) == ["First steps: try a sample pair", "Processing tools", "Settings…", "User guide"]
    assert not any(action.icon().isNull() for action in interface.menu.values())
    assert [page.title() for page in interface.pages] == ["SARbridge"]


def test_unloading_takes_everything_away(plugin, interface, monkeypatch):
    ended = []
    monkeypatch.setattr(engine_client, "shut_down", lambda: ended.append(True))
    plugin.unload()
    assert QgsApplication.processingRegistry().providerById("sarbridge") is None
    assert interface.menu == {} and interface.pages == [] and ended == [True]


def test_qgis_process_needs_no_interface(interface):
    plugin = sarbridge.classFactory(None)
    plugin.initProcessing()
    assert QgsApplication.processingRegistry().providerById("sarbridge").algorithm("checkengine")


def test_the_menu_opens_the_filtered_toolbox(plugin, interface):
    """In a dock that is put together like that of Processing, which itself needs the whole of QGIS."""
    dock = QgsDockWidget(interface.mainWindow())
    dock.setObjectName("ProcessingToolbox")
    search, tree = QgsFilterLineEdit(dock), QgsProcessingToolboxTreeView(dock)
    search.setObjectName("searchBox")
    tree.setRegistry(QgsApplication.processingRegistry())
    search.textChanged.connect(tree.setFilterString)
    interface.menu["Processing tools"].trigger()
    model = tree.model()
    groups = [model.index(row, 0) for row in range(model.rowCount())]
    while groups and model.rowCount(groups[0]):
        group = groups.pop(0)
        groups += [model.index(row, 0, group) for row in range(model.rowCount(group))]
    found = {tree.algorithmForIndex(index).id() for index in groups}
    provider = QgsApplication.processingRegistry().providerById("sarbridge")
    assert "sarbridge:matchtiepoints" in found and found == {algorithm.id() for algorithm in provider.algorithms()}


def test_without_processing_the_menu_says_so(plugin, interface):
    assert interface.mainWindow().findChild(QDockWidget, "ProcessingToolbox") is None
    interface.menu["Processing tools"].trigger()
    assert "switch on Processing" in interface.warnings[0]


def test_the_menu_opens_settings_and_user_guide(plugin, interface, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    interface.menu["Settings…"].trigger()
    interface.menu["User guide"].trigger()
    assert interface.opened == [settings_page.PAGE_NAME]
    assert [url.toLocalFile() for url in opened] == [str(USER_GUIDE)]
