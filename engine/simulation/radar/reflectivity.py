"""What changes from town to town in how buildings, and what stands about them, shine."""

from dataclasses import dataclass

import torch

from ..noise import uniform


@dataclass(frozen=True)
class Reflectivity:
    """How strongly a scene's walls, roofs and yards shine, beside what `backscatter.gamma_nought` says of them.

    facade, roof, paved: dB on top of those curves. windows: share of a façade's backscatter that comes from its
    windows, as points. corner: dB on top of the gain of the double bounce between ground and wall; corner_width:
    degrees, the standard deviation of its fall with the wall turning away, wider for rough walls and ground;
    corner_spread: dB, from stretch to stretch of a wall, since cars, hedges and porches hide its foot. building_spread:
    dB, from building to building (gravel, tiles, metal). roof_points, yard_points, edge_points: bright scatterers on a
    square metre of roof, on one of the ground near buildings (cars, fences, sheds), and on a metre of roof edge; point,
    yard_point: their median cross-sections in dB of 1 m² (most are weak, a few outshine whole blocks), point_spread:
    standard deviation in dB. clutter: dB, grain of 2 m on all that is there. canopy: share of a tree's height that its
    echoes come from. noise: dB by which the image's noise, with what is scattered into shadows, exceeds the radar's
    own.
    """

    facade: float = 0.0
    roof: float = 0.0
    windows: float = 0.6
    corner: float = 0.0
    corner_width: float = 5.0
    corner_spread: float = 0.0
    building_spread: float = 3.0
    roof_points: float = 0.002
    yard_points: float = 0.0
    edge_points: float = 0.03
    point: float = 6.0
    yard_point: float = 0.0
    point_spread: float = 8.0
    clutter: float = 0.0
    paved: float = 0.0
    canopy: float = 1.0
    noise: float = 0.0

    @classmethod
    def drawn(cls, generator: torch.Generator) -> "Reflectivity":
        """Return one within `RANGES`, even in each of the fields."""
        shares = uniform(generator, len(RANGES)).tolist()
        return cls(**{name: low + share * (high - low) for share, (name, (low, high)) in zip(shares, RANGES.items())})


BRIGHT = Reflectivity()
"""Clean walls and empty yards: of the size that C band shows at 10 m; at a metre, buildings shine too much."""

RANGES = {
    "facade": (-15.0, -7.0),
    "roof": (-6.0, 1.0),
    "windows": (0.3, 0.8),
    "corner": (-18.0, -5.0),
    "corner_width": (4.0, 12.0),
    "corner_spread": (3.0, 8.0),
    "building_spread": (1.5, 4.0),
    "roof_points": (0.002, 0.02),
    "yard_points": (0.003, 0.03),
    "edge_points": (0.03, 0.3),
    "point": (-9.0, 0.0),
    "yard_point": (-11.0, -3.0),
    "point_spread": (5.0, 9.0),
    "clutter": (0.5, 2.5),
    "paved": (-9.0, 0.0),
    "canopy": (0.0, 0.35),
    "noise": (5.0, 13.0),
}
"""Our choice, such that the tiles of `benchmarks/urban_reality.py` are hard to tell from real ones."""
