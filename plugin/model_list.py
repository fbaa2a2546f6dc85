"""The models on the settings page: a list, the card of the chosen one, and buttons to import and to remove own ones."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any, Optional

from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..contract.errors import UserError
from ..models.card import MEASURES, Card
from ..processing_provider.own_models import ModelFile, import_model, model_files_in, remove_model

LONGEST_TEXT = 600
"""Characters of a card's entry that are shown: a card may hold anything."""

_MODEL = Qt.ItemDataRole.UserRole


class ModelList(QWidget):
    """`folder` gives the folder of own models, "" where there is none; import and remove act at once."""

    def __init__(self, folder: Callable[[], str], parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._folder = folder
        self.list = QTreeWidget()
        self.list.setHeaderLabels([_tr("Model"), _tr("Task"), _tr("Where from")])
        self.list.setRootIsDecorated(False)
        self.list.currentItemChanged.connect(self._show)
        self.card = QTextBrowser()
        self.card.setOpenLinks(False)
        self.import_button, self.remove_button = QPushButton(_tr("Import…")), QPushButton(_tr("Remove…"))
        self.import_button.clicked.connect(self._choose)
        self.remove_button.clicked.connect(self._ask_to_remove)
        buttons = QHBoxLayout()
        for button in (self.import_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        layout.addWidget(self.card, 2)
        self.refresh()

    def refresh(self) -> None:
        """List what is there now."""
        self.list.clear()
        for model in model_files_in(self._folder()):
            name, task = (model.card.name, model.card.task) if model.card else (model.path.name, _tr("cannot be used"))
            texts = [name[:LONGEST_TEXT], task[:LONGEST_TEXT], _tr("own") if model.is_own else _tr("with the plugin")]
            item = QTreeWidgetItem(texts)
            item.setData(0, _MODEL, model)
            self.list.addTopLevelItem(item)
        self.list.setCurrentItem(self.list.topLevelItem(0))
        for column in range(self.list.columnCount()):
            self.list.resizeColumnToContents(column)

    def import_file(self, path: str) -> None:
        """Copy a model file into the folder of own models, or say why not."""
        if self._told_why_not(lambda: import_model(Path(path), Path(self._folder()))):
            self.refresh()

    def _choose(self):
        if not self._folder():
            QMessageBox.information(self, "SARbridge", _tr("Choose a folder of own models first."))
            return
        path, _ = QFileDialog.getOpenFileName(self, _tr("Import a model"), "", "SARbridge (*.safetensors)")
        if path:
            self.import_file(path)

    def _ask_to_remove(self):
        path = self._chosen().path
        question = _tr("Move {path} to the trash?").format(path=path)
        if QMessageBox.question(self, "SARbridge", question) == QMessageBox.StandardButton.Yes:
            self._told_why_not(lambda: remove_model(path))
            self.refresh()

    def _told_why_not(self, action):
        try:
            action()
        except UserError as error:
            QMessageBox.warning(self, "SARbridge", str(error))
            return False
        return True

    def _chosen(self) -> Optional[ModelFile]:
        item = self.list.currentItem()
        return item.data(0, _MODEL) if item else None

    def _show(self):
        model = self._chosen()
        self.remove_button.setEnabled(model is not None and model.is_own)
        if model is None:
            self.card.clear()
        else:
            self.card.setHtml(card_page(model.card) if model.card else f"<p>{escape(model.problem[:LONGEST_TEXT])}</p>")


def card_page(card: Card) -> str:
    """Return what a card says as HTML."""
    rows = {
        _tr("Trained on"): "; ".join(card.training_sets),
        _tr("Reaches"): _words(card.validation),
        _tr("Thresholds"): _words(card.operating_point),
        _tr("Pixel sizes"): card.pixel_sizes,
        _tr("Licence"): card.licence,
        _tr("Date"): card.date,
    }
    table = "".join(f"<tr><td><b>{name}</b></td><td>{_shown(text)}</td></tr>" for name, text in rows.items())
    return f"<h3>{_shown(card.name)}</h3><p>{_shown(card.summary)}</p><table cellpadding='3'>{table}</table>"


def _words(value: Any) -> str:
    """Return what a card holds under one name as text, without the marks of JSON; a dict in a dict has its own line."""
    if isinstance(value, dict):
        between = "\n" if any(isinstance(each, dict) for each in value.values()) else ", "
        return between.join(f"{_name(name)}: {_words(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_words, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _name(key: Any) -> str:
    return MEASURES.get(key, str(key).replace("_", " "))


def _shown(text: str) -> str:
    return escape(text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} …").replace("\n", "<br>")


def _tr(text):
    return QCoreApplication.translate("SARbridge", text)
