"""Mean colours of a translator, put right on places that it has not learnt from."""

from collections.abc import Sequence

import torch

from ...engine.training.pair import Pair
from ...engine.translation.training.samples import whole_pair
from ...models.folded_unet import STRIDE
from ...models.translation.bridge_view import BridgeView
from ..pairs import polarisation_of


@torch.inference_mode()
def mean_error(network: BridgeView, pairs: Sequence[Pair]) -> torch.Tensor:
    """Return by how much colours, 0..1, are too bright, [bands]: the mean over pairs of one band, taken as flat."""
    errors = []
    for pair in pairs:
        sample = whole_pair(pair, polarisation_of(pair) == "VH", STRIDE)
        heights = (torch.zeros_like(sample.sar[:, :1]),) if network.with_dem else ()
        errors.append((network(sample.sar, *heights)[0, : network.bands] - sample.optical[0]).mean((1, 2)))
    return torch.stack(errors).mean(0)


def put_levels_right(network: BridgeView, pairs: Sequence[Pair]) -> None:
    """Move a network's colours so that they are as bright, on average over pairs of one band, as they should be.

    It learns from few scenes, each with colours of its own, and in the end knows each by its texture. The longer it
    learns, the more structure it sees, and the further it takes other places for brighter than they are.
    """
    network.move_colours(-mean_error(network, pairs))
