"""The card of the X-band model says what its network takes and gives."""

import torch
from sarbridge.engine.buildings.methods import METHODS, NETWORK, check_network, gives_footprints, method_of
from sarbridge.models.buildings.bridge_build import BridgeBuild
from sarbridge.models.folded_unet import REACH
from sarbridge.models.model_file import load_model, save_model
from sarbridge.recipes.buildings.ship_bridge_build import card_of


def test_the_card_fits_the_network(tmp_path):
    torch.manual_seed(0)
    network, path = BridgeBuild(), tmp_path / "xband.safetensors"
    save_model(path, card_of(network, 0.35, {"none": {}}), {NETWORK: network})
    card, networks = load_model(path, NETWORK)
    check_network(card, networks[NETWORK])
    assert method_of(card) is METHODS["BridgeBuild"] and gives_footprints(card)
    assert card.tiling["halo"] >= REACH and card.working_pixel == 1.0
    assert card.operating_point["threshold"] == 0.35
    assert path.stat().st_size < 3_000_000
