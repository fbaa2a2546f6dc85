"""The published matchers beside ours, and beside the figures that were published of them, as Markdown tables.

    python benchmarks/published_matchers.py --data DATA [--models FILE ...] [--windows 300] [--reach 32]

Tables 5.2 (accuracy) and 9 of §4.6 (which candidates are promising, and which matches count) of L. H. Hughes, "Deep
Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität München, 2020
("Hughes 2020"). DATA is the folder of training sets (see docs/training.md), FILEs are what
`recipes/matching/ship_published.py` writes. All methods of a table see the same planted windows.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ..contract.optical_presets import SENTINEL_2
from ..contract.report_page import number
from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.error_scores import scores_of
from ..engine.matching.methods import METHODS
from ..engine.matching.training.evaluation import errors_on, planted_in, thinned
from ..engine.matching.training.operating_point import JudgedWindows, judged_windows
from ..engine.simulation.patches import eight_bit, scene_patches
from ..engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD
from ..engine.training.pair import Pair
from ..models.card import Card
from ..models.model_file import load_model
from ..recipes import pairs as tiles
from .simulated_accuracy import SEED, SIDE
from .validation import DEFAULT_MODEL, Contestant, classical


class Published(NamedTuple):
    """A row of table 5.2: share within a pixel in percent, mean error and mAP in pixels."""

    within_1: float
    mean: float
    map: float


TABLE_5_2 = {
    "NCC": Published(8.2, 7.85, 6.81),
    "mutual information": Published(13.7, 4.25, 3.88),
    "DeepMatch": Published(14.3, 4.37, 3.32),
    "PSiam": Published(18.4, 5.22, 5.93),
    "CorrASL": Published(46.9, 2.1, 2.62),
    "SSNet": Published(9.1, 13.82, 11.47),
    "SSNet-25": Published(7.6, 19.67, 12.55),
}
"""By the names of methods, and of networks as cards have them first."""

TABLE_9 = {
    ("all",): 54.5,
    ("SAR",): 54.7,
    ("optical",): 54.9,
    ("min",): 59.8,
    ("max",): 53.7,
    ("all", "ORN"): 54.1,
    ("min", "ORN"): 65.2,
}
"""Percent within a pixel: of all candidates or of those that a goodness network or both find promising, without and
with the ORN. "all" without it is CorrASL's row of table 5."""

SIMULATED_PLACES = 20
_JUDGED_SPACING = 128
_NETWORKS = "match", "goodness.sar", "goodness.optical", "orn"


def main() -> None:
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--models", type=Path, nargs="*", default=[], help="model files with published networks")
    parser.add_argument("--windows", type=int, default=300, help="windows of each set, drawn with a fixed seed")
    parser.add_argument("--reach", type=int, default=32, help="largest offset in pixels")
    arguments = parser.parse_args()
    validation = tiles.los_angeles(arguments.data, "validation")
    contestants = [*classical(), *map(contestant, (*arguments.models, DEFAULT_MODEL))]
    for title, pairs in (
        ("Validation list: Los Angeles, eastern block", validation),
        ("Simulated places of Sentinel-1/2, aligned exactly on bare ground", simulated()),
    ):
        print(f"\n### {title}, offsets up to ±{arguments.reach} px\n")
        for line in accuracy(contestants, pairs, arguments.windows, arguments.reach):
            print(line, flush=True)
    for path in (*arguments.models, DEFAULT_MODEL):
        card, networks = load_model(path, "match")
        if all(name in networks for name in _NETWORKS):
            print(f"\n### {card.name}: which candidates are promising, and which matches count\n")
            print("\n".join(chosen(card, judged(path, validation))), flush=True)


def contestant(path: Path) -> Contestant:
    """Return the `Contestant` of a model file, whose name begins with that of its network."""
    card, networks = load_model(path, "match")
    network = networks["match"]
    (method,) = (method for method in METHODS.values() if method.network is type(network))
    if method.matcher is BridgeMatcher:
        return Contestant(card.name, BridgeMatcher(network, torch.device("cpu")))
    return Contestant(card.name, method.matcher(network, card.inputs["sar"]["range"]))


def simulated() -> list[Pair]:
    """Return invented places that no training saw."""
    places = islice(scene_patches(SEED, SIDE, SENTINEL1_IW_GRD, SENTINEL_2), SIMULATED_PLACES)
    return [Pair(str(number), *eight_bit(place.sar[0], place.optical[0])) for number, place in enumerate(places)]


def accuracy(contestants: Sequence[Contestant], pairs: Sequence[Pair], count: int, reach: int) -> Iterator[str]:
    """Yield the lines of table 5.2, of at most `count` planted windows with offsets up to `reach`."""
    yield "| Method | ≤ 1 px % | ≤ 3 px % | mean L2 px | mAP px | windows | published: ≤ 1 px % | mean L2 | mAP |"
    yield "|---" * 9 + "|"
    windows = thinned(planted_in(pairs, max_shift=reach), count)
    for each in contestants:
        scores = scores_of(errors_on(each.matcher, pairs, windows, reach, batch=8))
        there = TABLE_5_2.get(_network_of(each.name))
        ours = f"{scores.within_1:.1f} | {scores.within_3:.1f} | {scores.mean:.2f} | {number(scores.map)}"
        theirs = " | ".join("–" if there is None else f"{value:g}" for value in there or (None,) * 3)
        yield f"| {each.name} | {ours} | {scores.count} | {theirs} |"


def judged(path: Path, pairs: Sequence[Pair]) -> JudgedWindows:
    """Return what the networks of a model file make of planted windows."""
    networks = load_model(path, "match")[1]
    goodness = networks["goodness.sar"], networks["goodness.optical"]
    return judged_windows(contestant(path).matcher, goodness, networks["orn"], pairs, _JUDGED_SPACING)


def chosen(card: Card, windows: JudgedWindows) -> Iterator[str]:
    """Yield the lines of table 9, with the thresholds of a card."""
    yield "| Candidates | ≤ 1 px % | ≤ 3 px % | mean L2 px | share kept % | published: ≤ 1 px % |"
    yield "|---" * 6 + "|"
    for (candidates, *matches), there in TABLE_9.items():
        kept = _promising(windows, candidates) >= card.operating_point["goodness_threshold"]
        if matches:
            kept = kept & (windows.score >= card.operating_point["orn_threshold"])
        name = f"{candidates}{', and ORN' if matches else ''}"
        yield f"| {name} | {_shares(windows.error[kept])} | {100 * kept.mean():.1f} | {there:g} |"


def _promising(windows: JudgedWindows, candidates: str) -> np.ndarray:
    """Goodness of windows [N]; of "all" more than any threshold."""
    if candidates in ("min", "max"):
        return windows.goodness(candidates)
    single = {"SAR": windows.sar, "optical": windows.optical}
    return single.get(candidates, np.full(len(windows.error), np.inf))


def _shares(errors: np.ndarray) -> str:
    if not len(errors):
        return "– | – | –"
    scores = scores_of(errors)
    return f"{scores.within_1:.1f} | {scores.within_3:.1f} | {scores.mean:.2f}"


def _network_of(name: str) -> str:
    """The key of `TABLE_5_2` that a contestant's name is or begins with."""
    return name if name in TABLE_5_2 else name.split()[0]


if __name__ == "__main__":
    main()
