"""Training samples for the matchers: patches at a planted offset, varied as users' images vary."""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ...compute.cut_patches import cut_patch
from ...training.pair import Lottery, Pair, Sets
from ...training.variation import between, orientation, vary_optical, vary_sar


@dataclass(frozen=True)
class MatchSample:
    """A batch of patches whose relative position is known.

    sar [N, 1, S, S], optical [N, 1, T, T]: grey values, any scale. A pixel at offset q (x right, y down, from the
    optical patch's centre) shows the same ground as the SAR patch's pixel at `linear @ q + shift` from its own centre:
    linear [N, 2, 2], shift [N, 2] in pixels.
    """

    sar: Tensor
    optical: Tensor
    linear: Tensor
    shift: Tensor


class MatchSampler:
    """Draws `MatchSample` batches from `sets`: (pairs, share) each, whatever the number of pairs in a set.

    sar_side, optical_side: pixels a side of the patches; max_shift: largest planted offset, pixels; rotation, scale:
    largest ones of an image against the other, degrees and share. as_read: share of the optical patches that are the
    grey which matching reads of a pair, not a random mixture of its bands.
    """

    def __init__(
        self,
        sets: Sets[Pair],
        sar_side: int,
        optical_side: int,
        max_shift: int,
        rotation: float = 5.0,
        scale: float = 0.1,
        as_read: float = 0.0,
    ):
        self._pairs = Lottery(sets)
        self.sar_side, self.optical_side, self.max_shift = sar_side, optical_side, max_shift
        self._rotation, self._scale, self._as_read = rotation, scale, as_read

    def draw(self, count: int, generator: torch.Generator) -> MatchSample:
        """Return a batch of `count` samples."""
        drawn = [self._draw_one(generator) for _ in range(count)]
        sar, optical, linear, shift = (torch.stack(part) for part in zip(*drawn))
        return MatchSample(vary_sar(sar, generator), vary_optical(optical, generator), linear, shift)

    def _draw_one(self, generator):
        pair = self._pairs.draw(generator)
        joint = orientation(generator) * between(0.75, 1.3, generator)
        linear = self._turned(generator)
        shift = (torch.rand(2, generator=generator) * 2 - 1) * self.max_shift
        size = torch.tensor([pair.sar.shape[2], pair.sar.shape[1]], dtype=torch.float32)
        reach = float(joint.abs().sum(1).max()) * (self.sar_side / 2 - 16)
        margin = torch.minimum(torch.full((2,), reach), size / 2 - 1)
        centre = margin + torch.rand(2, generator=generator) * (size - 2 * margin)
        optical = self._grey(pair, generator)
        return (
            cut_patch(pair.sar, centre, joint, self.sar_side),
            cut_patch(optical, centre + joint @ shift, joint @ linear, self.optical_side),
            linear,
            shift,
        )

    def _grey(self, pair, generator):
        if self._as_read and torch.rand((), generator=generator) < self._as_read:
            return 255 * pair.grey()[None]
        return _mix_bands(pair.optical, generator)

    def _turned(self, generator):
        if torch.rand((), generator=generator) < 0.4:
            return torch.eye(2)
        angle = math.radians(between(-self._rotation, self._rotation, generator))
        scale = between(1 - self._scale, 1 + self._scale, generator)
        cos, sin = scale * math.cos(angle), scale * math.sin(angle)
        return torch.tensor([[cos, -sin], [sin, cos]])


def _mix_bands(optical: Tensor, generator: Generator) -> Tensor:
    """Grey from a random mixture of the bands, at times a single one: users pick any band. [C, H, W] -> [1, H, W]."""
    bands = optical.shape[0]
    if bands == 1:
        return optical
    if torch.rand((), generator=generator) < 0.3:
        return optical[int(torch.randint(bands, (), generator=generator))][None]
    weights = torch.rand(bands, generator=generator) + 0.1
    return (optical.float() * (weights / weights.sum())[:, None, None]).sum(0, keepdim=True)
