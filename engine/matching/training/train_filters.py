"""Train what decides about matches, on the matches of a trained matcher: the goodness networks and the ORN."""

from typing import NamedTuple

import torch
from torch.nn import functional as F

from ....models.matching.correlation import normalised_correlation
from ....models.matching.goodness import PATCH, GoodnessNet
from ....models.matching.losses import GOOD, balanced, orn_labels
from ....models.matching.orn import OutlierReductionNet
from ..matchers import TEMPLATE, goodness_image
from .augmentation import MatchSampler
from .evaluation import errors_of
from .train_matcher import MAX_SHIFT, OPTICAL_SIDE, SAR_SIDE, centre_of


class Outcomes(NamedTuple):
    """Matches of a trained matcher: heat [N, 65, 65], the patches around the candidates, SAR and optical, [N, 128, 128]
    in 0..1 (all half precision), and the errors of the matches in pixels [N]."""

    heat: torch.Tensor
    sar: torch.Tensor
    optical: torch.Tensor
    error: torch.Tensor


@torch.inference_mode()
def collect_outcomes(network, sets, count, seed, batch=16):
    """Return the `Outcomes` of `count` samples drawn from `sets` (see `MatchSampler`)."""
    sampler = MatchSampler(sets, SAR_SIDE, OPTICAL_SIDE, MAX_SHIFT, seed)
    parts = []
    for _ in range(count // batch):
        sample = sampler.draw(batch)
        with torch.autocast("cpu", torch.bfloat16):
            sar, optical = network.sar(sample.sar), network.optical(sample.optical)
        heat = normalised_correlation(centre_of(optical, TEMPLATE), centre_of(sar, TEMPLATE + 2 * MAX_SHIFT))
        patches = (centre_of(goodness_image(images), PATCH)[:, 0].half() for images in (sample.sar, sample.optical))
        parts.append(Outcomes(heat.half(), *patches, errors_of(heat, sample.shift)))
    return Outcomes(*(torch.cat(part) for part in zip(*parts)))


def train_goodness(patches, errors, seed, epochs=3, rate=5e-4):
    """Train a goodness network on patches [N, 128, 128] labelled by the errors of their matches; returns it.

    Good is an error of at most 1 px, bad one of at least 2.5 px, the rest is unused. The thesis (§4.6, equation 6) asks
    for a clear loss too; our matcher's cross-entropy has another scale, so the error alone decides (our choice).
    """
    return train_classifier(GoodnessNet(), patches, orn_labels(errors), seed, epochs, rate)


def train_orn(heat, errors, seed, epochs=6, rate=3e-4):
    """Train the outlier reduction network on heat maps [N, 65, 65] labelled by their errors; returns it."""
    return train_classifier(OutlierReductionNet(), heat, orn_labels(errors), seed, epochs, rate)


def train_classifier(network, images, labels, seed, epochs, rate, vary=None, batch=32):
    """Train `network` on images [N, H, W] with labels [N] (`losses.py`), as many bad as good; returns it.

    Binary cross-entropy with flips, and `vary(image, generator)` of batches [n, 1, H, W] where given; Adam with weight
    decay 1e-6 as published, cosine to zero. At least `batch` images must be labelled good or thinned bad.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    chosen = balanced(labels, generator)
    network.to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=rate, weight_decay=1e-6)
    steps = epochs * (len(chosen) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(steps, 1))
    for epoch in range(epochs):
        order, seen = chosen[torch.randperm(len(chosen), generator=generator)], []
        for start in range(0, len(order) - batch + 1, batch):
            index = order[start : start + batch]
            image = images[index].float()[:, None]
            for dim in (2, 3):
                flipped = torch.rand((batch, 1, 1, 1), generator=generator) < 0.5
                image = torch.where(flipped, image.flip(dim), image)
            if vary is not None:
                image = vary(image, generator)
            with torch.autocast("cpu", torch.bfloat16):
                logits = network.logits(image.contiguous(memory_format=torch.channels_last)).flatten()
            target = (labels[index] == GOOD).float()
            loss = F.binary_cross_entropy_with_logits(logits.float(), target)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            if torch.isfinite(torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)):
                optimiser.step()
            schedule.step()
            seen.append((loss.item(), ((logits > 0) == (target > 0)).float().mean().item()))
        mean_loss, accuracy = torch.tensor(seen).mean(0).tolist()
        print(f"{type(network).__name__} epoch {epoch + 1}: loss {mean_loss:.3f}, accuracy {accuracy:.3f}", flush=True)
    return network.eval()
