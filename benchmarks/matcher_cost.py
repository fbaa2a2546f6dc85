"""What a match costs by each method, as a multiple of one by cross-correlation, as a Markdown table.

    python benchmarks/matcher_cost.py [--reach 32] [--rounds 3]

Table 5.1 of L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation,
Technische Universität München, 2020. What a network costs does not depend on its weights: they are random here.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple, Optional

import torch

from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.classical import MutualInformationMatcher, NccMatcher
from ..engine.matching.corr_asl_matcher import CorrAslMatcher
from ..engine.matching.deep_match_matcher import DeepMatchMatcher
from ..engine.matching.matcher import Matcher
from ..engine.matching.orientation_matcher import OrientationMatcher
from ..engine.matching.psiam_matcher import PSiamMatcher, RefinedPSiamMatcher
from ..engine.matching.ss_net_matcher import SsNetMatcher
from ..engine.matching.training.evaluation import heat_maps, planted_windows, thinned
from ..models.matching.bridge_match import BridgeMatch
from ..models.matching.corr_asl import CorrASL
from ..models.matching.deep_match import DeepMatch
from ..models.matching.psiam import PSiam
from ..models.matching.ss_net import SSNet

_SIDE = 512
"""Pixels a side of the images; methods that describe an area once describe all of it for so many windows."""

_MANY, _FEW = 25, 1


class Contestant(NamedTuple):
    """A row: how many windows it is timed on, and what a match cost there as published, in matches by NCC."""

    matcher: Matcher
    windows: int
    published: Optional[int] = None


def contestants() -> dict[str, Contestant]:
    """Return the rows by name, that of cross-correlation first."""
    values = 0.0, 1.0
    cpu = torch.device("cpu")
    return {
        "NCC": Contestant(NccMatcher(), _MANY, 1),
        "orientations of gradients": Contestant(OrientationMatcher(), _MANY),
        "BridgeMatch": Contestant(BridgeMatcher(BridgeMatch().eval(), cpu), _MANY),
        "DeepMatch": Contestant(DeepMatchMatcher(DeepMatch().eval(), values), _MANY, 4),
        "CorrASL": Contestant(CorrAslMatcher(CorrASL().eval(), values), _MANY, 9),
        "mutual information": Contestant(MutualInformationMatcher(), 4, 417),
        "PSiam, dense and refined": Contestant(RefinedPSiamMatcher(PSiam().eval(), values), _FEW),
        "PSiam, sliding window": Contestant(PSiamMatcher(PSiam().eval(), values), _FEW, 404),
        "SSNet, sliding window": Contestant(SsNetMatcher(SSNet().eval(), values), _FEW, 19),
    }


def costs(rows: dict[str, Contestant], reach: int, rounds: int) -> dict[str, list[float]]:
    """Return seconds of processors a match by each row, one for each round; rounds take turns among the rows."""
    image = torch.rand(_SIDE, _SIDE, generator=torch.Generator().manual_seed(0))
    taken = {name: [] for name in rows}
    for _ in range(rounds):
        for name, row in rows.items():
            taken[name].append(_seconds(row, image, reach))
    return taken


def _seconds(row: Contestant, image: torch.Tensor, reach: int) -> float:
    (windows,) = thinned([planted_windows(_SIDE, _SIDE, spacing=48, max_shift=reach)], row.windows)
    began = time.process_time()
    for _ in heat_maps(row.matcher, image, image, windows, reach, batch=8):
        pass
    return (time.process_time() - began) / len(windows.centres)


def table(taken: dict[str, Sequence[float]], rows: dict[str, Contestant]) -> list[str]:
    """Return the lines of the table: medians over the rounds, and how far these go."""
    lines = ["| Method | a match, in matches by NCC | published | processor seconds a match |", "|---|---|---|---|"]
    unit = median(taken["NCC"])
    for name, seconds in taken.items():
        ratios = [each / unit for each in seconds]
        shown = f"{median(ratios):.3g} ({min(ratios):.3g}–{max(ratios):.3g})"
        lines.append(f"| {name} | {shown} | {rows[name].published or '–'} | {median(seconds):.3g} |")
    return lines


def main() -> None:
    """Print the table for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reach", type=int, default=32, help="largest offset in pixels")
    parser.add_argument("--rounds", type=int, default=3, help="times that each method is timed")
    arguments = parser.parse_args()
    rows = contestants()
    print("\n".join(table(costs(rows, arguments.reach, arguments.rounds), rows)))


if __name__ == "__main__":
    main()
