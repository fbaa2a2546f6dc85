"""The list from which dialogs and the model designer choose: words in place of identifiers."""

from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingParameterEnum
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsGui, QgsProcessingGui
from qgis.PyQt.QtWidgets import QComboBox, QDialog, QWidget

from ..processing_provider.parameters.choice import identifier_of, words_of


class ChoiceWidget(QgsAbstractProcessingParameterWidgetWrapper):
    """A list of words whose values are identifiers, as the metadata of choices ask for it.

    QGIS calls the class with its dialog and, in a batch, with row and column. The model designer wants a widget of its
    own there, which knows outputs of other steps as well: it gets QGIS's own, with words.
    """

    def __new__(cls, choice: QgsProcessingParameterEnum, dialog: QDialog, row: int = 0, column: int = 0):
        if _kind(dialog) != QgsProcessingGui.WidgetType.Modeler:
            return super().__new__(cls)
        registry = QgsGui.processingGuiRegistry()
        widget = registry.createModelerParameterWidget(dialog.model, dialog.childId, choice, dialog.context)
        widget.setDialog(dialog)
        words = words_of(choice)
        for combo in widget.findChildren(QComboBox):
            for place in range(combo.count()):
                if combo.itemData(place) in words:
                    combo.setItemText(place, _capitalised(words[combo.itemData(place)]))
        return widget

    def __init__(self, choice: QgsProcessingParameterEnum, dialog: QDialog, row: int = 0, column: int = 0):
        super().__init__(choice, _kind(dialog))
        self._choice = choice

    def createWidget(self) -> QWidget:
        combo = QComboBox()
        for identifier, words in words_of(self._choice).items():
            combo.addItem(_capitalised(words), identifier)
        combo.setToolTip(self._choice.toolTip())
        combo.currentIndexChanged.connect(lambda: self.widgetValueHasChanged.emit(self))
        return combo

    def setWidgetValue(self, value: Any, context: QgsProcessingContext) -> None:
        """Show a value; one that is not on the list is added to it, so that the run can say what is wrong with it."""
        combo = self.wrappedWidget()
        identifier = identifier_of(self._choice, self._choice.defaultValue() if value is None else value)
        if identifier is not None and combo.findData(identifier) < 0:
            combo.addItem(str(identifier), identifier)
        combo.setCurrentIndex(combo.findData(identifier))

    def widgetValue(self) -> Optional[str]:
        return self.wrappedWidget().currentData()


def _kind(dialog):
    """Return what QGIS calls a dialog, by its name as QGIS itself does it."""
    kinds = QgsProcessingGui.WidgetType
    named = {"ModelerParametersDialog": kinds.Modeler, "BatchAlgorithmDialog": kinds.Batch}
    return named.get(type(dialog).__name__, kinds.Standard)


def _capitalised(words):
    return words[:1].upper() + words[1:]
