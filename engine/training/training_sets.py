"""Which pairs a round of training sees, and how often: lists of (pairs, share of the samples)."""

import torch

from ..matching.matchers import BridgeMatcher
from . import pairs as tiles
from .realignment import realigned

TRAINING_SCENES = ("fields", "hills", "desert")
CALIBRATION_SCENES = ("town",)


def first_sets(data, scenes=TRAINING_SCENES):
    """Return the sets of the first round: aligned Los Angeles tiles and SEN1-2 `scenes`, as published."""
    return [(tiles.los_angeles(data, "train"), 0.5), (tiles.sen12(data, scenes), 0.5)]


def all_sets(data, work, network):
    """Return the aligned tiles and, re-aligned by the BridgeMatch `network`, the others.

    Shares follow how much ground they show and how sure they are. The folder `work` keeps re-aligned tiles.
    """
    sets = [(tiles.los_angeles(data, "train"), 0.4)]
    for name, share, read in (
        ("ombria", 0.3, lambda: tiles.ombria(data)),
        ("sen12", 0.15, lambda: tiles.sen12(data, TRAINING_SCENES)),
        ("relief", 0.15, lambda: tiles.los_angeles_relief(data)),
    ):
        path = work / f"realigned_{name}.safetensors"
        if not path.exists():
            published = read()
            kept = realigned(published, BridgeMatcher(network, torch.device("cpu")))
            print(f"{name}: {len(published)} tiles, {len(kept)} tiles of 256 px agree on a shift", flush=True)
            tiles.save_pairs(path, kept)
        sets.append((tiles.load_pairs(path), share))
    return sets


def calibration_pairs(data):
    """Return the pairs that only thresholds are chosen on."""
    return tiles.los_angeles_unreferenced(data) + tiles.sen12(data, CALIBRATION_SCENES)
