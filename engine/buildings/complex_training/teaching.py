"""How MERLIN-Seg is taught on a user's layer: for how long, in which steps, and from which weights on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Generator

from ....contract.building_training_jobs import BOTH_TASKS, PHASES, BuildingLayers, TrainBuildingsJob
from ....contract.errors import UserError
from ....models.despeckling.merlin_seg import MerlinSeg
from ....models.despeckling.speckle_unet import OWN_WIDTH
from ....models.model_file import load_model
from ...despeckling.training.merlin_seg_lesson import NETWORK, LabelledParts, MerlinSegLesson
from ...despeckling.training.teaching import BATCH, LEVELS, RATE, merlin_plan
from ...reporting import Reporter
from ...training.checkpoint import checksum
from ...training.epochs import shown
from ...training.pace import (
    Span,
    Wish,
    length_in_common,
    samples_a_step,
)
from ...training.paced_training import PacedTraining, train_at_pace
from ...training.patches import MOST_CHECKED, MOST_SCORED, spread
from ..training.phases import Taught, checkpoint_of
from .labelled_patches import LabelledPatches, LabelledPlace

ARGUMENTS = {"levels": LEVELS, "width": OWN_WIDTH}
"""Of a network that begins with nothing."""


@dataclass(frozen=True)
class Samples:
    """Draws batches of patches, all of them once an epoch, in orders that follow from the seed."""

    places: Sequence[LabelledPlace]
    seed: int

    def draw(self, step: int, count: int, generator: Generator) -> LabelledParts:
        """Return the batch of a step of `count` samples."""
        numbers = range(step * count, (step + 1) * count)
        samples = [self.places[shown(number, len(self.places), self.seed)].sample() for number in numbers]
        return LabelledParts(*map(torch.cat, zip(*samples)))


@dataclass(frozen=True)
class Setting:
    """A job with all that is decided before it begins to teach. arguments: those of the network."""

    job: TrainBuildingsJob
    patches: LabelledPatches
    device: torch.device
    arguments: Mapping[str, Any]

    @property
    def layers(self) -> BuildingLayers:
        """The layers that are learnt from."""
        return self.job.layers

    @property
    def batch(self) -> int:
        """Samples a step."""
        return samples_a_step(self.job.batch_size, BATCH, self.device)

    @property
    def rate(self) -> float:
        """The learning rate that the schedule begins with."""
        return self.job.rate or RATE

    @property
    def wish(self) -> Wish:
        """How long the training shall last."""
        return Wish(self.job.epochs, self.job.minutes)

    def validation(self) -> list[LabelledParts]:
        """Return what the weights are chosen by."""
        return [each.sample() for each in spread(self.patches.validation, MOST_SCORED)]

    def in_common(self, span: Span) -> dict[str, Any]:
        """Return what a training that goes on must have in common with itself, by what sentences call it."""
        job, layers, patches = self.job, self.layers, self.patches
        windows = [[each.place.window for each in part] for part in (patches.training, patches.validation)]
        return {
            "method": job.method,
            **length_in_common(self.wish, span),
            "batch": self.batch,
            "learning rate": self.rate,
            "seed": layers.seed,
            "SAR layer": layers.sar.name,
            "SAR bands": ", ".join(map(str, layers.sar.bands)),
            "look azimuth": layers.look_azimuth,
            "incidence": layers.incidence,
            "footprints": layers.footprints.name,
            "area": layers.area and layers.area.name,
            "patch size": layers.patch,
            "training patches": len(patches.training),
            "labelled patches": len(patches.labelled),
            "validation patches": len(patches.validation),
            "model to start from": Path(job.student).name if job.student else None,
            "checksum of the patches' places": checksum([repr(windows).encode()]),
            "checksum of the patches' pixels": checksum(self._pixels()),
        }

    def _pixels(self) -> Iterable[bytes]:
        some = spread(self.patches.training, MOST_CHECKED) + spread(self.patches.labelled, MOST_CHECKED)
        return (each.numpy().tobytes() for place in some for each in place.sample())


def setting_of(job: TrainBuildingsJob, patches: LabelledPatches, device: torch.device) -> Setting:
    """Return the `Setting` of a job; raises `UserError` where the model to start from is no MERLIN-Seg."""
    arguments = ARGUMENTS
    if job.student:
        card, networks = load_model(job.student, NETWORK)
        if not isinstance(networks.get(NETWORK), MerlinSeg):
            raise UserError(
                f"The model '{card.name}' to begin with is no MERLIN-Seg, which sees complex images: choose one that "
                "is, or none."
            )
        arguments = card.networks[NETWORK]["arguments"]
    return Setting(job, patches, device, arguments)


def taught(setting: Setting, reporter: Reporter) -> Taught:
    """Return what became of the one phase; it goes on from its file in the job's folder of checkpoints.

    Raises `UserError` for a checkpoint of another training, and where the memory of the GPU is too small.
    """
    layers = setting.layers
    training = PacedTraining(
        f"{PHASES[BOTH_TASKS]}:",
        lambda steps: _lesson(setting),
        setting.in_common,
        setting.wish,
        len(setting.patches.training),
        layers.patch,
    )
    plan, checkpoint = merlin_plan(setting.batch, layers.seed), checkpoint_of(setting.job, BOTH_TASKS)
    record, steps = train_at_pace(training, plan, checkpoint, setting.device, reporter)
    return Taught(BOTH_TASKS, steps, record)


def _lesson(setting: Setting) -> MerlinSegLesson:
    """Return a lesson whose first weights follow from the seed, or are those to start from: the same at each call."""
    patches, job = setting.patches, setting.job
    torch.manual_seed(setting.layers.seed)
    network = MerlinSeg(**setting.arguments)
    if job.student:
        network.load_state_dict(load_model(job.student, NETWORK)[1][NETWORK].state_dict())
    samples = Samples(patches.training, setting.layers.seed)
    return MerlinSegLesson(network, samples, setting.validation(), patches.negatives, rate=setting.rate)
