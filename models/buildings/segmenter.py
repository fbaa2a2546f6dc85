"""What all networks that find buildings have in common: an encoder, a decoder, and activations to learn from."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..layers import he_initialise


class Activations(NamedTuple):
    """What a network makes of images [N, bands, H, W] on the way, by the names of Narayanan Nair and Hänsch (Table 2).

    stages: "Int", six feature maps [N, C, h, w] from shallow to deep, three of the encoder and three of the decoder;
    encoded: "Mid", the encoder's output [N, C, h, w]; logits: "Fin" [N, outputs, H, W].
    """

    stages: tuple[Tensor, ...]
    encoded: Tensor
    logits: Tensor

    def chosen(self, layers: str) -> tuple[Tensor, ...]:
        """Return the activations that a choice of `LAYERS` is about; one after the other is two choices."""
        return LAYERS[layers](self)


LAYERS: dict[str, Callable[[Activations], tuple[Tensor, ...]]] = {
    "mid": lambda activations: (activations.encoded,),
    "fin": lambda activations: (activations.logits,),
    "int": lambda activations: activations.stages,
}


class Segmenter(nn.Module):
    """Images [N, bands, H, W] -> logits [N, outputs, H, W], float32; H and W are multiples of `stride`.

    encoder: images -> feature maps from fine to coarse, the last of which is its output.
    decoder: these -> its own feature maps, from the first to the last, and logits at full resolution.
    Weights are drawn by He's rule, so that features keep their scale, and a network is the same for the same seed.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, bands: int, stride: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.bands = bands
        self.stride = stride
        he_initialise(self, "fan_in")

    def forward(self, planes: Tensor) -> Tensor:
        return self.activations(planes).logits

    def activations(self, planes: Tensor) -> Activations:
        """Return what `forward` does and what it comes from; ValueError for images that do not fit."""
        self._check(planes)
        encoded = self.encoder(planes)
        decoded, logits = self.decoder(encoded)
        return Activations((*_spread(encoded), *_spread(decoded)), encoded[-1], logits.float())

    @property
    def input_layer(self) -> nn.Module:
        """What sees the images, the first convolution: all else may be taken over from a network for other bands."""
        return next(module for module in self.encoder.modules() if isinstance(module, nn.Conv2d))

    @torch.no_grad()
    def start_from(self, other: "Segmenter") -> None:
        """Take over all weights of `other`, of the same architecture, but those of the input layer."""
        own = {id(tensor) for tensor in self.input_layer.parameters()}
        theirs = other.state_dict()
        for name, tensor in self.state_dict(keep_vars=True).items():
            if id(tensor) not in own:
                tensor.copy_(theirs[name])

    def _check(self, planes: Tensor) -> None:
        _, bands, height, width = planes.shape
        name = type(self).__name__
        if bands != self.bands:
            raise ValueError(f"{name} was made for {self.bands} bands; the images have {bands}.")
        if height % self.stride or width % self.stride:
            raise ValueError(f"{name} needs sides that are multiples of {self.stride}; {height} x {width} are not.")


def _spread(maps: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    return maps[0], maps[len(maps) // 2], maps[-1]
