"""The table of networks that find buildings: what the network of a model file is shown, and what it gives.

A new one is a network of `models/networks.py` and a row here.
"""

from dataclasses import dataclass

from torch import nn

from ...contract.errors import UserError
from ...models.buildings.bridge_build import PLANES
from ...models.card import Card
from ..inference.network_shapes import check_shapes

NETWORK = "buildings"
"""Prefix of a model file's network that finds buildings, and the task on the card."""

PARTS = 2
"""Planes of a complex image: real and imaginary part."""

FOOTPRINT, BUILT_UP = "footprint", "built_up"
"""What the first output is, as cards call it: of images of a metre or so the footprints of buildings, of coarser ones
the areas that are built up."""


@dataclass(frozen=True)
class Method:
    """How a network finds buildings. It is shown standardised backscatter (`scene_scale`) and gives logits.

    is_complex: it is shown real and imaginary part of a complex image instead, in units of the scene's level, on the
    image's own pixels. is_turned: it is shown the planes of `bridge_build.sar_planes`, of the mean of any bands, with
    the line of sight down the columns; otherwise the bands on the card, in their order. has_border: after the building
    comes the border that parts it from its neighbours. is_local: what a pixel depends on lies within the halo on the
    card; otherwise on all of a tile.
    """

    is_complex: bool = False
    is_turned: bool = False
    has_border: bool = False
    is_local: bool = False

    @property
    def outputs(self) -> int:
        """How many logits the network gives."""
        return 1 + self.has_border


METHODS = {
    "BridgeBuild": Method(is_turned=True, has_border=True, is_local=True),
    "DeepLabV3Plus": Method(),
    "HFDNet": Method(),
    "MerlinSeg": Method(is_complex=True, is_local=True),
    "PSPNet": Method(),
    "SegNet": Method(),
    "UNet": Method(),
}
"""By the class of the network on the card. Published ones are blended: their encoders see farther than a halo can be
wide, or pool over all of a tile."""


def method_of(card: Card) -> Method:
    """Return the row for a model's card; raises `UserError` where its network finds no buildings, or lacks entries."""
    name = card.networks.get(NETWORK, {}).get("class")
    has_all = name in METHODS and "sar" in card.inputs and card.tiling and card.outputs.keys() & {FOOTPRINT, BUILT_UP}
    if not has_all:
        raise UserError(
            f"The model '{card.name}' holds no network that finds buildings in SAR images, or does not say what it "
            "takes and gives: choose another model."
        )
    return METHODS[name]


def gives_footprints(card: Card) -> bool:
    """Return whether a model tells buildings apart, and not only what is built up."""
    return FOOTPRINT in card.outputs


def check_network(card: Card, network: nn.Module) -> None:
    """Raise `UserError` where a model's network does not take tiles, or give logits, as its card and method say."""
    method, side, step = method_of(card), card.tiling["side"], card.tiling["step"]
    sides = (side, side + step) if method.is_local else (side,)
    check_shapes(card, network, (_planes(card, method),), method.outputs, sides)


def _planes(card: Card, method: Method) -> int:
    """Return how many planes a network is shown."""
    if method.is_complex:
        return PARTS
    return PLANES if method.is_turned else card.inputs["sar"]["bands"]
