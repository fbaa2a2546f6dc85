"""SARDINet, with and without heights: SARDINet, SARDINet-L, SARDINet-E, SARDINet-I.

A. Bralet, T. N. Ngo, E. Trouvé, J. Chanussot and A. M. Atto, "DEM-assisted neural network for SAR-to-optical image
translation", IGARSS 2024, sections 2.1 and 2.2, which takes over the encoder and the decoders of
A. Bralet, A. M. Atto, J. Chanussot and E. Trouvé, "Deep Learning of Radiometrical and Geometrical SAR Distorsions for
Image Modality Translations", ICIP 2022. Layers and widths are those of the authors' public code.
"""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Tensor, nn

from .input_conditioning import input_conditioning

STRIDE = 8
"""Areas that begin at multiples of this many pixels give the same colours at the same place."""

REACH = 48
"""Pixels around a place within which all lies that its colours depend on."""


class SeparableConv(nn.Sequential):
    """One 3x3 kernel for each channel, mirrored beyond the image, then 1x1 over all of them."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, inputs, 3, padding=1, padding_mode="reflect", groups=inputs),
            nn.Conv2d(inputs, outputs, 1),
        )


class ThreeBranchEncoder(nn.Module):
    """Features [N, widths[0], H, W] -> [N, widths[2], H / 4, W / 4]: the sum of three branches of different depth."""

    def __init__(self, widths: tuple[int, int, int]) -> None:
        super().__init__()
        features, middle, latent = widths
        self.shallow = nn.Sequential(
            SeparableConv(features, middle), nn.MaxPool2d(2), nn.Conv2d(middle, latent, 1), nn.MaxPool2d(2)
        )
        self.coarse = nn.Sequential(
            *(nn.Conv2d(features, middle, 1), nn.ReLU(), nn.MaxPool2d(2)),
            *(SeparableConv(middle, middle), nn.ReLU(), SeparableConv(middle, latent), nn.MaxPool2d(2)),
        )
        self.fine = nn.Sequential(
            *(SeparableConv(features, middle), nn.ReLU(), SeparableConv(middle, middle), nn.MaxPool2d(2)),
            *(SeparableConv(middle, latent), nn.MaxPool2d(2)),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.shallow(x) + self.coarse(x) + self.fine(x)


class BandDecoder(nn.Sequential):
    """Latent features [N, widths[0], H, W] -> one optical band [N, 1, 8 H, 8 W]."""

    def __init__(self, widths: Sequence[int]) -> None:
        layers: list[nn.Module] = []
        for inputs, outputs in zip(widths, (*widths[1:], 1)):
            layers += [nn.Upsample(scale_factor=2), _conv5(inputs, outputs), _conv5(outputs, outputs), nn.LeakyReLU()]
        super().__init__(*layers[:-1])  # a band is linear in the last features


class SARDINet(nn.Module):
    """SAR [N, sar_bands, H, W] and, with a fusion, heights [N, 1, H, W] -> colours [N, bands, H, W].

    SAR: backscatter on a logarithmic scale (section 3), in standard deviations from the mean of the scene (our choice).
    Heights: divided by the scene's greatest (section 3). Colours are meant to lie in 0..1. H and W are multiples of
    `STRIDE`, at least 16.

    fusion: "none" (SARDINet itself), "late" (SARDINet-L), "early" (-E) or "intermediate" (-I). widths: of the input
    conditioning (2), of the encoder (2) and of the decoders (2).
    """

    def __init__(
        self,
        sar_bands: int = 2,
        bands: int = 3,
        fusion: str = "none",
        widths: Sequence[int] = (96, 256, 396, 512, 64, 16),
    ) -> None:
        super().__init__()
        first, features, middle, latent, *of_decoders = widths
        self.conditioning = input_conditioning(fusion, sar_bands, (first, features))
        self.encoder = ThreeBranchEncoder((features, middle, latent))
        self.decoders = nn.ModuleList(BandDecoder((latent, *of_decoders)) for _ in range(bands))

    def forward(self, sar: Tensor, dem: Optional[Tensor] = None) -> Tensor:
        latent = self.encoder(self.conditioning(sar, dem))
        return torch.cat([decoder(latent) for decoder in self.decoders], 1)


def _conv5(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 5, padding=2, padding_mode="reflect")
