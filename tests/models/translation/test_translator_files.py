"""Translators in model files: what their cards say is enough to make them again."""

import pytest
import torch
from sarbridge.models.model_file import load_model, save_model
from sarbridge.models.networks import NETWORKS, network_entries
from sarbridge.tests.model_cards import card_with

ARGUMENTS = {
    "BridgeView": {"inputs": 2, "bands": 4, "widths": [4, 4, 4, 4, 4]},
    "SARDINet": {"sar_bands": 2, "bands": 4, "fusion": "late", "widths": [8, 8, 8, 8, 4, 4]},
    "Pix2Pix": {"sar_bands": 2, "bands": 4, "with_dem": True, "levels": 5, "width": 4},
    "CycleGAN": {"sar_bands": 2, "bands": 4, "with_dem": True, "width": 4, "blocks": 1},
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_round_trip(name, tmp_path):
    torch.manual_seed(1)
    networks = {"translate": NETWORKS[name](**ARGUMENTS[name]).eval()}
    card = card_with(name=name, task="translate", networks=network_entries(networks, {"translate": ARGUMENTS[name]}))
    save_model(tmp_path / "translator.safetensors", card, networks)
    _, loaded = load_model(tmp_path / "translator.safetensors", "translate")
    images = (torch.randn(1, 2, 64, 64), *([torch.rand(1, 1, 64, 64)] if name != "BridgeView" else []))
    with torch.no_grad():
        colours, again = networks["translate"](*images), loaded["translate"](*images)
    assert colours[:, :4].shape == (1, 4, 64, 64)
    torch.testing.assert_close(again, colours, atol=5e-3, rtol=0)  # weights are kept in fp16
