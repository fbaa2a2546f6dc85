"""The card of a MERLIN-Seg that was trained on a user's layer."""

from collections.abc import Mapping
from typing import Optional

from ....models.card import Card
from ....models.despeckling.merlin_seg import MerlinSeg
from ....models.networks import network_entries
from ...despeckling.training.own_card import complex_entry, pixel_sizes
from ...training.image_entries import probability_entry
from ...training.users_card import users_card
from ..methods import FOOTPRINT, NETWORK
from .teaching import Setting

_TILE = 1024
"""Pixels a side of tiles: stacked at full size, the maps of larger ones take gigabytes."""


def own_card(setting: Setting, network: MerlinSeg, numbers: Mapping[str, Optional[float]]) -> Card:
    """Return the card of a trained network; numbers: result of `train_buildings.run`."""
    layers = setting.layers
    known = {name: value for name, value in numbers.items() if value is not None}
    return users_card(
        setting.job.name,
        task=NETWORK,
        summary="MERLIN-Seg, trained on a complex layer of the user.",
        networks=network_entries({NETWORK: network}, {NETWORK: dict(setting.arguments)}),
        inputs={"sar": complex_entry(layers.polarisations[:1])},
        outputs={FOOTPRINT: probability_entry()},
        tiling={"side": _TILE, "halo": network.reach, "step": network.stride},
        pixel_size_range=pixel_sizes([setting.patches.image.grid]),
        training_sets=(layers.sar.name, layers.footprints.name),
        validation={"split": "by place", **{name.lower(): value for name, value in known.items()}},
        operating_point={"threshold": known["THRESHOLD"]},
    )
