"""Learning from footprints and from a teacher at once, as HFD-Net does.

M. Gao and Q. Dong, "Heterogeneous Feature Distillation Network for SAR Image Semantic Segmentation", 2022, of which we
have the abstract only: see `models/buildings/hfd_net.py`.
"""

from collections.abc import Iterator, Sequence

from ....models.buildings.distillation_losses import heterogeneous_distillation_loss
from ....models.buildings.segmenter import Segmenter
from ...training.lesson import Part
from .building_lesson import seen_by_teacher
from .optimisers import Optimiser
from .samples import BuildingSample, Samples
from .segmentation_lesson import SegmentationLesson


class HfdLesson(SegmentationLesson):
    """Teaches a student footprints in radar images, and to find alike what its teacher finds alike in optical ones.

    The student begins as the teacher in all but its input layer, and the loss by the teacher counts as much as the
    footprints (our choices, as is the rest of the recipe: that of the document on distillation).
    """

    def __init__(
        self,
        student: Segmenter,
        teacher: Segmenter,
        samples: Samples,
        validation: Sequence[BuildingSample],
        optimiser: Optimiser,
    ) -> None:
        student.start_from(teacher)
        super().__init__(student, samples, validation, optimiser)
        self._teacher = teacher.requires_grad_(False).eval()

    def losses(self, batch: BuildingSample) -> Iterator[Part]:
        """Yield the one part of a step."""
        with self.precision():
            shown = seen_by_teacher(self._teacher, batch)
            seen = self._network.activations(batch.planes)
        loss, figures = self._supervised(seen.logits.float(), batch)
        distilled = heterogeneous_distillation_loss(seen, shown, batch.valid)
        yield Part(self.optimisers[0], loss + distilled, {**figures, "distillation": distilled})
