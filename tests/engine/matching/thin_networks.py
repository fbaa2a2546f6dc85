"""The published networks with a few channels, for tests that teach them: steps and files are the same, only sooner."""

from sarbridge.models.matching import deep_match, psiam, psiam_search, ss_net
from torch import nn


def thin(monkeypatch):
    """Have PSiam, DeepMatch and SSNet made with few channels from here on."""
    monkeypatch.setattr(psiam, "stream", _stream)
    for module in (psiam, psiam_search):
        monkeypatch.setattr(module, "FEATURES", 8)
    monkeypatch.setattr(deep_match, "_LAYERS", tuple((4, dilation) for _, dilation in deep_match._LAYERS))
    monkeypatch.setattr(ss_net, "_BLOCKS", ((4,),) * 5)


def _stream():
    layers, inputs = [], 1
    for outputs in (4, 4, 8):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(outputs), nn.MaxPool2d(2)]
        inputs = outputs
    return nn.Sequential(*layers)
