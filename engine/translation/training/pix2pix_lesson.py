"""What pix2pix is taught: colours that its critic takes for true ones of the place, and near to those.

P. Isola, J.-Y. Zhu, T. Zhou and A. A. Efros, "Image-to-Image Translation with Conditional Adversarial Networks", CVPR
2017, sections 3.1 and 3.3, in the PyTorch implementation by its authors.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from ....models.translation.patch_gan import PatchGAN
from ....models.translation.pix2pix import Pix2Pix
from ....models.translation.planes import signed_planes
from ...training.lesson import Part
from ...training.only_judging import only_judging
from .adversaries import adam
from .samples import TranslationSample, TranslationSampler
from .translation_lesson import TranslationLesson

_LAMBDA = 100
"""Weight of the mean absolute error, of bands in -1..1, beside the loss by the critic."""


class Pix2PixLesson(TranslationLesson):
    """Teaches a `Pix2Pix` and a `PatchGAN`, which sees the radar image and the colours together; the critic first.

    rate: of both, 2e-4 as published, for half of the steps, then falling (`level_then_linear`). A. Bralet et al.,
    "DEM-assisted neural network for SAR-to-optical image translation", IGARSS 2024, section 4.1, leave the optimisation
    as it is, but give 1e-5 as the rate of each network, which can be read either way. width: of the critic, 64 as
    published.
    """

    def __init__(
        self,
        network: Pix2Pix,
        samples: TranslationSampler,
        validation: Sequence[TranslationSample],
        rate: float = 2e-4,
        width: int = 64,
    ) -> None:
        super().__init__(network, samples, validation)
        seen = network.generator.inputs + network.generator.outputs
        self.networks["critic"] = PatchGAN(seen, width=width)
        self.optimisers = (adam([self.networks["critic"]], rate), adam([network], rate))

    def losses(self, batch: TranslationSample) -> Iterator[Part]:
        """Yield the critic's part, then the generator's, which that critic judges."""
        critic, (of_critic, of_generator) = self.networks["critic"], self.optimisers
        planes, truth = signed_planes(batch.sar, batch.dem), 2 * batch.optical - 1
        with self.precision():
            made = self.networks["translate"].generator(planes)
            judged_made = critic(torch.cat([planes, made.detach()], 1))
            judged_truth = critic(torch.cat([planes, truth], 1))
        loss = (_logistic(judged_made, is_true=False) + _logistic(judged_truth, is_true=True)) / 2
        yield Part(of_critic, loss, {"critic": loss})

        with self.precision(), only_judging(critic):
            judged = critic(torch.cat([planes, made], 1))
        adversarial, error = _logistic(judged, is_true=True), (made.float() - truth).abs().mean()
        yield Part(of_generator, adversarial + _LAMBDA * error, {"adversarial": adversarial, "mae": error / 2})


def _logistic(judged: Tensor, is_true: bool) -> Tensor:
    judged = judged.float()
    return F.binary_cross_entropy_with_logits(judged, torch.full_like(judged, float(is_true)))
