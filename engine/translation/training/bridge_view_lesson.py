"""What BridgeView is taught: colours near the true ones, their structure, and how far they will be off."""

from collections.abc import Iterator, Sequence

import torch

from ....models.translation.bridge_view import BridgeView
from ....models.translation.losses import block_dissimilarity, laplace_loss
from ...training.lesson import Part
from .samples import TranslationSample, TranslationSampler
from .translation_lesson import TranslationLesson

_STRUCTURE, _SCALE = 0.5, 0.02
"""Weights of the loss of structure and of that of the scale, beside the squared error times ten."""

_LEVEL = 0.2
"""Weight of the squared error of a patch's mean colour, beside that of what differs from it. There are few scenes to
learn from, each with colours of its own: learnt as fast as the rest, they are learnt by heart."""


class BridgeViewLesson(TranslationLesson):
    """Teaches a `BridgeView`."""

    def __init__(
        self,
        network: BridgeView,
        samples: TranslationSampler,
        validation: Sequence[TranslationSample],
        rate: float = 1.5e-3,
    ) -> None:
        super().__init__(network, samples, validation)
        self.optimisers = (torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02),)

    def losses(self, batch: TranslationSample) -> Iterator[Part]:
        """Yield the one part of a step."""
        with self.precision():
            translated = self.networks["translate"](*batch.images)
        colours, scale = translated[:, :-1].float(), translated[:, -1:].float()
        error = colours - batch.optical
        level = error.mean((2, 3), keepdim=True)
        squared = (error - level).square().mean() + _LEVEL * level.square().mean()
        structure = block_dissimilarity(colours - level, batch.optical)
        # The scale follows the errors and does not excuse them.
        scales = laplace_loss(error.detach().abs(), scale)
        loss = 10 * squared + _STRUCTURE * structure + _SCALE * scales
        yield Part(self.optimisers[0], loss, {"mse": error.square().mean(), "1 - ssim": structure, "scale": scales})
