"""The table of translators: what the network of a model file is shown, and what it gives.

A new translator is a network of `models/networks.py` and a row here.
"""

from dataclasses import dataclass
from typing import Optional

from torch import nn

from ...contract.errors import UserError
from ...models.card import Card
from ..inference.network_shapes import check_shapes
from ..rasters.scene_scale import FACTS

NETWORK = "translate"
"""Prefix of a model file's network that translates, and the task on the card."""


_KILOMETRE = 1000.0


@dataclass(frozen=True)
class Method:
    """How a network translates. It always takes standardised backscatter (`scene_scale`), then, where the card has an
    input "dem", heights, and gives the optical bands as 0..1.

    one_by_one: it takes one polarisation at a time, whichever, over planes of what is told of the scene
    (`SceneScale.facts`); otherwise those on the card at once, in their order. gives_scale: after the optical bands
    comes the expected absolute error. is_local: what a pixel depends on lies within the halo on the card; otherwise
    on all of a tile, which then is as wide as on the card, or a multiple of it. full_height: the height, in metres,
    that counts as 1; None: the highest of the scene, as published for SARDINet: a plain looks like mountains then.
    """

    one_by_one: bool = False
    gives_scale: bool = False
    is_local: bool = True
    full_height: Optional[float] = None


METHODS = {
    "BridgeView": Method(one_by_one=True, gives_scale=True, full_height=_KILOMETRE),
    "SARDINet": Method(),
    "Pix2Pix": Method(is_local=False),
    "CycleGAN": Method(is_local=False),
}
"""By the class of the network on the card."""


def method_of(card: Card) -> Method:
    """Return the row for a model's card; raises `UserError` where its network is no translator, or lacks entries."""
    name = card.networks.get(NETWORK, {}).get("class")
    if name not in METHODS or "sar" not in card.inputs or "optical" not in card.outputs or not card.tiling:
        raise UserError(
            f"The model '{card.name}' holds no network that translates, or does not say what it takes and gives: "
            "choose another model."
        )
    return METHODS[name]


def check_network(card: Card, network: nn.Module) -> None:
    """Raise `UserError` where a model's network does not turn what its card says into what its card says.

    It is shown a tile, and the next larger one where it takes any.
    """
    method, side, step = method_of(card), card.tiling["side"], card.tiling["step"]
    planes = 1 + FACTS if method.one_by_one else card.inputs["sar"]["bands"]
    expected = card.outputs["optical"]["bands"] + method.gives_scale
    sides = (side, side + step) if method.is_local else (side,)
    check_shapes(card, network, (planes, 1) if "dem" in card.inputs else (planes,), expected, sides)
