"""PSiam, the published pseudo-siamese network: do a SAR and an optical patch show the same place?

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §3.1.2 and §4.2 (figure 2 and section II of the paper there).

The text counts seven max-pools in all, the figure, which exists only as a picture, one more or less. Taken are the
text's seven: one after each of the first three blocks of a stream, and one at the end of the fusion. So every sentence
of the text holds: filters double "after each max-pooling layer (except for the last convolutional stack in each
stream)", and in the fusion "max pooling is omitted after the first convolutional layer" only. The text does not say how
many filters the two convolutions of the fusion have: 128 each, as the blocks before them (our choice).
"""

import torch
from torch import Tensor, nn

STEP = 8
"""Pixels between neighbouring cells of a stream's features: three max-pools."""

FEATURES = 128
"""Channels of a stream's features, and of each convolution of the fusion."""


class PSiam(nn.Module):
    """Whether patches of `side` pixels in SAR and optical images correspond.

    side: a multiple of 8, at least 24; published are 112 pixels for SARptical and 128 for the other data sets. The
    larger, the better does it tell places apart (§4.2, figure 4).

    Inputs are scaled to 0..1; the mean of each patch is taken off here, and nowhere else.
    """

    def __init__(self, side: int = 128) -> None:
        if side < 3 * STEP or side % STEP:
            raise ValueError(f"Patches of PSiam measure a multiple of {STEP} pixels, at least {3 * STEP}, not {side}.")
        super().__init__()
        self.side = side
        self.sar, self.optical = stream(), stream()
        self.fusion = Fusion(side // STEP)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                # §4.2, section IV-A: the uniform distribution of X. Glorot and Y. Bengio, AISTATS 2010, biases 0.
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, sar: Tensor, optical: Tensor) -> Tensor:
        """Return logits [N, 2] of patches [N, 1, side, side] each: "no match" and "match", before the softmax."""
        return self.fusion(self.sar(centred(sar)), self.optical(centred(optical)))


def centred(patches: Tensor) -> Tensor:
    """Return patches [N, 1, H, W] minus the mean of each (§4.2, section III-B)."""
    return patches - patches.mean((1, 2, 3), keepdim=True)


def log_odds(logits: Tensor) -> Tensor:
    """Turn logits [N, 2] into the logarithm of the odds [N] of a match; its sigmoid is the softmax' probability.

    Close to 1, where the probability itself is rounded, it still tells which match is the likelier one.
    """
    return logits[:, 1] - logits[:, 0]


def stream() -> nn.Sequential:
    """Return one modality's eight convolutions in four blocks: patch [N, 1, S, S] -> [N, 128, S / 8, S / 8]."""
    return nn.Sequential(
        *_convolution(1, 32),
        *_convolution(32, 32),
        nn.MaxPool2d(2),
        *_convolution(32, 64),
        *_convolution(64, 64),
        nn.MaxPool2d(2),
        *_convolution(64, 128),
        *_convolution(128, 128),
        nn.MaxPool2d(2),
        *_convolution(128, 128),
        *_convolution(128, FEATURES),
    )


class Fusion(nn.Module):
    """Features of both streams, [N, 128, cells, cells] each -> logits [N, 2]."""

    def __init__(self, cells: int) -> None:
        super().__init__()
        self.concatenated, *norm = _convolution(2 * FEATURES, FEATURES)
        self.decision = nn.Sequential(
            *norm,
            *_convolution(FEATURES, FEATURES, stride=2),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(FEATURES * ((cells + 1) // 2 // 2) ** 2, 512),
            nn.ReLU(inplace=True),
            nn.Dropout(0.7),
            nn.Linear(512, 2),
        )

    def forward(self, sar: Tensor, optical: Tensor) -> Tensor:
        return self.decision(self.concatenated(torch.cat((sar, optical), 1)))


def _convolution(inputs: int, outputs: int, stride: int = 1) -> tuple[nn.Module, ...]:
    """3x3 convolution, ReLU, and only then batch norm (§4.2, section II-C)."""
    return (
        nn.Conv2d(inputs, outputs, 3, stride, padding=1),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(outputs),
    )
