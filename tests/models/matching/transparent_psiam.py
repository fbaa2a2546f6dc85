"""PSiams that match without training: one made by hand, and one of random weights whose norms know its features."""

import torch
from sarbridge.models.matching.psiam import PSiam
from torch import nn


def transparent_psiam(side=128):
    """Return a network for images of one kind, whose odds fall with how much the patches differ.

    Both streams hand on what of a patch is brighter and what is darker than its mean, through their max-pools; the
    fusion takes the differences, of either sign, and sums them up.
    """
    network = PSiam(side)
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.weight.data.zero_()
    for layers in (network.sar, network.optical):
        first, *others = (layer for layer in layers if isinstance(layer, nn.Conv2d))
        first.weight.data[:2, 0, 1, 1] = torch.tensor([1.0, -1.0])
        for layer in others:
            layer.weight.data[:2, :2, 1, 1] = torch.eye(2)
    either = torch.cat((torch.eye(2), -torch.eye(2)))
    network.fusion.concatenated.weight.data[:4, :2, 1, 1] = either
    network.fusion.concatenated.weight.data[:4, 128:130, 1, 1] = -either
    sums, connected, odds = (layer for layer in network.fusion.decision if isinstance(layer, (nn.Conv2d, nn.Linear)))
    sums.weight.data[0, :4] = 1
    connected.weight.data[0, : connected.in_features // 128] = 1
    odds.weight.data[1, 0], odds.bias.data[1] = -1, 5
    return network.eval()


def random_psiam(side, seed=3):
    """Return a network of random weights, with the norms that noise gives: without, it would be nearly blind."""
    torch.manual_seed(seed)
    network = PSiam(side)
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        network(torch.rand(16, 1, side, side), torch.rand(16, 1, side, side))
    return network.eval()
