"""PSiam's ways to search beside each other, published and dense, as Markdown.

    python benchmarks/psiam_search.py --data DATA --model PSIAM.safetensors [--windows 40] [--reach 16]

DATA is the folder of training sets (see docs/training.md). All see the same planted windows of the validation list.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ..engine.matching.matcher import Matcher
from ..engine.matching.peaks import highest_cells
from ..engine.matching.psiam_matcher import DensePSiamMatcher, PSiamMatcher, RefinedPSiamMatcher
from ..engine.matching.training.evaluation import Windows, errors_of, heat_maps, planted_in, thinned
from ..engine.training.pair import Pair
from ..models.model_file import load_model
from ..recipes import pairs as tiles
from .validation import TABLE_HEAD, table_row

SAME = 1.0
"""Pixels within which two ways find the same place."""


class Search(NamedTuple):
    """What a way of searching makes of windows: heat maps [N, k, k], errors in pixels [N], seconds a match."""

    heat: Tensor
    errors: Tensor
    seconds: float


def main() -> None:
    """Print the table for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--model", type=Path, required=True, help="model file with PSiam")
    parser.add_argument("--windows", type=int, default=40, help="windows, drawn with a fixed seed")
    parser.add_argument("--reach", type=int, default=16, help="largest offset in pixels")
    arguments = parser.parse_args()
    card, networks = load_model(arguments.model, "match")
    pairs = tiles.los_angeles(arguments.data, "validation")
    windows = thinned(planted_in(pairs, max_shift=arguments.reach), arguments.windows)
    ways = {"sliding window": PSiamMatcher, "dense": DensePSiamMatcher, "dense, refined": RefinedPSiamMatcher}
    found = {
        name: search(way(networks["match"], card.inputs["sar"]["range"]), pairs, windows, arguments.reach)
        for name, way in ways.items()
    }
    print(TABLE_HEAD)
    for name, each in found.items():
        print(table_row(f"PSiam, {name}: {each.seconds:.2f} s a match", each.errors.numpy(), 100.0))
    for name in ("dense", "dense, refined"):
        print(f"\n{name.capitalize()}: {difference(found['sliding window'].heat, found[name].heat)}")


@torch.inference_mode()
def search(matcher: Matcher, pairs: Sequence[Pair], windows: Sequence[Windows], reach: int) -> Search:
    """Return the `Search` of planted `Windows`, one entry for each of `pairs`, by a matcher."""
    began, maps, errors = time.perf_counter(), [], []
    for pair, planted in zip(pairs, windows):
        found = [*heat_maps(matcher, pair.sar[0].float(), pair.grey(), planted, reach, batch=4)]
        maps += found
        errors += [errors_of(heat, truths) for heat, truths in zip(found, planted.truths.split(4))]
    seconds = time.perf_counter() - began
    errors = torch.cat(errors)
    return Search(torch.cat(maps), errors, seconds / len(errors))


def difference(published: Tensor, other: Tensor) -> str:
    """Return in words how far heat maps of log-odds [N, k, k] differ from the published ones."""
    apart = (published.sigmoid() - other.sigmoid()).abs().flatten()
    moved = highest_cells(published) - highest_cells(other)
    same = (moved.float().norm(dim=1) <= SAME).float().mean()
    correlation = torch.corrcoef(torch.stack((published.flatten(), other.flatten())))[0, 1]
    return (
        f"probabilities of all offsets differ by {apart.median():.3f} in the median, {apart.mean():.3f} in the mean; "
        f"the logarithms of the odds correlate with {correlation:.3f}; {100 * same:.0f} % of the peaks are the same to "
        f"{SAME:g} px."
    )


if __name__ == "__main__":
    main()
