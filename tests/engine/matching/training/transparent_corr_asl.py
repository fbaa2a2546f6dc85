"""A CorrASL that matches without training: its two streams share the random weights of their first level."""

import torch
from sarbridge.models.matching.corr_asl import CorrASL


def transparent_corr_asl(*_):
    """Return a network for which a template has the features of its place: it matches images of one kind."""
    torch.manual_seed(0)
    network = CorrASL().eval()
    network.optical = network.sar
    network.sar.reduction[0].weight.data[:, 32:] = 0
    # Without a constant part: else all places look alike.
    network.sar.levels[0][0].weight.data -= network.sar.levels[0][0].weight.mean((1, 2, 3), keepdim=True)
    for layer in (network.sar.levels[0][0], *network.sar.reduction[::2]):
        layer.bias.data.zero_()
    return network
