"""What the lessons of all translators share: where samples come from, and how translations are scored."""

from collections.abc import Sequence

import torch
from torch import Generator, nn

from ...training.lesson import Lesson
from .samples import TranslationSample, TranslationSampler


class TranslationLesson(Lesson):
    """Teaches a translator with samples; it is scored by the mean squared error over whole `validation` samples.

    network: it has the prefix "translate" and gives colours first, then what else it has to say. A subclass adds the
    networks and optimisers that it needs and defines `losses`.
    """

    def __init__(
        self, network: nn.Module, samples: TranslationSampler, validation: Sequence[TranslationSample]
    ) -> None:
        self.networks = {"translate": network}
        self._samples, self._validation = samples, validation

    def draw(self, step: int, count: int, generator: Generator) -> TranslationSample:
        """Return the batch of a step."""
        return self._samples.draw(step, count, generator)

    def score(self) -> float:
        """Return the mean squared error over the validation samples, each of which counts the same."""
        network = self.networks["translate"]
        device = next(network.parameters()).device
        errors = []
        for sample in self._validation:
            with self.precision():
                translated = network(*(image.to(device) for image in sample.images))
            colours = translated[:, : sample.optical.shape[1]].float().clamp(0, 1)
            errors.append((colours - sample.optical.to(device)).square().mean())
        return float(torch.stack(errors).mean())
