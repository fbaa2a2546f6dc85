"""Which pairs a round of training sees, and how often: lists of (pairs, share of the samples)."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ...contract.optical_presets import SENTINEL_2
from ...engine.simulation.patches import eight_bit, scene_patches
from ...engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD
from ...engine.training.pair import Pair, Sets
from ...models.matching.bridge_match import BridgeMatch
from .. import pairs as tiles
from ..realigned import realigned_pairs

TRAINING_SCENES = ("fields", "hills", "desert")
CALIBRATION_SCENES = ("town",)

SIMULATED_SHARE = 0.35
SIMULATED_SIDE = 288
"""Pixels of a simulated place: room for the search windows of training, turned and scaled."""


def first_sets(data: Path, scenes: Sequence[str] = TRAINING_SCENES) -> Sets[Pair]:
    """Return the sets of the first round: aligned Los Angeles tiles and SEN1-2 `scenes`, as published."""
    return [(tiles.los_angeles(data, "train"), 0.5), (tiles.sen12(data, scenes), 0.5)]


def all_sets(data: Path, work: Path, network: BridgeMatch) -> Sets[Pair]:
    """Return the aligned tiles and, re-aligned by the BridgeMatch `network`, the others.

    Shares follow how much ground they show and how sure they are. The folder `work` keeps re-aligned tiles.
    """
    sets = [(tiles.los_angeles(data, "train"), 0.4)]
    for name, share, published in (
        ("ombria", 0.3, tiles.ombria(data)),
        ("sen12", 0.15, tiles.sen12(data, TRAINING_SCENES)),
        ("relief", 0.15, tiles.los_angeles_relief(data)),
    ):
        sets.append((realigned_pairs(work / f"realigned_{name}.safetensors", published, network), share))
    return sets


def with_simulation(sets: Sets[Pair], work: Path, places: int = 150) -> Sets[Pair]:
    """Return real `sets` with simulated Sentinel pairs beside them; the folder `work` keeps these."""
    simulated = simulated_pairs(work / f"simulated_{places}.safetensors", places)
    real = [(pairs, (1 - SIMULATED_SHARE) * share) for pairs, share in sets]
    return [*real, (simulated, SIMULATED_SHARE)]


def simulated_pairs(path: Path, count: int, seed: int = 1) -> list[Pair]:
    """Return `count` simulated Sentinel pairs; they are kept in the file `path`."""

    def made() -> Iterator[Pair]:
        places = scene_patches(seed, SIMULATED_SIDE, SENTINEL1_IW_GRD, SENTINEL_2)
        for number, place in enumerate(islice(places, count)):
            yield Pair(f"simulated/{number:04d}", *eight_bit(place))

    return tiles.kept_pairs(path, made)


def calibration_pairs(data: Path) -> list[Pair]:
    """Return the pairs that only thresholds are chosen on."""
    return tiles.los_angeles_unreferenced(data) + tiles.sen12(data, CALIBRATION_SCENES)
