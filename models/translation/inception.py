"""Inception-v3 up to its features: the network by which the Fréchet inception distance compares images.

C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, "Rethinking the Inception Architecture for Computer Vision",
CVPR 2016, table 1 and figures 4 to 7 and 10. What is not said there (widths within modules, padding, the 5x5 kernels
that were kept in the first three modules) and the names of tensors are those of torchvision's `inception_v3`, in whose
form weights are published.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FEATURES = 2048
"""Features of an image."""

SIDE = 299
"""Pixels along a side of the images that the network was made for."""


class Kernel(NamedTuple):
    """What a convolution is made of, but for its inputs."""

    outputs: int
    height: int
    width: int
    stride: int = 1


Step = tuple[Kernel, ...]
"""Convolutions side by side, whose channels are joined."""

Branches = Mapping[str, Sequence[Step]]
"""The steps of each branch of a module, by its name in torchvision."""

_POOL = "branch_pool"


def conv(outputs: int, height: int, width: int, stride: int = 1) -> Step:
    """Return a step of one convolution."""
    return (Kernel(outputs, height, width, stride),)


def fork(outputs: int) -> Step:
    """Return a step of a row and a column of three, each with so many outputs (figure 7)."""
    return Kernel(outputs, 1, 3), Kernel(outputs, 3, 1)


def figure_5(pooled: int) -> Branches:
    """Branches for the grid of 35 x 35: small squares."""
    return {
        "branch1x1": [conv(64, 1, 1)],
        "branch5x5": [conv(48, 1, 1), conv(64, 5, 5)],
        "branch3x3dbl": [conv(64, 1, 1), conv(96, 3, 3), conv(96, 3, 3)],
        _POOL: [conv(pooled, 1, 1)],
    }


def figure_6(width: int) -> Branches:
    """Branches for the grid of 17 x 17: rows and columns of seven instead of squares."""
    return {
        "branch1x1": [conv(192, 1, 1)],
        "branch7x7": [conv(width, 1, 1), conv(width, 1, 7), conv(192, 7, 1)],
        "branch7x7dbl": [
            *(conv(width, 1, 1), conv(width, 7, 1), conv(width, 1, 7)),
            *(conv(width, 7, 1), conv(192, 1, 7)),
        ],
        _POOL: [conv(192, 1, 1)],
    }


def figure_7() -> Branches:
    """Branches for the grid of 8 x 8: many outputs."""
    return {
        "branch1x1": [conv(320, 1, 1)],
        "branch3x3": [conv(384, 1, 1), fork(384)],
        "branch3x3dbl": [conv(448, 1, 1), conv(384, 3, 3), fork(384)],
        _POOL: [conv(192, 1, 1)],
    }


TO_17 = {
    "branch3x3": [conv(384, 3, 3, stride=2)],
    "branch3x3dbl": [conv(64, 1, 1), conv(96, 3, 3), conv(96, 3, 3, stride=2)],
    _POOL: [],
}
"""Branches that halve the grid of 35 x 35 (figure 10)."""

TO_8 = {
    "branch3x3": [conv(192, 1, 1), conv(320, 3, 3, stride=2)],
    "branch7x7x3": [conv(192, 1, 1), conv(192, 1, 7), conv(192, 7, 1), conv(192, 3, 3, stride=2)],
    _POOL: [],
}
"""Branches that halve the grid of 17 x 17."""


class ConvLayer(nn.Module):
    """Convolution, batch norm, ReLU; padded, unless said otherwise, so that a stride of 1 keeps the size."""

    def __init__(self, inputs: int, kernel: Kernel, is_padded: bool = True) -> None:
        super().__init__()
        outputs, *size, stride = kernel
        padding = [side // 2 if is_padded else 0 for side in size]
        self.conv = nn.Conv2d(inputs, outputs, size, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


class InceptionModule(nn.Module):
    """Branches over the same features [N, inputs, H, W], joined in their order.

    One begins with the mean of 3x3 pixels. Where it has no convolutions the module halves the grid: it gives the
    maximum of 3x3 pixels then, every second pixel, and nothing of stride 2 is padded.
    """

    def __init__(self, inputs: int, branches: Branches) -> None:
        super().__init__()
        self._names: dict[str, list[list[str]]] = {}
        for branch, steps in branches.items():
            channels, self._names[branch] = inputs, []
            for number, kernels in enumerate(steps, 1):
                step = f"{branch}_{number}" if len(steps) > 1 else branch
                names = [step + letter for letter in "ab"] if len(kernels) > 1 else [step]
                self._names[branch].append(names)
                for name, kernel in zip(names, kernels):
                    self.add_module(name, ConvLayer(channels, kernel, is_padded=kernel.stride == 1))
                channels = sum(kernel.outputs for kernel in kernels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self._branch(branch, x) for branch in self._names], 1)

    def _branch(self, branch: str, x: Tensor) -> Tensor:
        steps = self._names[branch]
        if branch == _POOL:
            x = F.avg_pool2d(x, 3, stride=1, padding=1) if steps else F.max_pool2d(x, 3, stride=2)
        for names in steps:
            x = torch.cat([self.get_submodule(name)(x) for name in names], 1)
        return x


class InceptionV3(nn.Module):
    """Colours [N, 3, 299, 299], -1 black and 1 white -> the mean of the last features over the image [N, 2048].

    Other sizes from 75 pixels on are taken too. 21,785,568 weights. torchvision's published weights come from Google,
    where colours ran from -1 to 1: torchvision itself takes its usual normalisation by mean and deviation of ImageNet
    back before the first layer (`transform_input`).
    """

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = ConvLayer(3, Kernel(32, 3, 3, stride=2), is_padded=False)
        self.Conv2d_2a_3x3 = ConvLayer(32, Kernel(32, 3, 3), is_padded=False)
        self.Conv2d_2b_3x3 = ConvLayer(32, Kernel(64, 3, 3))
        self.Conv2d_3b_1x1 = ConvLayer(64, Kernel(80, 1, 1))
        self.Conv2d_4a_3x3 = ConvLayer(80, Kernel(192, 3, 3), is_padded=False)
        self.Mixed_5b = InceptionModule(192, figure_5(pooled=32))
        self.Mixed_5c = InceptionModule(256, figure_5(pooled=64))
        self.Mixed_5d = InceptionModule(288, figure_5(pooled=64))
        self.Mixed_6a = InceptionModule(288, TO_17)
        self.Mixed_6b = InceptionModule(768, figure_6(width=128))
        self.Mixed_6c = InceptionModule(768, figure_6(width=160))
        self.Mixed_6d = InceptionModule(768, figure_6(width=160))
        self.Mixed_6e = InceptionModule(768, figure_6(width=192))
        self.Mixed_7a = InceptionModule(768, TO_8)
        self.Mixed_7b = InceptionModule(1280, figure_7())
        self.Mixed_7c = InceptionModule(FEATURES, figure_7())

    def forward(self, colours: Tensor) -> Tensor:
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(colours)))
        x = F.max_pool2d(x, 3, stride=2)
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x))
        x = F.max_pool2d(x, 3, stride=2)
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(x)))
        x = self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(self.Mixed_6a(x)))))
        x = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x)))
        return x.mean((2, 3))
