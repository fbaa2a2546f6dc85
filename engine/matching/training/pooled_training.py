"""PSiam on users' layers with negatives from other places, or from a VAE-GAN that is taught on these layers first."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, NamedTuple

import torch

from ....contract.matching_training_jobs import GENERATED
from ....models.matching.psiam import PSiam
from ....models.matching.vae_gan import LATENT
from ...reporting import Reporter
from ...training.pace import Span, Wish
from ...training.paced_training import PacedTraining, train_at_pace
from ..matcher import TEMPLATE
from . import vae_gan_lesson
from .curricula import PAIR_RANGE, Given, begun
from .layer_pairs import squares_of
from .matching_lesson import MatchingLesson
from .negatives import Negatives, generated_negatives
from .patch_cells import PatchPool
from .psiam_strategies import STRATEGIES, PooledPSiam
from .setting import Setting
from .vae_gan_lesson import VAE, VaeGanLesson

VAE_SHARE = 0.5
"""Of the minutes of a training, and of its progress, that the VAE-GAN has (our choice)."""


class VaeSize(NamedTuple):
    """Pixels a side of what a VAE-GAN makes, its most channels, and images a step at 16 pixels or less."""

    side: int
    width: int
    batch: int


PUBLISHED, ON_CPU = VaeSize(TEMPLATE, LATENT, vae_gan_lesson.BATCH), VaeSize(64, 64, 32)
"""As published, and what a CPU has the time for (our choice), 1.5 s of a core for a step: its images are enlarged to
the patches of PSiam."""


class Pooled(NamedTuple):
    """How the matcher is taught: its lesson, how long, and what tells of it."""

    lesson: Callable[[Given], MatchingLesson]
    wish: Wish
    reporter: Reporter


def pooled_training(setting: Setting, reporter: Reporter) -> Pooled:
    """Return how PSiam is taught with the negatives of a job; where they are generated, their VAE-GAN is taught first.

    The patches are those of all training places side by side, no ground twice. Raises as `train_at_pace`.
    """
    pool = PatchPool([(squares_of(setting.places.training, setting.pixels, TEMPLATE), 1.0)], TEMPLATE)
    generated, wish = None, setting.wish
    if setting.job.negatives == GENERATED:
        generated = _generated(setting, pool, reporter.part(0, VAE_SHARE))
        wish, reporter = _part(wish, 1 - VAE_SHARE), reporter.part(VAE_SHARE, 1)
    pooled = PooledPSiam(pool, PAIR_RANGE, setting.batch, setting.job.seed, generated)
    kinds = STRATEGIES[setting.job.negatives]
    return Pooled(
        lambda given: begun(pooled.lesson(kinds, PSiam(), given.validation, given.rate), given.start), wish, reporter
    )


def _generated(setting: Setting, pool: PatchPool, reporter: Reporter) -> Negatives:
    """Return the negatives of a VAE-GAN that is taught on the SAR patches of a pool; it goes on from its checkpoint."""
    size, seed = ON_CPU if setting.device.type == "cpu" else PUBLISHED, setting.job.seed

    def lesson(steps: int) -> VaeGanLesson:
        torch.manual_seed(seed)
        return VaeGanLesson(pool, size.side, PAIR_RANGE, steps, size.width)

    def in_common(span: Span) -> Mapping[str, Any]:
        return {**setting.in_common(span), "VAE-GAN": ", ".join(map(str, size))}

    wish = _part(setting.wish, VAE_SHARE)
    length = f"at most {VAE_SHARE:.0%} of the minutes" if wish.minutes else "as many epochs as the matcher"
    reporter.info(
        f"A VAE-GAN that makes negatives of {size.side} pixels a side is taught first, on {len(pool):,} SAR patches: it"
        f" has {length}."
    )
    training = PacedTraining("The VAE-GAN learns in", lesson, in_common, wish, len(pool), TEMPLATE)
    plan = replace(vae_gan_lesson.plan_of(size.side, seed=seed), batch=size.batch)
    checkpoint = Path(setting.job.vae_gan_checkpoint)
    record, _ = train_at_pace(training, plan, checkpoint, setting.device, reporter)
    return generated_negatives(pool, record.networks[VAE], PAIR_RANGE, seed, setting.device)


def _part(wish: Wish, share: float) -> Wish:
    return wish._replace(minutes=share * wish.minutes)
