"""The table of translators: what the network of a model file is shown, and what it gives.

A new translator is a network of `models/networks.py` and a row here.
"""

from dataclasses import dataclass

from ...contract.errors import UserError
from ...models.card import Card

NETWORK = "translate"
"""Prefix of a model file's network that translates, and the task on the card."""


@dataclass(frozen=True)
class Method:
    """How a network translates. It always takes standardised backscatter (`scene_scale`), then, where the card has an
    input "dem", heights as parts of the scene's highest, and gives the optical bands as 0..1.

    one_by_one: it takes one polarisation at a time, whichever, over a plane that tells whether it is a cross-polarised
    one; otherwise those on the card at once, in their order. gives_scale: after the optical bands comes the expected
    absolute error. is_local: what a pixel depends on lies within the halo on the card; otherwise
    on all of a tile, which then is as wide as on the card, or a multiple of it.
    """

    one_by_one: bool = False
    gives_scale: bool = False
    is_local: bool = True


METHODS = {
    "BridgeView": Method(one_by_one=True, gives_scale=True),
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
