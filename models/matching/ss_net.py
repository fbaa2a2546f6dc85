"""SSNet, the published semi-supervised network: codes of patches, learnt by two autoencoders and a shared critic.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §3.2.2 (figure 3.16) and §4.5 (section 3.1 of the paper there). The depths of the maps
are in a figure only: those here are VGG11's, and its mirror image, our choice.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIDE = 128
"""Pixels a side of the patches."""

CODE = 256
"""Numbers of a code."""

SPREAD = 5.0
"""Standard deviation of the prior of codes, N(0, 5); the paper writes its other normal distributions so, too."""

_BLOCKS = ((64,), (128,), (256, 256), (512, 512), (512, 512))
"""Channels of the convolutions of VGG11 (K. Simonyan and A. Zisserman, ICLR 2015, table 1, column A) between pools."""

_SAR, _OPTICAL = (0.5, 0.2), (0.45, 0.15)
"""Mean and standard deviation that patches of 0..1 are standardised by (Hughes 2020, §4.5, section 4.1)."""


class SSNet(nn.Module):
    """What is left for matching: the encoder of each modality, weights not shared.

    Patches [N, 1, 128, 128] are scaled to 0..1: SAR in dB, clipped to the training set's 3-sigma range (our choice; the
    paper only says 0..1); grey optical.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sar = Encoder(*_SAR)
        self.optical = Encoder(*_OPTICAL)

    def forward(self, sar: Tensor, optical: Tensor) -> Tensor:
        """Return the cosines [N] of the codes of pairs of patches."""
        return (descriptors(self.sar(sar)) * descriptors(self.optical(optical))).sum(1)


class Encoder(nn.Module):
    """Patches [N, 1, 128, 128] in 0..1 -> codes [N, 256], spread as the prior.

    VGG11: blocks of [3x3 convolution, batch norm, LeakyReLU 0.2], a max-pool after each, down to 4 x 4 cells; one fully
    connected layer (our choice, here a convolution) makes the code of them. mean, deviation: what patches are
    standardised by.
    """

    def __init__(self, mean: float, deviation: float) -> None:
        super().__init__()
        self._mean, self._deviation = mean, deviation
        layers: list[nn.Module] = []
        inputs = 1
        for widths in _BLOCKS:
            for width in widths:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]
                inputs = width
            layers.append(nn.MaxPool2d(2))
        self.layers = nn.Sequential(*layers)
        self.code = nn.Conv2d(inputs, CODE, SIDE // 2 ** len(_BLOCKS))

    def forward(self, patches: Tensor) -> Tensor:
        return self.code(self.layers(self.standardised(patches))).flatten(1)

    def standardised(self, patches: Tensor) -> Tensor:
        """Return patches of 0..1 as the network sees them, and as they are to be reconstructed."""
        return (patches - self._mean) / self._deviation


class Decoder(nn.Module):
    """Codes [N, 256] -> standardised patches [N, 1, 128, 128].

    The encoder's mirror image: blocks of [3x3 transposed convolution of stride 2, ReLU, 3x3 convolution, ReLU]. The
    last convolution is linear (our choice): a standardised patch is negative in part.
    """

    def __init__(self) -> None:
        super().__init__()
        inputs = _BLOCKS[-1][-1]
        layers: list[nn.Module] = [nn.ConvTranspose2d(CODE, inputs, SIDE // 2 ** len(_BLOCKS)), nn.ReLU()]
        for widths in reversed(_BLOCKS):
            width = widths[0]
            layers += [nn.ConvTranspose2d(inputs, width, 3, stride=2, padding=1, output_padding=1), nn.ReLU()]
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU()]
            inputs = width
        self.layers = nn.Sequential(*layers, nn.Conv2d(inputs, 1, 3, padding=1))

    def forward(self, codes: Tensor) -> Tensor:
        return self.layers(codes[:, :, None, None])


class Critic(nn.Sequential):
    """Codes [N, 256] of either modality -> how much they look like samples of the prior, [N, 1], 0 to 1.

    Three fully connected layers of decreasing size (from 256 to 128, 64 and 1: our choice), LeakyReLU 0.2 between. The
    sigmoid after the last, which thesis and paper describe, stays though the loss is Wasserstein's: without it scores
    grew to hundreds within twenty steps, beside which no other loss counted.
    """

    def __init__(self) -> None:
        super().__init__(
            nn.Linear(CODE, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 64),
            nn.LeakyReLU(0.2),
            nn.Linear(64, 1),
            nn.Sigmoid(),
        )


def descriptors(codes: Tensor) -> Tensor:
    """Codes [N, 256] as they are matched: of length 1. The prior holds for codes before that."""
    return F.normalize(codes.float(), dim=1)


def prior(codes: Tensor) -> Tensor:
    """Return as many samples of the prior as there are codes [N, 256], on their device."""
    return SPREAD * torch.randn(codes.shape, device=codes.device)
