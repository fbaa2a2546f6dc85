"""The figures of reports, drawn by matplotlib without its global state; each comes as PNG bytes."""

import io
from collections.abc import Mapping, Sequence
from typing import Optional

import numpy as np
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from ...contract.report_page import number
from ...contract.tie_points import REJECTED_COLOUR, SCORE_CLASSES
from ..rasters.grid import Grid, Window
from ..tie_points.plotted_points import PlottedPoints

MOST_ARROWS = 400
"""More arrows than this hide each other; a random part of them is drawn."""

_INK, _QUIET, _LINE, _ACCENT = "#1f2933", "#5b6773", "#c3cad1", "#1f5f8b"
_MARK = "#e4572e"
_GREY = colormaps["gray"].resampled(48)  # few levels keep the PNG small
_WIDTH, _HALF_WIDTH = 9.4, 4.7  # inches
_DPI = 130


def overlap_map(
    image: tuple[np.ndarray, np.ndarray, int], grid: Grid, points: PlottedPoints, windows: Sequence[Window]
) -> bytes:
    """Draw the points on an overview of the optical image, and the places of the checkerboards.

    `image` is (values 0..1, valid, factor) of `pictures.overview`, `points` all `PlottedPoints`, `windows` of the grid.
    """
    values, valid, factor = image
    scale, unit = _metres_or_kilometres(grid)
    figure, axes = _map_figure(grid, scale, unit, _WIDTH)
    shown = np.where(valid, 0.25 + 0.75 * _stretched(values, valid), np.nan)  # lighter: the points shall stand out
    right, bottom = np.array([values.shape[1], values.shape[0]]) * factor * scale
    axes.imshow(
        shown,
        cmap=_GREY,
        vmin=0,
        vmax=1,
        extent=(0, right, bottom, 0),
        interpolation="antialiased",
        interpolation_stage="data",
    )
    rejected, accepted = points.take(~points.accepted), points.take(points.accepted)
    legend = []
    if len(rejected):
        axes.scatter(*(rejected.sar * scale).T, s=20, c="white", marker="x", linewidths=3)
        crosses = axes.scatter(*(rejected.sar * scale).T, s=16, c=REJECTED_COLOUR, marker="x", linewidths=1.3)
        crosses.set_label("rejected")
        legend.append(crosses)
    size = np.clip(26 * np.sqrt(400 / max(len(accepted), 1)), 10, 40)
    for label, colour, chosen in _score_classes(accepted.score):
        place = accepted.take(chosen).sar * scale
        legend.append(axes.scatter(*place.T, c=colour, s=size, edgecolors="white", linewidths=0.7, label=label))
    if legend:
        figure.legend(
            handles=legend[::-1], loc="outside lower left", ncols=4, frameon=False, fontsize=9, labelcolor=_INK
        )
    for place, window in enumerate(windows, 1):
        corner, (width, height) = (window.col, window.row) * scale, window.width * scale
        axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=_MARK, linewidth=1.6))
        axes.annotate(
            str(place),
            corner,
            xytext=(3, -3),
            textcoords="offset points",
            va="top",
            color="white",
            fontsize=9,
            fontweight="bold",
            bbox={"boxstyle": "square,pad=0.22", "facecolor": _MARK, "edgecolor": "none"},
        )
    return _png(figure)


def vector_map(grid: Grid, points: np.ndarray, vectors: np.ndarray, length_name: str) -> tuple[bytes, int]:
    """Draw vectors at points, exaggerated; return (PNG, factor).

    `points` [n, 2] and `vectors` [n, 2] in pixels of the grid (right, down); `length_name` labels the colours (metres).
    """
    scale, unit = _metres_or_kilometres(grid)
    lengths = np.hypot(*vectors.T)
    factor = _round_down(0.07 * min(grid.width, grid.height) / max(np.quantile(lengths, 0.9), 1e-6))
    figure, axes = _map_figure(grid, scale, unit, _HALF_WIDTH)
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
    _colour_bar(figure, axes, arrows, f"{length_name} (m)")
    return _png(figure), factor


def histograms(points: PlottedPoints, threshold: Optional[float], tolerance: Optional[float]) -> bytes:
    """Draw the histograms of dx, dy, score and residual of candidates; return the PNG.

    The `threshold` of the score and the `tolerance` of the residual (metres) are marked unless None.
    """
    figure = Figure(figsize=(_WIDTH, 5.4), dpi=_DPI, layout="constrained")
    figure.get_layout_engine().set(hspace=0.06)  # room for what stands above the lower panels
    panels = figure.subplots(2, 2).ravel()
    accepted = points.accepted
    for axes, values, name in (
        (panels[0], points.shift[:, 0], "dx, to the right (working pixels)"),
        (panels[1], points.shift[:, 1], "dy, down (working pixels)"),
    ):
        _histogram(axes, values, accepted, name, _surroundings(values[accepted]))
        if accepted.any():
            mean = values[accepted].mean()
            _mark(axes, mean, f"mean {number(mean)}")
    _histogram(panels[2], points.score, accepted, "score")
    if threshold is not None:
        _mark(panels[2], threshold, f"threshold {threshold:.2f}")
    _histogram(panels[3], points.residual, accepted, "residual (m)", (0, 2 * tolerance) if tolerance else None)
    if tolerance is not None:
        _mark(panels[3], tolerance, f"tolerance {tolerance:.3g} m")
    handles, labels = panels[2].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False, fontsize=9, labelcolor=_INK)
    return _png(figure)


def class_map(
    grid: Grid,
    classes: np.ndarray,
    colours: Mapping[int, tuple[int, int, int]],
    labels: Mapping[int, str],
    half_width: bool = False,
) -> bytes:
    """Draw a map of classes [h, w], a picture of the whole `grid`, over the legend of those that occur; return the PNG.

    colours, labels: by class, (red, green, blue) of 0..255 and text; classes without a colour stay white.
    """
    scale, unit = _metres_or_kilometres(grid)
    figure, axes = _map_figure(grid, scale, unit, _HALF_WIDTH if half_width else _WIDTH)
    palette = np.ones((256, 3))
    palette[list(colours)] = np.array(list(colours.values())) / 255
    extent = (0, grid.width * scale[0], grid.height * scale[1], 0)
    axes.imshow(classes, ListedColormap(palette), vmin=0, vmax=255, extent=extent, interpolation="nearest")
    occurring = [each for each in labels if (classes == each).any()]
    patches = [Patch(facecolor=palette[each], edgecolor=_LINE, label=labels[each]) for each in occurring]
    columns = 1 if half_width else 2
    figure.legend(
        handles=patches, loc="outside lower left", ncols=columns, frameon=False, fontsize=8.5, labelcolor=_INK
    )
    return _png(figure)


def grey_map(grid: Grid, values: np.ndarray, valid: np.ndarray) -> bytes:
    """Draw values [h, w], a picture of the whole `grid`, in greys from their 2 to their 98 % quantile; return the PNG.

    What is not valid, by valid bool [h, w], stays white.
    """
    return _drawn(grid, np.where(valid, _stretched(values, valid), np.nan), cmap=_GREY, vmin=0, vmax=1)


def colour_map(grid: Grid, colours: np.ndarray, valid: np.ndarray) -> bytes:
    """Draw colours [bands, h, w] of 0..1 as they are, a picture of the whole `grid`; return the PNG.

    Of three bands or more the first three are red, green and blue; of fewer the first is drawn in greys.
    """
    shown = colours[:3] if len(colours) >= 3 else colours[[0, 0, 0]]
    return _drawn(grid, np.where(valid, shown, 1).transpose(1, 2, 0))


def value_map(grid: Grid, values: np.ndarray, valid: np.ndarray, label: str) -> bytes:
    """Draw values [h, w], a picture of the whole `grid`, beside a bar of their colours with a label; return the PNG."""
    highest = np.quantile(values[valid], 0.98) if valid.any() else 1.0
    shown = np.where(valid, values, np.nan)
    return _drawn(grid, shown, _WIDTH, label, cmap="viridis", vmin=0, vmax=max(float(highest), 1e-6))


def curves(panels: Mapping[str, Mapping[str, Mapping[int, float]]], marked: Optional[int] = None) -> bytes:
    """Draw panels {title: {label: {step: value}}} of lines over steps, above each other; return the PNG.

    marked: a step that is marked in the last panel, such as that of the best value.
    """
    figure = Figure(figsize=(_WIDTH, 0.4 + 2.3 * len(panels)), dpi=_DPI, layout="constrained")
    colours = colormaps["tab10"].colors
    for axes, (title, lines) in zip(figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels.items()):
        for (label, values), colour in zip(lines.items(), (_ACCENT, *colours[1:])):
            marker = "o" if len(values) <= 25 else None
            axes.plot(
                list(values), list(values.values()), color=colour, linewidth=1.4, marker=marker, ms=3, label=label
            )
        axes.set_ylabel(title)
        axes.set_xlabel("step")
        if len(lines) > 1:
            axes.legend(frameon=False, fontsize=8.5, labelcolor=_INK)
        _plain(axes)
    if marked is not None:
        _mark(axes, marked, "best")
    return _png(figure)


def _drawn(grid, picture, width=_HALF_WIDTH, label="", **options):
    scale, unit = _metres_or_kilometres(grid)
    figure, axes = _map_figure(grid, scale, unit, width)
    extent = (0, grid.width * scale[0], grid.height * scale[1], 0)
    drawn = axes.imshow(picture, extent=extent, interpolation="nearest", **options)
    if label:
        _colour_bar(figure, axes, drawn, label)
    return _png(figure)


def _score_classes(scores):
    """Yield (label, colour, mask [n]) of the classes of scores that occur; unknown scores count as the lowest."""
    bounds = [*SCORE_CLASSES, np.inf]
    scores = np.nan_to_num(scores)
    for low, high in zip(bounds, bounds[1:]):
        chosen = (scores >= low) & (scores < high)
        if chosen.any():
            label = f"below {high:g}" if not low else f"{low:g} to {high:g}" if high < np.inf else f"{low:g} and above"
            yield f"score {label}", SCORE_CLASSES[low], chosen


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
        axes.hist([kept, rejected], bins, stacked=True, color=[_ACCENT, _LINE], label=["accepted", "rejected"])
    beyond = (known & ~inside).sum()
    axes.set_xlabel(f"{name}; {beyond} further away" if beyond else name)
    axes.set_ylabel("points")
    axes.yaxis.get_major_locator().set_params(integer=True)
    _plain(axes)


def _mark(axes, value, label):
    """A line across the panel, named above it: within, bars would lie behind the words."""
    axes.axvline(value, color=_MARK, linewidth=1.2)
    axes.annotate(
        label,
        (value, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8.5,
        color=_MARK,
    )


def _map_figure(grid, scale, unit, width):
    aspect = grid.height * scale[1] / (grid.width * scale[0])
    height = np.clip(0.85 * width * aspect, 0.3 * width, width) + 0.4
    figure = Figure(figsize=(width, height), dpi=_DPI, layout="compressed")
    axes = figure.add_subplot()
    axes.set_aspect("equal")
    axes.set_xlabel(f"right ({unit})")
    axes.set_ylabel(f"down ({unit})")
    _plain(axes)
    return figure, axes


def _plain(axes):
    for side, spine in axes.spines.items():
        spine.set_color(_LINE)
        spine.set_visible(side in ("left", "bottom"))
    axes.tick_params(colors=_QUIET, labelsize=8.5)
    axes.xaxis.label.set(color=_QUIET, fontsize=9)
    axes.yaxis.label.set(color=_QUIET, fontsize=9)


def _colour_bar(figure, axes, drawn, label):
    bar = figure.colorbar(drawn, ax=axes, fraction=0.035, pad=0.015)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=_QUIET, labelsize=8.5)
    bar.set_label(label, color=_QUIET, fontsize=9)


def _metres_or_kilometres(grid):
    """Return (units on the ground per pixel to the right and down [2], name of the unit), those of its middle."""
    sides = np.linalg.norm(grid.pixel_sides(), axis=1)
    if max((grid.width, grid.height) * sides) < 3000:
        return sides, "m"
    return sides / 1000, "km"


def _stretched(values, valid):
    low, high = np.quantile(values[valid], [0.02, 0.98]) if valid.any() else (0, 1)
    return np.clip((values - low) / max(high - low, 1e-6), 0, 1)


def _round_down(factor):
    """Return the largest of 1, 2, 5, 10, 20 ... that is not above a factor, at least 1."""
    power = 10 ** np.floor(np.log10(max(factor, 1)))
    return int(max(step for step in (1, 2, 5) if step * power <= max(factor, 1)) * power)


def _png(figure):
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)
    return buffer.getvalue()
