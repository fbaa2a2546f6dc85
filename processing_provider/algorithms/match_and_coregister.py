"""`sarbridge:matchandcoregister`: a model of two steps, Match tie points and Co-register."""

import os
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
)

from ...contract.finished_file import refuse_same_names
from ..algorithm import REGISTRATION
from ..checked_values import CheckedValues
from ..engine_process.user_errors import one_sentence
from ..inputs.layer_sources import sources_of_inputs
from ..outputs.overwriting import refuse_to_overwrite
from ..parameters.copied import copied
from ..toolbox_entry import ToolboxEntry
from .coregister import Coregister
from .match_tie_points import MatchTiePoints

Source = QgsProcessingModelChildParameterSource

_MATCH, _COREGISTER = "match", "coregister"
"""The steps; with them begin the keys of the model's outputs."""

_ASKED = (
    ("SAR", MatchTiePoints, "SAR"),
    ("SAR_BAND", MatchTiePoints, "SAR_BAND"),
    ("OPTICAL", MatchTiePoints, "OPTICAL"),
    ("OPTICAL_BANDS", MatchTiePoints, "OPTICAL_BANDS"),
    ("EXTENT", MatchTiePoints, "EXTENT"),
    ("AREA", MatchTiePoints, "AREA"),
    ("METHOD", MatchTiePoints, "METHOD"),
    ("MODEL", MatchTiePoints, "MODEL"),
    ("MAX_SHIFT", MatchTiePoints, "MAX_SHIFT"),
    ("CANDIDATES", MatchTiePoints, "CANDIDATES"),
    ("SPACING", MatchTiePoints, "SPACING"),
    ("OUTLIER_TEST", MatchTiePoints, "TRANSFORM"),
    ("KEEP_REJECTED", MatchTiePoints, "KEEP_REJECTED"),
    ("TRANSFORM", Coregister, "TRANSFORM"),
    ("TARGET", Coregister, "TARGET"),
    ("RESAMPLING", Coregister, "RESAMPLING"),
    ("DEVICE", MatchTiePoints, "DEVICE"),
)
"""(key of the model, algorithm, its key): what is asked, with the label, choices and help that the algorithm has."""


class MatchAndCoregister(CheckedValues, ToolboxEntry, QgsProcessingModelAlgorithm):
    """The optical layer is matched with the SAR layer and laid over it.

    For models and commands that use it: `alignimages` does the same and more, and the toolbox shows that alone.
    """

    TITLE = "Match and co-register (SAR – optical)"
    GROUP = REGISTRATION
    SUMMARY = (
        "Finds tie points between a SAR and an optical layer and lays the optical image over the SAR image with them:"
        " Match tie points and then Co-register, with their most important parameters. Kept for models and commands"
        " that use it; Align images does the same, moves either image, and says how sure it is."
    )
    TAGS = (*MatchTiePoints.TAGS, *Coregister.TAGS, "model")
    LIKELY = MatchTiePoints.LIKELY

    def flags(self) -> QgsProcessingAlgorithm.Flag:
        return super().flags() | QgsProcessingAlgorithm.Flag.FlagDeprecated

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        definitions = {algorithm: _definitions(algorithm) for algorithm in (MatchTiePoints, Coregister)}
        for key, algorithm, its_key in _ASKED:
            asked = copied(definitions[algorithm][its_key])
            asked.setName(key)
            self.addModelParameter(asked, QgsProcessingModelParameter(key))
        outputs = {"Tie points": "TIE_POINTS", "Matching report": "REPORT"}
        self.addChildAlgorithm(_step(_MATCH, MatchTiePoints, definitions, {}, outputs))
        given = {
            "INPUT": Source.fromModelParameter("OPTICAL"),
            "POINTS": Source.fromChildOutput(_MATCH, "TIE_POINTS"),
            "MOVES": Source.fromStaticValue("optical"),
        }
        outputs = {"Corrected": "OUTPUT", "Co-registration report": "REPORT"}
        self.addChildAlgorithm(_step(_COREGISTER, Coregister, definitions, given, outputs))
        self.updateDestinationParameters()

    @one_sentence
    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Check what no step sees: outputs of one against inputs and outputs of the other."""
        keys = [each.name() for each in self.destinationParameterDefinitions() if parameters.get(each.name())]
        paths = {key: Path(self.parameterAsFileOutput(parameters, key, context)).absolute() for key in keys}
        refuse_same_names([path for path in paths.values() if os.access(path.parent, os.W_OK)])  # steps say of others
        refuse_to_overwrite(paths, sources_of_inputs(self, parameters, context))
        return super().prepareAlgorithm(parameters, context, feedback)


def _definitions(algorithm):
    """Return {key: definition} of an algorithm's parameters."""
    made = algorithm()
    made.initAlgorithm()
    return {definition.name(): copied(definition) for definition in made.parameterDefinitions()}


def _step(name, algorithm, definitions, given, outputs):
    """Return a step that takes what it is given, what the model asks for it, and else its defaults.

    outputs: {name in the model: key of the step}.
    """
    step = QgsProcessingModelChildAlgorithm(f"sarbridge:{algorithm.__name__.lower()}")
    step.setChildId(name)
    step.setDescription(algorithm.TITLE)
    sources = {
        key: Source.fromStaticValue(definition.defaultValue())
        for key, definition in definitions[algorithm].items()
        if not definition.isDestination() and definition.defaultValue() is not None
    }
    sources.update((its_key, Source.fromModelParameter(key)) for key, asked, its_key in _ASKED if asked is algorithm)
    for key, source in {**sources, **given}.items():
        step.addParameterSources(key, [source])
    step.setModelOutputs({title: _output(name, title, key) for title, key in outputs.items()})
    return step


def _output(step, title, key):
    output = QgsProcessingModelOutput(title)
    output.setDescription(title)
    output.setChildId(step)
    output.setChildOutputName(key)
    return output
