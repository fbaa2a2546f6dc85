"""The translator of CycleGAN: a residual network at a quarter of the resolution.

J.-Y. Zhu, T. Park, P. Isola and A. A. Efros, "Unpaired Image-to-Image Translation Using Cycle-Consistent Adversarial
Networks", ICCV 2017, section 4 and appendix 7.2, in the PyTorch implementation by its authors, which Bralet 2024 (see
`sardinet.py`) used with heights as one plane more (section 4.1). Its critics are `patch_gan.py`.
"""

from torch import Tensor, nn

from .tanh_translator import TanhTranslator, draw_small_weights


class ResNetGenerator(nn.Sequential):
    """Planes [N, inputs, H, W] -> [N, outputs, H, W], -1..1; H and W are multiples of 4.

    In the names of the publication: c7s1-64, d128, d256, nine R256, u128, u64, c7s1-outputs. All but the last are
    followed by an instance norm without weights, so that what a place looks like depends on all of the image.
    """

    def __init__(self, inputs: int, outputs: int, width: int, blocks: int) -> None:
        wider, widest = 2 * width, 4 * width
        super().__init__(
            *_normalised(nn.Conv2d(inputs, width, 7, padding=3, padding_mode="reflect")),
            *_normalised(nn.Conv2d(width, wider, 3, stride=2, padding=1)),
            *_normalised(nn.Conv2d(wider, widest, 3, stride=2, padding=1)),
            *(ResidualBlock(widest) for _ in range(blocks)),
            *_normalised(nn.ConvTranspose2d(widest, wider, 3, stride=2, padding=1, output_padding=1)),
            *_normalised(nn.ConvTranspose2d(wider, width, 3, stride=2, padding=1, output_padding=1)),
            nn.Conv2d(width, outputs, 7, padding=3, padding_mode="reflect"),
            nn.Tanh(),
        )
        self.inputs, self.outputs, self.blocks = inputs, outputs, blocks
        draw_small_weights(self)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, ReLU between, added to what went in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        first, second = (nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect") for _ in range(2))
        self.layers = nn.Sequential(*_normalised(first), second, nn.InstanceNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class CycleGAN(TanhTranslator):
    """A `ResNetGenerator` for radar images, and heights if `with_dem`."""

    def __init__(
        self, sar_bands: int = 2, bands: int = 3, with_dem: bool = False, width: int = 64, blocks: int = 9
    ) -> None:
        super().__init__(ResNetGenerator(sar_bands + with_dem, bands, width, blocks))


def _normalised(conv: nn.Module) -> tuple[nn.Module, nn.Module, nn.Module]:
    return conv, nn.InstanceNorm2d(conv.out_channels), nn.ReLU()
