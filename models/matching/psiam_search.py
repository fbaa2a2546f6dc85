"""PSiam over a whole search window at once (our choice), instead of patch after patch as published.

The streams of `PSiam` pool, so that they describe every eighth pixel only. Here the SAR stream runs over the whole
window in all 8 x 8 phases together: what follows a max-pool is dilated instead of thinned out. The fusion's first
convolution is linear, its SAR half is computed with the stream; only what comes after the sum with the optical half is
computed for each offset.

That is not the same as cutting out each patch: there, convolutions find zeros around the patch, here the pixels that
really follow; and the mean is that of the search window instead of each patch's. In the middle of a patch, as far as
no padding reaches, and with the same mean, features are equal.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .psiam import FEATURES, STEP, PSiam, centred, log_odds


def window_log_odds(network: PSiam, templates: Tensor, searches: Tensor) -> Tensor:
    """Return heat maps [N, k, k]: the `log_odds` of templates at every offset of search windows.

    templates: optical [N, 1, side, side]; searches: SAR [N, 1, side + k - 1, side + k - 1], both 0..1. Index (0, 0) is
    the template laid over the window's upper left corner.
    """
    side, count = network.side, searches.shape[-1] - network.side + 1
    fusion = network.fusion.concatenated
    sar_weight, optical_weight = fusion.weight.split(FEATURES, 1)
    sar = F.conv2d(at_every_pixel(network.sar, centred(searches)), sar_weight, padding=STEP, dilation=STEP)
    optical = F.conv2d(network.optical(centred(templates)), optical_weight, fusion.bias, padding=1)
    rows = []
    for top in range(count):
        strip = sar[:, :, top : top + side : STEP]
        windows = strip.unfold(3, side - STEP + 1, 1)[:, :, :, :count, ::STEP]  # [N, 128, cells, k, cells]
        fused = windows + optical[:, :, :, None]
        logits = network.fusion.decision(fused.permute(0, 3, 1, 2, 4).flatten(0, 1))
        rows.append(log_odds(logits).view(len(templates), count))
    return torch.stack(rows, 1)


def at_every_pixel(stream: nn.Sequential, images: Tensor) -> Tensor:
    """Return a stream's features [N, 128, H, W] of images [N, 1, H, W], not only of every eighth pixel.

    Every eighth row and column, from (i, j) on, are what the stream makes of the image from pixel (i, j) on.
    """
    step = 1
    for layer in stream:
        if isinstance(layer, nn.Conv2d):
            images = F.conv2d(images, layer.weight, layer.bias, padding=step, dilation=step)
        elif isinstance(layer, nn.MaxPool2d):
            images = F.max_pool2d(F.pad(images, (0, step, 0, step)), 2, stride=1, dilation=step)
            step *= 2
        else:
            images = layer(images)
    return images
