"""Maps and curves that reports of several capabilities show; each comes as PNG bytes."""

from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from ..rasters.grid import Grid, Window
from . import drawing


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
    scale, unit = drawing.metres_or_kilometres(grid)
    figure, axes = drawing.map_figure(grid, scale, unit, drawing.HALF_WIDTH if half_width else drawing.WIDTH)
    palette = np.ones((256, 3))
    palette[list(colours)] = np.array(list(colours.values())) / 255
    extent = (0, grid.width * scale[0], grid.height * scale[1], 0)
    axes.imshow(classes, ListedColormap(palette), vmin=0, vmax=255, extent=extent, interpolation="nearest")
    occurring = [each for each in labels if (classes == each).any()]
    patches = [Patch(facecolor=palette[each], edgecolor=drawing.LINE, label=labels[each]) for each in occurring]
    columns = 1 if half_width else 2
    figure.legend(
        handles=patches, loc="outside lower left", ncols=columns, frameon=False, fontsize=8.5, labelcolor=drawing.INK
    )
    return drawing.png(figure)


def grey_map(grid: Grid, values: np.ndarray, valid: np.ndarray) -> bytes:
    """Draw values [h, w], a picture of the whole `grid`, in greys from their 2 to their 98 % quantile; return the PNG.

    What is not valid, by valid bool [h, w], stays white.
    """
    return _drawn(grid, np.where(valid, drawing.stretched(values, valid), np.nan), cmap=drawing.GREY, vmin=0, vmax=1)


def scaled_map(
    grid: Grid, values: np.ndarray, limits: tuple[float, float], label: str, frames: Iterable[Window] = ()
) -> bytes:
    """Draw values [h, w], a picture of the whole `grid`, in greys between limits beside a bar of them; return the PNG.

    NaN stays white. frames: `Window`s of the grid that are framed.
    """
    return _drawn(grid, values, label=label, frames=frames, cmap=drawing.GREY, vmin=limits[0], vmax=limits[1])


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
    return _drawn(grid, shown, drawing.WIDTH, label, cmap="viridis", vmin=0, vmax=max(float(highest), 1e-6))


def learning_curves(figures: Mapping[int, Mapping[str, float]], scores: Mapping[int, float], score: str) -> bytes:
    """Draw the losses of a training, and its scores, over the steps, each in a panel; return the PNG.

    figures: losses by name, by step; one may begin late or end early. scores: by step, of which the smallest is marked;
    where there are none they are left out. score: what they are called.
    """
    names = dict.fromkeys(name for losses in figures.values() for name in losses)
    panels = {
        f"loss: {name}": {step: losses[name] for step, losses in figures.items() if name in losses} for name in names
    }
    if scores:
        panels[score] = scores
    figure = Figure(figsize=(drawing.WIDTH, 0.4 + 2.3 * len(panels)), dpi=drawing.DPI, layout="constrained")
    for axes, (title, values) in zip(figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels.items()):
        marker = "o" if len(values) <= 25 else None
        axes.plot(list(values), list(values.values()), color=drawing.ACCENT, linewidth=1.4, marker=marker, ms=3)
        axes.set_ylabel(title)
        axes.set_xlabel("step")
        drawing.plain(axes)
    if scores:
        drawing.mark(axes, min(scores, key=scores.get), "best")
    return drawing.png(figure)


def _drawn(grid, picture, width=drawing.HALF_WIDTH, label="", frames=(), **options):
    scale, unit = drawing.metres_or_kilometres(grid)
    figure, axes = drawing.map_figure(grid, scale, unit, width)
    extent = (0, grid.width * scale[0], grid.height * scale[1], 0)
    drawn = axes.imshow(picture, extent=extent, interpolation="nearest", **options)
    for col, row, cols, rows in frames:
        corner, sides = scale * (col, row), scale * (cols, rows)
        axes.add_patch(Rectangle(corner, *sides, fill=False, edgecolor=drawing.MARK, linewidth=0.9))
    if label:
        drawing.colour_bar(figure, axes, drawn, label)
    return drawing.png(figure)
