"""What all algorithms of the provider share: names, group, icon, help, and the checks before a run."""

from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
)
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon

from ..contract.errors import UserError
from ..contract.installation import PLUGIN_FOLDER, user_guide_url
from .engine_process.interpreter import find_interpreter
from .engine_process.user_errors import one_sentence
from .inputs.layer_sources import sources_of_inputs

ICONS = PLUGIN_FOLDER / "plugin" / "icons"

REGISTRATION = ("registration", "Registration")
SAR_GEOMETRY = ("sargeometry", "SAR geometry")
SIMULATION = ("simulation", "Simulation")
ENGINE = ("engine", "Engine")


class SarbridgeAlgorithm(QgsProcessingAlgorithm):
    """Base class of the provider's algorithms.

    A subclass sets the class attributes below and defines `initAlgorithm`, `read_parameters` and `processAlgorithm`.
    Its id is the class name in lower case; its icon and its heading in the user guide are found by that id.
    """

    TITLE = ""  # as shown in the toolbox
    GROUP = REGISTRATION  # (group id, group name)
    SUMMARY = ""  # one paragraph of help, HTML allowed
    TAGS = ()  # further words the toolbox search finds
    NEEDS_ENGINE = True

    sources = ()
    """What the run reads (`LayerSource`); no output may take its place."""

    def name(self) -> str:
        return type(self).__name__.lower()

    def displayName(self) -> str:
        return self.tr(self.TITLE)

    def groupId(self) -> str:
        return self.GROUP[0]

    def group(self) -> str:
        return self.tr(self.GROUP[1])

    def svgIconPath(self) -> str:
        return str(ICONS / f"{self.name()}.svg")

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def tags(self) -> list[str]:
        return ["sarbridge", "sar", "radar", *self.TAGS]

    def helpUrl(self) -> str:
        return user_guide_url(self.name())

    def shortHelpString(self) -> str:
        """The summary, then every parameter with its own help, so that each text has one home."""
        parameters = [
            f"<p><b>{definition.description()}</b> ({definition.name()}): {definition.help()}</p>"
            for definition in self.parameterDefinitions()
            if definition.help()
        ]
        return f"<p>{self.tr(self.SUMMARY)}</p>" + "".join(parameters)

    def createInstance(self) -> "SarbridgeAlgorithm":
        return type(self)()

    def tr(self, text: str) -> str:
        return QCoreApplication.translate("SARbridge", text)

    def add_parameter(
        self, definition: QgsProcessingParameterDefinition, help_text: str, advanced: bool = False
    ) -> None:
        """Add a parameter with its help; `advanced` moves it into the dialog's folded part."""
        definition.setHelp(self.tr(help_text))
        if advanced:
            definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(definition)

    def canExecute(self) -> tuple[bool, str]:
        """Return (True, "") or (False, what to do). Looks for files only: it never starts Python."""
        if not self.NEEDS_ENGINE:
            return True, ""
        interpreter = find_interpreter()
        return (True, "") if interpreter.path else (False, interpreter.why)

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Say of the first value that cannot be used what is wrong with it, where QGIS only names the parameter."""
        try:
            self._read(parameters, context)
        except UserError as error:
            return False, str(error)
        return True, ""

    @one_sentence
    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read the parameters once more, as a model does not have those of its steps checked, and keep them."""
        values = self._read(parameters, context)
        self.sources = sources_of_inputs(self, parameters, context)
        self.read_parameters(values, context, feedback)
        return True

    def _read(self, parameters, context):
        """Return the values as they are used; `UserError` for what cannot be, also where only QGIS knows why."""
        from .parameters.reading import read_values  # not at the top: it needs GDAL, and QGIS starts without

        values = read_values(self, parameters, context)
        acceptable, reason = super().checkParameterValues(values, context)
        if not acceptable:
            raise UserError(reason)
        return values

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Keep what `processAlgorithm` needs, which runs in another thread than the one that layers belong to.

        parameters: by key, of all that is not left out, as `parameters/reading.py` reads them.

        Raises `UserError` for what makes no sense, and warns through `feedback` of what is doubtful.
        """
        raise NotImplementedError
