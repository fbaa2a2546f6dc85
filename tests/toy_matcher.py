"""Tiny matchers as model files, for tests within QGIS: its Python has no torch, and asks the engine's to write them."""


def write_matcher(path):
    """Write a tiny BridgeMatch with goodness networks and an ORN, "Tiny bundle"."""
    from sarbridge.tests.tiny_bundle import write_tiny_bundle

    return write_tiny_bundle(path)


def write_corr_asl(path):
    """Write a CorrASL with random weights, "Toy CorrASL"."""
    from sarbridge.models.matching.corr_asl import CorrASL
    from sarbridge.models.model_file import save_model
    from sarbridge.models.networks import network_entries
    from sarbridge.tests.model_cards import card_with

    networks = {"match": CorrASL()}
    save_model(path, card_with(name="Toy CorrASL", task="match", networks=network_entries(networks)), networks)
