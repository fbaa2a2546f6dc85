"""What the algorithms that teach a model share: what they ask in the end, the job, and the run."""

from dataclasses import replace
from typing import Any, Union

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ..contract.building_training_jobs import BuildingLayers, TrainBuildingsJob
from ..contract.checkpoints import CHECKPOINTS, remove_checkpoints
from ..contract.despeckling_jobs import TrainDespecklerJob
from ..contract.matching_training_jobs import TrainMatcherJob
from ..contract.sources import RasterSource
from ..contract.training_jobs import AlignedLayers, TrainTranslatorJob
from .algorithm import SarbridgeAlgorithm
from .engine_process.engine_client import run_job
from .engine_process.user_errors import one_sentence
from .inputs.export import Export, temporary_export
from .outputs.destinations import HTML, add_report, finished_outputs
from .outputs.number_outputs import add_numbers, existing_numbers
from .parameters.aligned_layers_parameters import add_seed
from .parameters.device import add_device, chosen_device
from .parameters.training_parameters import (
    MODEL_FORMATS,
    NAME,
    OUTPUT,
    add_model_output,
    checkpoint_beside,
    chosen_length,
    model_path,
    printable,
    refuse_shipped_folder,
    without_brackets,
)

COUNTS = {
    "STEPS": "Number of steps",
    "TRAINING_PATCHES": "Number of training patches",
    "VALIDATION_PATCHES": "Number of validation patches",
}

TrainingJob = Union[TrainTranslatorJob, TrainBuildingsJob, TrainDespecklerJob, TrainMatcherJob]
Layers = Union[tuple[AlignedLayers, ...], BuildingLayers, tuple[RasterSource, ...]]


class TrainingAlgorithm(SarbridgeAlgorithm):
    """Layers → job → engine → a model file, report and numbers.

    A subclass's `initAlgorithm` ends with `add_seed_and_outputs`, its `read_parameters` with `keep_job`.
    """

    REPORT = "REPORT"

    def add_seed_and_outputs(self, kept: str, report_help: str, scores: dict[str, str]) -> None:
        """Add the seed, the device and what comes of a training.

        kept: what lies beside the model meanwhile. scores: the numbers beside `COUNTS`, and what they are.
        """
        add_seed(self, "The same seed gives the same blocks, first weights and samples each time.")
        add_device(self)
        add_model_output(self, kept)
        add_report(self, self.REPORT, report_help)
        add_numbers(self, {**COUNTS, **scores})

    def keep_job(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        job: type[TrainingJob],
        called: str,
        **chosen: Any,
    ) -> None:
        """Keep the job that is `chosen`; its model is `called` so where the user gives no name.

        Raises `UserError` for what makes no sense.
        """
        name = self.parameterAsString(parameters, NAME, context) or without_brackets(called)
        self._job = job(
            name=printable(name),
            output="of the destination",
            checkpoint="of the destination",
            **chosen_length(self, parameters, context),
            device=chosen_device(self, parameters, context),
            **chosen,
        )
        self._output = model_path(self, parameters, name)

    def layers(self, export: Export) -> Layers:
        """Return the layers of the job as the engine opens them."""
        raise NotImplementedError

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        parameters = {**parameters, OUTPUT: self._output}
        suffixes = {OUTPUT: MODEL_FORMATS, self.REPORT: HTML}
        with (
            finished_outputs(self, parameters, context, suffixes) as (new, paths),
            temporary_export(context, feedback) as export,
        ):
            refuse_shipped_folder(paths[OUTPUT])
            job = replace(
                self._job,
                layers=self.layers(export),
                output=new[OUTPUT],
                checkpoint=checkpoint_beside(paths[OUTPUT]),
                report=new.get(self.REPORT, ""),
            )
            result = run_job(job, feedback)
        feedback.pushInfo(f"The model '{job.name}' is in the file '{paths[OUTPUT]}'.")
        for stayed in remove_checkpoints(result[CHECKPOINTS]):
            feedback.pushWarning(f"'{stayed}' is not needed any more and could not be removed: remove it.")
        return {**existing_numbers(result["numbers"]), **paths}
