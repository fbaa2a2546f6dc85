"""Small despeckling networks as model files.

QGIS's Python imports this as well (`written_by_engine.py`), so that torch is imported where it is needed.
"""


def write_despeckler(path, network="Merlin", levels=2, width=3, **entries):
    """Write a model with random weights that never change; return the path. Its pixels are of 5 to 20 m."""
    import torch
    from sarbridge.models.despeckling.levels import HIGHEST, LOWEST
    from sarbridge.models.model_file import save_model
    from sarbridge.models.networks import NETWORKS, network_entries
    from sarbridge.tests.model_cards import card_with

    torch.manual_seed(0)
    arguments = {"levels": levels, "width": width}
    networks = {"despeckle": NETWORKS[network](**arguments)}
    unet = networks["despeckle"].unet
    decibels = {"bands": 1, "unit": "dB", "range": [LOWEST, HIGHEST], "polarisations": []}
    card = card_with(
        **{
            "name": "Toy despeckler",
            "task": "despeckle",
            "networks": network_entries(networks, {"despeckle": arguments}),
            "inputs": {"sar": {**decibels, "unit": "complex" if network == "Merlin" else "power"}},
            "outputs": {"reflectivity": decibels},
            "tiling": {"side": 256, "halo": unet.reach, "step": unet.stride},
            **entries,
        }
    )
    save_model(path, card, networks)
    return str(path)


def write_bridge_clear(path):
    """Write a model for detected images, otherwise the same; return the path."""
    return write_despeckler(path, "BridgeClear", name="Toy BridgeClear")
