"""Speed and memory of matching, as Markdown: per area against per candidate and against the published way.

    python benchmarks/matching.py [--data DATA] [--model MODEL] [--skip-memory]

Without the model file BridgeMatch gets random weights (which are as fast) and the memory is that of NCC. With DATA, the
folder of training sets, agreement is measured on the validation tiles. benchmarks/README.md says more.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import statistics
import time
from pathlib import Path

import torch
from torch.nn import functional as F

from ..engine.compute.device import reduced_precision, supports_bf16
from ..engine.matching.blocks import BLOCK
from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.matcher import TEMPLATE
from ..engine.matching.peaks import find_peaks
from ..engine.matching.training.evaluation import Windows, heat_maps
from ..engine.matching.windows import cut_windows
from ..models.matching.bridge_match import HALO, BridgeMatch
from ..models.matching.corr_asl import CorrASL
from ..models.matching.correlation import normalised_correlation
from ..models.model_file import load_model
from ..recipes import pairs as tiles
from .peak_memory import memory_table
from .synthetic_pair import synthetic_pair
from .validation import DEFAULT_MODEL

SPACING = 64
MAX_SHIFT = 32
MARGIN = TEMPLATE // 2 + MAX_SHIFT + HALO
"""Pixels that a candidate's search window and its halo reach: a multiple of 8, so that crops start on the lattice."""

BATCH = 16


def main():
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the training sets")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="BridgeMatch model file")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which all contestants take turns")
    parser.add_argument("--side", type=int, default=BLOCK, help="pixels a side of the area with the candidates")
    parser.add_argument("--skip-memory", action="store_true", help="leave the large images out")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    model = arguments.model if arguments.model.exists() else None
    bridge_match = load_model(model, "match")[1]["match"] if model else BridgeMatch().eval()
    area = tuple(torch.from_numpy(image).float() for image in synthetic_pair(arguments.side + 2 * MARGIN))
    for device in ("cpu", *(["cuda"] if torch.cuda.is_available() else [])):
        print(speed_table(bridge_match, area, arguments.rounds, torch.device(device)), flush=True)
    areas = [(pair.sar[0].float(), pair.grey()) for pair in _validation_tiles(arguments.data)] or [area]
    print(agreement(bridge_match, areas), flush=True)
    if not arguments.skip_memory:
        print(memory_table(model))


def _validation_tiles(data):
    return tiles.los_angeles(data, "validation") if data else []


def candidates_of(area):
    """Return the candidates [N, 2] (col, row) of an area [H, W]: every 64 pixels, their windows and halos inside it."""
    cols, rows = (torch.arange(MARGIN, side - MARGIN, SPACING) for side in (area.shape[1], area.shape[0]))
    return torch.stack(torch.meshgrid(cols, rows, indexing="xy"), -1).reshape(-1, 2)


def published_way(network, sar, optical, candidates):
    """Offsets [N, 2] by CorrASL, patch by patch: template 128, search window 256, grouped convolution."""
    found = []
    for batch in candidates.split(BATCH):
        searches = cut_windows(sar[None], batch, TEMPLATE)
        templates = cut_windows(optical[None], batch, TEMPLATE // 2)
        found.append(_offsets(_grouped_convolution(network.sar(searches), network.optical(templates))))
    return torch.cat(found)


def _grouped_convolution(search, template):
    """Correlate search [N, C, H, W] with template [N, C, h, w], sample by sample -> [N, H-h+1, W-w+1]."""
    samples, channels, height, width = search.shape
    heat = F.conv2d(search.reshape(1, samples * channels, height, width), template, groups=samples)
    return heat[0]


def per_candidate(matcher, sar, optical, candidates):
    """Offsets [N, 2] by BridgeMatch, the features of each candidate from its own crops with their halos."""
    found = []
    inner = slice(HALO, -HALO)
    for batch in candidates.split(BATCH):
        searches = cut_windows(sar[None], batch, TEMPLATE // 2 + MAX_SHIFT + HALO)
        templates = cut_windows(optical[None], batch, TEMPLATE // 2 + HALO)
        with reduced_precision(matcher.device):
            sar_features = matcher.network.sar(_channels_last(searches))
            optical_features = matcher.network.optical(_channels_last(templates))
        heat = normalised_correlation(optical_features[..., inner, inner], sar_features[..., inner, inner])
        found.append(_offsets(heat))
    return torch.cat(found)


def per_area(matcher, sar, optical, candidates):
    """Offsets [N, 2] by BridgeMatch, features once for the whole area: what the engine does."""
    windows = Windows(candidates, torch.zeros_like(candidates))
    return torch.cat([_offsets(heat) for heat in heat_maps(matcher, sar, optical, windows, MAX_SHIFT, BATCH)])


def _offsets(heat):
    peaks = find_peaks(heat)
    return torch.stack((peaks.dx, peaks.dy), 1)


def _channels_last(images):
    return images.contiguous(memory_format=torch.channels_last)


def speed_table(bridge_match, area, rounds, device):
    """Return the Markdown table: matches per second of each way, and the median of its ratios to the published way.

    The ways take turns, so that a busy machine slows all of them; ratios are taken within a round.
    """
    sar, optical = (image.to(device) for image in area)
    candidates = candidates_of(sar)
    matcher, published = BridgeMatcher(bridge_match, device), CorrASL().eval().to(device)
    ways = {
        "published way: CorrASL per candidate": (published_way, published),
        "BridgeMatch per candidate": (per_candidate, matcher),
        "BridgeMatch per area": (per_area, matcher),
    }
    for way, network in ways.values():
        way(network, sar, optical, candidates[:BATCH])
    seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (way, network) in ways.items():
            seconds[name].append(_timed(way, network, sar, optical, candidates))
    first = seconds["published way: CorrASL per candidate"]
    precision = "bf16" if supports_bf16(device) else "fp32"
    lines = [
        f"\n### Speed on {_name(device)}\n",
        f"{len(candidates)} candidates, median of {rounds} rounds; CorrASL as published in fp32, BridgeMatch in "
        f"{precision}.\n",
        "| Way | matches per second | ratio to the published way |",
        "|---|---|---|",
    ]
    for name, taken in seconds.items():
        ratio = statistics.median(reference / own for reference, own in zip(first, taken))
        lines.append(f"| {name} | {len(candidates) / statistics.median(taken):.1f} | {ratio:.1f} |")
    return "\n".join(lines)


def _timed(way, network, sar, optical, candidates):
    began = time.perf_counter()
    way(network, sar, optical, candidates).cpu()  # waits for the GPU
    return time.perf_counter() - began


def _name(device):
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"the CPU, {torch.get_num_threads()} threads"


def agreement(bridge_match, areas):
    """Return the sentence on how far offsets per area and per candidate lie apart, on the feature lattice.

    On the CPU, in the precision that the engine uses there.
    """
    matcher = BridgeMatcher(bridge_match, torch.device("cpu"))
    apart = torch.cat([difference(matcher, *area) for area in areas])
    same = 100 * (apart <= 0.1).float().mean()
    return (
        f"\nPer area against per candidate, {len(apart)} candidates: {same:.2f} % within 0.1 px, median "
        f"{apart.median():.4f} px, largest {apart.max():.3f} px."
    )


def difference(matcher, sar, optical):
    """Return the distances [N] in pixels between the offsets per area and per candidate."""
    candidates = candidates_of(sar)
    one, other = (way(matcher, sar, optical, candidates) for way in (per_area, per_candidate))
    return (one - other).norm(dim=1)


if __name__ == "__main__":
    main()
