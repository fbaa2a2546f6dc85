"""Where the matcher loses accuracy, on simulated pairs whose truth is exact, as a Markdown table.

    python benchmarks/simulated_accuracy.py [--model MODEL] [--places 24]

Invented Sentinel-1/2 places that no training saw. Templates of 128 px every 64 px, true offsets up to ±32 px, before
any filter unless the row says otherwise. A window counts in each row whose condition its template fulfils: how much of
it is distorted, built over or under trees, and whether the shipped thresholds accept it. SAR images are
terrain-corrected with the heights of the bare ground, so that bare ground is aligned to the hundredth of a pixel, and
what stands on it is displaced towards the radar.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from ..contract.matching_jobs import GOODNESS_NETWORKS
from ..contract.optical_presets import SENTINEL_2
from ..engine.geometry.facades import STOREY
from ..engine.geometry.range_lines import FORESHORTENING, LAYOVER, SHADOW
from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.matcher import TEMPLATE
from ..engine.matching.training.evaluation import planted_windows
from ..engine.matching.training.operating_point import judged_windows
from ..engine.matching.windows import cut_windows
from ..engine.simulation.patches import Patches, eight_bit, scene_patches
from ..engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD
from ..engine.training.pair import Pair
from ..models.model_file import load_model
from .validation import DEFAULT_MODEL, table_row

SEED = 1000
"""Far from those of the training places."""

SIDE = 448

ROWS = (
    ("all windows", lambda share: True),
    ("ground: under 2 % of the template built over or under trees", lambda share: share["above ground"] < 0.02),
    ("ground, and under 2 % distorted", lambda share: max(share["above ground"], share["distorted"]) < 0.02),
    ("5 % or more built over", lambda share: share["building"] >= 0.05),
    ("5 % or more under trees, not built over", lambda share: share["trees"] >= 0.05 > share["building"]),
    ("2 % or more foreshortened by half", lambda share: share["foreshortening"] >= 0.02),
    ("5 % or more layover", lambda share: share["layover"] >= 0.05),
    ("5 % or more shadow", lambda share: share["shadow"] >= 0.05),
    ("accepted by goodness and ORN", lambda share: share["accepted"]),
    ("accepted, ground", lambda share: share["accepted"] and share["above ground"] < 0.02),
)
"""Names of the rows, and which windows count, by the shares of their templates (see `shares`)."""


def main():
    """Simulate, match and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="BridgeMatch model file")
    parser.add_argument("--places", type=int, default=24, help="simulated places of 448 pixels")
    arguments = parser.parse_args()
    card, networks = load_model(arguments.model, "match")
    pairs, windows = [], []
    for number, (place, pair) in enumerate(simulated_places(arguments.places)):
        pairs.append(pair)
        windows += shares(place, planted_windows(SIDE, SIDE, seed=number).centres)  # those of `judged_windows`
    matcher = BridgeMatcher(networks["match"], torch.device("cpu"))
    judged = judged_windows(matcher, [networks[name] for name in GOODNESS_NETWORKS], networks["orn"], pairs)
    errors, point = judged.error, card.operating_point
    accepted = (judged.goodness() >= point["goodness_threshold"]) & (judged.score >= point["orn_threshold"])
    for share, is_accepted in zip(windows, accepted):
        share["accepted"] = is_accepted
    print("| Windows | ≤ 1 px % | ≤ 3 px % | mean L2 px | mAP px | share of all % | windows |")
    print("|---|---|---|---|---|---|---|")
    for name, counts in ROWS:
        kept = np.array([bool(counts(share)) for share in windows])
        print(table_row(name, errors[kept], 100 * kept.mean()))


def simulated_places(count: int) -> Iterator[tuple[Patches, Pair]]:
    """Yield `count` invented places of Sentinel-1/2 that no training saw, with what the matcher is shown of them."""
    for number, place in enumerate(islice(scene_patches(SEED, SIDE, SENTINEL1_IW_GRD, SENTINEL_2), count)):
        yield place, Pair(str(number), *eight_bit(place.sar[0], place.optical[0]))


def shares(place, centres):
    """Return, for templates around `centres` [N, 2] of a place (`Patches`), dicts of shares of their area, 0 to 1."""
    zones, above = place.zones[0, 0], (place.height - place.terrain)[0, 0] > STOREY
    building = place.building[0, 0]
    maps = {
        "distorted": zones > 0,
        "foreshortening": (zones & FORESHORTENING) > 0,
        "layover": (zones & LAYOVER) > 0,
        "shadow": (zones & SHADOW) > 0,
        "above ground": above,
        "building": building,
        "trees": above & (building < 0.5),
    }
    cut = cut_windows(torch.stack([values.float() for values in maps.values()]), centres, TEMPLATE // 2)
    return [dict(zip(maps, means.tolist())) for means in cut.mean((2, 3))]


if __name__ == "__main__":
    main()
