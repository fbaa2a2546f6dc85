"""The figures of a despeckling report; each comes as PNG bytes."""

from math import lgamma

import numpy as np
from matplotlib.figure import Figure

from ..rasters.grid import Grid, Window
from ..rasters.radiometry import FAINTEST_POWER, to_db
from ..reports import drawing
from ..reports.figures import scaled_map
from .ratio import Ratio


def power_limits(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return (lowest, highest) dB of a scale that both an image before and after despeckling are drawn on.

    before, after: linear power [h, w], NaN for no data. Dark ground is told by what is despeckled, as speckle reaches
    down to any depth, and bright targets by both.
    """
    decibels = [_decibels(each) for each in (after, before)]
    after, before = (each[np.isfinite(each)] for each in decibels)
    if not len(after) or not len(before):
        return 0.0, 1.0
    low, high = float(np.quantile(after, 0.02)), float(np.quantile(before, 0.99))
    return low - _BELOW, max(high, low)


_BELOW = 3.0
"""dB under the darkest ground that are still told apart."""


def power_map(grid: Grid, power: np.ndarray, limits: tuple[float, float], blocks: tuple[Window, ...] = ()) -> bytes:
    """Draw linear power [h, w], a picture of the whole `grid`, in decibels, with frames round blocks of the grid."""
    return scaled_map(grid, _decibels(power), limits, "dB", blocks)


def ratio_map(grid: Grid, ratio: np.ndarray, looks: float) -> bytes:
    """Draw a ratio image [h, w], a picture of the whole `grid`, on a scale that suits speckle of so many looks."""
    return scaled_map(grid, ratio, (0, 3 if looks < 2 else 2), "before ÷ after")


def ratio_histogram(ratio: Ratio) -> bytes:
    """Draw how often which ratio is found, and how often it would be in pure speckle."""
    figure = Figure(figsize=(drawing.HALF_WIDTH, 3.4), dpi=drawing.DPI, layout="constrained")
    axes = figure.add_subplot()
    edges = np.linspace(0, ratio.highest, len(ratio.density) + 1)
    axes.stairs(ratio.density, edges, fill=True, color=drawing.LINE, label="this image")
    theory = gamma_density((edges[1:] + edges[:-1]) / 2, 1 / ratio.expected_variance)
    axes.plot((edges[1:] + edges[:-1]) / 2, theory, color=drawing.MARK, linewidth=1.4, label="pure speckle")
    axes.set_xlabel("ratio (power before ÷ after)")
    axes.set_ylabel("share of the pixels per unit")
    axes.set_xlim(0, ratio.highest)
    axes.set_ylim(bottom=0)
    drawing.plain(axes)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=drawing.INK)
    return drawing.png(figure)


def gamma_density(ratio: np.ndarray, looks: float) -> np.ndarray:
    """Return the density, at ratios larger than 0, of the intensity of speckle of mean 1 and so many looks."""
    return np.exp(looks * np.log(looks) + (looks - 1) * np.log(ratio) - looks * ratio - lgamma(looks))


def _decibels(power: np.ndarray) -> np.ndarray:
    return to_db(power, FAINTEST_POWER)
