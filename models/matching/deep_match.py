"""DeepMatch, a siamese network that tells the offset of a template in a search window by dot products.

N. Merkle, W. Luo, S. Auer, R. Müller and R. Urtasun, "Exploiting Deep Matching and SAR Data for the Geo-Localization
Accuracy Improvement of Optical Satellite Images", Remote Sensing 9 (2017), as told by L. H. Hughes, "Deep Learning for
Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität München, 2020 ("Hughes 2020"),
§2.3 and §5.1.4: one stream of shared weights, templates of 201 and search windows of 221 pixels, 441 offsets.

From the sizes follows what the stream must be: unpadded, of stride 1 and with a receptive field of 201 pixels, so that
a template is one vector and a search window one for each offset. Its layers exist only as a picture (figure 5.1 there).
Our choice are nine 3x3 convolutions whose dilations add up to that field and never leave a hole in it, ReLU between
them and none after the last; 32 filters, and 64 where maps have become small. Batch norm, too, is left out by choice:
what a stream sees in turn, SAR and optical, would be normalised each by itself in training, and both by one mean later.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import he_initialise

TEMPLATE = 201
"""Side in pixels of what one vector describes: of templates."""

SEARCH = 221
"""Side in pixels of the search windows of the training."""

MAX_SHIFT = (SEARCH - TEMPLATE) // 2
"""Pixels on each side that search windows are wider than templates: 21 x 21 offsets."""

_LAYERS = ((32, 1), (32, 1), (32, 2), (32, 4), (32, 8), (32, 12), (64, 16), (64, 24), (64, 32))
"""(filters, dilation) of each; 1 + 2 x the sum of the dilations is the receptive field."""


class DeepMatch(nn.Module):
    """Heat map of an optical template over a SAR search window, both described by one `stream`."""

    def __init__(self) -> None:
        super().__init__()
        layers, inputs = [], 1
        for filters, dilation in _LAYERS:
            layers += [nn.Conv2d(inputs, filters, 3, dilation=dilation), nn.ReLU(inplace=True)]
            inputs = filters
        self.stream = nn.Sequential(*layers[:-1])
        he_initialise(self, "fan_in")
        for layer in self.stream[::2]:
            nn.init.zeros_(layer.bias)

    def codes(self, images: Tensor) -> Tensor:
        """Describe images [N, 1, H, W], 0..1: [N, 64, H - 200, W - 200]; cell (i, j) describes the 201 x 201 pixels
        from pixel (i, j) on, whose middle is pixel (i + 100, j + 100)."""
        return self.stream(2 * images - 1)  # around 0: our choice

    def forward(self, search: Tensor, template: Tensor) -> Tensor:
        """Return the dot products [N, k, k] of templates [N, 1, 201, 201] with search windows [N, 1, 200 + k, 200 + k].

        SAR in `search`, optical in `template`, both 0..1. Cell (i, j) is that of the template with its upper left
        corner on pixel (i, j) of the window. k is 21 in training and whatever the reach asks for in matching.
        """
        return offset_heat(self.codes(template)[:, :, 0, 0], self.codes(search))


def offset_heat(template: Tensor, search: Tensor) -> Tensor:
    """Return the dot products [N, k, k] of codes of templates [N, 64] with those of all offsets [N, 64, k, k]."""
    return torch.einsum("nc,nchw->nhw", template.float(), search.float())


def offset_loss(heat: Tensor, shift: Tensor) -> Tensor:
    """Return the mean cross-entropy of the softmax over all offsets of heat maps [N, 2 m + 1, 2 m + 1].

    shift [N, 2]: the true offsets (right, down) in whole pixels, ±m, each one class of a one-hot target (Hughes 2020,
    §5.1.4).
    """
    side = heat.shape[-1]
    right, down = (shift + side // 2).unbind(1)
    return F.cross_entropy(heat.flatten(1), down * side + right)
