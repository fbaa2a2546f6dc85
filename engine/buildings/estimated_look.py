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

from ..compute.cut_patches import cut_patch, nearest_patch
from ..compute.device import reduced_precision
from ..inference.mirroring import mirrored
from ..inference.sar_scene import SarScene
from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import GridReader
from ..reporting import Reporter
from .building_network import BuildingNetwork
from .working_grid import working_lattice

_SIDE, _TURNED = 384, 544
"""Pixels of a place that the network sees, and of what is read of it: enough for any direction."""

_BLOCK = 96
"""Pixels of the blocks of a place: how far their answers agree tells how clear it is."""

_SEEN, _READ = 6, 24
"""Places that the network sees, of those that are read: the ones where most shines."""

_BRIGHT, _LEAST_SHINING = 1.5, 20
"""Standard deviations from the mean of the scene from which a pixel shines; so many pixels of a place must."""

_LEAST_KNOWN, _LEAST_SHOWN = 0.3, 0.1
"""Shares of a block and of a place that must have data. The network sees the rest mirrored: strips of 40 pixels, 7 % of
a place, are clearest up to 50° astray."""

_LEAST_SURE = 0.1
"""Sureness below which nothing is built: at sea it is .01, where a few houses stand .25, in towns .7."""

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
    network: BuildingNetwork,
    scene: SarScene,
    whole: Grid,
    asked: Window,
    pixel: float,
    device: torch.device,
    reporter: Reporter,
) -> EstimatedLook:
    """Return where the radar looks in a layer with the grid `whole`, all of it: parts of a layer are seen alike.

    network: told that the line of sight runs down the columns. asked: the part that is asked for, which is looked at if
    there is nothing to see all over the layer, as in a wide mosaic of few images. pixel: metres that the network sees
    pixels of. Where there is nothing to see at all the confidence is 0.
    """
    network = network.to(device, memory_format=torch.channels_last).eval()
    everything = Window(0, 0, whole.width, whole.height)
    azimuths = np.arange(0, 360, _STEP)
    for part in dict.fromkeys((everything, asked)):
        places = _places(scene, working_lattice(whole, part, pixel, _NORTH_UP).grid)
        if places:
            break
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
    if sureness[best] < _LEAST_SURE:
        return EstimatedLook(azimuth, 0.0)
    is_away = np.abs((azimuths - azimuths[best] + 180) % 360 - 180) > _AWAY
    usual = sureness[is_away].mean()
    along, away = (
        (squares[which] - usual * built[which]) / built[which].sum(-1, keepdims=True) for which in (best, is_away)
    )
    test = stats.ttest_1samp(along - away.mean(0), 0, alternative="greater")
    return EstimatedLook(azimuth, float(np.nan_to_num(max(0.0, 1 - len(azimuths) * test.pvalue))))


def _sums(network: BuildingNetwork, image: Tensor, known: Tensor, azimuth: float) -> np.ndarray:
    """Return, [blocks, 3], sums over what is known in a place: probabilities squared, probabilities, and pixels."""
    view = torch.full((2,), _TURNED / 2), _down_the_columns(azimuth), _SIDE
    shown = cut_patch(image, *view)[None].contiguous(memory_format=torch.channels_last)
    with reduced_precision(image.device):
        built = network(shown)[0, 0].float()
    ways = torch.arange(_SIDE, device=image.device) - (_SIDE - 1) / 2
    is_disc = ways[:, None] ** 2 + ways**2 < (_SIDE / 2) ** 2  # the same ground whatever the azimuth
    counts = is_disc & (cut_patch(known, *view)[0] > 0.99)
    first = torch.arange(_TURNED, device=image.device) // _BLOCK
    across = int(first.max()) + 1
    block = nearest_patch((first[:, None] * across + first)[None], *view)[0][counts]
    values = (built[counts] ** 2, built[counts], torch.ones_like(built[counts]))
    return np.stack([torch.bincount(block, each, across**2).cpu().numpy() for each in values], -1).astype(float)


def _down_the_columns(azimuth: float) -> Tensor:
    """Return what turns offsets down the columns of a patch into those along an azimuth, north up: [2, 2]."""
    east, north = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
    return torch.tensor([[-north, east], [-east, -north]])


def _places(scene: SarScene, lattice: Grid) -> Sequence[tuple[Tensor, Tensor]]:
    """Return (image [C, `_TURNED`, `_TURNED`], known bool [1, …]) of the places where most shines."""
    found = []
    with GridReader(scene.source, lattice, scene.radiometry, surroundings=_TURNED) as reader:
        for square in _squares(lattice):
            values, known = reader.read_bands(square)
            levels = [scale.standardised(band[known]) for scale, band in zip(scene.scales, values)]
            shining = int((np.mean(levels, 0) > _BRIGHT).sum())
            if shining >= _LEAST_SHINING and known.mean() >= _LEAST_SHOWN:
                found.append((shining, values, known))
    chosen = sorted(found, key=lambda each: -each[0])[:_SEEN]
    return [(torch.from_numpy(mirrored(values, known)), torch.from_numpy(known)[None]) for _, values, known in chosen]


def _squares(lattice: Grid) -> Iterator[Window]:
    """Yield the `Window`s of some `_READ` places that are evenly spread over a lattice; small ones reach beyond it."""
    longer = max(lattice.width, lattice.height)
    apart = max(_TURNED, math.sqrt(lattice.width * lattice.height / _READ), longer / _READ)
    cols, rows = (max(round(side / apart), 1) for side in (lattice.width, lattice.height))
    for row in range(rows):
        for col in range(cols):
            middle = (col + 0.5) * lattice.width / cols, (row + 0.5) * lattice.height / rows
            yield Window(*(round(each - _TURNED / 2) for each in middle), _TURNED, _TURNED)
