"""The first minutes: without an engine a button that sets it up, with one a sample pair in the dialog of matching."""

import time

import pytest

pytest.importorskip("qgis.gui")

from qgis.core import QgsApplication, QgsProject  # noqa: E402
from qgis.PyQt.QtCore import QUrl  # noqa: E402
from qgis.PyQt.QtGui import QDesktopServices  # noqa: E402
from qgis.PyQt.QtWidgets import QMainWindow, QPushButton  # noqa: E402
from sarbridge.plugin import first_steps  # noqa: E402
from sarbridge.plugin.first_steps import FirstSteps  # noqa: E402
from sarbridge.processing_provider import settings, toolbox_entry  # noqa: E402
from sarbridge.processing_provider.engine_process.interpreter import Interpreter  # noqa: E402
from sarbridge.tests.plugin.test_plugin import Interface  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application")


@pytest.fixture
def opened(monkeypatch):
    """The dialogs that were opened: (algorithm, parameters)."""
    dialogs = []
    monkeypatch.setattr(
        first_steps, "open_dialog", lambda algorithm, parameters: dialogs.append((algorithm, parameters))
    )
    return dialogs


@pytest.fixture
def interface():
    return Interface(QMainWindow())


@pytest.fixture
def no_engine(monkeypatch):
    missing = Interpreter(None, "SARbridge has no engine yet: run 'Set up the engine'.")
    for module in (first_steps, toolbox_entry):
        monkeypatch.setattr(module, "find_interpreter", lambda: missing)


def test_without_an_engine_a_button_opens_its_set_up(interface, opened, no_engine):
    FirstSteps(interface).try_sample()
    [offer] = interface.offers
    assert (offer.title(), offer.text()) == ("", "SARbridge has no engine yet.")
    offer.findChild(QPushButton).click()
    assert opened == [("setupengine", {})] and interface.offers == []


def test_the_offer_names_a_whole_path_of_windows(interface, monkeypatch):
    why = r"The engine's Python 'C:\engine\python.exe', named in the options, does not exist: run 'Set up the engine'."
    monkeypatch.setattr(first_steps, "find_interpreter", lambda: Interpreter(None, why))
    FirstSteps(interface).offer_engine()
    assert interface.offers[0].text().endswith("does not exist.")


def test_after_the_installation_the_offer_comes_once(interface, no_engine, monkeypatch):
    kept = []
    monkeypatch.setattr(settings, "greeted", lambda: bool(kept))
    monkeypatch.setattr(settings, "set_greeted", lambda: kept.append(True))
    for _ in range(2):
        FirstSteps(interface).greet()
    assert len(interface.offers) == 1


@pytest.mark.parametrize("platform, linked", [("desktop", True), ("qgis_process", False)])
def test_the_message_of_the_toolbox_links_to_the_set_up(no_engine, opened, monkeypatch, platform, linked):
    """In windows only: a command line shows text."""
    monkeypatch.setattr(toolbox_entry.QgsApplication, "platform", lambda: platform)
    reason = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:matchtiepoints").canExecute()[1]
    assert ('<a href="sarbridge:setupengine">' in reason) == linked


def test_a_link_opens_the_dialog_that_it_names(interface, opened):
    steps = FirstSteps(interface)
    QDesktopServices.setUrlHandler("sarbridge", steps, "open_link")
    try:
        assert QDesktopServices.openUrl(QUrl("sarbridge:setupengine"))
    finally:
        QDesktopServices.unsetUrlHandler("sarbridge")
    assert opened == [("setupengine", {})]


def test_one_click_makes_a_sample_pair_and_fills_in_the_matching(interface, opened, engine, monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "sample_folder", lambda: tmp_path / "sample")
    monkeypatch.setitem(first_steps.SAMPLE, "SIZE", 64)
    steps = FirstSteps(interface)
    steps.try_sample()
    end = time.monotonic() + 100
    while not opened and not interface.warnings and time.monotonic() < end:
        QgsApplication.processEvents()
        time.sleep(0.02)
    steps.try_sample()  # the pair is there now, and its layers are in the project
    layers = QgsProject.instance().mapLayers()
    assert interface.warnings == [] and [name for name, _ in opened] == ["matchtiepoints"] * 2
    assert opened[0][1] == opened[1][1] and {opened[0][1]["SAR"], opened[0][1]["OPTICAL"]} == set(layers)
    assert {layer.name() for layer in layers.values()} == {"Sample SAR", "Sample optical"}
    QgsProject.instance().clear()
