"""Small translators as model files.

QGIS's Python imports this as well (`written_by_engine.py`), so that torch is imported where it is needed.
"""

STEP, HALO, SIDE = 4, 48, 160


def write_translator(path, network="BridgeView", arguments=None, heights=False, polarisations=("VV", "VH"), **entries):
    """Write a model with random weights that never change; return the path. Its pixels are of 5 to 20 m."""
    import torch
    from sarbridge.models.model_file import save_model
    from sarbridge.models.networks import NETWORKS, network_entries
    from sarbridge.tests.model_cards import card_with

    torch.manual_seed(0)
    arguments = arguments or ({"widths": [8, 8]} if network == "BridgeView" else {})
    translator = NETWORKS[network](**arguments)
    if network == "BridgeView":
        _settle(translator)
    bands = 1 if network == "BridgeView" else len(polarisations)
    sar = {"bands": bands, "unit": "dB, 8-bit rendering", "range": None, "polarisations": list(polarisations)}
    inputs = {"sar": sar}
    if heights:
        inputs["dem"] = {"bands": 1, "unit": "m", "range": None, "polarisations": []}
    optical = {"bands": 3, "unit": "reflectance rendering", "range": [0, 1], "polarisations": []}
    networks = {"translate": translator}
    card = card_with(
        **{
            "name": "Toy translator",
            "task": "translate",
            "networks": network_entries(networks, {"translate": arguments}),
            "inputs": inputs,
            "outputs": {"optical": optical},
            "tiling": {"side": SIDE, "halo": HALO, "step": STEP},
            **entries,
        }
    )
    save_model(path, card, networks)
    return str(path)


def _settle(network):
    """Give batch norms the statistics of images, so that values keep their size from layer to layer."""
    import torch

    network.train()
    with torch.no_grad():
        network.decoder.head.weight *= 0.3  # few colours are darker than black or brighter than white
        for _ in range(20):
            network(torch.randn(4, 4, 64, 64))
    network.eval()
