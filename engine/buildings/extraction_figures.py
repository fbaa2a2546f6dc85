"""The figures of an extraction: what is built up over the radar image, outlines, and their areas."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from ...contract.footprint_lines import SCORE_COLOURS
from ..rasters.grid import Grid, Window, part
from ..reports import drawing

_BUILT = "#be5f19"
"""The colour of the mask."""

_MOST_BINS = 40


def built_map(grid: Grid, values: np.ndarray, valid: np.ndarray, built: np.ndarray) -> bytes:
    """Draw a picture of the whole `grid`, values [h, w] where valid, and over it the built-up share of each pixel.

    Returns the PNG. built: [h, w], 0..1.
    """
    scale, unit = drawing.metres_or_kilometres(grid)
    figure, axes = drawing.map_figure(grid, scale, unit, drawing.WIDTH)
    greys = np.where(valid[..., None], drawing.GREY(drawing.stretched(values, valid))[..., :3], 1)
    cover = 0.75 * np.clip(built, 0, 1)[..., None] ** 0.5  # a single house of a wide map shows, too
    extent = (0, grid.width * scale[0], grid.height * scale[1], 0)
    axes.imshow(greys * (1 - cover) + np.array(to_rgb(_BUILT)) * cover, extent=extent, interpolation="nearest")
    return drawing.png(figure)


def outline_map(
    grid: Grid, window: Window, values: np.ndarray, valid: np.ndarray, outlines: Iterable[tuple[float, Sequence]]
) -> bytes:
    """Draw outlines by their scores over values [h, w], where valid, of a `Window` of a grid; return the PNG.

    outlines: (score, rings [n, 2] in pixels of the window) each.
    """
    scale, unit = drawing.metres_or_kilometres(part(grid, window))
    figure, axes = drawing.map_figure(part(grid, window), scale, unit, drawing.HALF_WIDTH)
    extent = (0, window.width * scale[0], window.height * scale[1], 0)
    greys = np.where(valid, drawing.stretched(values, valid), np.nan)
    axes.imshow(greys, cmap=drawing.GREY, vmin=0, vmax=1, extent=extent, interpolation="nearest")
    bounds, classes = list(SCORE_COLOURS), {}
    for score, rings in outlines:
        low = bounds[np.searchsorted(bounds, score, side="right") - 1]
        classes.setdefault(low, []).append(
            Path.make_compound_path(*(Path(ring * scale, closed=True) for ring in rings))
        )
    for low, paths in sorted(classes.items()):
        colour = SCORE_COLOURS[low]
        axes.add_collection(PathCollection(paths, facecolor=(*to_rgb(colour), 0.2), edgecolor=colour, linewidth=1.2))
    handles = [Patch(facecolor=SCORE_COLOURS[low], label=_class_name(low)) for low in sorted(classes)]
    if handles:
        figure.legend(
            handles=handles, loc="outside lower left", ncols=2, frameon=False, fontsize=8, labelcolor=drawing.INK
        )
    axes.set_xlim(0, extent[1])
    axes.set_ylim(extent[2], 0)
    return drawing.png(figure)


def _class_name(low):
    bounds = [*SCORE_COLOURS, None]
    high = bounds[bounds.index(low) + 1]
    return f"score below {high:g}" if not low else f"score {low:g} to {high:g}" if high else f"score {low:g} and above"


def area_histogram(areas: Sequence[float], unit: str) -> bytes:
    """Draw the histogram of areas in a unit, at least one, over a logarithmic axis; return the PNG."""
    areas = np.asarray(areas)
    figure = Figure(figsize=(drawing.WIDTH, 2.8), dpi=drawing.DPI, layout="constrained")
    axes = figure.add_subplot()
    low, high = areas.min(), max(areas.max(), areas.min() * 1.1)
    bins = min(_MOST_BINS, 4 + len(areas) // 4)
    axes.hist(areas, np.geomspace(low, high, bins + 1), color=drawing.ACCENT, rwidth=0.94)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(f"area ({unit})")
    axes.set_ylabel("footprints")
    drawing.plain(axes)
    drawing.mark(axes, float(np.median(areas)), f"median {np.median(areas):,.0f} {unit}")
    return drawing.png(figure)
