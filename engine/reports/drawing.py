"""What the figures of all reports look like: drawn by matplotlib without its global state, in the same colours."""

import io

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from ..rasters.grid import Grid

INK, QUIET, LINE, ACCENT = "#1f2933", "#5b6773", "#c3cad1", "#1f5f8b"
MARK = "#e4572e"

GREY = colormaps["gray"].resampled(48)
"""Few levels keep the PNG small."""

WIDTH, HALF_WIDTH = 9.4, 4.7
"""Inches of a figure across the page, and of two beside each other."""

DPI = 130


def map_figure(grid: Grid, scale: np.ndarray, unit: str, width: float) -> tuple[Figure, Axes]:
    """Return an empty map of a grid, so many inches wide, whose axes count in a unit, `scale` [2] of it a pixel."""
    aspect = grid.height * scale[1] / (grid.width * scale[0])
    height = np.clip(0.85 * width * aspect, 0.3 * width, width) + 0.4
    figure = Figure(figsize=(width, height), dpi=DPI, layout="compressed")
    axes = figure.add_subplot()
    axes.set_aspect("equal")
    axes.set_xlabel(f"right ({unit})")
    axes.set_ylabel(f"down ({unit})")
    plain(axes)
    return figure, axes


def plain(axes: Axes) -> None:
    """Draw what stands around a panel quietly."""
    for side, spine in axes.spines.items():
        spine.set_color(LINE)
        spine.set_visible(side in ("left", "bottom"))
    axes.tick_params(colors=QUIET, labelsize=8.5)
    axes.xaxis.label.set(color=QUIET, fontsize=9)
    axes.yaxis.label.set(color=QUIET, fontsize=9)


def mark(axes: Axes, value: float, label: str) -> None:
    """Draw a line across the panel, named above it: within, bars would lie behind the words."""
    axes.axvline(value, color=MARK, linewidth=1.2)
    axes.annotate(
        label,
        (value, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8.5,
        color=MARK,
    )


def colour_bar(figure: Figure, axes: Axes, drawn: ScalarMappable, label: str) -> None:
    """Draw what the colours of something drawn mean beside it."""
    bar = figure.colorbar(drawn, ax=axes, fraction=0.035, pad=0.015)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=QUIET, labelsize=8.5)
    bar.set_label(label, color=QUIET, fontsize=9)


def metres_or_kilometres(grid: Grid) -> tuple[np.ndarray, str]:
    """Return (units on the ground per pixel to the right and down [2], name of the unit), those of its middle.

    In radar geometry, where nobody knows how large pixels are, pixels are the unit.
    """
    if not grid.crs:
        return np.ones(2), "pixels"
    sides = np.linalg.norm(grid.pixel_sides(), axis=1)
    if max((grid.width, grid.height) * sides) < 3000:
        return sides, "m"
    return sides / 1000, "km"


def stretched(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return values as 0..1, from their 2 to their 98 % quantile; valid: bool, those that count."""
    low, high = np.quantile(values[valid], [0.02, 0.98]) if valid.any() else (0, 1)
    return np.clip((values - low) / max(high - low, 1e-6), 0, 1)


def png(figure: Figure) -> bytes:
    """Return a figure as PNG."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)
    return buffer.getvalue()
