"""Where the radar looks, by the image alone: along the direction in which a network is surest of what it finds.

A network that has learnt how buildings lean towards the radar finds sharp ones when it is told the right direction, and
blurred ones or none otherwise. Our own finding, docs/training_buildings.md tells how often it is right.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..compute.device import reduced_precision
from ..inference.mirroring import mirrored
from ..inference.sar_scene import SarScene
from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import GridReader
from .building_network import BuildingNetwork
from .working_grid import working_grid

_SIDE, _TURNED = 384, 544
"""Pixels of a place that the network sees, and of what is read of it: enough for any direction."""

_SEEN, _READ = 6, 24
"""Places that the network sees, of those that are read: the ones where most shines."""

_LEAST_SHINING = 20
"""Pixels of a place that must shine for it to tell anything."""

_BRIGHT = 1.5
"""Standard deviations from the mean of the scene from which something shines."""

_STEP = 20
"""Degrees between the directions that are tried."""

_NORTH_UP = 180.0
"""Look azimuth of the lattice that places are read on: down is south."""


class EstimatedLook(NamedTuple):
    """A look azimuth, degrees from true north, from the sensor to the ground; margin: how clear it is.

    margin: by how much the network is surer of what it finds along it than, on average, along those more than 60° away,
    in parts of 1.
    """

    azimuth: float
    margin: float


@torch.inference_mode()
def estimated_look(
    network: BuildingNetwork, scene: SarScene, whole: Grid, pixel: float, device: torch.device
) -> EstimatedLook:
    """Return where the radar looks in a layer with the grid `whole`, all of it: parts of a layer are seen alike.

    network: told that the line of sight runs down the columns. pixel: metres that it sees pixels of. Where there is
    nothing to see the margin is 0.
    """
    everything = Window(0, 0, whole.width, whole.height)
    azimuths = np.arange(0, 360, _STEP)
    sure = np.zeros((2, len(azimuths)))
    network = network.to(device, memory_format=torch.channels_last).eval()
    for image, known in _places(scene, working_grid(whole, everything, pixel, _NORTH_UP).grid):
        for index, azimuth in enumerate(azimuths):
            shown = _turned(image.to(device), azimuth).contiguous(memory_format=torch.channels_last)
            counts = _turned(known.to(device), azimuth) > 0.99
            with reduced_precision(device):
                built = network(shown)[:, :1].float()[counts]
            sure[:, index] += float((built**2).sum()), float(built.sum())
    return _clearest(azimuths, sure[0] / np.maximum(sure[1], 1e-6))


def _clearest(azimuths: np.ndarray, sureness: np.ndarray) -> EstimatedLook:
    """Return the top of the parabola through the surest of evenly spaced directions and its neighbours."""
    best = int(sureness.argmax())
    before, top, after = sureness[best - 1], sureness[best], sureness[(best + 1) % len(azimuths)]
    bend = before - 2 * top + after
    shift = 0.5 * (before - after) / bend if bend else 0.0
    away = np.abs((azimuths - azimuths[best] + 180) % 360 - 180)
    return EstimatedLook((azimuths[best] + shift * _STEP) % 360, float(top - sureness[away > 60].mean()))


def _places(scene: SarScene, lattice: Grid) -> Sequence[tuple[Tensor, Tensor]]:
    """Return (image [1, C, `_TURNED`, `_TURNED`], known [1, 1, …], 0 or 1) of the places where most shines."""
    found = []
    with GridReader(scene.source, lattice, scene.radiometry) as reader:
        for square in _squares(lattice):
            values, known = reader.read_bands(square)
            shining = int((scene.scales[0].standardised(values[0][known]) > _BRIGHT).sum())
            if shining >= _LEAST_SHINING:
                image, data = torch.from_numpy(mirrored(values, known)), torch.from_numpy(known).float()
                found.append((shining, (image[None], data[None, None])))
    return [place for _, place in sorted(found, key=lambda each: -each[0])[:_SEEN]]


def _squares(lattice: Grid) -> Iterator[Window]:
    """Yield the `Window`s of some `_READ` places that are evenly spread over a lattice; small ones reach beyond it."""
    apart = max(_TURNED, math.sqrt(lattice.width * lattice.height / _READ))
    cols, rows = (max(round(side / apart), 1) for side in (lattice.width, lattice.height))
    for row in range(rows):
        for col in range(cols):
            middle = (col + 0.5) * lattice.width / cols, (row + 0.5) * lattice.height / rows
            yield Window(*(round(each - _TURNED / 2) for each in middle), _TURNED, _TURNED)


def _turned(image: Tensor, azimuth: float) -> Tensor:
    """Return the middle [1, C, `_SIDE`, `_SIDE`] of an image with north up, turned until an azimuth runs down it."""
    east, north = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
    to_image = torch.tensor([[-north, east, 0], [-east, -north, 0]]) * (_SIDE / _TURNED)
    positions = F.affine_grid(to_image[None], (1, image.shape[1], _SIDE, _SIDE), align_corners=False)
    return F.grid_sample(image, positions.to(image), align_corners=False)
