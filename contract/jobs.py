"""The tasks of the engine, and how their jobs cross the pipe."""

from dataclasses import asdict, fields, is_dataclass
from typing import Any, NamedTuple, get_args, get_type_hints

from .building_training_jobs import TrainBuildingsJob
from .buildings_jobs import EvaluateBuildingsJob, ExtractBuildingsJob
from .coregistration_jobs import CoregisterJob
from .despeckling_jobs import DespeckleJob, TrainDespecklerJob
from .engine_jobs import CheckEngineJob
from .geometry_jobs import JointVisibilityJob, SarDistortionsJob
from .match_evaluation_jobs import EvaluateMatchingJob
from .matching_jobs import MatchTiePointsJob
from .matching_training_jobs import TrainMatcherJob
from .simulation_jobs import SimulateSceneJob
from .training_jobs import BuildPatchesJob, TrainTranslatorJob
from .translation_jobs import EvaluateTranslationJob, TranslateToOpticalJob


class Task(NamedTuple):
    """What the engine does for a job: `job` is the job's class, `module` the one within `engine/` that runs it.

    The module has `run(job, reporter) -> dict` of JSON-able values.
    """

    job: type
    module: str


TASKS = {
    "match_tie_points": Task(MatchTiePointsJob, "matching.match_tie_points"),
    "evaluate_matching": Task(EvaluateMatchingJob, "matching.evaluate_matching"),
    "train_matcher": Task(TrainMatcherJob, "matching.train_matcher"),
    "coregister": Task(CoregisterJob, "coregistration.coregister"),
    "check_engine": Task(CheckEngineJob, "check_engine"),
    "sar_distortions": Task(SarDistortionsJob, "geometry.sar_distortions"),
    "joint_visibility": Task(JointVisibilityJob, "geometry.joint_visibility"),
    "simulate_scene": Task(SimulateSceneJob, "simulation.simulate_scene"),
    "translate_to_optical": Task(TranslateToOpticalJob, "translation.translate_to_optical"),
    "evaluate_translation": Task(EvaluateTranslationJob, "translation.evaluate_translation"),
    "train_translator": Task(TrainTranslatorJob, "translation.train_translator"),
    "extract_buildings": Task(ExtractBuildingsJob, "buildings.extract_buildings"),
    "build_patches": Task(BuildPatchesJob, "translation.build_patches"),
    "train_buildings": Task(TrainBuildingsJob, "buildings.train_buildings"),
    "evaluate_buildings": Task(EvaluateBuildingsJob, "buildings.evaluate_buildings"),
    "despeckle": Task(DespeckleJob, "despeckling.despeckle"),
    "train_despeckler": Task(TrainDespecklerJob, "despeckling.train_despeckler"),
}
"""The one table of tasks, by the name that goes over the pipe."""


def to_json(job: Any) -> dict[str, Any]:
    """Return a job, of a class in `TASKS`, as a JSON-able dict that names its task."""
    name = next(name for name, task in TASKS.items() if isinstance(job, task.job))
    return {"task": name, **asdict(job)}


def from_json(message: dict[str, Any]) -> Any:
    """Return the job that `to_json` wrote; raises `UserError` when its values are not allowed."""
    fields_of_job = {key: value for key, value in message.items() if key != "task"}
    return _build(TASKS[message["task"]].job, fields_of_job)


def _build(kind, values):
    hints = get_type_hints(kind)
    built = {}
    for field in fields(kind):
        if field.name in values:
            built[field.name] = _convert(hints[field.name], values[field.name])
    return kind(**built)


def _convert(hint, value):
    if value is None:
        return None
    dataclasses_in_hint = [kind for kind in (hint, *get_args(hint)) if is_dataclass(kind)]
    if dataclasses_in_hint:
        kind = dataclasses_in_hint[0]
        return tuple(_build(kind, each) for each in value) if isinstance(value, (list, tuple)) else _build(kind, value)
    return _as_tuple(value)


def _as_tuple(value):
    if isinstance(value, (list, tuple)):
        return tuple(_as_tuple(item) for item in value)
    return value
