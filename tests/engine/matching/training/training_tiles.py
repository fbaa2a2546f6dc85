"""Tiles to train on whose truth is known."""

import numpy as np
import torch
from sarbridge.engine.training.pair import Pair
from sarbridge.tests.waves import waves

_GROUND = waves(14.0, seed=6)


def ground(width, height, right=0.0, down=0.0):
    """Return uint8 [1, height, width] of a smooth texture, seen from (right, down) pixels further on."""
    cols, rows = np.meshgrid(np.arange(width) + 0.5 + right, np.arange(height) + 0.5 + down)
    return torch.tensor(np.clip(128 + 32 * _GROUND(cols, rows), 0, 255).round(), dtype=torch.uint8)[None]


def same_in_both(width=420, height=380):
    """Return a pair that is aligned exactly: one texture in both modalities."""
    texture = ground(width, height)
    return Pair("same", texture, texture)
