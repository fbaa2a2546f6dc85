"""The settings page: what it shows, what it keeps, and that algorithms follow it."""

import pytest

pytest.importorskip("qgis.gui")

from qgis.core import QgsApplication  # noqa: E402
from sarbridge.plugin.settings_page import PAGE_NAME, SettingsPage, SettingsPageFactory  # noqa: E402
from sarbridge.processing_provider import settings  # noqa: E402
from sarbridge.processing_provider.engine_process.interpreter import find_interpreter  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application", "nothing_set")


@pytest.fixture
def nothing_set(qgis_application, monkeypatch):
    monkeypatch.delenv("SARBRIDGE_PYTHON", raising=False)
    yield
    settings.set_engine_python("")
    settings.set_device("auto")
    settings.set_model_folder("")


def notes(page):
    from qgis.PyQt.QtWidgets import QLabel

    return " ".join(label.text() for label in page.findChildren(QLabel))


def test_a_fresh_page_shows_that_nothing_is_set():
    page = SettingsPageFactory().createWidget(None)
    assert page.objectName() == PAGE_NAME
    assert page.engine_python.filePath() == page.model_folder.filePath() == ""
    assert page.device.currentText() == "auto"
    assert find_interpreter().why in notes(page)


def test_ok_keeps_what_was_changed(tmp_path):
    python = tmp_path / "python"
    python.touch()
    page = SettingsPage()
    page.engine_python.setFilePath(str(python))
    page.device.setCurrentText("cuda:1")
    page.model_folder.setFilePath(str(tmp_path))
    assert (settings.engine_python(), settings.device(), settings.model_folder()) == ("", "auto", "")
    page.apply()
    assert (settings.engine_python(), settings.device()) == (str(python), "cuda:1")
    assert settings.model_folder() == str(tmp_path)
    again = SettingsPage()
    assert again.engine_python.filePath() == str(python)
    assert again.device.currentText() == "cuda:1"
    assert again.model_folder.filePath() == str(tmp_path)
    assert f"At present: {python}" in notes(again)


def test_algorithms_follow_the_page(tmp_path):
    page = SettingsPage()
    page.engine_python.setFilePath(str(tmp_path / "gone"))
    page.apply()
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:coregister")
    possible, reason = algorithm.canExecute()
    assert not possible and f"'{tmp_path / 'gone'}'" in reason


def test_an_emptied_page_is_automatic_again():
    settings.set_device("cpu")
    page = SettingsPage()
    page.device.setCurrentText(" ")
    page.engine_python.setFilePath(" ")
    page.apply()
    assert (settings.engine_python(), settings.device()) == ("", "auto")
