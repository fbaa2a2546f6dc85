"""Small networks for buildings as model files.

QGIS's Python imports this as well (`written_by_engine.py`), so that torch is imported where it is needed.
"""

STEP, HALO, SIDE = 32, 64, 224


def write_segmenter(path, network="BridgeBuild", arguments=None, role="footprint", **entries):
    """Write a model with random weights that never change; return the path. Its pixels are of 0.5 to 3 m."""
    import torch
    from sarbridge.models.model_file import save_model
    from sarbridge.models.networks import NETWORKS, network_entries
    from sarbridge.tests.model_cards import card_with

    torch.manual_seed(0)
    arguments = arguments or ({"widths": [8, 8]} if network == "BridgeBuild" else {})
    networks = {"buildings": NETWORKS[network](**arguments)}
    if network == "BridgeBuild":
        _settle(networks["buildings"])
    sar = {"bands": 1, "unit": "dB, 8-bit rendering", "range": None, "polarisations": []}
    output = {"bands": 1, "unit": "probability", "range": [0, 1], "polarisations": []}
    card = card_with(
        **{
            "name": "Toy builder",
            "task": "buildings",
            "networks": network_entries(networks, {"buildings": arguments}),
            "inputs": {"sar": sar},
            "outputs": {role: output},
            "tiling": {"side": SIDE, "halo": HALO, "step": STEP},
            "pixel_size_range": (0.5, 3.0),
            "working_pixel": 1.0 if network == "BridgeBuild" else 0.0,
            "operating_point": {"threshold": 0.5},
            **entries,
        }
    )
    save_model(path, card, networks)
    return str(path)


def write_merlin_seg(path, **entries):
    """Write a small MERLIN-Seg with random weights that never change, for complex images; return the path."""
    from sarbridge.models.despeckling.merlin_seg import MerlinSeg

    arguments = {"levels": 2, "width": 3}
    network = MerlinSeg(**arguments)
    entries = {
        "name": "Toy MERLIN-Seg",
        "inputs": {"sar": {"bands": 1, "unit": "complex", "range": None, "polarisations": []}},
        "tiling": {"side": 96, "halo": network.reach, "step": network.stride},
        **entries,
    }
    return write_segmenter(path, "MerlinSeg", arguments, **entries)


def _settle(network):
    """Have the network find as much as it leaves, in any image of speckle."""
    import torch

    network.train()
    with torch.no_grad():
        for _ in range(20):
            logits = network(torch.randn(4, 3, 64, 64))
        building = slice(0, len(network.decoder.head.bias) // 2)
        network.decoder.head.bias[building] -= logits[:, 0].median()
    network.eval()
