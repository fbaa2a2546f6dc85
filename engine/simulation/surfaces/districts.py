"""What kinds of districts settlements have, and where: dense in their middle, thinning out."""

from dataclasses import dataclass

import torch

from ....contract.landscapes import Landscape
from ..noise import uniform
from .surface import Cover


@dataclass(frozen=True)
class District:
    """How a tract of a settlement is built up. Lengths in metres; all numbers are our choice.

    from_density: least density of the settlement there. block: width and length from street to street. street: width.
    lot: length of street that each building has, of which `gap` stays free. depth: of buildings. setback: from the
    street. eaves: heights above ground. gabled, winged, occupied: shares of buildings with a gabled roof, with a wing
    (an L-shape), and of lots with a building. yard: cover between the buildings. trees: share of the yard under trees.
    closed: share of the blocks with buildings along their short ends too. houses: width of the houses that a building
    is a row of, with extensions and sheds; 0 for others.
    """

    from_density: float
    block: tuple[float, float]
    street: float
    lot: float = 20.0
    gap: float = 8.0
    depth: tuple[float, float] = (8.0, 12.0)
    setback: float = 5.0
    eaves: tuple[float, float] = (3.0, 7.0)
    gabled: float = 0.0
    winged: float = 0.0
    occupied: float = 0.0
    yard: Cover = Cover.GRASS
    trees: float = 0.15
    closed: float = 0.0
    houses: float = 0.0


DISTRICTS = {
    "open land": District(-9.0, (80, 240), 0),  # divided by the landscape's fields instead
    "village": District(0.12, (74, 150), 6, lot=24, gap=10, eaves=(3.2, 6), gabled=0.9, winged=0.35, occupied=0.65),
    "houses": District(0.3, (66, 160), 8, lot=18, gap=5, eaves=(3, 7), gabled=0.8, winged=0.35, occupied=0.92),
    "rows": District(0.5, (64, 150), 9, lot=38, gap=7, depth=(10, 13), eaves=(7, 13), gabled=0.6, winged=0.15,
                     occupied=0.93, trees=0.12),
    "perimeter": District(0.67, (84, 130), 14, lot=22, gap=0, depth=(12, 15), setback=1.5, eaves=(13, 24), gabled=0.45,
                          winged=0.35, occupied=0.96, yard=Cover.PAVED, trees=0.08),
    "towers": District(0.85, (110, 150), 18, lot=38, gap=13, depth=(18, 32), setback=6, eaves=(20, 58), winged=0.2,
                       occupied=0.85, yard=Cover.PAVED, trees=0.06),
    "industry": District(9.0, (140, 200), 12, lot=66, gap=16, depth=(28, 48), setback=9, eaves=(5, 12), gabled=0.2,
                         winged=0.3, occupied=0.85, yard=Cover.PAVED, trees=0.02),
    "park": District(9.0, (120, 180), 3, trees=0.4),
    # Of landscapes that say what their settlements consist of (`Landscape.districts`): no density brings them about.
    "terraces": District(9.0, (54, 150), 9, lot=46, gap=4, depth=(8, 11), setback=3.5, eaves=(5, 8.5), gabled=0.85,
                         occupied=0.96, trees=0.18, closed=0.15, houses=5.8),
    "courts": District(9.0, (66, 110), 11, lot=42, gap=0, depth=(9, 12), setback=2.5, eaves=(7, 13), gabled=0.5,
                       occupied=0.97, trees=0.2, closed=0.85, houses=6.5),
    "old town": District(9.0, (48, 95), 8, lot=7.5, gap=0, depth=(9, 17), setback=0.8, eaves=(7, 15), gabled=0.75,
                         winged=0.3, occupied=0.97, yard=Cover.PAVED, trees=0.06),
    "slabs": District(9.0, (72, 150), 9, lot=64, gap=14, depth=(10, 13), setback=8, eaves=(9, 24), gabled=0.1,
                      winged=0.2, occupied=0.9, trees=0.3),
    "halls": District(9.0, (190, 280), 14, lot=105, gap=20, depth=(45, 85), setback=10, eaves=(7, 14), gabled=0.15,
                      winged=0.25, occupied=0.85, yard=Cover.PAVED, trees=0.02),
}  # fmt: skip

_INDUSTRY, _PARK = 0.07, 0.06  # shares of the tracts of settlements that these take
_NAMES = list(DISTRICTS)
OPEN_LAND = _NAMES.index("open land")


def column(field: str, device: torch.device) -> torch.Tensor:
    """Return one field of all districts as float32 [D] or [D, 2], indexed by what `districts` returns."""
    return torch.tensor([getattr(kind, field) for kind in DISTRICTS.values()], dtype=torch.float32, device=device)


def districts(points: torch.Tensor, extent: float, landscape: Landscape, generator: torch.Generator) -> torch.Tensor:
    """Return which of `DISTRICTS` the tracts at `points` [2, T] (metres) of a square are, int64 [T]."""
    count = landscape.settlements * (extent / 1000) ** 2 + float(uniform(generator, 1))
    count = max(int(count), int(landscape.density > 0.38))
    centres = extent * uniform(generator, 2, count)
    if count:  # the first one is in the picture's middle
        centres[:, 0] = extent * uniform(generator, 2, low=0.3, high=0.7)
    reach = landscape.reach * uniform(generator, count, low=0.7, high=1.4)
    distance = (points[:, :, None] - centres[:, None]).norm(dim=0)
    density = landscape.density * torch.exp(-((distance / reach) ** 2))
    density = torch.nn.functional.pad(density, (0, 1)).amax(1)  # 0 without any settlement
    density *= torch.exp(0.2 * torch.randn(len(density), generator=generator, device=density.device))
    kind = (density[:, None] >= column("from_density", points.device)).sum(1) - 1
    if landscape.districts:
        names, shares = zip(*landscape.districts)
        drawn = torch.multinomial(torch.tensor(shares, device=kind.device), len(kind), True, generator=generator)
        named = torch.tensor([_NAMES.index(name) for name in names], device=kind.device)
        return torch.where(kind > OPEN_LAND, named[drawn], kind)
    special = uniform(generator, len(kind))
    kind[(kind > OPEN_LAND) & (special < _INDUSTRY)] = _NAMES.index("industry")
    kind[(kind > OPEN_LAND) & (special > 1 - _PARK)] = _NAMES.index("park")
    return kind
