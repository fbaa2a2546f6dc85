"""Which SAR patch an optical patch is paired with that does not correspond: random, nearest or generated.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §3.2.1 (table 3.1) and §4.4 (sections 2.3, 3.4 and 3.5 of the paper there). The fourth
strategy, traditional hard mining, asks the network in training: see `hard_mining_lesson.py`.
"""

from collections.abc import Sequence
from typing import Callable, NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from ....models.matching.vae_gan import Growth, Vae, levels_of
from ...training.pace import own_random_numbers
from ..pixel_matcher import scale_sar
from .labelled_patches import LabelledPatches
from .patch_cells import PatchPool

Negatives = Callable[[Tensor], Tensor]
"""Numbers of patches of a pool [N] -> SAR patches [N, 1, side, side] that their optical patches do not correspond to,
grey values of the tiles."""


class Inclusion(NamedTuple):
    """How generated negatives get into a training: what positives are paired with, as often as there are names, whether
    the network was first trained with random negatives for `PRETRAINING_EPOCHS`, and Adam's rate."""

    negatives: tuple[str, ...]
    is_fine_tuned: bool
    rate: float


INCLUSIONS = {
    "fine_tuning_generated": Inclusion(("generated",), True, 8e-6),
    "fine_tuning_concatenated": Inclusion(("random", "generated"), True, 8e-6),
    "from_scratch_generated": Inclusion(("generated",), False, 5e-5),
    "from_scratch_concatenated": Inclusion(("random", "generated"), False, 5e-5),
}
"""The four ways that Hughes 2020, §4.4, section 3.4 compares; the last is the proposed one."""

PRETRAINING_EPOCHS, MOST_EPOCHS = 30, 20
"""Before fine-tuning, and in every other training at most, which ends where the validation gets worse."""

_ROWS = 512
"""Patches that are compared with as many others at once."""


class PoolSampler:
    """Draws `LabelledPatches` of a pool: half of them, the first ones of a batch, correspond.

    Each optical patch is drawn with its own SAR patch and with one that does not correspond. Of several kinds of
    `negatives` each gets the same share, so that of two every positive is there twice, once with either. Quarter turns
    and flips are the only variation, alike in both images (the paper's translations are left out, our choice).
    """

    def __init__(self, pool: PatchPool, negatives: Sequence[Negatives]) -> None:
        self._pool, self._negatives = pool, negatives

    def draw(self, count: int, generator: Generator) -> LabelledPatches:
        """Return a batch of `count` samples; of an odd number, one more corresponds."""
        numbers, turns = self._pool.draw(count - count // 2, generator), orientations(count - count // 2, generator)
        others = torch.empty(count // 2, 1, self._pool.side, self._pool.side)
        for kind, negatives in enumerate(self._negatives):
            chosen = slice(kind, count // 2, len(self._negatives))
            if len(others[chosen]):
                others[chosen] = negatives(numbers[: count // 2][chosen])
        return paired(self._pool, numbers, others, turns)


def paired(pool: PatchPool, numbers: Tensor, others: Tensor, turns: Tensor) -> LabelledPatches:
    """Return patches with `numbers` [N] and their own SAR patches, then the first of them with `others` [n, 1, S, S].

    turns [N]: see `turned`.
    """
    twice = len(others)
    optical = turned(pool.optical(numbers), turns)
    sar = torch.cat((turned(pool.sar(numbers), turns), turned(others, turns[:twice])))
    matches = torch.cat((torch.ones(len(numbers)), torch.zeros(twice)))
    return LabelledPatches(sar, torch.cat((optical, optical[:twice])), matches)


def orientations(count: int, generator: Generator) -> Tensor:
    """Return how patches are `turned`, [count]."""
    return torch.randint(8, (count,), generator=generator)


def turned(images: Tensor, turns: Tensor) -> Tensor:
    """Return images [N, 1, S, S], each in one of its eight orientations, 0..7, 0 as it is."""
    return torch.stack(
        [(image.flip(2) if turn >= 4 else image).rot90(turn % 4, (1, 2)) for image, turn in zip(images, turns.tolist())]
    )


def random_negatives(pool: PatchPool, seed: int) -> Negatives:
    """Return random assignment: each SAR patch is the negative of one optical patch, none of its own."""
    return _by_partners(pool, random_partners(len(pool), seed))


def nearest_negatives(pool: PatchPool) -> Negatives:
    """Return nearest neighbour assignment: the SAR patch of the pool that correlates best with the positive one."""
    return _by_partners(pool, nearest_partners(pool))


def generated_negatives(
    pool: PatchPool, vae: Vae, value_range: tuple[float, float], seed: int, device: torch.device, at_once: int = 32
) -> Negatives:
    """Return generated negatives: one for each SAR patch, decoded from a sample near its code, all made here.

    value_range: what the `vae` was trained with. Where it makes smaller images than the pool's patches, these are
    reduced for it, and what it makes is enlarged (bilinear): smoother than real patches (our choice).
    """
    made = []
    vae = vae.to(device).eval()
    vae.grow(Growth(levels_of(vae.side), 1.0))
    low, high = value_range
    with own_random_numbers(), torch.inference_mode():
        torch.manual_seed(seed)
        for numbers in torch.arange(len(pool)).split(at_once):
            images = F.avg_pool2d(scale_sar(pool.sar(numbers), value_range), pool.side // vae.side)
            again = F.interpolate(vae(images.to(device)).cpu(), (pool.side, pool.side), mode="bilinear")
            # Whole grey values, as those of real patches are: nothing else shall tell them apart.
            made.append((low + (high - low) * again).round().clamp(0, 255).byte())
    patches = torch.cat(made)
    return lambda numbers: patches[numbers].float()


def random_partners(count: int, *seed: int) -> Tensor:
    """Return for each of `count` patches another one, each once, [count]; it depends on the seed alone."""
    order = torch.from_numpy(np.random.default_rng(seed).permutation(count))
    partners = torch.empty_like(order)
    partners[order] = order.roll(1)
    return partners


def nearest_partners(pool: PatchPool) -> Tensor:
    """Return for each patch of a pool the number of the other one whose SAR image has the greatest NCC with its own.

    NCC: the correlation coefficient of both images' grey values, 0 with an image of one value. Memory does not depend
    on the pool's size.
    """
    rows = torch.arange(len(pool)).split(_ROWS)
    nearest = []
    for own in rows:
        patches, best = _normalised(pool.sar(own)), torch.full((len(own),), -torch.inf)
        partners = torch.zeros(len(own), dtype=torch.long)
        for others in rows:
            ncc = patches @ _normalised(pool.sar(others)).T
            ncc[own[:, None] == others] = -torch.inf
            value, place = ncc.max(1)
            partners = torch.where(value > best, others[place], partners)
            best = torch.maximum(best, value)
        nearest.append(partners)
    return torch.cat(nearest)


def _by_partners(pool: PatchPool, partners: Tensor) -> Negatives:
    return lambda numbers: pool.sar(partners[numbers])


def _normalised(images: Tensor) -> Tensor:
    """Images [N, 1, S, S] -> vectors [N, S * S] of mean 0 and length 1, or 0."""
    centred = images.flatten(1) - images.mean((1, 2, 3))[:, None]
    return F.normalize(centred, dim=1)
