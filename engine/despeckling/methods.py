"""The table of despeckling networks: what the network of a model file is shown.

A new one is a network of `models/networks.py` and a row here. It gives reflectivity in dB over the level of the scene.
"""

from dataclasses import dataclass

from torch import nn

from ...contract.errors import UserError
from ...models.card import Card
from ...models.despeckling.speckle_unet import SpeckleUNet
from ..inference.network_shapes import check_shapes

NETWORK = "despeckle"
"""Prefix of a model file's network that despeckles, and the task on the card."""


@dataclass(frozen=True)
class Method:
    """What a network is shown: real and imaginary part of a complex image, or the intensity of any image."""

    is_complex: bool

    @property
    def channels(self) -> int:
        """Planes of one band."""
        return 2 if self.is_complex else 1


METHODS = {"Merlin": Method(is_complex=True), "BridgeClear": Method(is_complex=False)}
"""By the class of the network on the card."""


_TILE = 1536
"""Pixels a side of tiles: halos are less than half of what is computed, and three fifths on those of 1024."""


def tiling_of(unet: SpeckleUNet) -> dict[str, int]:
    """Return what cards say of the tiles that a U-Net is shown of a raster."""
    return {"side": _TILE, "halo": unet.reach, "step": unet.stride}


def method_of(card: Card) -> Method:
    """Return the row for a model's card; raises `UserError` where its network is no despeckler, or lacks entries."""
    name = card.networks.get(NETWORK, {}).get("class")
    if name not in METHODS or not card.tiling:
        raise UserError(
            f"The model '{card.name}' holds no network that despeckles, or does not say which tiles it takes: choose "
            "another model."
        )
    return METHODS[name]


def check_network(card: Card, network: nn.Module) -> None:
    """Raise `UserError` where a model's network does not turn what its card says into what its card says."""
    side, step = card.tiling["side"], card.tiling["step"]
    check_shapes(card, network, (method_of(card).channels,), 1, (side, side + step))
