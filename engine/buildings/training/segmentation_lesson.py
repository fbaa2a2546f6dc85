"""Learning from footprints: the teacher (phase 1), the student's fine-tuning (phase 3), and each modality alone.

R. Narayanan Nair and R. Hänsch, "Let me show you how it's done: Cross-modal knowledge distillation as pretext task for
semantic segmentation", CVPRW 2024 ("the document"), section 2.
"""

from collections.abc import Iterator, Sequence

from torch import Tensor

from ....models.buildings.footprint_losses import border_of, cross_entropy, soft_iou_loss
from ....models.buildings.segmenter import Segmenter
from ...training.lesson import Part
from .building_lesson import BuildingLesson, have_learn
from .optimisers import Optimiser
from .samples import BuildingSample, Samples
from .thresholds import counted


class SegmentationLesson(BuildingLesson):
    """Teaches a network footprints, by binary cross-entropy; a second logit, if it has one, their borders.

    learns: "all" of the network, or its "decoder" alone (Ft-A and Ft-D of the document). soft_iou: weight of the
    `soft_iou_loss` beside it, 0 as published. The score is one minus the best intersection over union of all
    validation pixels together. Published: SGD, rate 0.1, momentum 0.9, batches of 32; 300 epochs, decoder alone 30.
    """

    def __init__(
        self,
        network: Segmenter,
        samples: Samples,
        validation: Sequence[BuildingSample],
        optimiser: Optimiser,
        learns: str = "all",
        soft_iou: float = 0.0,
    ) -> None:
        super().__init__(network, samples, validation, optimiser)
        self._learns, self._soft_iou = learns, soft_iou

    def begin(self, step: int) -> None:
        """Have the chosen part learn."""
        have_learn(self._network, self._learns)

    def losses(self, batch: BuildingSample) -> Iterator[Part]:
        """Yield the one part of a step."""
        with self.precision():
            logits = self._network(batch.planes)
        yield Part(self.optimisers[0], *self._supervised(logits.float(), batch))

    def _supervised(self, logits: Tensor, batch: BuildingSample) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss and its parts as figures; logits [N, 1 or 2, S, S]."""
        footprint = cross_entropy(logits[:, :1], batch.built, batch.valid)
        loss, figures = footprint, {"footprints": footprint}
        if logits.shape[1] > 1:
            figures["borders"] = cross_entropy(logits[:, 1:2], border_of(batch.labels.round()), batch.valid)
            loss = loss + figures["borders"]
        if self._soft_iou:
            figures["1 - soft IoU"] = soft_iou_loss(logits[:, :1], batch.built, batch.valid)
            loss = loss + self._soft_iou * figures["1 - soft IoU"]
        return loss, figures

    def score(self) -> float:
        """Return one minus the best intersection over union on the validation samples."""
        return 1 - counted(self._network, self._validation, self.precision).best().iou
