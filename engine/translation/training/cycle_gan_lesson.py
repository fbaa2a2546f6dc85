"""What CycleGAN is taught: images that critics take for true ones, and that can be translated back.

J.-Y. Zhu, T. Park, P. Isola and A. A. Efros, "Unpaired Image-to-Image Translation Using Cycle-Consistent Adversarial
Networks", ICCV 2017, sections 3, 4 and 5.2, in the PyTorch implementation by its authors.
"""

from collections.abc import Iterator, Sequence

from torch import Tensor, nn

from ....models.translation.cycle_gan import CycleGAN, ResNetGenerator
from ....models.translation.image_pool import ImagePool
from ....models.translation.patch_gan import PatchGAN
from ....models.translation.planes import signed_planes
from ...training.lesson import Part
from ...training.only_judging import only_judging
from .adversaries import adam
from .samples import TranslationSample, TranslationSampler
from .translation_lesson import TranslationLesson

_CYCLE, _IDENTITY = 10, 5
"""Weights of the mean absolute errors, of images in -1..1, beside the losses by the critics."""


class CycleGanLesson(TranslationLesson):
    """Teaches a `CycleGAN`, the generator of the way back, and a `PatchGAN` for each modality; the generators first.

    Heights are a plane of the radar image here: the way back makes them too. That both images of a sample show the same
    place is not made use of. rate: of all, 2e-4 as published (see `Pix2PixLesson`), for half of the steps, then falling
    (`level_then_linear`), one image a batch. width: of the critics and of the way back, 64 as published.
    """

    def __init__(
        self,
        network: CycleGAN,
        samples: TranslationSampler,
        validation: Sequence[TranslationSample],
        rate: float = 2e-4,
        width: int = 64,
    ) -> None:
        super().__init__(network, samples, validation)
        there = network.generator
        self.networks |= {
            "back": ResNetGenerator(there.outputs, there.inputs, width, there.blocks),
            "critic.optical": PatchGAN(there.outputs, nn.InstanceNorm2d, width),
            "critic.sar": PatchGAN(there.inputs, nn.InstanceNorm2d, width),
            # No networks, but what a training must remember.
            "pool.optical": ImagePool(there.outputs, samples.side),
            "pool.sar": ImagePool(there.inputs, samples.side),
        }
        self._critics = (self.networks["critic.optical"], self.networks["critic.sar"])
        self.optimisers = (adam([network, self.networks["back"]], rate), adam(self._critics, rate))

    def losses(self, batch: TranslationSample) -> Iterator[Part]:
        """Yield the part of both generators, then that of both critics."""
        there, back = self.networks["translate"].generator, self.networks["back"]
        (of_optical, of_sar), (of_generators, of_critics) = self._critics, self.optimisers
        sar, optical = signed_planes(batch.sar, batch.dem), 2 * batch.optical - 1
        with self.precision(), only_judging(*self._critics):
            made_optical, made_sar = there(sar), back(optical)
            judged_optical, judged_sar = of_optical(made_optical), of_sar(made_sar)
            sar_again, optical_again = back(made_optical), there(made_sar)
            same = _change(there, optical) + _change(back, sar)
        adversarial = _squared(judged_optical, 1) + _squared(judged_sar, 1)
        cycle = _distance(sar_again, sar) + _distance(optical_again, optical)
        figures = {"adversarial": adversarial, "cycle": cycle, "identity": same}
        yield Part(of_generators, adversarial + _CYCLE * cycle + _IDENTITY * same, figures)

        shown_optical = self.networks["pool.optical"](made_optical.float())
        shown_sar = self.networks["pool.sar"](made_sar.float())
        with self.precision():
            judged = (of_optical(optical), of_optical(shown_optical), of_sar(sar), of_sar(shown_sar))
        loss = sum(_squared(each, target) for each, target in zip(judged, (1, 0, 1, 0))) / 2
        yield Part(of_critics, loss, {"critics": loss})


def _change(generator: ResNetGenerator, image: Tensor) -> Tensor:
    """Return how much a generator changes an image that looks as its own should (the identity loss); scalar.

    It can be left as it is only where the generator takes as many planes as it gives. Where it does not, for which
    the authors have no such loss, the brightness of the image shall remain (our choice).
    """
    if generator.inputs == generator.outputs:
        return _distance(generator(image), image)
    grey = image.mean(1, keepdim=True)
    return _distance(generator(grey.expand(-1, generator.inputs, -1, -1)).mean(1, keepdim=True), grey)


def _distance(image: Tensor, other: Tensor) -> Tensor:
    return (image.float() - other).abs().mean()


def _squared(judged: Tensor, target: float) -> Tensor:
    """The loss of least squares."""
    return (judged.float() - target).square().mean()
