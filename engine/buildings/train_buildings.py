"""The task `train_buildings`: images and footprints in, a model file of the user's own out."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from ...contract.building_training_jobs import FOOTPRINTS, PHASES, TEACHER, TEACHER_TASK, TrainBuildingsJob
from ...contract.finished_file import finished_files
from ...models.model_file import save_model
from ..compute.device import choose_device
from ..reporting import Reporter
from ..training.patches import TRAINING, VALIDATION
from .methods import NETWORK
from .training.curricula import CURRICULA
from .training.learning_place import learning_place
from .training.own_card import network_to_begin_with, own_card
from .training.phases import checkpoint_of, taught
from .training.place_patches import PatchReader, found_patches
from .training.setting import Setting
from .training.validated import found_places, scores, tell

_FOUND, _TAUGHT = 0.05, 0.97
"""How far a run is when patches are found, and when the training is over."""

_MOST_PLACES = 6
"""That the report shows."""


def run(job: TrainBuildingsJob, reporter: Reporter) -> dict[str, Any]:
    """Teach as a `TrainBuildingsJob` says and write its outputs; return {"numbers": the declared ones}.

    The checkpoints are kept whenever the training is cut off. Raises `UserError` for what the user can put right.
    """
    device = choose_device(job.device, reporter)
    place = learning_place(job.layers, CURRICULA[job.architecture].working_pixel, reporter)
    with _gone_when_empty(Path(job.checkpoint)):
        with finished_files([path for path in (job.output, job.report) if path]) as paths, PatchReader(place) as reader:
            patches = found_patches(reader, _phases_and_scoring(job), reporter.part(0, _FOUND))
            setting = Setting(job, patches, device)
            teacher = job.teacher and network_to_begin_with(job.teacher, TEACHER_TASK, TEACHER, setting)
            student = job.student and network_to_begin_with(job.student, NETWORK, FOOTPRINTS, setting)
            phases = taught(setting, teacher or student or None, reporter.part(_FOUND, _TAUGHT))
            found = scores(setting, phases)
            tell(found, reporter)
            numbers = {"STEPS": sum(each.record.step for each in phases), **_counts(setting), **found}
            card, network = own_card(setting, phases[-1].network, numbers), phases[-1].network
            save_model(paths[0], card, {NETWORK: network})
            if job.report:
                from .training.training_report import write_training_report  # matplotlib is slow to load

                places = found_places(setting, network, _MOST_PLACES)
                write_training_report(paths[1], setting, phases, card, places, numbers)
        for phase in PHASES:  # now that the model is there
            checkpoint_of(job, phase).unlink(missing_ok=True)
    return {"numbers": numbers}


def _phases_and_scoring(job: TrainBuildingsJob) -> tuple[str, ...]:
    """Return the phases for which patches are wanted: footprints in the SAR image, if known, tell how good it is."""
    scored = (FOOTPRINTS,) if job.layers.sar and job.layers.footprints else ()
    return tuple(dict.fromkeys([*job.phases, *scored]))


def _counts(setting: Setting) -> dict[str, int]:
    """Return how many patches any phase learns from, and how many any is scored with."""
    counts = {}
    for part in (TRAINING, VALIDATION):
        windows = (setting.patches.of(phase, part) for phase in setting.job.phases)
        counts[f"{part.upper()}_PATCHES"] = len(set(chain.from_iterable(windows)))
    return counts


@contextmanager
def _gone_when_empty(folder: Path) -> Iterator[None]:
    """Leave no folder in which nothing was kept."""
    try:
        yield
    finally:
        with suppress(OSError):  # it is not there, or something is in it
            folder.rmdir()
