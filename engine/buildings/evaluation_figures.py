"""Pictures of hits and misses, and the curve of precision over recall; each comes as PNG bytes."""

import numpy as np
import shapely
from matplotlib.figure import Figure

from ..rasters.grid import Grid, Window, part
from ..reports import drawing
from ..reports.figures import class_map
from ..reports.pictures import OVERVIEW_SIDE, place_name, places
from .building_scores import Judgement
from .burnt_polygons import BurntPolygons, burnt
from .compared_buildings import Compared
from .matching import ranking

NOTHING, HIT, MISS, FALSE_ALARM, UNCOUNTED, UNKNOWN = range(6)
COLOURS = {
    HIT: (0, 158, 115),
    MISS: (213, 94, 0),
    FALSE_ALARM: (86, 180, 233),
    UNCOUNTED: (176, 164, 196),
    UNKNOWN: (224, 227, 230),
}
"""Of a palette that dichromats tell apart (Okabe and Ito, 2008), and greys."""

_OUTCOMES = {
    HIT: "hit",
    MISS: "missed",
    FALSE_ALARM: "false alarm",
    UNCOUNTED: "at the border, not counted",
    UNKNOWN: "not compared",
}
_PIXELS = {HIT: "in both", MISS: "in the reference only", FALSE_ALARM: "predicted only", UNKNOWN: "not compared"}


def outcome_map(compared: Compared, judgement: Judgement) -> bytes:
    """Draw all buildings by what became of them; those that are small take a pixel all the same."""
    grid = compared.grid
    factor = max(1, -(-max(grid.width, grid.height) // OVERVIEW_SIDE))
    window = Window(0, 0, -(-grid.width // factor), -(-grid.height // factor))
    classes = np.zeros((window.height, window.width), np.uint8)
    predicted, reference = compared.predicted.polygons, compared.reference.polygons
    for polygons, outcome in (
        (compared.unknown, UNKNOWN),
        (predicted[~judgement.predicted], UNCOUNTED),
        (reference[~judgement.reference], UNCOUNTED),
        (predicted[judgement.false_alarms], FALSE_ALARM),
        (reference[judgement.misses], MISS),
        (reference[judgement.found], HIT),
    ):
        classes[burnt(polygons, window, all_touched=outcome != UNKNOWN, factor=factor)] = outcome
    coarse = part(grid, Window(0, 0, window.width * factor, window.height * factor))
    return class_map(coarse, classes, COLOURS, _OUTCOMES)


def close_ups(compared: Compared, judgement: Judgement) -> list[tuple[str, bytes]]:
    """Return (name, picture) of up to four places, pixel by pixel: where most was missed or invented, if anything."""
    wrong = [
        (side.polygons[which], side.areas[which])
        for side, which in (
            (compared.reference, judgement.misses),
            (compared.predicted, judgement.false_alarms),
        )
    ]
    outlines, areas = (np.concatenate(each) for each in zip(*wrong))
    if not len(outlines):
        outlines, areas = compared.reference.polygons, compared.reference.areas
    windows = places(shapely.get_coordinates(shapely.centroid(outlines)), compared.grid, areas)
    layers = [
        BurntPolygons(each) for each in (compared.unknown, compared.predicted.polygons, compared.reference.polygons)
    ]
    return [
        (
            place_name(number, window, compared.grid),
            _close_up(compared.grid, [each.read(window) for each in layers], window),
        )
        for number, window in enumerate(windows, 1)
    ]


def _close_up(grid: Grid, masks: list[np.ndarray], window: Window) -> bytes:
    unknown, predicted, reference = masks
    classes = np.select(
        [unknown, predicted & reference, reference, predicted], [UNKNOWN, HIT, MISS, FALSE_ALARM], NOTHING
    )
    return class_map(part(grid, window), classes, COLOURS, _PIXELS, half_width=True)


def precision_over_recall(compared: Compared, judgement: Judgement) -> bytes:
    """Draw precision over recall of the predictions from the most certain one on; they have scores."""
    counted = judgement.hits | judgement.false_alarms
    references = int(np.count_nonzero(judgement.reference))
    curve = ranking(compared.predicted.scores[counted], judgement.hits[counted], references)
    figure = Figure(figsize=(drawing.HALF_WIDTH, drawing.HALF_WIDTH), dpi=drawing.DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(curve.recall, curve.precision, color=drawing.ACCENT, linewidth=1.6)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="recall", ylabel="precision", aspect="equal")
    drawing.plain(axes)
    return drawing.png(figure)
