"""The shipped translator's file: what is written can be used by the task, and its halo covers what a pixel sees."""

import torch
from sarbridge.engine.translation.methods import NETWORK, check_network, method_of
from sarbridge.models.folded_unet import REACH, WIDTHS
from sarbridge.models.model_file import load_model, save_model
from sarbridge.models.translation.bridge_view import BridgeView
from sarbridge.recipes.translation.ship_bridge_view import card_of, translator_card


def test_the_file_is_a_translator(tmp_path):
    torch.manual_seed(0)
    network, path = BridgeView(), tmp_path / "bridgeview.safetensors"
    save_model(path, card_of(network, {"a city": {"mse": 0.02}}, ["town"]), {NETWORK: network})
    card, networks = load_model(path, "translate")
    assert method_of(card).gives_scale and list(networks) == [NETWORK]
    assert card.tiling["halo"] >= REACH and "town" not in " ".join(card.training_sets)
    assert path.stat().st_size < 4e6


def test_the_file_with_heights_asks_for_them(tmp_path):
    network, path = BridgeView(widths=WIDTHS, with_dem=True), tmp_path / "bridgeview_dem.safetensors"
    save_model(path, translator_card(network, "with heights", "colours", ("mountains",), {}), {NETWORK: network})
    card, networks = load_model(path, "translate")
    check_network(card, networks[NETWORK])
    assert "dem" in card.inputs and networks[NETWORK].with_dem and path.stat().st_size < 4e6
