"""The surface that is simulated: terrain, what stands on it, and what it is covered with."""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Optional, Union

import torch

LOWEST_WALL = 2.0
"""Metres by which a building must rise above what is beside it, from sample to sample, to show a wall (our choice)."""


class Cover(IntEnum):
    """What the radar and the sun meet; the values are those of the raster of covers."""

    WATER = 1
    BARE = 2
    GRASS = 3
    CROP = 4
    FOREST = 5
    ROAD = 6
    PAVED = 7
    ROOF = 8


@dataclass(frozen=True)
class Surface:
    """A square lattice of ground, north up: rows run south, columns east, `pixel_size` metres apart.

    terrain: height of the bare ground in metres, float32 [H, W]. height: height of what is seen from above (roofs, tree
    tops, else the ground), float32 [H, W]. cover: `Cover`, uint8 [H, W]. building: number of the building that stands
    there, from 1, int32 [H, W]; 0 where none. wall_azimuth: direction of the outward normal of one of the (two pairs of
    perpendicular) walls of each building, degrees clockwise from north, float32 [B + 1], indexed by `building`.
    parcel: number of the field or yard that a cell belongs to, from 1, int32 [H, W]; 0 where none, everywhere when left
    out. row_azimuth: direction of the plough's rows in each parcel, degrees clockwise from north, float32 [P + 1].
    scene_number: of each building, int64 [B + 1]: what all blocks of a scene call it, whatever its number in this one;
    the same number when left out.
    """

    pixel_size: float
    terrain: torch.Tensor
    height: torch.Tensor
    cover: torch.Tensor
    building: torch.Tensor
    wall_azimuth: torch.Tensor
    parcel: Optional[torch.Tensor] = None
    row_azimuth: Optional[torch.Tensor] = None
    scene_number: Optional[torch.Tensor] = None

    def __post_init__(self):
        if self.parcel is None:
            object.__setattr__(self, "parcel", torch.zeros_like(self.building))
            object.__setattr__(self, "row_azimuth", torch.zeros_like(self.wall_azimuth[:1]))

    @property
    def building_key(self) -> torch.Tensor:
        """What tells each building from all others of its scene, int64 [B + 1]."""
        return _numbers(self.wall_azimuth) if self.scene_number is None else self.scene_number

    @property
    def parcel_key(self) -> torch.Tensor:
        """As `building_key`, int64 [P + 1]: parcels keep their numbers."""
        return _numbers(self.row_azimuth)

    def at(self, rows: Union[slice, torch.Tensor], cols: Union[slice, torch.Tensor]) -> "Surface":
        """Return the surface of these rows and columns, slices or index tensors that broadcast to [h, w]."""
        names = ("terrain", "height", "cover", "building", "parcel")
        return replace(self, **{name: getattr(self, name)[rows, cols] for name in names})

    def to(self, device: torch.device) -> "Surface":
        """Return the surface on another torch device."""
        tensors = {name: value.to(device) for name, value in vars(self).items() if isinstance(value, torch.Tensor)}
        return replace(self, **tensors)


def _numbers(each):
    return torch.arange(len(each), device=each.device)
