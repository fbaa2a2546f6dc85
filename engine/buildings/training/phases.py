"""The phases of a training, one after the other: what each is taught, and by what went before."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import torch

from ....contract.building_training_jobs import (
    FOOTPRINTS,
    HETEROGENEOUS,
    PHASES,
    RECONSTRUCTION,
    TrainBuildingsJob,
)
from ....models.buildings.segmenter import Segmenter
from ...reporting import Reporter
from ...training.lesson import Lesson, Record
from ...training.paced_training import PacedTraining, train_at_pace
from ...training.patches import TRAINING
from ..methods import NETWORK
from .hfd_lesson import HfdLesson
from .reconstruction_lesson import ReconstructionLesson
from .segmentation_lesson import SegmentationLesson
from .setting import Setting


@dataclass(frozen=True)
class Taught:
    """What became of a phase: how many `steps` it was to have, and the record with its network."""

    phase: str
    steps: int
    record: Record

    @property
    def network(self) -> Segmenter:
        """The network that it gave."""
        return self.record.networks[NETWORK]


def checkpoint_of(job: TrainBuildingsJob, phase: str) -> Path:
    """Return the file that a phase goes on from."""
    return Path(job.checkpoint) / f"{phase}.safetensors"


def taught(setting: Setting, before: Optional[Segmenter], reporter: Reporter) -> list[Taught]:
    """Return what became of all phases of a job; they go on from the files in its folder of checkpoints.

    before: a teacher or a student that has learnt before, None where there is none. A phase that is over is not taught
    again: its file gives the network. Raises `UserError` for a checkpoint of another training, and where the memory of
    the GPU is too small.
    """
    phases, done, found = setting.job.phases, 0.0, []
    whole = sum(map(setting.weight, phases))
    for phase in phases:
        share = setting.weight(phase) / whole
        found.append(_taught(setting, phase, before, reporter.part(done, done + share)))
        before, done = found[-1].network, done + share
    return found


def _taught(setting: Setting, phase: str, before: Optional[Segmenter], reporter: Reporter) -> Taught:
    training = PacedTraining(
        f"{PHASES[phase]}:",
        lambda steps: _lesson(setting, phase, before, steps),
        lambda span: setting.in_common(phase, span, before),
        setting.wish(phase),
        len(setting.patches.of(phase, TRAINING)),
        setting.layers.patch,
    )
    checkpoint = checkpoint_of(setting.job, phase)
    record, steps = train_at_pace(training, setting.plan, checkpoint, setting.device, reporter)
    return Taught(phase, steps, record)


def _lesson(setting: Setting, phase: str, before: Optional[Segmenter], steps: int) -> Lesson:
    """Return the lesson of a phase of so many steps; first weights follow from the seed: the same at each call."""
    job, curriculum = setting.job, setting.curriculum
    torch.manual_seed(setting.layers.seed)
    network = curriculum.made(setting.bands(phase))
    given = setting.samples(phase), setting.validation(phase), curriculum.optimiser(setting.rate)
    if phase == RECONSTRUCTION:
        return ReconstructionLesson(network, deepcopy(before), *given, steps=steps, layers=job.distilled)
    if phase == HETEROGENEOUS:
        return HfdLesson(network, deepcopy(before), *given)
    if phase == FOOTPRINTS and before is not None:
        network = deepcopy(before).requires_grad_(True)
        return SegmentationLesson(network, *given, learns=job.fine_tuning, soft_iou=curriculum.soft_iou)
    return SegmentationLesson(network, *given, soft_iou=curriculum.soft_iou)
