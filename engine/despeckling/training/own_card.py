"""The card of a despeckler that was trained on users' layers."""

from collections.abc import Mapping, Sequence
from typing import Optional

from ....models.card import Card, ImageEntry
from ....models.despeckling.levels import HIGHEST, LOWEST
from ....models.despeckling.merlin import Merlin
from ....models.networks import network_entries
from ...rasters.grid import Grid
from ...training.users_card import users_card
from ..methods import NETWORK, tiling_of
from .teaching import Setting

_ANY_PIXEL = 0.01, 1000.0
"""Metres: images in radar geometry do not say how large their pixels are."""


def complex_entry(polarisations: Sequence[str] = ()) -> ImageEntry:
    """Return the entry of complex images; polarisations: those that were learnt from, where all are known."""
    named = list(polarisations) if all(polarisations) else []
    return {"bands": 1, "unit": "complex", "range": [LOWEST, HIGHEST], "polarisations": named}


def pixel_sizes(grids: Sequence[Grid]) -> tuple[float, float]:
    """Return the smallest and largest pixels of images in metres, bounds of all that there are where one has no map."""
    sizes = [grid.pixel_size for grid in grids] if all(grid.crs for grid in grids) else _ANY_PIXEL
    return min(sizes), max(sizes)


def own_card(setting: Setting, numbers: Mapping[str, Optional[float]]) -> Card:
    """Return the card of a trained network; numbers: the result of `train_despeckler.run`."""
    job, network = setting.job, Merlin(**setting.arguments)
    known = {name.lower(): value for name, value in numbers.items() if value is not None}
    return users_card(
        job.name,
        task=NETWORK,
        summary="MERLIN, trained on complex layers of the user.",
        networks=network_entries({NETWORK: network}, {NETWORK: dict(setting.arguments)}),
        inputs={"sar": complex_entry()},
        outputs={"reflectivity": {"bands": 1, "unit": "dB", "range": [LOWEST, HIGHEST], "polarisations": []}},
        tiling=tiling_of(network.unet),
        pixel_size_range=pixel_sizes([image.grid for image in setting.places.images]),
        training_sets=tuple(dict.fromkeys(each.name for each in job.layers)),
        validation={"split": "by place", **known},
        operating_point={},
    )
