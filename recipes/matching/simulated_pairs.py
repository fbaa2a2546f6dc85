"""Simulated pairs of all sensors that the matcher is taught: aligned to the last bit, kept in files."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ...contract.optical_presets import PAN_2M5, RGB_0M5, SENTINEL_2, OpticalPreset
from ...engine.simulation.cities import city
from ...engine.simulation.patches import eight_bit, scene_patches
from ...engine.simulation.radar.sar_presets import (
    LBAND_FINE_BEAM,
    SENTINEL1_IW_GRD,
    TERRASARX_SPOTLIGHT,
    TERRASARX_STRIPMAP,
    XBAND_HALF_METRE,
    XBAND_METRE,
    XBAND_THREE_METRES,
    SarPreset,
)
from ...engine.training.pair import Pair
from .. import pairs as tiles

SIDE = 288
"""Pixels of a simulated place: room for the search windows of training, turned and scaled."""


class Sensors(NamedTuple):
    """A radar and a camera, whose pixels the pairs have."""

    sar: SarPreset
    optical: OpticalPreset


SENTINEL = Sensors(SENTINEL1_IW_GRD, SENTINEL_2)

OTHER_SENSORS = {
    "half_metre": Sensors(XBAND_HALF_METRE, RGB_0M5),
    "spotlight": Sensors(TERRASARX_SPOTLIGHT, replace(RGB_0M5, pixel_size=1.0)),
    "metre": Sensors(XBAND_METRE, replace(RGB_0M5, pixel_size=1.0)),
    "stripmap": Sensors(TERRASARX_STRIPMAP, PAN_2M5),
    "three_metres": Sensors(XBAND_THREE_METRES, replace(RGB_0M5, pixel_size=3.0)),
    "l_band": Sensors(LBAND_FINE_BEAM, replace(SENTINEL_2, pixel_size=12.5)),
}

SENSORS = {"sentinel": SENTINEL, **OTHER_SENSORS}

CITIES = {"half_metre": 160, "spotlight": 60, "metre": 160, "stripmap": 60, "three_metres": 160}
"""How many invented cities the matcher is shown by radars whose users order towns."""


def simulated_pairs(path: Path, sensors: Sensors, count: int, seed: int = 1, side: int = SIDE) -> list[Pair]:
    """Return `count` places of all landscapes, `side` pixels wide, as `Sensors` see them; kept in `path`."""

    def made() -> Iterator[Pair]:
        places = scene_patches(seed, side, sensors.sar, sensors.optical)
        for number, place in enumerate(islice(places, count)):
            yield Pair(f"simulated/{number:04d}", *eight_bit(place.sar[0], place.optical[0]))

    return tiles.kept_pairs(path, made)


def simulated_cities(path: Path, sensors: Sensors, count: int, seed: int = 1, side: int = SIDE) -> list[Pair]:
    """Return `count` invented cities, `side` pixels wide, as `Sensors` see them; the file `path` keeps them."""

    def made() -> Iterator[Pair]:
        for number in range(count):
            # On bare ground, where the optical image is: a metre higher is a pixel and more to the side.
            place = city(
                1000 * seed + number, side, sensors.optical.pixel_size, sensors.sar, with_optical=True, above=0.0
            )
            yield Pair(f"cities/{number:04d}", *eight_bit(place.sar, place.optical))

    return tiles.kept_pairs(path, made)
