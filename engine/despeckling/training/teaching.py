"""How MERLIN is taught on users' layers: for how long, in which steps, and from which weights on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ....contract.despeckling_jobs import TrainDespecklerJob
from ....contract.errors import UserError
from ....models.despeckling.merlin import Merlin
from ....models.despeckling.speckle_unet import OWN_WIDTH
from ....models.model_file import load_model
from ...reporting import Reporter
from ...training.checkpoint import checksum
from ...training.lesson import Plan, Record
from ...training.pace import (
    Span,
    Wish,
    length_in_common,
    samples_a_step,
)
from ...training.paced_training import PacedTraining, train_at_pace
from ...training.patches import MOST_CHECKED, MOST_SCORED, spread
from ...training.schedules import cosine
from ..methods import NETWORK
from .complex_places import ComplexPlaces
from .despeckling_lesson import DespecklingLesson
from .layer_halves import LayerHalves, both_ways

LEVELS = 5
BATCH, RATE = 12, 1e-3
"""As published for MERLIN-Seg."""


@dataclass(frozen=True)
class Setting:
    """A job with all that is decided before it begins to teach. arguments: those of the network."""

    job: TrainDespecklerJob
    places: ComplexPlaces
    device: torch.device
    arguments: Mapping[str, int]

    @property
    def batch(self) -> int:
        """Samples a step."""
        return samples_a_step(self.job.batch_size, BATCH, self.device)

    @property
    def rate(self) -> float:
        """The learning rate that a schedule begins with."""
        return self.job.rate or RATE

    @property
    def wish(self) -> Wish:
        """How long the training shall last."""
        return Wish(self.job.epochs, self.job.minutes)

    def in_common(self, span: Span) -> dict[str, Any]:
        """Return what a training that goes on must have in common with itself, by what sentences call it."""
        job, places = self.job, self.places
        return {
            **length_in_common(self.wish, span),
            "batch": self.batch,
            "learning rate": self.rate,
            "seed": job.seed,
            "layers": ", ".join(each.name for each in job.layers),
            "bands": "; ".join(", ".join(map(str, each.bands)) for each in job.layers),
            "patch size": job.patch,
            "training patches": len(places.training),
            "validation patches": len(places.validation),
            "model to start from": Path(job.start).name if job.start else None,
            "checksum of the patches' pixels": checksum(
                place.parts().tobytes() for place in spread(places.training, MOST_CHECKED)
            ),
        }


def merlin_plan(batch: int, seed: int) -> Plan:
    """Return the plan of a training on users' layers, but for its length."""
    return Plan(1, batch, seed, cosine(warm_up=100), clip_norm=1.0, average=0.999)


def setting_of(job: TrainDespecklerJob, places: ComplexPlaces, device: torch.device) -> Setting:
    """Return the `Setting` of a job; raises `UserError` where the model to start from is no MERLIN."""
    arguments = {"levels": LEVELS, "width": OWN_WIDTH}
    if job.start:
        card, networks = load_model(job.start, NETWORK)
        if not isinstance(networks.get(NETWORK), Merlin):
            raise UserError(
                f"The model '{card.name}' is not made for complex images, so that no training on them can start from "
                "it: choose a MERLIN model, or none."
            )
        arguments = card.networks[NETWORK]["arguments"]
    return Setting(job, places, device, arguments)


def taught(setting: Setting, reporter: Reporter) -> tuple[Record, int]:
    """Return the record of a training and how many steps it was to have; it goes on from the job's checkpoint.

    Raises `UserError` for a checkpoint of another training, and where the memory of the GPU is too small.
    """
    job = setting.job
    training = PacedTraining(
        "MERLIN learns in",
        lambda steps: _lesson(setting),
        setting.in_common,
        setting.wish,
        len(setting.places.training),
        job.patch,
    )
    return train_at_pace(training, merlin_plan(setting.batch, job.seed), Path(job.checkpoint), setting.device, reporter)


def _lesson(setting: Setting) -> DespecklingLesson:
    """Return a lesson whose first weights follow from the seed, or are those to start from: the same at each call."""
    job, places = setting.job, setting.places
    torch.manual_seed(job.seed)
    network = Merlin(**setting.arguments)
    if job.start:
        network.load_state_dict(load_model(job.start, NETWORK)[1][NETWORK].state_dict())
    validation = both_ways(spread(places.validation, MOST_SCORED))
    return DespecklingLesson(network, LayerHalves(places.training, job.seed), validation, setting.rate)
