"""How sharp and how lonely the peaks of heat maps are, by method, as a Markdown table.

    python benchmarks/peak_profiles.py --data DATA [--models FILE ...] [--windows 60]

Figure 10 of L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation,
Technische Universität München, 2020, §4.6: the median of heat maps along the two axes through their peaks, of those
planted windows of the validation list that a method matches. DATA is the folder of training sets.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ..engine.matching.matcher import Matcher
from ..engine.matching.peaks import highest_cells
from ..engine.matching.training.evaluation import Windows, heat_maps, planted_in, thinned
from ..engine.training.pair import Pair
from ..models.model_file import load_model
from ..recipes import pairs as tiles
from .published_matchers import contestant
from .validation import DEFAULT_MODEL, MAX_SHIFT, classical

REACH = 16
"""Pixels on each side of a peak that a profile shows."""

MATCHED = 3.0
"""Pixels that a match may be off to count."""

_AWAY = 8
"""Pixels from a peak from which on nothing belongs to it."""

_BATCH = 8


class Profiles(NamedTuple):
    """Medians over `count` matched windows, [2 REACH + 1] each: to the right and down through the peak. Each heat map
    is scaled so that its lowest value is 0 and its highest 1."""

    right: np.ndarray
    down: np.ndarray
    count: int

    @property
    def beyond(self) -> float:
        """The median beyond the peak."""
        far = np.abs(np.arange(-REACH, REACH + 1)) > _AWAY
        return float(np.median(np.concatenate((self.right[far], self.down[far]))))

    def width(self, profile: np.ndarray) -> int:
        """Return how many pixels around the peak lie above the middle between it and what is beyond."""
        low = np.flatnonzero(profile <= (1 + self.beyond) / 2)
        before, after = low[low < REACH], low[low > REACH]
        return (after.min() if len(after) else 2 * REACH + 1) - (before.max() if len(before) else -1) - 1


@torch.inference_mode()
def profiles(matcher: Matcher, pairs: Sequence[Pair], windows: Sequence[Windows]) -> Profiles:
    """Return the `Profiles` of a matcher on planted windows, one entry for each of `pairs`; without a match, of NaN."""
    right, down = [torch.full((2 * REACH + 1,), torch.nan)], [torch.full((2 * REACH + 1,), torch.nan)]
    for pair, planted in zip(pairs, windows):
        known = MAX_SHIFT + REACH
        maps = heat_maps(matcher, pair.sar[0].float(), pair.grey(), planted, MAX_SHIFT, _BATCH, known)
        for heat, truths in zip(maps, planted.truths.split(_BATCH)):
            inside = heat[:, REACH:-REACH, REACH:-REACH]
            cells = highest_cells(inside)
            errors = (cells - MAX_SHIFT - truths).float().norm(dim=1)
            for scaled, (x, y), error in zip(_scaled(heat), cells.tolist(), errors.tolist()):
                if error <= MATCHED:
                    right.append(scaled[y + REACH, x : x + 2 * REACH + 1])
                    down.append(scaled[y : y + 2 * REACH + 1, x + REACH])
    medians = (torch.stack(each).nanmedian(0).values.numpy() for each in (right, down))
    return Profiles(*medians, len(right) - 1)


def _scaled(heat: torch.Tensor) -> torch.Tensor:
    lowest, highest = heat.amin((1, 2), keepdim=True), heat.amax((1, 2), keepdim=True)
    return (heat - lowest) / (highest - lowest).clamp_min(1e-12)


def main() -> None:
    """Print the table for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--models", type=Path, nargs="*", default=[], help="model files with published networks")
    parser.add_argument("--windows", type=int, default=60, help="windows, drawn with a fixed seed")
    arguments = parser.parse_args()
    models = (contestant(*load_model(path, "match")) for path in (*arguments.models, DEFAULT_MODEL))
    rows = {each.name: each.matcher for each in (*classical(), *models)}
    pairs = tiles.los_angeles(arguments.data, "validation")
    windows = thinned(planted_in(pairs, max_shift=MAX_SHIFT), arguments.windows)
    print("| Method | matched | width right, px | width down, px | level beyond ±8 px |")
    print("|---" * 5 + "|")
    for name, matcher in rows.items():
        found = profiles(matcher, pairs, windows)
        widths = " | ".join(str(found.width(each)) for each in (found.right, found.down))
        print(f"| {name} | {found.count} of {arguments.windows} | {widths} | {found.beyond:.2f} |", flush=True)


if __name__ == "__main__":
    main()
