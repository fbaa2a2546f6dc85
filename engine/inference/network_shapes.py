"""Whether a network takes and gives what its card says, seen without computing anything."""

from collections.abc import Iterable, Sequence
from copy import deepcopy

import torch
from torch import nn

from ...contract.errors import UserError
from ...contract.sources import LARGEST_TILE
from ...models.card import Card


def check_shapes(card: Card, network: nn.Module, inputs: Sequence[int], outputs: int, sides: Iterable[int]) -> None:
    """Raise `UserError` unless a network turns tiles of the bands `inputs`, one number a tensor, into `outputs` bands.

    sides: of the tiles. Only sizes are computed, on a device without memory.
    """
    without_memory = deepcopy(network).to("meta")
    for side in sides:
        tensors = [torch.empty(1, bands, side, side, device="meta") for bands in inputs]
        try:
            shape = without_memory(*tensors).shape if side <= LARGEST_TILE else None
        except (RuntimeError, TypeError, ValueError):  # of sizes that do not fit, and of inputs that it does not take
            shape = None
        if shape != (1, outputs, side, side):
            raise UserError(
                f"The network of the model '{card.name}' does not take tiles, or give bands, as its card says: choose "
                "another model."
            )
