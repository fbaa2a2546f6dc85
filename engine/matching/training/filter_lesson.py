"""The lesson of what decides about matches, on the matches of a trained matcher: the goodness networks and the ORN.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §4.6; what differs from it is called "our choice" here.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Callable, NamedTuple, Optional, Union

import torch
from torch.nn import functional as F

from ....models.matching.goodness import GoodnessNet
from ....models.matching.losses import GOOD, balanced, goodness_labels, orn_labels
from ....models.matching.orn import OutlierReductionNet
from ...reporting import Reporter
from ...training.lesson import Lesson, Part, Plan
from ...training.loop import train
from ...training.schedules import cosine
from .outcomes import Outcomes
from .published_samples import vary_heat, vary_patches

BATCH = 32

TOLD = 0.6
"""Share that a filter must tell right in the second half of its steps, where chance tells half (our choice)."""

Filter = Union[GoodnessNet, OutlierReductionNet]
Vary = Callable[[torch.Tensor, torch.Generator], torch.Tensor]


class FilterSample(NamedTuple):
    """Images [N, 1, H, W], patches or heat maps, and whether their matches were good, float32 [N], 1 or 0."""

    image: torch.Tensor
    is_good: torch.Tensor


class FilterLesson(Lesson):
    """A filter learns to tell good matches from bad ones, on as many bad as good.

    images [N, H, W], labels [N] (of `models/matching/losses.py`); vary: what else changes batches [n, 1, H, W] besides
    flips. Binary cross-entropy; Adam with weight decay 1e-6 as published. `seed` chooses among the bad.
    """

    def __init__(
        self,
        network: Filter,
        images: torch.Tensor,
        labels: torch.Tensor,
        rate: float,
        seed: int,
        vary: Optional[Vary] = None,
    ):
        self.networks = {"filter": network}
        self.optimisers = (torch.optim.Adam(network.parameters(), lr=rate, weight_decay=1e-6),)
        chosen = balanced(labels, torch.Generator().manual_seed(seed))
        self._images, self._is_good = images[chosen], (labels[chosen] == GOOD).float()
        self._vary = vary

    def __len__(self) -> int:
        return len(self._images)

    def draw(self, step: int, count: int, generator: torch.Generator) -> FilterSample:
        index = torch.randperm(len(self), generator=generator)[:count]
        image = self._images[index].float()[:, None]
        for dim in (2, 3):
            flipped = torch.rand((len(image), 1, 1, 1), generator=generator) < 0.5
            image = torch.where(flipped, image.flip(dim), image)
        if self._vary is not None:
            image = self._vary(image, generator)
        return FilterSample(image, self._is_good[index])

    def losses(self, batch: FilterSample) -> Iterator[Part]:
        with self.precision():
            logits = self.networks["filter"].logits(batch.image).flatten()
        logits = logits.float()
        loss = F.binary_cross_entropy_with_logits(logits, batch.is_good)
        accuracy = ((logits > 0) == (batch.is_good > 0)).float().mean()
        yield Part(self.optimisers[0], loss, {"loss": loss, "accuracy": accuracy})


class _Course(NamedTuple):
    """How one filter is taught: as which network on the card, on what, and for how long."""

    prefix: str
    network: type
    images: torch.Tensor
    labels: torch.Tensor
    rate: float
    epochs: int
    seed: int
    vary: Optional[Vary] = None


def bridge_match_filters(outcomes: Outcomes, work: Path, device: torch.device, reporter: Reporter) -> dict[str, Filter]:
    """Return {prefix on the card: filter of BridgeMatch}; checkpoints lie in the folder `work`.

    Good is an error of at most 1 px, bad one of at least 2.5 px, the rest is unused. Equation 6 (§4.6) asks
    for a clear loss too; our matcher's cross-entropy has another scale, so the error alone decides (our choice).
    """
    labels = orn_labels(outcomes.error)
    courses = (
        _Course("goodness.sar", GoodnessNet, outcomes.sar, labels, 5e-4, epochs=3, seed=5),
        _Course("goodness.optical", GoodnessNet, outcomes.optical, labels, 5e-4, epochs=3, seed=5),
        _Course("orn", OutlierReductionNet, outcomes.heat, labels, 3e-4, epochs=6, seed=4),
    )
    return _taught(courses, 0.0, work, device, reporter)


def corr_asl_filters(
    outcomes: Outcomes, matching_loss: torch.Tensor, work: Path, device: torch.device, reporter: Reporter
) -> dict[str, Filter]:
    """Return {prefix on the card: filter of CorrASL}, taught as published; checkpoints lie in the folder `work`.

    A network is left out where labels are fewer than one batch, as of a matcher that is hardly ever right, and where it
    tells fewer than `TOLD` right. Six epochs instead of 1000 (our choice).
    """
    goodness, orn = goodness_labels(matching_loss, outcomes.error), orn_labels(outcomes.error)
    courses = (
        _Course("goodness.sar", GoodnessNet, outcomes.sar, goodness, 5e-5, 6, 5, vary_patches),
        _Course("goodness.optical", GoodnessNet, outcomes.optical, goodness, 9e-4, 6, 5, vary_patches),
        _Course("orn", OutlierReductionNet, outcomes.heat, orn, 1e-4, 6, 5, vary_heat),
    )
    return _taught(courses, TOLD, work, device, reporter)


def _taught(courses, least, work, device, reporter):
    """Return the networks of courses that tell at least a share of `least` right."""
    networks = {}
    for course in courses:
        torch.manual_seed(course.seed)  # random weights
        lesson = FilterLesson(course.network(), course.images, course.labels, course.rate, course.seed, course.vary)
        good = int((course.labels == GOOD).sum())
        reporter.info(f"{course.prefix}: {good} good matches of {len(course.labels)}.")
        if len(lesson) < BATCH:
            continue
        # Batches are drawn anew each time: over an epoch most images are seen once, some never, some twice.
        steps = course.epochs * (len(lesson) // BATCH)
        plan = Plan(steps, BATCH, course.seed, cosine(), clip_norm=5.0)
        record = train(lesson, plan, work / f"{course.prefix}.safetensors", device, reporter)
        late = [figures["accuracy"] for step, figures in record.figures.items() if step > steps / 2]
        if fmean(late) < least:
            reporter.info(f"{course.prefix} is left out: it tells good matches from bad ones no better than chance.")
            continue
        networks[course.prefix] = record.networks["filter"]
    return networks
