"""What the X-band model learns from: places as a radar sees them, with the buildings that stand there."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Callable, Optional

import torch
from torch import Tensor

from ...engine.rasters.radiometry import to_db
from ...engine.simulation.scene import FAINTEST
from ..kept import Kept, kept

PIXEL = 1.0
"""Metres that all places are brought to before the network sees them."""


@dataclass(frozen=True)
class Place:
    """A place on pixels of `pixel` metres.

    image float [1, H, W]: intensity, linear, or where `is_rendering` grey values 0..255 of an unknown stretch. labels
    int32 [1, H, W]: 0 on the ground, from 1 on the number of a building, or 1 for all. valid bool [1, H, W]. incidence:
    degrees, None where not known. look_known: whether the line of sight runs down the columns.
    """

    name: str
    pixel: float
    image: Tensor
    labels: Tensor
    valid: Tensor
    incidence: Optional[float]
    look_known: bool
    is_rendering: bool

    @cached_property
    def some_values(self) -> Tensor:
        """Up to some ten thousand valid values of the image, to tell its levels by, [n]."""
        values = self.image[self.valid]
        return values[:: max(1, len(values) // 20_000)].float()


def kept_place(path: Path, make: Callable[[], Place]) -> Place:
    """Return the simulated place that a file keeps, which is made where there is none: intensities, all known."""
    tensors, facts = kept(path, lambda: _as_kept(make()))
    return Place(
        name=facts["name"],
        pixel=float(facts["pixel"]),
        image=10 ** (tensors["decibels"].float() / 10),
        labels=tensors["labels"],
        valid=torch.ones_like(tensors["labels"], dtype=torch.bool),
        incidence=float(facts["incidence"]),
        look_known=facts["look_known"] == "True",
        is_rendering=False,
    )


def _as_kept(place: Place) -> Kept:
    print(f"{place.name} is simulated.", flush=True)
    facts = {name: repr(getattr(place, name)) for name in ("pixel", "incidence", "look_known")}
    tensors = {"decibels": to_db(place.image, FAINTEST).half(), "labels": place.labels}
    return Kept(tensors, {"name": place.name, **facts})
