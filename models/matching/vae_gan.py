"""The VAE-GAN that makes SAR patches like given ones, for hard negatives: networks that grow.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §3.2.1 (figures 3.12 and 3.14) and §4.4 (tables 1 and 2 of the paper there), after
T. Karras, T. Aila, S. Laine and J. Lehtinen, "Progressive Growing of GANs for Improved Quality, Stability, and
Variation", ICLR 2018 ("ProGAN").

In tables 1 and 2 the first of the encoder's shapes is that of the image: one row of shapes is missing, and its first
convolution, 1x1, has the 128 channels of the decoder's last, its mirror image.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LATENT = 512
"""Numbers of a latent vector, and the most channels of a map."""

SIDE = 128
"""Pixels a side of the images, as published."""

_SMALLEST = 4
"""Pixels a side where growth begins."""

_FULL_WIDTH_UP_TO = 32
"""Pixels a side from which on channels halve where pixels double."""


class Growth(NamedTuple):
    """How far networks have grown: images have 4 · 2^level pixels a side, the newest layers the weight `alpha`."""

    level: int
    alpha: float

    @property
    def side(self) -> int:
        """Pixels a side of the images."""
        return _SMALLEST << self.level


def levels_of(side: int) -> int:
    """Return how often networks grow to images of `side` pixels; raises ValueError unless 4 can double to it."""
    levels = (side // _SMALLEST).bit_length() - 1
    if levels < 0 or _SMALLEST << levels != side:
        raise ValueError(f"Images of {side} pixels a side are not 4, doubled some times.")
    return levels


class Vae(nn.Module):
    """What is left after training: the encoder and the decoder.

    side: pixels of the images in the end, 128 as published; width: most channels, and numbers of a latent vector.
    Images are SAR patches in 0..1, [N, 1, side, side]; while it grows, of the side of its `Growth`.
    """

    def __init__(self, side: int = SIDE, width: int = LATENT) -> None:
        super().__init__()
        self.side = side
        self.encoder, self.decoder = Encoder(side, width), Decoder(side, width)

    def forward(self, images: Tensor) -> Tensor:
        """Return another image near each, the same at no two calls."""
        return self.decoder(sampled(*self.encoder(images)))

    def grow(self, growth: Growth) -> None:
        """Let encoder and decoder have grown so far: smaller images come in and out, through fewer layers."""
        self.encoder.growth = self.decoder.growth = growth


class _Descent(nn.Module):
    """Images [N, 1, side, side] -> maps [N, width, 4, 4]: what encoder and discriminator have in common."""

    def __init__(self, side: int, width: int) -> None:
        super().__init__()
        widths = _widths(side, width)
        self.growth = Growth(len(widths) - 1, 1.0)
        self.from_image = nn.ModuleList(_layer(1, each, kernel=1) for each in widths)
        self.blocks = nn.ModuleList(
            nn.Sequential(_layer(inputs, inputs), _layer(inputs, outputs), nn.AvgPool2d(2))
            for outputs, inputs in zip(widths, widths[1:])
        )

    def descended(self, images: Tensor) -> Tensor:
        level, alpha = self.growth
        maps = self.from_image[level](images)
        for below in reversed(range(level)):
            maps = self.blocks[below](maps)
            if below == level - 1 and alpha < 1:
                maps = torch.lerp(self.from_image[below](F.avg_pool2d(images, 2)), maps, alpha)
        return maps


class Encoder(_Descent):
    """Images -> mean and logarithm of the variance (our choice) of where they lie in latent space, [N, width] each."""

    def __init__(self, side: int = SIDE, width: int = LATENT) -> None:
        super().__init__(side, width)
        self.top = nn.Sequential(
            _layer(width, width), _layer(width, width, _SMALLEST), nn.Flatten(), nn.Linear(width, 2 * width)
        )
        _initialise(self)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        return tuple(self.top(self.descended(images)).chunk(2, dim=1))


class Discriminator(_Descent):
    """Images -> how real they look, [N], unbounded."""

    def __init__(self, side: int = SIDE, width: int = LATENT) -> None:
        super().__init__(side, width)
        self.top = nn.Sequential(
            _layer(width + 1, width), _layer(width, width, _SMALLEST), nn.Flatten(), nn.Linear(width, 1)
        )
        _initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.top(with_deviation(self.descended(images)))[:, 0]

    def grow(self, growth: Growth) -> None:
        """Let the network have grown so far: smaller images come in, through fewer layers."""
        self.growth = growth


class Decoder(nn.Module):
    """Latent vectors [N, width] -> images [N, 1, side, side], not bounded to 0..1."""

    def __init__(self, side: int = SIDE, width: int = LATENT) -> None:
        super().__init__()
        widths = _widths(side, width)
        self.growth = Growth(len(widths) - 1, 1.0)
        self.bottom = nn.Sequential(
            nn.ConvTranspose2d(width, width, _SMALLEST),
            nn.LeakyReLU(0.2),
            PixelNorm(),
            _layer(width, width),
            PixelNorm(),
        )
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Upsample(scale_factor=2), _layer(inputs, outputs), PixelNorm(), _layer(outputs, outputs), PixelNorm()
            )
            for inputs, outputs in zip(widths, widths[1:])
        )
        self.to_image = nn.ModuleList(nn.Conv2d(each, 1, 1) for each in widths)
        _initialise(self)

    def forward(self, latent: Tensor) -> Tensor:
        level, alpha = self.growth
        maps = before = self.bottom(latent[:, :, None, None])
        for block in self.blocks[:level]:
            before, maps = maps, block(maps)
        images = self.to_image[level](maps)
        if level and alpha < 1:
            images = torch.lerp(F.interpolate(self.to_image[level - 1](before), scale_factor=2), images, alpha)
        return images


class PixelNorm(nn.Module):
    """Maps [N, C, H, W] divided by the root mean square of each pixel's channels (ProGAN, section 4.2)."""

    def forward(self, maps: Tensor) -> Tensor:
        return maps * (maps.square().mean(1, keepdim=True) + 1e-8).rsqrt()


def with_deviation(maps: Tensor) -> Tensor:
    """Return maps [N, C, H, W] and one more, whose only value is the standard deviation over the batch.

    ProGAN, section 3: of each channel at each place, the mean of all these; over the whole batch (our choice).
    """
    deviation = (maps.var(0, unbiased=False) + 1e-8).sqrt().mean()
    return torch.cat((maps, deviation.expand(len(maps), 1, *maps.shape[2:])), 1)


def sampled(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return a sample of each normal distribution [N, C], through which gradients go."""
    return mean + (0.5 * log_variance).exp() * torch.randn_like(mean)


def _widths(side: int, width: int) -> list[int]:
    """Return the channels of maps of 4, 8 … `side` pixels a side."""
    sides = [_SMALLEST << level for level in range(levels_of(side) + 1)]
    return [min(width, width * _FULL_WIDTH_UP_TO // each) for each in sides]


def _layer(inputs: int, outputs: int, kernel: int = 3) -> nn.Sequential:
    """A convolution, padded but where it takes in a whole map of 4 x 4 cells, and a leaky ReLU."""
    padding = 0 if kernel == _SMALLEST else kernel // 2
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, padding=padding), nn.LeakyReLU(0.2))


def _initialise(network: nn.Module) -> None:
    """Glorot's uniform weights (Hughes 2020, §4.4, algorithm 1), no biases."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
