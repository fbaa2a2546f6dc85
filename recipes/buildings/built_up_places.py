"""Where built-up areas are known on pixels of about ten metres: by footprints, by simulation, and by eye."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import torch
from scipy import ndimage
from torch import Generator, Tensor
from torch.nn import functional as F

from ...contract.geometry_jobs import OpticalView
from ...contract.optical_presets import SENTINEL_2
from ...engine.simulation.patches import MARGIN, MOST_OFF_NADIR, eight_bit, seen_place
from ...engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD
from ...engine.simulation.surfaces.world import world
from ...engine.training.pair import Pair
from ...engine.training.variation import between
from ..kept import Kept, kept
from ..pairs import read_pair

REACH = 40.0
"""Metres around a building that count as built up: yards, streets and what else land cover maps take for built area."""

PIXEL = SENTINEL_2.pixel_size

_SIDE = 192
"""Pixels of a simulated place."""

_CELLS = 4  # along a pixel: cells of 2.5 m, which houses are larger than
_LANDSCAPES = ("village", "hills", "plain", "village", "suburb", "coast", "city", "village", "lakes", "prairie")
_PASSES = 80.0, 280.0  # look azimuths of ascending and descending passes, which look to the right
_SUN_ELEVATIONS, _SUN_AZIMUTHS = (25.0, 65.0), (130.0, 170.0)

_PLANET_PIXEL = 4.0

BY_EYE = Path(__file__).with_name("built_up_by_eye.txt")
SQUARES = 16  # along a tile
_KINDS = {"#": 1, ".": 0, "?": -1}


@dataclass(frozen=True)
class BuiltUpPlace:
    """A place as both sensors see it, without SAR where there is none, and the share of each pixel that is built up.

    built_up: 0..1, float32 [1, H, W]. known: where nobody can tell it is False, bool [1, H, W].
    """

    pair: Pair
    built_up: Tensor
    known: Tensor


def everywhere_known(pair: Pair, built_up: Tensor) -> BuiltUpPlace:
    """Return a place of which all is known."""
    return BuiltUpPlace(pair, built_up, torch.ones_like(built_up, dtype=torch.bool))


def built_up_share(built: np.ndarray, pixel: float, times: float) -> Tensor:
    """Return the share, 0..1 [1, h, w], of pixels `times` as large that lies within `REACH` of what is built.

    built: bool [H, W], on pixels of `pixel` metres.
    """
    near = ndimage.distance_transform_edt(~built) * pixel <= REACH if built.any() else built
    return reduced(torch.from_numpy(near.astype(np.float32))[None], times)


def reduced(image: Tensor, times: float) -> Tensor:
    """Return an image [C, H, W], float, on pixels `times` as large."""
    size = [round(side / times) for side in image.shape[-2:]]
    return F.interpolate(image[None], size=size, mode="bilinear", antialias=True, align_corners=False)[0]


def planet_mosaics(data: Path) -> list[BuiltUpPlace]:
    """Return the SpaceNet 7 mosaics, on pixels of ten metres."""
    folder, times, places = data / "buildings" / "sn7_planet", PIXEL / _PLANET_PIXEL, []
    for path in sorted(folder.glob("*_rgb.png")):
        name = path.name.split("_")[0]
        colours = reduced(torch.from_numpy(_read(path)[:3]).float(), times).round().byte()
        built = _read(folder / f"{name}_building.png")[0] > 127
        nothing = torch.zeros((0, *colours.shape[1:]), dtype=torch.uint8)
        pair = Pair(f"sn7_planet/{name}", nothing, colours)
        places.append(everywhere_known(pair, built_up_share(built, _PLANET_PIXEL, times)))
    return places


def _read(path: Path) -> np.ndarray:
    with rasterio.open(path) as image:
        return image.read()


def simulated_places(work: Path, count: int) -> list[BuiltUpPlace]:
    """Return so many simulated places, with VV and VH as 8-bit amplitudes; the folder `work` keeps them."""
    return [_kept_place(work / "places" / f"{seed:04}.safetensors", seed) for seed in range(count)]


def _kept_place(path: Path, seed: int) -> BuiltUpPlace:
    tensors, _ = kept(path, lambda: _simulated(seed))
    return everywhere_known(Pair(f"simulated/{seed}", tensors["sar"], tensors["optical"]), tensors["built_up"])


def _simulated(seed: int) -> Kept:
    """Return the place of a seed, which its landscape, angles and sun follow from."""
    generator, landscape = Generator().manual_seed(seed), _LANDSCAPES[seed % len(_LANDSCAPES)]
    surface = world((_SIDE + 2 * MARGIN) * _CELLS, PIXEL / _CELLS, seed, landscape)
    look = _PASSES[int(torch.randint(len(_PASSES), (), generator=generator))]
    incidence = between(*SENTINEL1_IW_GRD.incidence, generator)
    ranges = (0, 360), (0, MOST_OFF_NADIR), _SUN_AZIMUTHS, _SUN_ELEVATIONS
    view = OpticalView(*(between(*each, generator) for each in ranges))
    seen = seen_place(surface, SENTINEL1_IW_GRD, (look, incidence), ("VV", "VH"), SENTINEL_2, view, generator)
    built_up = built_up_share(surface.building.numpy() > 0, surface.pixel_size, _CELLS)
    inner = slice(MARGIN, -MARGIN)
    sar, optical = eight_bit(seen.sar[0], seen.optical[0])
    print(f"Place {seed} ({landscape}) is simulated.", flush=True)
    return Kept({"sar": sar, "optical": optical, "built_up": built_up[:, inner, inner]})


def seen_by_eye(data: Path) -> list[BuiltUpPlace]:
    """Return the optical tiles whose built-up areas are drawn in `built_up_by_eye.txt`, which says how."""
    tiles = drawn_tiles(BY_EYE.read_text())
    return [_drawn(read_pair(data / name.split("/")[0], name.split("/")[1]), rows) for name, rows in tiles.items()]


def drawn_tiles(text: str) -> dict[str, list[str]]:
    """Return the rows of squares of each tile by its name, from such a text as `built_up_by_eye.txt`."""
    tiles: dict[str, list[str]] = {}
    for line in text.strip().split("\n\n", 1)[1].split("\n"):
        first, squares = line.split()
        if len(first) > 1:
            rows = tiles[first] = [squares * SQUARES] * SQUARES
        else:
            rows[int(first, 16)] = squares
    return tiles


def _drawn(pair: Pair, rows: list[str]) -> BuiltUpPlace:
    squares = torch.tensor([[_KINDS[each] for each in row] for row in rows], dtype=torch.float32)
    kind = F.interpolate(squares[None, None], size=pair.optical.shape[-2:], mode="nearest")[0]
    return BuiltUpPlace(pair, (kind == 1).float(), kind >= 0)
