"""Train the published networks: CorrASL and its ablations, and on its matches the goodness networks and the ORN.

Hughes, thesis (document 004), §4.6; what differs from it is called "our choice" here.
"""

import time

import numpy as np
import torch

from ....models.matching.corr_asl import ABLATIONS, CorrASL
from ....models.matching.goodness import PATCH, GoodnessNet
from ....models.matching.losses import (
    GOOD,
    balanced,
    corr_asl_loss,
    goodness_labels,
    kronecker_delta,
    orn_labels,
    weighted_mse,
)
from ....models.matching.orn import OutlierReductionNet
from ...training.checkpoint import load_checkpoint, save_checkpoint
from ..block_matching import within
from ..matchers import TEMPLATE, CorrAslMatcher, goodness_image
from .evaluation import errors_of, errors_on, planted_windows, scores_of, thinned
from .published_samples import MAX_SHIFT, PublishedSampler, scale_sar, true_cells, vary_heat, vary_patches
from .train_filters import Outcomes, train_classifier
from .train_matcher import centre_of

BATCH = 16
FILTER_BATCH = 32


def new_network(ablation):
    """Return an untrained `CorrASL` as the row `ablation` of table 5 (a key of `ABLATIONS`) has it."""
    choices = ABLATIONS[ablation]
    return CorrASL(choices.attention, choices.softmax)


def train_corr_asl(sets, samples, checkpoint, ablation, value_range, seed=1, batch=BATCH):
    """Train an ablation on `samples` samples of `sets` (see `PublishedSampler`); return the network.

    Resumes from the file `checkpoint` when it exists. Adam 1e-4 with weight decay 1e-6, constant rate.
    """
    torch.manual_seed(seed)
    network = new_network(ablation).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.9, 0.999), weight_decay=1e-6)
    step, steps = 0, samples // batch
    if checkpoint.exists():
        step = load_checkpoint(checkpoint, {"net": network}, optimiser)
    sampler = PublishedSampler(sets, seed=seed + step)
    shown, began = [], time.monotonic()
    network.train()
    while step < steps:
        loss = sample_loss(network, sampler.draw(batch), ABLATIONS[ablation].l1_weight, value_range)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        # As in `train_matcher`: a step whose bf16 gradients are not finite is left out. Nothing is clipped.
        if torch.isfinite(torch.nn.utils.get_total_norm(p.grad for p in network.parameters())):
            optimiser.step()
        step += 1
        shown.append(loss.item())
        if step % 25 == 0 or step == steps:
            seconds = time.monotonic() - began
            print(f"{step * batch} samples, {seconds:.0f} s: loss {np.mean(shown[-25:]):.4g}", flush=True)
        if step % 100 == 0 or step == steps:
            save_checkpoint(checkpoint, step, {"net": network}, optimiser)
    return network.eval()


def sample_loss(network, sample, l1_weight, value_range):
    """Return the published loss (equation 5) of a `PublishedSample`."""
    with torch.autocast("cpu", torch.bfloat16):
        heat = network(scale_sar(sample.sar, value_range), centre_of(sample.optical, TEMPLATE))
    delta = kronecker_delta(true_cells(sample.shift), heat.shape[-2:])
    return corr_asl_loss(network.activate(heat), heat, delta, l1_weight)


@torch.inference_mode()
def collect_outcomes(network, sets, count, seed, value_range, batch=BATCH):
    """Return the `Outcomes` of `count` samples of `sets` and the matching loss [N] of each.

    Heat maps are what the engine hands to the ORN: upsampled to pixels and cut to the offsets asked for, [N, 65, 65]
    (our choice; the thesis shows the ORN 65 x 65 cells of two pixels).
    """
    matcher = CorrAslMatcher(network, value_range)
    sampler, parts, losses = PublishedSampler(sets, seed), [], []
    for _ in range(count // batch):
        sample = sampler.draw(batch)
        searches, templates = scale_sar(sample.sar, value_range), centre_of(sample.optical, TEMPLATE)
        whole = matcher.heat(templates, searches)
        # Every second pixel of the upsampled map is a cell of the raw one, unchanged.
        cells, heat = whole[:, None, ::2, ::2], within(whole, MAX_SHIFT)
        delta = kronecker_delta(true_cells(sample.shift), cells.shape[-2:])
        losses.append(weighted_mse(network.activate(cells), delta))
        patches = (centre_of(goodness_image(images), PATCH)[:, 0].half() for images in (sample.sar, sample.optical))
        parts.append(Outcomes(heat.half(), *patches, errors_of(heat, sample.shift)))
    return Outcomes(*(torch.cat(part) for part in zip(*parts))), torch.cat(losses)


def train_filters(outcomes, matching_loss, epochs=6):
    """Train the goodness networks and the ORN on what `collect_outcomes` returned: {prefix on the card: network}.

    A network is left out where labels are fewer than one batch: a matcher that is hardly ever right teaches nothing.
    Six epochs instead of 1000 (our choice).
    """
    goodness, orn = goodness_labels(matching_loss, outcomes.error), orn_labels(outcomes.error)
    networks = {}
    for prefix, network, images, labels, rate, vary in (
        ("goodness.sar", GoodnessNet, outcomes.sar, goodness, 5e-5, vary_patches),
        ("goodness.optical", GoodnessNet, outcomes.optical, goodness, 9e-4, vary_patches),
        ("orn", OutlierReductionNet, outcomes.heat, orn, 1e-4, vary_heat),
    ):
        print(f"{prefix}: {(labels == GOOD).sum()} good matches of {len(labels)}", flush=True)
        if len(balanced(labels)) >= FILTER_BATCH:
            networks[prefix] = train_classifier(network(), images, labels, 5, epochs, rate, vary, FILTER_BATCH)
    return networks


@torch.inference_mode()
def validation_scores(network, pairs, value_range, count=300):
    """Return the `Scores` of at most `count` windows of `pairs`: those of the table of `benchmarks/validation.py`."""
    windows = [planted_windows(*pair.sar.shape[:0:-1], seed=number) for number, pair in enumerate(pairs)]
    matcher = CorrAslMatcher(network, value_range)
    return scores_of(errors_on(matcher, pairs, thinned(windows, count), batch=BATCH))
