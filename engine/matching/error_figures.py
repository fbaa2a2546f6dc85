"""The figures of errors of tie points: how many are how far off, and where, in which direction."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from rasterio.crs import CRS
from rasterio.transform import Affine

from ..rasters.footprint import metric_crs_at
from ..rasters.grid import Grid
from ..rasters.positions import transform_points
from ..reports import drawing
from .judged_points import JudgedPoints
from .match_figures import vector_map

_SHOWN, _STEP = 8.0, 0.25
"""Working pixels up to which the histogram goes, and of its bars."""

_FARTHEST = 32.0
"""Working pixels up to which shares are drawn: the largest threshold of mAP."""

_AROUND = 32
"""Working pixels around the points of a map."""


def distribution(judged: JudgedPoints) -> bytes:
    """Draw the histogram of errors of accepted and rejected points, and the share within each threshold."""
    errors, accepted = judged.pixels, judged.accepted
    figure = Figure(figsize=(drawing.WIDTH, 3.2), dpi=drawing.DPI, layout="constrained")
    near, far = figure.subplots(1, 2)
    bins = np.arange(0, _SHOWN + _STEP, _STEP)
    parts = [np.clip(errors[which], 0, _SHOWN - _STEP / 2) for which in (accepted, ~accepted)]
    near.hist(parts, bins, stacked=True, color=[drawing.ACCENT, drawing.LINE], label=["accepted", "rejected"])
    near.set(xlabel=f"error (working pixels); the last bar: {_SHOWN:g} and more", ylabel="points", xlim=(0, _SHOWN))
    near.yaxis.get_major_locator().set_params(integer=True)
    drawing.plain(near)
    if not accepted.all():
        near.legend(frameon=False, fontsize=9, labelcolor=drawing.INK)
    for which, colour, label, width in (
        (np.ones(len(errors), bool), drawing.LINE, "all that were matched", 2.4),
        (accepted, drawing.ACCENT, "accepted", 1.6),
    ):
        values = np.sort(errors[which])
        share = 100 * np.arange(len(values) + 1) / max(len(values), 1)
        far.step(np.concatenate(([0.05], values)), share, where="post", color=colour, label=label, linewidth=width)
    far.set_xscale("log")
    ticks = (0.1, 0.3, 1, 3, 10, 30)
    far.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    far.minorticks_off()
    far.set(xlabel="threshold (working pixels)", ylabel="points within it (%)", xlim=(0.05, _FARTHEST), ylim=(0, 102))
    drawing.plain(far)
    drawing.mark(far, 1, "1 px")
    drawing.mark(far, 3, "3 px")
    if not accepted.all():
        far.legend(frameon=False, fontsize=9, labelcolor=drawing.INK, loc="upper left")
    return drawing.png(figure)


def target(judged: JudgedPoints) -> bytes:
    """Draw the errors of points around their true positions, with circles of 1 and 3 working pixels."""
    east, north = (judged.off / judged.pixel_size).T
    figure = Figure(figsize=(drawing.HALF_WIDTH, drawing.HALF_WIDTH), dpi=drawing.DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.scatter(east, north, s=10, color=drawing.ACCENT, alpha=0.6, linewidths=0)
    for radius in (1, 3):
        axes.add_patch(Circle((0, 0), radius, fill=False, edgecolor=drawing.MARK, linewidth=1.2))
    reach = min(_SHOWN, max(3.3, 1.05 * np.abs((east, north)).max()))
    beyond = int((np.maximum(np.abs(east), np.abs(north)) > reach).sum())
    further = f"; {beyond} further away" if beyond else ""
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set(xlabel=f"east (working pixels){further}", ylabel="north (working pixels)")
    drawing.plain(axes)
    return drawing.png(figure)


def error_map(judged: JudgedPoints) -> tuple[bytes, int]:
    """Draw the errors of points as arrows from the true positions; return (PNG, factor of their lengths)."""
    crs = CRS.from_user_input(judged.crs)
    metric = metric_crs_at(crs, tuple(np.median(judged.true, axis=0)))
    true, found = (np.column_stack(transform_points(*each.T, crs, metric)) for each in (judged.true, judged.found))
    side = judged.pixel_size
    left, top = true[:, 0].min() - _AROUND * side, true[:, 1].max() + _AROUND * side
    width, height = np.ceil(np.ptp(true, axis=0) / side).astype(int) + 2 * _AROUND
    grid = Grid(metric.to_wkt(), Affine(side, 0, left, 0, -side, top), int(width), int(height))
    start, end = (np.column_stack(grid.to_pixel(*each.T)) for each in (true, found))
    return vector_map(grid, start, end - start, "error")
