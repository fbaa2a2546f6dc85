"""What the X-band model learns from: places as a radar sees them, with the buildings that stand there."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Callable, Optional

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from ...contract.finished_file import finished_file
from ...engine.rasters.radiometry import to_db
from ...engine.simulation.scene import FAINTEST

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


def kept(path: Path, make: Callable[[], Place]) -> Place:
    """Return the simulated place that a file keeps, which is made where there is none: intensities, all known."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        place = make()
        decibels = to_db(place.image, FAINTEST)
        tensors = {"decibels": decibels.half().contiguous(), "labels": place.labels.contiguous()}
        facts = {"name": place.name, "pixel": repr(place.pixel), "incidence": repr(place.incidence)}
        facts["look_known"] = repr(place.look_known)
        with finished_file(path) as temporary:
            save_file(tensors, temporary, metadata=facts)
        print(f"{place.name} is simulated.", flush=True)
    with safe_open(path, "pt") as file:
        facts = file.metadata()
        decibels, labels = (file.get_tensor(name).clone() for name in ("decibels", "labels"))
    return Place(
        name=facts["name"],
        pixel=float(facts["pixel"]),
        image=10 ** (decibels.float() / 10),
        labels=labels,
        valid=torch.ones_like(labels, dtype=torch.bool),
        incidence=float(facts["incidence"]),
        look_known=facts["look_known"] == "True",
        is_rendering=False,
    )
