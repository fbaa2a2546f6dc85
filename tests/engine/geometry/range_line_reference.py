"""Zones line by line in plain numpy, for one incidence angle: written from the geometry, not from the engine's code.

A place at the ground distance x and the height h has the slant range x sin(t) - h cos(t) and, seen across the line of
sight, the height x cos(t) + h sin(t). The benchmark times it as what the engine's lines are compared with.
"""

import numpy as np

ROUNDING = 1e-3  # of a step


def zones(height, incidence, step, foreshortened_below):
    """Return the mask, uint8 [L, N], of heights [L, N] (metres, no NaN); incidence: one angle in radians."""
    return np.stack([_line(line.astype(float), incidence, step, foreshortened_below) for line in height])


def _line(height, incidence, step, foreshortened_below):
    distance = step * np.arange(len(height))
    slope_angle = np.arctan(np.gradient(height, step))
    slant_range = distance * np.sin(incidence) - height * np.cos(incidence)
    # The shadow's edge falls by cot(incidence) per metre of ground: a place below an edge is dark.
    shadow_edge = np.maximum.accumulate(height + distance / np.tan(incidence))
    dark = height + distance / np.tan(incidence) < shadow_edge - ROUNDING * step / np.sin(incidence)
    nearest_beyond = np.minimum.accumulate(slant_range[::-1])[::-1]
    farthest_before = np.maximum.accumulate(slant_range)
    folded = (nearest_beyond < slant_range - ROUNDING * step) | (farthest_before > slant_range + ROUNDING * step)
    # sin(t - a) / (sin(t) cos(a)): the slant range of a slope of angle a, over that of its flat ground.
    ratio = np.sin(incidence - slope_angle) / (np.sin(incidence) * np.cos(slope_angle))
    own_layover = ratio < -ROUNDING
    own_shadow = np.tan(slope_angle) * np.tan(incidence) < -1 - ROUNDING
    mask = 1 * ((ratio < foreshortened_below) & ~own_layover) + 2 * own_layover + 4 * (folded & ~own_layover)
    return (mask + 8 * own_shadow + 16 * (dark & ~own_shadow)).astype(np.uint8)


def layover_count(height, incidence, step, pieces=2000):
    """Return [L, N]: pieces of ground counted in slant-range cells, `pieces` to each segment of the line."""
    return np.stack([_count(line.astype(float), incidence, step, pieces) for line in height])


def _count(height, incidence, step, pieces):
    samples = len(height)
    ground = np.arange(-0.5, samples - 0.5, 1 / pieces) + 0.5 / pieces
    # Level ground beyond the ends; np.interp holds the height of the last sample.
    position = ground - np.interp(ground, np.arange(samples), height - height[0]) / (step * np.tan(incidence))
    cells, _ = np.histogram(position, bins=np.arange(samples + 1) - 0.5)
    own = np.floor(np.arange(samples) - (height - height[0]) / (step * np.tan(incidence)) + 0.5).astype(int)
    return cells[own.clip(0, samples - 1)] / pieces
