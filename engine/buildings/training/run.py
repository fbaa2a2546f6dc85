"""A training on backscatter, optical images or both: all phases of a job, and what comes of them."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Optional

import torch

from ....contract.building_training_jobs import FOOTPRINTS, TEACHER, TEACHER_TASK, TrainBuildingsJob
from ....models.model_file import save_model
from ...reporting import Reporter
from ...training.patches import TRAINING, VALIDATION
from ..methods import NETWORK
from .curricula import CURRICULA
from .learning_place import learning_place
from .own_card import network_to_begin_with, own_card
from .phases import taught
from .place_patches import PatchReader, found_patches
from .setting import Setting
from .validated import found_places, scores, tell

FOUND, TAUGHT = 0.05, 0.97
"""How far a run is when patches are found, and when the training is over."""

MOST_PLACES = 6
"""That the report shows."""


def train_on_backscatter(
    job: TrainBuildingsJob, device: torch.device, paths: Sequence[Path], reporter: Reporter
) -> dict[str, Optional[float]]:
    """Teach as a job says; write the model and, where it is wanted, the report to `paths`; return the numbers."""
    place = learning_place(job.layers, CURRICULA[job.architecture].working_pixel, reporter)
    with PatchReader(place) as reader:
        patches = found_patches(reader, _phases_and_scoring(job), reporter.part(0, FOUND))
        setting = Setting(job, patches, device)
        teacher = job.teacher and network_to_begin_with(job.teacher, TEACHER_TASK, TEACHER, setting)
        student = job.student and network_to_begin_with(job.student, NETWORK, FOOTPRINTS, setting)
        phases = taught(setting, teacher or student or None, reporter.part(FOUND, TAUGHT))
        found = scores(setting, phases)
        tell(found, reporter)
        numbers = {"STEPS": sum(each.record.step for each in phases), **_counts(setting), **found}
        card, network = own_card(setting, phases[-1].network, numbers), phases[-1].network
        save_model(paths[0], card, {NETWORK: network})
        if job.report:
            from .training_report import reported, write_training_report  # matplotlib is slow to load

            places = found_places(setting, network, MOST_PLACES)
            write_training_report(paths[1], reported(setting), phases, card, places, numbers)
    return numbers


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
