"""The figures of tie points: where they lie, how far images are apart there, and how their measures spread."""

from collections.abc import Sequence
from typing import Optional

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ...contract.report_page import number
from ...contract.tie_points import REJECTED_COLOUR, SCORE_CLASSES, SIGMA_CLASSES
from ..rasters.grid import Grid, Window
from ..reports import drawing
from ..tie_points.plotted_points import PlottedPoints

MOST_ARROWS = 400
"""More arrows than this hide each other; a random part of them is drawn."""


def overlap_map(
    image: tuple[np.ndarray, np.ndarray, int], grid: Grid, points: PlottedPoints, windows: Sequence[Window]
) -> bytes:
    """Draw the points on an overview of the optical image, and the places of the checkerboards.

    `image` is (values 0..1, valid, factor) of `pictures.overview`, `points` all `PlottedPoints`, `windows` of the grid.
    """
    values, valid, factor = image
    scale, unit = drawing.metres_or_kilometres(grid)
    figure, axes = drawing.map_figure(grid, scale, unit, drawing.WIDTH)
    lighter = 0.25 + 0.75 * drawing.stretched(values, valid)  # the points shall stand out
    right, bottom = np.array([values.shape[1], values.shape[0]]) * factor * scale
    axes.imshow(
        np.where(valid, lighter, np.nan),
        cmap=drawing.GREY,
        vmin=0,
        vmax=1,
        extent=(0, right, bottom, 0),
        interpolation="antialiased",
        interpolation_stage="data",
    )
    axes.set_xlim(0, right)
    axes.set_ylim(bottom, 0)
    rejected, accepted = points.take(~points.accepted), points.take(points.accepted)
    legend = []
    if len(rejected):
        axes.scatter(*(rejected.sar * scale).T, s=20, c="white", marker="x", linewidths=3)
        crosses = axes.scatter(*(rejected.sar * scale).T, s=16, c=REJECTED_COLOUR, marker="x", linewidths=1.3)
        crosses.set_label("rejected")
        legend.append(crosses)
    size = np.clip(26 * np.sqrt(400 / max(len(accepted), 1)), 10, 40)
    for label, colour, chosen in _classes(accepted):
        place = accepted.take(chosen).sar * scale
        legend.append(axes.scatter(*place.T, c=colour, s=size, edgecolors="white", linewidths=0.7, label=label))
    if legend:
        figure.legend(
            handles=legend[::-1], loc="outside lower left", ncols=4, frameon=False, fontsize=9, labelcolor=drawing.INK
        )
    for place, window in enumerate(windows, 1):
        corner, (width, height) = (window.col, window.row) * scale, window.width * scale
        axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=drawing.MARK, linewidth=1.6))
        axes.annotate(
            str(place),
            corner,
            xytext=(3, -3),
            textcoords="offset points",
            va="top",
            color="white",
            fontsize=9,
            fontweight="bold",
            bbox={"boxstyle": "square,pad=0.22", "facecolor": drawing.MARK, "edgecolor": "none"},
        )
    return drawing.png(figure)


def vector_map(grid: Grid, points: np.ndarray, vectors: np.ndarray, length_name: str) -> tuple[bytes, int]:
    """Draw vectors at points, exaggerated; return (PNG, factor).

    `points` [n, 2] and `vectors` [n, 2] in pixels of the grid (right, down); `length_name` labels the colours (metres).
    """
    scale, unit = drawing.metres_or_kilometres(grid)
    lengths = np.hypot(*vectors.T)
    factor = _round_down(0.07 * min(grid.width, grid.height) / max(np.quantile(lengths, 0.9), 1e-6))
    figure, axes = drawing.map_figure(grid, scale, unit, drawing.HALF_WIDTH)
    axes.set_xlim(0, grid.width * scale[0])
    axes.set_ylim(grid.height * scale[1], 0)
    axes.set_facecolor("#f8f9fa")
    chosen = np.random.default_rng(0).permutation(len(points))[:MOST_ARROWS]
    arrows = axes.quiver(
        *(points[chosen] * scale).T,
        *(vectors[chosen] * scale * factor).T,
        np.linalg.norm(grid.metres(points[chosen], (points + vectors)[chosen]), axis=1),
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.004,
        cmap="viridis",
    )
    drawing.colour_bar(figure, axes, arrows, f"{length_name} (m)")
    return drawing.png(figure), factor


def histograms(
    points: PlottedPoints, threshold: Optional[float], tolerance: Optional[float], largest: Optional[float]
) -> bytes:
    """Draw the histograms of dx, dy, score, residual and, where errors are predicted, sigma of candidates; return the
    PNG.

    The `threshold` of the score, the `tolerance` of the residual (metres) and the `largest` predicted error (working
    pixels) are marked unless None.
    """
    has_errors = np.isfinite(points.sigma).any()
    rows = 3 if has_errors else 2
    figure = Figure(figsize=(drawing.WIDTH, 2.7 * rows), dpi=drawing.DPI, layout="constrained")
    figure.get_layout_engine().set(hspace=0.06)  # room for what stands above the lower panels
    panels = figure.subplots(rows, 2).ravel()
    accepted = points.accepted
    for axes, values, name in (
        (panels[0], points.shift[:, 0], "dx, to the right (working pixels)"),
        (panels[1], points.shift[:, 1], "dy, down (working pixels)"),
    ):
        _histogram(axes, values, accepted, name, _surroundings(values[accepted]))
        if accepted.any():
            mean = values[accepted].mean()
            drawing.mark(axes, mean, f"mean {number(mean)}")
    _histogram(panels[2], points.score, accepted, "score")
    if threshold is not None:
        drawing.mark(panels[2], threshold, f"threshold {threshold:.2f}")
    _histogram(panels[3], points.residual, accepted, "residual (m)", (0, 2 * tolerance) if tolerance else None)
    if tolerance is not None:
        drawing.mark(panels[3], tolerance, f"tolerance {tolerance:.3g} m")
    if has_errors:
        _histogram(panels[4], points.sigma, accepted, "predicted error (working pixels)", _up_to(largest))
        if largest is not None:
            drawing.mark(panels[4], largest, f"largest {largest:.3g} px")
        panels[5].set_axis_off()
    handles, labels = panels[2].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside upper right", ncols=2, frameon=False, fontsize=9, labelcolor=drawing.INK
    )
    return drawing.png(figure)


def _classes(points):
    """Yield (label, colour, mask [n]) of the classes of points that occur, the best last.

    They are classes of predicted errors, and of scores where none is predicted; unknown scores count as the lowest.
    """
    has_error = np.isfinite(points.sigma)
    scored = _classes_of(np.nan_to_num(points.score), ~has_error, SCORE_CLASSES)
    for label, colour, chosen in scored:
        yield f"score {label}", colour, chosen
    for label, colour, chosen in reversed([*_classes_of(points.sigma, has_error, SIGMA_CLASSES)]):
        yield f"error {label} px", colour, chosen


def _classes_of(values, known, classes):
    bounds = [*classes, np.inf]
    for low, high in zip(bounds, bounds[1:]):
        chosen = known & (values >= low) & (values < high)
        if chosen.any():
            label = f"below {high:g}" if not low else f"{low:g} to {high:g}" if high < np.inf else f"from {low:g}"
            yield label, classes[low], chosen


def _up_to(largest):
    """Return (low, high) of a histogram of predicted errors; None where there is no largest one."""
    return (0, 3 * largest) if largest else None


def _surroundings(values):
    """Return (low, high), the range of values with as much on either side; None of no values."""
    if not len(values):
        return None
    low, high = values.min(), values.max()
    span = max(high - low, 1.0)
    return low - span, high + span


def _histogram(axes, values, accepted, name, limits=None):
    """Accepted and rejected values, stacked, within (low, high); how many lie beyond is said."""
    known = np.isfinite(values)
    low, high = limits or (-np.inf, np.inf)
    inside = known & (values >= low) & (values <= high)
    if inside.any():
        bins = np.histogram_bin_edges(
            values[inside], bins=min(40, max(8, int(2 * np.sqrt(inside.sum())))), range=limits
        )
        kept, rejected = values[inside & accepted], values[inside & ~accepted]
        axes.hist(
            [kept, rejected], bins, stacked=True, color=[drawing.ACCENT, drawing.LINE], label=["accepted", "rejected"]
        )
    beyond = (known & ~inside).sum()
    axes.set_xlabel(f"{name}; {beyond} further away" if beyond else name)
    axes.set_ylabel("points")
    axes.yaxis.get_major_locator().set_params(integer=True)
    drawing.plain(axes)


def _round_down(factor):
    """Return the largest of 1, 2, 5, 10, 20 ... that is not above a factor, at least 1."""
    power = 10 ** np.floor(np.log10(max(factor, 1)))
    return int(max(step for step in (1, 2, 5) if step * power <= max(factor, 1)) * power)
