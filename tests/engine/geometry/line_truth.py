"""Zones cell by cell in plain numpy: each cell's own line of sight is followed over the surface in small steps."""

import math

import numpy as np
from sarbridge.tests.engine.geometry import range_line_reference

PER_CELL = 8
"""Steps of a line per cell."""


def zones_at(heights, places, away, step, incidence, reach):
    """Return the mask, uint8 [n], at cells (row, column) [n, 2] of heights [h, w] in metres, bilinear between cells.

    away: (rows, columns) from step to step along the line of sight, `step` metres; incidence: degrees; reach: steps
    that count before and behind a cell.
    """
    steps = np.arange(-reach, reach + 1)
    rows, cols = (places[:, axis, None] + away[axis] * steps for axis in (0, 1))
    lines = _between(heights, rows, cols)
    mask = range_line_reference.zones(lines, math.radians(incidence), step, 0.5)
    return mask[:, reach]


def _between(heights, rows, cols):
    top, left = (np.floor(each).astype(int).clip(0, size - 2) for each, size in zip((rows, cols), heights.shape))
    down, right = (rows - top).clip(0, 1), (cols - left).clip(0, 1)
    upper = heights[top, left] * (1 - right) + heights[top, left + 1] * right
    lower = heights[top + 1, left] * (1 - right) + heights[top + 1, left + 1] * right
    return upper * (1 - down) + lower * down
