"""The models on the settings page: what is listed, what a card shows, and that nothing of the user's is ever lost."""

import os
import shutil

import pytest

pytest.importorskip("qgis.gui")

from qgis.PyQt.QtWidgets import QMessageBox  # noqa: E402
from sarbridge.contract.errors import UserError  # noqa: E402
from sarbridge.contract.installation import SHIPPED_MODELS  # noqa: E402
from sarbridge.models.card import read_card  # noqa: E402
from sarbridge.plugin import model_list  # noqa: E402
from sarbridge.plugin.model_list import ModelList, card_page  # noqa: E402
from sarbridge.processing_provider import own_models  # noqa: E402
from sarbridge.processing_provider.own_models import import_model  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application")

SHIPPED, *OTHERS = sorted(SHIPPED_MODELS.glob("*.safetensors"))
FIRST_OWN = 1 + len(OTHERS)
"""Row of the first model of the user's in the list."""


@pytest.fixture
def said(monkeypatch):
    """The sentences that were shown; every question is answered with yes."""
    sentences = []
    monkeypatch.setattr(QMessageBox, "warning", lambda parent, title, text: sentences.append(text))
    monkeypatch.setattr(QMessageBox, "question", lambda *asked: QMessageBox.StandardButton.Yes)
    return sentences


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def rows(shown):
    return [
        tuple(shown.list.topLevelItem(row).text(column) for column in range(3))
        for row in range(shown.list.topLevelItemCount())
    ]


def test_shipped_models_are_listed_with_their_cards_and_cannot_be_removed():
    shown = ModelList(lambda: "")
    card, *others = (read_card(path) for path in (SHIPPED, *OTHERS))
    assert rows(shown) == [(each.name, each.task, "with the plugin") for each in (card, *others)]
    assert not shown.remove_button.isEnabled()
    for words in (card.summary[:30], card.licence, "Trained on", "Reaches"):
        assert words in shown.card.toPlainText()


def test_a_model_is_imported_and_moved_to_the_trash(own, said, monkeypatch, tmp_path):
    shown = ModelList(lambda: str(own))
    shown.import_file(str(SHIPPED))
    copy = own / SHIPPED.name
    assert copy.read_bytes() == SHIPPED.read_bytes()
    assert [row[2] for row in rows(shown)] == ["with the plugin"] * FIRST_OWN + ["own"]
    shown.list.setCurrentItem(shown.list.topLevelItem(FIRST_OWN))
    moved = []
    monkeypatch.setattr(model_list, "remove_model", moved.append)
    shown.remove_button.click()
    assert moved == [copy] and said == []


def test_a_file_of_that_name_is_never_overwritten(own, said):
    (own / SHIPPED.name).write_text("mine")
    ModelList(lambda: str(own)).import_file(str(SHIPPED))
    assert "already" in said[0] and (own / SHIPPED.name).read_text() == "mine"


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "changed", "missing", "folder", "fifo"])
def test_what_is_no_model_is_not_imported(own, tmp_path, damage):
    path = tmp_path / "new.safetensors"
    data = SHIPPED.read_bytes()
    if damage == "folder":
        path.mkdir()
    elif damage == "fifo":
        os.mkfifo(path)
    elif damage != "missing":
        path.write_bytes({"empty": b"", "text": b"hello" * 9, "cut": data[:-5], "changed": data[:-1] + b"?"}[damage])
    with pytest.raises(UserError, match="new.safetensors"):
        import_model(path, own)
    assert list(own.iterdir()) == []


def test_hostile_files_in_the_folder_are_listed_with_the_reason(own):
    (own / "text.safetensors").write_text("hello")
    os.mkfifo(own / "pipe.safetensors")
    (own / "folder.safetensors").mkdir()
    (own / "gone.safetensors").symlink_to(own / "nowhere")
    shown = ModelList(lambda: str(own))
    assert rows(shown)[FIRST_OWN:] == [("text.safetensors", "cannot be used", "own")]
    shown.list.setCurrentItem(shown.list.topLevelItem(FIRST_OWN))
    assert "is not a SARbridge model file" in shown.card.toPlainText()


def test_a_card_shows_text_and_no_html():
    card = read_card(SHIPPED)
    object.__setattr__(card, "name", "<img src=x><script>")
    object.__setattr__(card, "summary", "long " * 100_000)
    page = card_page(card)
    assert "<img" not in page and "&lt;img" in page and len(page) < 10_000


def test_a_card_tells_the_units_of_what_the_model_reaches():
    card = read_card(SHIPPED)
    tests = {"set": "ten tiles", "all <windows>": {"within_1": 79.47, "mean": 0.86}, "after": {"my_own": [1, 2]}}
    object.__setattr__(card, "validation", tests)
    windows = "all &lt;windows&gt;: within 1 px (%): 79.47, mean error (px): 0.86"
    assert f"set: ten tiles<br>{windows}<br>after: my own: 1, 2<" in card_page(card)


def test_a_model_that_cannot_go_to_the_trash_stays(own, said, monkeypatch):
    copy = own / SHIPPED.name
    shutil.copyfile(SHIPPED, copy)

    class Immovable:
        def __init__(self, path):
            pass

        def moveToTrash(self):
            return False

    monkeypatch.setattr(own_models, "QFile", Immovable)
    shown = ModelList(lambda: str(own))
    shown.list.setCurrentItem(shown.list.topLevelItem(FIRST_OWN))
    shown.remove_button.click()
    assert "cannot be moved to the trash" in said[0] and copy.is_file()
