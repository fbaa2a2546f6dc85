"""Train BridgeMatch: cross-entropy over offsets at planted, sub-pixel truths."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import torch
from torch.nn import functional as F

from ....models.matching.bridge_match import BridgeMatch
from ....models.matching.correlation import normalised_correlation
from ...training.checkpoint import load_checkpoint, save_checkpoint
from ..matchers import TEMPLATE
from .augmentation import MatchSampler

SAR_SIDE, OPTICAL_SIDE = 208, 144
MAX_SHIFT = 32


def offset_loss(heat, true_offset, net, template_side):
    """Cross-entropy of heat maps [N, 2m+1, 2m+1] against the true offsets [N, 2] (x, y); those beyond it are ignored.

    The label is a Gaussian of 0.7 px around the sub-pixel truth: the training tiles are aligned to about half a pixel.
    """
    side = heat.shape[-1]
    reach = (side - 1) // 2
    inside = (true_offset.abs() <= reach).all(1)
    steps = torch.arange(side, dtype=torch.float32) - reach
    x = torch.exp(-(((steps - true_offset[inside, :1]) / 0.7) ** 2) / 2)
    y = torch.exp(-(((steps - true_offset[inside, 1:]) / 0.7) ** 2) / 2)
    label = (y[:, :, None] * x[:, None, :]).flatten(1)
    label = label / label.sum(1, keepdim=True)
    return F.cross_entropy(net.logits(heat[inside], template_side).flatten(1), label)


def sample_loss(net, sample):
    """Return the loss of a batch and the share of its 128 px templates matched within one pixel.

    Besides the whole template, its four quarters are matched: that asks for features that tell places apart on less
    ground.
    """
    with torch.autocast("cpu", torch.bfloat16):
        sar = net.sar(sample.sar.contiguous(memory_format=torch.channels_last))
        optical = net.optical(sample.optical.contiguous(memory_format=torch.channels_last))
    template = centre_of(optical, TEMPLATE).float()
    search = centre_of(sar, TEMPLATE + 2 * MAX_SHIFT).float()
    heat = normalised_correlation(template, search)
    losses = [offset_loss(heat, sample.shift, net, TEMPLATE)]

    half = TEMPLATE // 2
    quarters = template.unfold(2, half, half).unfold(3, half, half)
    windows = search.unfold(2, half + 2 * MAX_SHIFT, half).unfold(3, half + 2 * MAX_SHIFT, half)
    quarter_heat = normalised_correlation(_as_batch(quarters), _as_batch(windows))
    centres = torch.tensor([(x, y) for y in (-half / 2, half / 2) for x in (-half / 2, half / 2)])
    truths = torch.einsum("nij,kj->nki", sample.linear, centres) + sample.shift[:, None] - centres
    losses.append(offset_loss(quarter_heat, truths.flatten(0, 1), net, half))

    peak = heat.detach().flatten(1).argmax(1)
    found = torch.stack((peak % heat.shape[-1], peak // heat.shape[-1]), 1) - MAX_SHIFT
    return sum(losses) / 2, ((found - sample.shift).norm(dim=1) <= 1).float().mean()


def centre_of(features, side):
    """Return the middle side x side pixels of features [..., H, W]."""
    top, left = ((size - side) // 2 for size in features.shape[-2:])
    return features[..., top : top + side, left : left + side]


def _as_batch(patches):
    """[N, C, rows, cols, h, w] -> [N * rows * cols, C, h, w]."""
    return patches.permute(0, 2, 3, 1, 4, 5).flatten(0, 2)


def train_matcher(sets, samples, checkpoint, seed=1, batch=16, rate=2e-3, start_from=None):
    """Train on `samples` samples of `sets` (see `MatchSampler`) and return the averaged network.

    Resumes from the file `checkpoint` when it exists. AdamW, warm-up then cosine to zero; the returned weights are an
    exponential average over the last steps. `start_from` is the averaged network of an earlier round. Nothing depends
    on the machine but the order of sums.
    """
    torch.manual_seed(seed)
    net = (deepcopy(start_from) if start_from is not None else BridgeMatch()).to(memory_format=torch.channels_last)
    net.requires_grad_(True)  # the average of an earlier round has no gradients
    if start_from is None:
        torch.nn.init.constant_(net.log_temperature, math.log(0.5))
    average = deepcopy(net).requires_grad_(False)
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4)
    modules = {"net": net, "average": average}
    step, steps, warm_up = 0, samples // batch, 100
    if checkpoint.exists():
        step = load_checkpoint(checkpoint, modules, optimiser)
    sampler = MatchSampler(sets, SAR_SIDE, OPTICAL_SIDE, MAX_SHIFT, seed=seed + step)
    shown, began = [], time.monotonic()
    with ThreadPoolExecutor(1) as reader:
        upcoming = reader.submit(sampler.draw, batch)
        while step < steps:
            sample, upcoming = upcoming.result(), reader.submit(sampler.draw, batch)
            factor = min(1, (step + 1) / warm_up) * 0.5 * (1 + math.cos(math.pi * step / steps))
            for group in optimiser.param_groups:
                group["lr"] = rate * factor
            net.train()
            loss, right = sample_loss(net, sample)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            # bf16 gradients overflowed in other networks on some machines: a step that did is left out, not applied.
            if torch.isfinite(norm):
                optimiser.step()
            step += 1
            _update_average(average, net, decay=min(0.998, step / (step + 20)))
            shown.append((loss.item(), right.item()))
            if step % 50 == 0:
                mean_loss, mean_right = torch.tensor(shown[-50:]).mean(0).tolist()
                seconds = time.monotonic() - began
                print(
                    f"{step * batch} samples, {seconds:.0f} s: loss {mean_loss:.3f}, within 1 px {mean_right:.3f}",
                    flush=True,
                )
            if step % 250 == 0 or step == steps:
                save_checkpoint(checkpoint, step, modules, optimiser)
    return average.eval()


@torch.no_grad()
def _update_average(average, net, decay):
    for kept, new in zip(average.state_dict().values(), net.state_dict().values()):
        if kept.is_floating_point():
            kept.lerp_(new, 1 - decay)
        else:
            kept.copy_(new)
