"""A convolution of maps of several sizes, stacked at the finest, without the stack."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F


class StackingConv(nn.Conv2d):
    """Convolves maps [N, C, H, W] by 3x3, of which coarser ones are shown with each pixel repeated (nearest neighbour).

    Maps come in the order of the input channels, the last one the finest, f times as high and as wide as a coarser one.
    A pixel that is repeated f x f times meets sums of weights: each coarse map takes part by a transposed convolution
    with kernels of f + 2 pixels and a stride of f, which has fewer products than one of all its copies, and none of
    them is ever in memory. The result is that of the stack but for rounding.
    """

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__(channels, outputs, 3, padding=1)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        width = maps[-1].shape[-1]
        weights = self.weight.split([each.shape[1] for each in maps], 1)
        *coarse, finest = zip(maps, weights)
        result = F.conv2d(*finest, self.bias, padding=1)
        for each in coarse:
            result += _repeated_and_convolved(*each, width)
        return result


def _repeated_and_convolved(map_: Tensor, weight: Tensor, width: int) -> Tensor:
    """Return a map [N, C, h, w], its pixels repeated until it has the `width`, convolved by weights [O, C, 3, 3]."""
    factor = width // map_.shape[-1]
    if factor == 1:
        return F.conv2d(map_, weight, padding=1)
    outputs, channels = weight.shape[:2]
    box = weight.new_ones(1, 1, factor, factor)
    sums = F.conv2d(weight.flip(2, 3).reshape(-1, 1, 3, 3), box, padding=factor - 1)
    kernel = sums.reshape(outputs, channels, factor + 2, factor + 2).transpose(0, 1)
    return F.conv_transpose2d(map_, kernel, stride=factor, padding=1)
