"""What all algorithms of the provider share: what the toolbox shows of them, and the checks before a run."""

from collections.abc import Sequence
from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
)

from .checked_values import CheckedValues
from .engine_process.user_errors import one_sentence
from .inputs.layer_sources import LayerSource, sources_of_inputs
from .toolbox_entry import ToolboxEntry

REGISTRATION = ("registration", "Registration")
SAR_GEOMETRY = ("sargeometry", "SAR geometry")
SIMULATION = ("simulation", "Simulation")
TRANSLATION = ("translation", "SAR to optical translation")
BUILDINGS = ("buildings", "Buildings from SAR")
DESPECKLING = ("despeckling", "Speckle")
ENGINE = ("engine", "Engine")


class SarbridgeAlgorithm(CheckedValues, ToolboxEntry, QgsProcessingAlgorithm):
    """Base class of the provider's algorithms.

    A subclass sets the class attributes of `ToolboxEntry` and defines `initAlgorithm`, `read_parameters` and
    `processAlgorithm`.
    """

    GROUP = REGISTRATION

    sources: Sequence[LayerSource] = ()
    """What the run reads (`LayerSource`); no output may take its place."""

    def add_parameter(
        self, definition: QgsProcessingParameterDefinition, help_text: str, advanced: bool = False
    ) -> None:
        """Add a parameter with its help; `advanced` moves it into the dialog's folded part."""
        definition.setHelp(self.tr(help_text))
        if advanced:
            definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(definition)

    @one_sentence
    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read the parameters once more, as a model does not have those of its steps checked, and keep them."""
        values = self.values(parameters, context)
        self.sources = sources_of_inputs(self, parameters, context)
        self.read_parameters(values, context, feedback)
        return True

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Keep what `processAlgorithm` needs, which runs in another thread than the one that layers belong to.

        parameters: by key, of all that is not left out, as `parameters/reading.py` reads them. Raises `UserError`
        for what makes no sense, and warns through `feedback` of what is doubtful.
        """
        raise NotImplementedError
