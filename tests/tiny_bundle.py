"""A small seeded model file for matching: real classes, random weights."""

import torch

from ..models.matching.bridge_match import BridgeMatch
from ..models.matching.goodness import GoodnessNet
from ..models.matching.match_error_net import MatchErrorNet
from ..models.matching.orn import OutlierReductionNet
from ..models.model_file import save_model
from ..models.networks import network_entries
from .model_cards import card_with

ARGUMENTS = {"widths": (8, 8, 8), "features": 4}


def tiny_bridge_match(seed=0):
    """Return a BridgeMatch whose two streams share their random weights: it matches images of one kind."""
    torch.manual_seed(seed)
    network = BridgeMatch(**ARGUMENTS)
    network.optical.load_state_dict(network.sar.state_dict())
    return network.eval()


def write_tiny_bundle(path, task="match", without=("match_error",)):
    """Write a model file with a tiny BridgeMatch, goodness networks, ORN and what predicts errors to `path`; return it.

    `without` names networks that are left out; by default nothing predicts errors.
    """
    networks = {
        "match": tiny_bridge_match(),
        "goodness.sar": GoodnessNet(),
        "goodness.optical": GoodnessNet(),
        "orn": OutlierReductionNet(),
        "match_error": MatchErrorNet(),
    }
    networks["orn"].head[2].weight.data *= 0.01  # random weights alone are all too sure
    networks = {prefix: network for prefix, network in networks.items() if prefix not in without}
    card = card_with(
        name="Tiny bundle",
        task=task,
        networks=network_entries(networks, {"match": ARGUMENTS}),
        operating_point={"goodness_threshold": 0.0, "orn_threshold": 0.0, "largest_sigma": 32.0},
    )
    save_model(path, card, networks)
    return str(path)
