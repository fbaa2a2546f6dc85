"""What covers the ground between the buildings: fields, woods, rock, roads and yards; and the trees on it."""

from typing import NamedTuple

import torch

from ....contract.landscapes import Landscape
from ..noise import fractal_noise, smooth_noise, uniform, voronoi
from .districts import OPEN_LAND, column
from .polylines import meandering, nearest_on_polyline
from .surface import Cover
from .terrain import Terrain
from .tracts import Tracts

_FIELDS = {Cover.CROP: 0.62, Cover.GRASS: 0.27, Cover.BARE: 0.11}  # shares of the parcels in open land
_FIELD_SLOPE, _WOOD_SLOPE, _ROCK_SLOPE, _ROAD_SLOPE = 0.2, 0.3, 0.85, 0.4
_LANE, _AVENUE, _HIGHWAY = 5.0, 16.0, 30.0  # metres, widths; lanes divide tracts of open land, avenues those of towns
_CROWN = 7.0  # metres from tree to tree
_HEDGED, _HEDGE = 0.25, 3.0  # share of the parcels with a hedge, and its half width in metres
_TREE_LINE = 0.8  # share of a square's range of heights above which mountains have no trees


class Ground(NamedTuple):
    """All [H, W]. cover: `Cover`, uint8. parcel: number of the block, int64. trees: share of the ground under trees."""

    cover: torch.Tensor
    parcel: torch.Tensor
    trees: torch.Tensor


def slope_of(height: torch.Tensor, pixel_size: float) -> torch.Tensor:
    """Return the slope (rise over run) of heights [H, W] in metres."""
    return torch.hypot(*torch.gradient(height, spacing=pixel_size))


def ground(
    land: Tracts,
    place: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    kind: torch.Tensor,
    shaped: Terrain,
    pixel_size: float,
    landscape: Landscape,
    generator: torch.Generator,
) -> Ground:
    """Return the `Ground` of `Tracts` of district `kind` [T] on a `Terrain` (`shaped`); `place`: from `block_at`."""
    tract, (parcel, long_border, short_border) = land.cells.index, place
    here, other = kind[tract], kind[land.cells.other]
    is_open = here == OPEN_LAND
    slope = slope_of(shaped.height, pixel_size)
    wood = _woods(shaped, slope, pixel_size, landscape, generator)
    count = int(parcel.max()) + 1
    draw = uniform(generator, count)
    limits = torch.tensor(list(_FIELDS.values()), device=draw.device).cumsum(0)
    field = torch.tensor([int(kind) for kind in _FIELDS], device=draw.device)
    crop = field[torch.bucketize(draw, limits).clamp_max(len(_FIELDS) - 1)][parcel]
    cover = torch.where(is_open, crop, column("yard", draw.device).long()[here])
    cover[is_open & (slope > _FIELD_SLOPE)] = Cover.GRASS
    # City yards are mixed: some paved ones have lawns and some green ones are paved.
    swap = ~is_open & (draw[parcel] < torch.where(cover == Cover.PAVED, 0.35, 0.08))
    cover = torch.where(swap, Cover.GRASS + Cover.PAVED - cover, cover)
    is_wood = is_open & wood
    cover[is_wood] = Cover.FOREST
    cover[is_open & (slope > _ROCK_SLOPE)] = Cover.BARE
    trees = torch.where(is_open, 0.01, column("trees", draw.device)[here])
    hedged = is_open & (torch.minimum(long_border, short_border) < _HEDGE) & (draw[parcel] % 0.1 < 0.1 * _HEDGED)
    trees = torch.where(is_wood, 1.0, torch.where(hedged, 0.8, trees))
    road = _roads(land, here, other, long_border, short_border, pixel_size)
    for _ in range(int(landscape.highways * len(slope) * pixel_size / 10_000 + float(uniform(generator, 1)))):
        road |= _highway(len(slope), pixel_size, generator)
    road &= slope < _ROAD_SLOPE
    cover[road], trees[road] = Cover.ROAD, 0
    cover[shaped.is_water], trees[shaped.is_water] = Cover.WATER, 0
    trees[(cover == Cover.CROP) | (cover == Cover.BARE)] *= hedged[(cover == Cover.CROP) | (cover == Cover.BARE)]
    return Ground(cover.byte(), parcel, trees)


def _woods(shaped, slope, pixel_size, landscape, generator):
    """Where woods grow: in patches, more on slopes, none high up in mountains."""
    side = len(slope)
    patches = fractal_noise(side, pixel_size, 1400.0, generator, gain=0.6) + 2.5 * (slope / _WOOD_SLOPE).clamp_max(1)
    limit = torch.quantile(patches[::4, ::4].flatten(), 1 - landscape.forest)
    low, high = shaped.height.min(), shaped.height.max()
    line = _TREE_LINE + 0.05 * smooth_noise(side, pixel_size, 600.0, generator)
    below_tree_line = (shaped.height - low < line * (high - low)) | (high - low < 700)
    return (patches > limit) & below_tree_line


def _roads(land, here, other, long_border, short_border, pixel_size):
    """Streets between the blocks of settlements, and lanes along two in three borders between tracts."""
    device = here.device
    narrowest = 0.7 * pixel_size  # a thinner line would break up into dots
    street = column("street", device)[here]
    is_street = torch.minimum(long_border, short_border) < (street / 2).clamp_min(narrowest / 2)
    is_avenue = (here != OPEN_LAND) & (other != OPEN_LAND)
    width = torch.where(is_avenue, _AVENUE, _LANE).clamp_min(narrowest)
    is_lane = is_avenue | ((land.cells.index + land.cells.other) % 3 > 0)
    return (is_street & (here != OPEN_LAND)) | (is_lane & (land.cells.border < width / 2))


def _highway(side, pixel_size, generator):
    """A wide road in gentle curves from one side of the square to the opposite one, bool [H, W]."""
    extent = side * pixel_size
    ends = extent * uniform(generator, 2, low=-0.2, high=1.2)
    share = torch.linspace(-0.1, 1.1, 200, device=ends.device)
    course = torch.stack((share * extent, torch.lerp(ends[0], ends[1], share)))
    course = course.flip(0) if uniform(generator, 1) < 0.5 else course
    course = meandering(course, 0.8 * extent, 0.04 * extent, generator)
    reach = max(_HIGHWAY, 1.5 * pixel_size)
    return nearest_on_polyline(course, side, pixel_size, reach)[0] < max(_HIGHWAY, pixel_size) / 2


def trees(land: Tracts, density: torch.Tensor, pixel_size: float, generator: torch.Generator) -> torch.Tensor:
    """Return heights of tree tops above the ground in metres, 0 where no crown is, for shares [H, W] under crowns."""
    side = len(density)
    spacing = max(_CROWN, pixel_size)
    crowns = voronoi(land.x, land.y, side * pixel_size, spacing, generator)
    draw, vigour = uniform(generator, 2, crowns.points.shape[1])
    stand = 17 + 4 * smooth_noise(side, pixel_size, 260.0, generator)
    radius = spacing * (0.5 + 0.15 * vigour[crowns.index])
    bulge = 1 - 0.6 * (crowns.distance / radius).square()
    in_wood = density >= 1
    is_crown = in_wood | ((draw[crowns.index] < density) & (crowns.distance < radius))
    # A cell wider than a crown holds several: its top varies less.
    variety = 0.35 * _CROWN / spacing * (vigour[crowns.index] - 0.5)
    height = stand.clamp(8, 30) * (0.82 + variety) * bulge.clamp_min(0.25)
    return torch.where(is_crown, torch.where(in_wood, height, 0.6 * height), 0)
