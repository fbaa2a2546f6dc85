"""A tiny network and invented places with buildings, for lessons."""

import torch
from sarbridge.engine.buildings.training.samples import BuildingSample
from sarbridge.models.buildings.segmenter import Segmenter
from torch import nn
from torch.nn import functional as F

SIDE = 32


def _layer(inputs, outputs, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs), nn.ReLU())


class _Encoder(nn.Module):
    def __init__(self, bands, width):
        super().__init__()
        self.layers = nn.ModuleList([_layer(bands, width), _layer(width, width, 2), _layer(width, width, 2)])

    def forward(self, planes):
        maps = [planes]
        for layer in self.layers:
            maps.append(layer(maps[-1]))
        return maps[1:]


class _Decoder(nn.Module):
    def __init__(self, width, outputs):
        super().__init__()
        self.layers = nn.ModuleList([_layer(width, width), _layer(width, width), _layer(width, width)])
        self.last = nn.Conv2d(width, outputs, 1)

    def forward(self, encoded):
        maps = [encoded[-1]]
        for layer, skipped in zip(self.layers, reversed(encoded)):
            maps.append(layer(F.interpolate(maps[-1], skipped.shape[2:]) + skipped))
        return maps[1:], self.last(maps[-1])


class TinySegmenter(Segmenter):
    """Three layers on the way down, three on the way up."""

    def __init__(self, bands=1, outputs=1, width=8):
        super().__init__(_Encoder(bands, width), _Decoder(width, outputs), bands, stride=4)


class Blocks:
    """Places with two rectangular buildings, bright in one radar band and of three colours in the optical image.

    A corner of each place is not valid: there is nonsense in it.
    """

    def __init__(self, look_known=True, nonsense=9.0):
        self.look_known, self.nonsense = look_known, nonsense

    def draw(self, step, count, generator):
        labels = torch.zeros(count, 1, SIDE, SIDE)
        for place in labels:
            for number, left in ((1.0, 2), (2.0, 18)):
                top, width, height = torch.randint(4, 12, (3,), generator=generator).tolist()
                place[0, top : top + height, left : left + width] = number
        valid = torch.ones(count, 1, SIDE, SIDE, dtype=torch.bool)
        valid[:, :, :8, :8] = False
        built = labels.clamp(max=1)
        planes = 2 * built - 0.5 + 0.5 * torch.randn(built.shape, generator=generator)
        colours = torch.tensor([0.8, 0.3, 0.1]).reshape(3, 1, 1)
        optical = built * colours + 0.1 * torch.randn((count, 3, SIDE, SIDE), generator=generator)
        planes, labels = (torch.where(valid, each, self.nonsense) for each in (planes, labels))
        known = torch.full((count,), self.look_known)
        return BuildingSample(planes, valid, known, labels, torch.where(valid, optical, self.nonsense))


def places(count=4):
    """The same whole samples at each call."""
    return [Blocks().draw(0, 1, torch.Generator().manual_seed(seed)) for seed in range(count)]
