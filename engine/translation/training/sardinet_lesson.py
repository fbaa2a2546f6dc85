"""What SARDINet is taught: colours near the true ones, by the mean absolute error."""

from collections.abc import Iterator, Sequence

import torch

from ....models.translation.sardinet import SARDINet
from ...training.lesson import Part
from .samples import TranslationSample, TranslationSampler
from .translation_lesson import TranslationLesson


class SardinetLesson(TranslationLesson):
    """Teaches a `SARDINet` of any fusion, by Adam.

    A. Bralet et al., "DEM-assisted neural network for SAR-to-optical image translation", IGARSS 2024, section 4.1: a
    rate of 1e-5, batches of 24 patches of 256 pixels, 100 epochs.
    """

    def __init__(
        self,
        network: SARDINet,
        samples: TranslationSampler,
        validation: Sequence[TranslationSample],
        rate: float = 1e-5,
    ) -> None:
        super().__init__(network, samples, validation)
        self.optimisers = (torch.optim.Adam(network.parameters(), lr=rate),)

    def losses(self, batch: TranslationSample) -> Iterator[Part]:
        """Yield the one part of a step."""
        with self.precision():
            colours = self.networks["translate"](*batch.images)
        error = (colours.float() - batch.optical).abs().mean()
        yield Part(self.optimisers[0], error, {"mae": error})
