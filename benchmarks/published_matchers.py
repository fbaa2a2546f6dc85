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
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Callable, NamedTuple

import numpy as np
import torch
from torch import nn

from ..contract.matching_jobs import GOODNESS_NETWORKS
from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.error_scores import scores_of
from ..engine.matching.methods import METHODS
from ..engine.matching.training.evaluation import errors_on, planted_in, thinned
from ..engine.matching.training.operating_point import JudgedWindows, judged_windows
from ..engine.training.pair import Pair
from ..models.card import Card
from ..models.model_file import load_model
from ..recipes import pairs as tiles
from .simulated_accuracy import simulated_places
from .validation import DEFAULT_MODEL, Contestant, classical, figures


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


class Choice(NamedTuple):
    """A row of table 9: how the goodness of candidates is made of what both networks say, whether the ORN judges their
    matches, and CorrASL's share within a pixel there, in percent."""

    goodness: Callable[[JudgedWindows], np.ndarray]
    orn: bool
    published: float


def _any_goodness(windows: JudgedWindows) -> np.ndarray:
    return np.full(len(windows.error), np.inf)


TABLE_9 = {
    "all": Choice(_any_goodness, False, 54.5),  # of table 5
    "SAR": Choice(lambda windows: windows.sar, False, 54.7),
    "optical": Choice(lambda windows: windows.optical, False, 54.9),
    "min": Choice(JudgedWindows.goodness, False, 59.8),
    "max": Choice(lambda windows: windows.goodness("max"), False, 53.7),
    "all, and ORN": Choice(_any_goodness, True, 54.1),
    "min, and ORN": Choice(JudgedWindows.goodness, True, 65.2),
}

SIMULATED_PLACES = 20

_JUDGED_SPACING = 128
"""Pixels between the windows of table 9: a quarter of those of `validation.py`, for methods that are slow."""

_FILTERS = *GOODNESS_NETWORKS, "orn"


def main() -> None:
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--models", type=Path, nargs="*", default=[], help="model files with published networks")
    parser.add_argument("--windows", type=int, default=300, help="windows of each set, drawn with a fixed seed")
    parser.add_argument("--reach", type=int, default=32, help="largest offset in pixels")
    arguments = parser.parse_args()
    validation = tiles.los_angeles(arguments.data, "validation")
    simulated = [pair for _, pair in simulated_places(SIMULATED_PLACES)]
    models = [load_model(path, "match") for path in (*arguments.models, DEFAULT_MODEL)]
    contestants = [*classical(), *(contestant(*model) for model in models)]
    for title, pairs in (
        ("Validation list: Los Angeles, eastern block", validation),
        ("Simulated places of Sentinel-1/2, aligned exactly on bare ground", simulated),
    ):
        print(f"\n### {title}, offsets up to ±{arguments.reach} px\n")
        for line in accuracy(contestants, pairs, arguments.windows, arguments.reach):
            print(line, flush=True)
    for card, networks in models:
        if all(name in networks for name in _FILTERS):
            print(f"\n### {card.name}: which candidates are promising, and which matches count\n")
            print("\n".join(chosen(card, judged(card, networks, validation))), flush=True)


def contestant(card: Card, networks: Mapping[str, nn.Module]) -> Contestant:
    """Return the `Contestant` of a loaded model file, whose name begins with that of its network."""
    network = networks["match"]
    (method,) = (method for method in METHODS.values() if method.network is type(network))
    if method.matcher is BridgeMatcher:
        return Contestant(card.name, BridgeMatcher(network, torch.device("cpu")))
    return Contestant(card.name, method.matcher(network, card.inputs["sar"]["range"]))


def accuracy(contestants: Sequence[Contestant], pairs: Sequence[Pair], count: int, reach: int) -> Iterator[str]:
    """Yield the lines of table 5.2, of at most `count` planted windows with offsets up to `reach`."""
    yield "| Method | ≤ 1 px % | ≤ 3 px % | mean L2 px | mAP px | windows | published: ≤ 1 px % | mean L2 | mAP |"
    yield "|---" * 9 + "|"
    windows = thinned(planted_in(pairs, max_shift=reach), count)
    for each in contestants:
        scores = scores_of(errors_on(each.matcher, pairs, windows, reach, batch=8))
        there = TABLE_5_2.get(_network_of(each.name))
        theirs = " | ".join("–" if there is None else f"{value:g}" for value in there or (None,) * 3)
        yield f"| {each.name} | {figures(scores)} | {scores.count} | {theirs} |"


def judged(card: Card, networks: Mapping[str, nn.Module], pairs: Sequence[Pair]) -> JudgedWindows:
    """Return what the networks of a loaded model file make of planted windows."""
    *goodness, orn = (networks[name] for name in _FILTERS)
    return judged_windows(contestant(card, networks).matcher, goodness, orn, pairs, _JUDGED_SPACING)


def chosen(card: Card, windows: JudgedWindows) -> Iterator[str]:
    """Yield the lines of table 9, with the thresholds of a card."""
    yield "| Candidates | ≤ 1 px % | ≤ 3 px % | mean L2 px | share kept % | published: ≤ 1 px % |"
    yield "|---" * 6 + "|"
    for name, choice in TABLE_9.items():
        kept = choice.goodness(windows) >= card.operating_point["goodness_threshold"]
        if choice.orn:
            kept = kept & (windows.score >= card.operating_point["orn_threshold"])
        there = f"{choice.published:g}" if _network_of(card.name) == "CorrASL" else "–"
        yield f"| {name} | {_shares(windows.error[kept])} | {100 * kept.mean():.1f} | {there} |"


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
