"""Training samples for networks that find buildings: places in one or both modalities, and what stands there."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Callable, Optional, Protocol

import torch
from torch import Generator, Tensor


@dataclass(frozen=True)
class BuildingSample:
    """A batch of N square places of S pixels a side.

    planes [N, bands, S, S]: what the network that learns is shown. valid bool [N, 1, S, S]: pixels that count.
    look_known bool [N]: whether the radar is known to stand above the first row and to look along increasing rows.
    labels float [N, 1, S, S], where buildings are known: 0 on the ground, from 1 on the number of a building, or 1 for
    all of them; below 1 the share of a pixel that is built, of pixels larger than buildings.
    optical [N, bands, S, S], where a teacher shows the way: what it is shown.
    """

    planes: Tensor
    valid: Tensor
    look_known: Tensor
    labels: Optional[Tensor] = None
    optical: Optional[Tensor] = None

    @property
    def built(self) -> Tensor:
        """Share of each pixel that is built, 0..1 [N, 1, S, S]."""
        return self.labels.clamp(max=1)

    def with_images(self, change: Callable[[Tensor], Tensor]) -> "BuildingSample":
        """Return the batch with all of its images changed alike: planes, validity, and what else there is."""
        there = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "look_known"}
        return replace(self, **{name: change(images) for name, images in there.items() if images is not None})


def joined(samples: Sequence[BuildingSample]) -> BuildingSample:
    """Return batches as one; all of them have the same images."""
    parts = ([getattr(sample, each.name) for sample in samples] for each in fields(BuildingSample))
    return BuildingSample(*(None if part[0] is None else torch.cat(part) for part in parts))


class Samples(Protocol):
    """Where lessons get their batches from: layers, or the data sets of a recipe."""

    def draw(self, step: int, count: int, generator: Generator) -> BuildingSample:
        """Return the batch of a step of `count` samples, which depends on nothing else; all on the CPU."""


def oriented(sample: BuildingSample, generator: Generator) -> BuildingSample:
    """Return a batch of which each place is mirrored left to right by chance, and turned by quarters.

    Where the look is known it is mirrored only: whatever stands there still leans towards the first row.
    """
    count = len(sample.planes)
    mirrored = (torch.rand(count, generator=generator) < 0.5).tolist()
    quarters = torch.randint(4, (count,), generator=generator).masked_fill(sample.look_known, 0).tolist()

    def turned(image: Tensor, is_mirrored: bool, quarter: int) -> Tensor:
        return torch.rot90(image.flip(2) if is_mirrored else image, quarter, (1, 2))

    return sample.with_images(lambda images: torch.stack([turned(*one) for one in zip(images, mirrored, quarters)]))
