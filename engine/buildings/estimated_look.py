"""Where the radar looks, by the image alone: along the direction in which a network is surest of what it finds.

A network that has learnt how buildings lean towards the radar finds sharp ones when it is told the right direction, and
blurred ones or none otherwise. Our own finding; docs/training_buildings.md tells how often it is right.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from scipy import stats
from torch import Tensor
from torch.nn import functional as F

from ..compute.device import reduced_precision
from ..inference.mirroring import mirrored
from ..inference.sar_scene import SarScene
from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import GridReader
from ..reporting import Reporter
from .building_network import BuildingNetwork
from .working_grid import working_grid

_SIDE, _TURNED = 384, 544
"""Pixels of a place that the network sees, and of what is read of it: enough for any direction."""

_BLOCK = 96
"""Pixels of the blocks of a place: how far their answers agree tells how clear it is."""

_SEEN, _READ = 6, 24
"""Places that the network sees, of those that are read: the ones where most shines."""

_BRIGHT, _LEAST_SHINING = 1.5, 20
"""Standard deviations from the mean of the scene from which a pixel shines; so many pixels of a place must."""

_LEAST_KNOWN = 0.3
"""Share of a block that must have data."""

_STEP, _AWAY = 20, 60
"""Degrees between the directions that are tried; those farther than the second from the best one are wrong."""

_NORTH_UP = 180.0
"""Look azimuth of the lattice that places are read on: down is south."""


class EstimatedLook(NamedTuple):
    """A look azimuth, degrees from true north from the sensor to the ground, and how clear it is.

    confidence: 0..1, that of Student's t test over blocks of the image that the network is surer along it than along
    directions more than 60° away, less what is due to its being the best of all that were tried (Bonferroni).
    """

    azimuth: float
    confidence: float


@torch.inference_mode()
def estimated_look(
    network: BuildingNetwork, scene: SarScene, whole: Grid, pixel: float, device: torch.device, reporter: Reporter
) -> EstimatedLook:
    """Return where the radar looks in a layer with the grid `whole`, all of it: parts of a layer are seen alike.

    network: told that the line of sight runs down the columns. pixel: metres that it sees pixels of. Where there is
    nothing to see the confidence is 0.
    """
    network = network.to(device, memory_format=torch.channels_last).eval()
    everything = Window(0, 0, whole.width, whole.height)
    azimuths = np.arange(0, 360, _STEP)
    places = _places(scene, working_grid(whole, everything, pixel, _NORTH_UP).grid)
    by_block = np.zeros((len(azimuths), 0, 3))
    for done, (image, known) in enumerate(places):
        reporter.progress(done / len(places))
        sums = [_sums(network, image.to(device), known.to(device), azimuth) for azimuth in azimuths]
        by_block = np.concatenate([by_block, np.stack(sums)], 1)
    known = by_block[:, by_block[0, :, 2] > _LEAST_KNOWN * _BLOCK**2]
    return _clearest(azimuths, known) if known.shape[1] > 1 else EstimatedLook(_NORTH_UP, 0.0)


def _clearest(azimuths: np.ndarray, sums: np.ndarray) -> EstimatedLook:
    """Return what sums [evenly spaced azimuths, blocks, 3] of `_sums` tell.

    The azimuth is the top of the parabola through the surest and its neighbours.
    """
    squares, built = sums[..., 0], np.maximum(sums[..., 1], 1e-6)
    sureness = squares.sum(1) / built.sum(1)
    best = int(sureness.argmax())
    before, top, after = sureness[best - 1], sureness[best], sureness[(best + 1) % len(azimuths)]
    bend = before - 2 * top + after
    shift = 0.5 * (before - after) / bend if bend else 0.0
    azimuth = float((azimuths[best] + shift * _STEP) % 360)
    is_away = np.abs((azimuths - azimuths[best] + 180) % 360 - 180) > _AWAY
    usual = sureness[is_away].mean()
    along, away = (
        (squares[which] - usual * built[which]) / built[which].sum(-1, keepdims=True) for which in (best, is_away)
    )
    test = stats.ttest_1samp(along - away.mean(0), 0, alternative="greater")
    return EstimatedLook(azimuth, float(np.nan_to_num(max(0.0, 1 - len(azimuths) * test.pvalue))))


def _sums(network: BuildingNetwork, image: Tensor, known: Tensor, azimuth: float) -> np.ndarray:
    """Return, [blocks, 3], sums over what is known in a place: probabilities squared, probabilities, and pixels."""
    shown = _turned(image, azimuth).contiguous(memory_format=torch.channels_last)
    with reduced_precision(image.device):
        built = network(shown)[0, 0].float()
    ways = torch.arange(_SIDE, device=image.device) - (_SIDE - 1) / 2
    is_disc = ways[:, None] ** 2 + ways**2 < (_SIDE / 2) ** 2  # the same ground whatever the azimuth
    counts = is_disc & (_turned(known, azimuth)[0, 0] > 0.99)
    first = torch.arange(_TURNED, device=image.device) // _BLOCK
    across = int(first.max()) + 1
    block = _turned((first[:, None] * across + first).float()[None, None], azimuth, "nearest")[0, 0].long()[counts]
    values = (built[counts] ** 2, built[counts], torch.ones_like(built[counts]))
    return np.stack([torch.bincount(block, each, across**2).cpu().numpy() for each in values], -1).astype(float)


def _places(scene: SarScene, lattice: Grid) -> Sequence[tuple[Tensor, Tensor]]:
    """Return (image [1, C, `_TURNED`, `_TURNED`], known [1, 1, …], 0 or 1) of the places where most shines."""
    found = []
    with GridReader(scene.source, lattice, scene.radiometry) as reader:
        for square in _squares(lattice):
            values, known = reader.read_bands(square)
            levels = [scale.standardised(band[known]) for scale, band in zip(scene.scales, values)]
            shining = int((np.mean(levels, 0) > _BRIGHT).sum())
            if shining >= _LEAST_SHINING:
                found.append((shining, values, known))
    chosen = sorted(found, key=lambda each: -each[0])[:_SEEN]
    return [
        (torch.from_numpy(mirrored(values, known))[None], torch.from_numpy(known).float()[None, None])
        for _, values, known in chosen
    ]


def _squares(lattice: Grid) -> Iterator[Window]:
    """Yield the `Window`s of some `_READ` places that are evenly spread over a lattice; small ones reach beyond it."""
    apart = max(_TURNED, math.sqrt(lattice.width * lattice.height / _READ))
    cols, rows = (max(round(side / apart), 1) for side in (lattice.width, lattice.height))
    for row in range(rows):
        for col in range(cols):
            middle = (col + 0.5) * lattice.width / cols, (row + 0.5) * lattice.height / rows
            yield Window(*(round(each - _TURNED / 2) for each in middle), _TURNED, _TURNED)


def _turned(image: Tensor, azimuth: float, mode: str = "bilinear") -> Tensor:
    """Return the middle [1, C, `_SIDE`, `_SIDE`] of an image with north up, turned until an azimuth runs down it."""
    east, north = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
    to_image = torch.tensor([[-north, east, 0], [-east, -north, 0]]) * (_SIDE / _TURNED)
    positions = F.affine_grid(to_image[None], (1, image.shape[1], _SIDE, _SIDE), align_corners=False)
    return F.grid_sample(image, positions.to(image), mode=mode, align_corners=False)
