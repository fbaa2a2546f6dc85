"""What the training of a matcher is made of, and what one that goes on must have in common with itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import torch
from torch import nn

from ....contract.errors import UserError
from ....contract.matching_training_jobs import (
    CHOOSES_NEGATIVES,
    LEARNS_WITHOUT_LABELS,
    MATCHER_PATCH,
    TrainMatcherJob,
)
from ....models.card import Card
from ....models.model_file import load_model
from ...training.pace import Span, Wish, length_in_common, samples_a_step
from ...training.places import Place, Places
from .curricula import CURRICULA, Curriculum
from .layer_pairs import LayerPair, PatchPixels, pairs_of, squares_of
from .matching_lesson import NETWORK, Sampler


@dataclass(frozen=True)
class Start:
    """The model that a training goes on from: its card, and its network for matching."""

    card: Card
    network: nn.Module

    @property
    def others(self) -> list[str]:
        """The other networks of its file: they judge the matches of this network, and of no other."""
        return [prefix for prefix in self.card.networks if prefix != NETWORK]


def start_of(job: TrainMatcherJob) -> Optional[Start]:
    """Return the model that a job goes on from, None for random weights.

    Raises `UserError` where it cannot be read, or is one of another method, or of another shape.
    """
    if not job.start:
        return None
    card, networks = load_model(job.start, NETWORK)
    curriculum, network = CURRICULA[job.method], networks.get(NETWORK)
    if not isinstance(network, curriculum.network):
        held = type(network).__name__ if network else f"no network '{NETWORK}'"
        raise UserError(
            f"The model '{card.name}' holds {held}, not {curriculum.network.__name__}, so that no training of "
            f"{job.called} can start from it: choose another model or method, or none."
        )
    if not curriculum.any_size and _shapes(network) != _shapes(curriculum.network()):
        raise UserError(
            f"The network of the model '{card.name}' is built otherwise than the published {job.called}: choose another"
            " model to start from, or none."
        )
    return Start(card, network)


def _shapes(network: nn.Module) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in network.state_dict().items()}


@dataclass(frozen=True)
class Setting:
    """A job with all that is decided before it begins to teach.

    offset: pixels that the layers were found to be off, None where nothing could be measured.
    """

    job: TrainMatcherJob
    places: Places
    pixels: PatchPixels
    offset: Optional[float]
    start: Optional[Start]
    device: torch.device

    @property
    def curriculum(self) -> Curriculum:
        """How the method is taught."""
        return CURRICULA[self.job.method]

    @property
    def batch(self) -> int:
        """Samples a step."""
        return samples_a_step(self.job.batch_size, self.curriculum.batch, self.device)

    @property
    def rate(self) -> float:
        """The learning rate that a schedule begins with."""
        curriculum = self.curriculum
        return self.job.rate or (curriculum.later_rate if self.start else curriculum.rate)

    @property
    def wish(self) -> Wish:
        """How long the training shall last."""
        return Wish(self.job.epochs, self.job.minutes)

    @property
    def unit(self) -> str:
        """In what unit SAR layers are read, in the words of model cards."""
        return self.places.scenes[0].radiometry.unit_out

    @property
    def arguments(self) -> dict[str, Any]:
        """Those that the network is made with."""
        is_other_size = self.start and self.curriculum.any_size
        return dict(self.start.card.networks[NETWORK]["arguments"]) if is_other_size else {}

    def pairs(self, places: list[Place]) -> list[LayerPair]:
        """Return what places show, a pair for each band."""
        return pairs_of(places, self.pixels)

    def sampler(self) -> Sampler:
        """Return what draws the samples of the training places.

        Where SSNet has labels of a share of them only, places lie side by side, each shown by one of the bands: what
        has a label in one patch would have none in another else.
        """
        job, places = self.job, self.places.training
        if job.labelled == 1:
            return self.curriculum.sampler([(self.pairs(places), 1.0)])
        squares = squares_of(places, self.pixels, MATCHER_PATCH)
        if len(squares) < 2:
            raise UserError(
                f"The layers have room for one training patch of {MATCHER_PATCH} pixels only, which cannot be labelled"
                " and not: label 100 % of the patches, or choose larger layers or areas."
            )
        return self.curriculum.sampler([(squares, 1.0)], share=job.labelled, seed=job.seed)

    def in_common(self, span: Span) -> Mapping[str, Any]:
        """Return what a training that goes on must have in common with itself, by what sentences call it."""
        job = self.job
        return {
            "method": job.method,
            **length_in_common(self.wish, span),
            "batch": self.batch,
            "learning rate": self.rate,
            "seed": job.seed,
            "re-alignment": job.realign,
            "negatives": job.negatives if job.method == CHOOSES_NEGATIVES else None,
            "share of labelled patches": job.labelled_percent if job.method == LEARNS_WITHOUT_LABELS else None,
            "model to start from": Path(job.start).name if job.start else None,
            "SAR unit": self.unit,
            **self.places.in_common(),
        }
