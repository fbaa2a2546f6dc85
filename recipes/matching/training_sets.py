"""Which pairs a round of training sees, and how often: lists of (pairs, share of the samples)."""

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor
from torch.nn import functional as F

from ...engine.training.pair import Pair, Sets
from ...models.matching.bridge_match import BridgeMatch
from .. import pairs as tiles
from ..realigned import realigned_pairs
from ..translation.mountains import mountains
from .simulated_pairs import CITIES, OTHER_SENSORS, SENSORS, SENTINEL, simulated_cities, simulated_pairs

TRAINING_SCENES = ("fields", "hills", "desert")
CALIBRATION_SCENES = ("town",)

SIMULATED_SHARE = 0.35
OTHER_SENSORS_SHARE, COARSE_SHARE = 0.4, 0.12
"""Of the samples of the rounds on all sensors: simulated ones other than Sentinel, and Sentinel tiles averaged."""

COARSE_FACTORS = 2, 4
"""How many pixels are averaged along a side: the first stage of matching looks at 20 to 40 m."""


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
    simulated = simulated_pairs(work / f"simulated_{places}.safetensors", SENTINEL, places)
    real = [(pairs, (1 - SIMULATED_SHARE) * share) for pairs, share in sets]
    return [*real, (simulated, SIMULATED_SHARE)]


def every_sensor(
    data: Path, work: Path, network: BridgeMatch, coarse_factors: Sequence[int] = COARSE_FACTORS, places: int = 60
) -> Sets[Pair]:
    """Return what rounds on all sensors see: Sentinel tiles, re-aligned by the BridgeMatch `network` and averaged by
    `coarse_factors`, and simulated pairs of all `OTHER_SENSORS`. The folder `work` keeps what it takes long to make.
    """
    los_angeles = tiles.los_angeles(data, "train")
    relief = tiles.los_angeles_relief(data)
    sets = [(averaged(los_angeles, factor), COARSE_SHARE / len(coarse_factors)) for factor in coarse_factors]
    for name in OTHER_SENSORS:
        simulated = simulated_pairs(work / f"{name}_{places}.safetensors", OTHER_SENSORS[name], places)
        if name in CITIES:
            path = work / f"{name}_cities_{CITIES[name]}.safetensors"
            simulated += simulated_cities(path, OTHER_SENSORS[name], CITIES[name])
        sets.append((simulated, OTHER_SENSORS_SHARE / len(OTHER_SENSORS)))
    sentinel = 1 - OTHER_SENSORS_SHARE - COARSE_SHARE
    for name, share, published in (
        ("los_angeles", 0.4, los_angeles),
        ("relief", 0.15, relief),
        ("sen12", 0.15, tiles.sen12(data, TRAINING_SCENES)),
        ("ombria", 0.2, tiles.ombria(data)),
    ):
        again = realigned_pairs(work / f"realigned_again_{name}.safetensors", published, network)
        sets.append((again, sentinel * share))
    ranges = [
        Pair(place.pair.name, place.pair.sar[:1], place.pair.optical) for place in mountains(data, work, "training")
    ]
    return [*sets, (ranges, sentinel * 0.1)]


def averaged(pairs: Sequence[Pair], factor: int) -> list[Pair]:
    """Return pairs whose pixels are the means of `factor` × `factor`; SAR, an amplitude, is averaged as power."""
    return [
        Pair(f"{pair.name}/{factor}", _averaged(pair.sar, factor, power=2), _averaged(pair.optical, factor))
        for pair in pairs
    ]


def _averaged(image: Tensor, factor: int, power: int = 1) -> Tensor:
    return F.avg_pool2d(image.float() ** power, factor).pow(1 / power).round().byte()


def calibration_pairs(data: Path) -> list[Pair]:
    """Return the pairs that only thresholds are chosen on."""
    return tiles.los_angeles_unreferenced(data) + tiles.sen12(data, CALIBRATION_SCENES)


def error_calibration_pairs(work: Path, places: int = 8) -> list[Pair]:
    """Return the simulated places of all sensors that only predicted errors are calibrated on; `work` keeps them."""
    return [
        pair
        for name, sensors in SENSORS.items()
        for pair in simulated_pairs(work / f"calibration_{name}_{places}.safetensors", sensors, places, seed=2)
    ]
