"""VGG16 and VGG19 as encoders.

K. Simonyan and A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015, table 1,
columns D and E, without the fully connected layers.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import ConvLayer

CONVOLUTIONS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
"""How many convolutions there are at 1/1, 1/2, 1/4, 1/8 and 1/16."""


class VGG(nn.Module):
    """Images [N, bands, H, W] -> maps of `WIDTHS` channels at 1/1, 1/2, 1/4, 1/8 and 1/16, before they are pooled.

    name: of `CONVOLUTIONS`; is_normalised: batch norm after each convolution, which the publication does not have.
    """

    WIDTHS = (64, 128, 256, 512, 512)

    def __init__(self, name: str, bands: int, is_normalised: bool) -> None:
        super().__init__()
        self.levels = nn.ModuleList(
            _level(inputs, width, number, is_normalised)
            for inputs, width, number in zip((bands, *self.WIDTHS), self.WIDTHS, CONVOLUTIONS[name])
        )

    def forward(self, planes: Tensor) -> list[Tensor]:
        x, maps = planes, []
        for number, level in enumerate(self.levels):
            x = level(F.max_pool2d(x, 2) if number else x)
            maps.append(x)
        return maps


def _level(inputs: int, width: int, number: int, is_normalised: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before in (inputs, *[width] * (number - 1)):
        if is_normalised:
            layers.append(ConvLayer(before, width, bias=True))
        else:
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)
