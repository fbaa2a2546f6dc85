"""What BridgeView is taught: colours near the true ones, their structure, and how far they will be off."""

from collections.abc import Iterator, Sequence

import torch
from torch import Generator

from ....models.translation.bridge_view import BridgeView
from ....models.translation.losses import block_dissimilarity, laplace_loss
from ...training.lesson import Lesson, Part
from .samples import TranslationSample, TranslationSampler

_STRUCTURE, _SCALE = 0.1, 0.02
"""Weights of the loss of structure and of that of the scale, beside the squared error times ten."""


class BridgeViewLesson(Lesson):
    """Teaches a `BridgeView` with samples; it is scored by the mean squared error over whole `validation` samples."""

    def __init__(
        self, network: BridgeView, samples: TranslationSampler, validation: Sequence[TranslationSample]
    ) -> None:
        self.networks = {"translate": network}
        self.optimisers = (torch.optim.AdamW(network.parameters(), lr=1.5e-3, weight_decay=0.02),)
        self._samples, self._validation = samples, validation

    def draw(self, count: int, generator: Generator) -> TranslationSample:
        """Return a batch of samples."""
        return self._samples.draw(count, generator)

    def losses(self, batch: TranslationSample) -> Iterator[Part]:
        """Yield the one part of a step."""
        with self.precision():
            translated = self.networks["translate"](batch.sar)
        colours, scale = translated[:, :-1].float(), translated[:, -1:].float()
        error = colours - batch.optical
        squared, structure = error.square().mean(), block_dissimilarity(colours, batch.optical)
        # The scale follows the errors and does not excuse them.
        scales = laplace_loss(error.detach().abs(), scale)
        loss = 10 * squared + _STRUCTURE * structure + _SCALE * scales
        yield Part(self.optimisers[0], loss, {"mse": squared, "1 - ssim": structure, "scale": scales})

    def score(self) -> float:
        """Return the mean squared error over the validation samples, each of which counts the same."""
        network = self.networks["translate"]
        device = next(network.parameters()).device
        errors = []
        for sample in self._validation:
            with self.precision():
                colours = network(sample.sar.to(device))[:, :-1].float().clamp(0, 1)
            errors.append((colours - sample.optical.to(device)).square().mean())
        return float(torch.stack(errors).mean())
