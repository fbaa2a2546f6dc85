"""What students that find buildings are taught with by teachers."""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Tensor
from torch.nn import functional as F

from .segmenter import Activations

CELLS = 8
"""Along each side of an image: how many places are compared with each other."""


def cosine_loss(student: Sequence[Tensor], teacher: Sequence[Tensor], valid: Optional[Tensor] = None) -> Tensor:
    """Return 1 less the mean over layers of the cosine between activations [N, C, h, w] of both; 0..2, scalar.

    R. Narayanan Nair and R. Hänsch, "Let me show you how it's done: Cross-modal knowledge distillation as pretext task
    for semantic segmentation", CVPRW 2024, section 2, equation 2. The angle is that between all activations of an
    image, which also a single logit for each pixel has (our choice: the publication does not say over what it is).
    valid: bool [N, 1, H, W], all without; what reaches into other pixels is left out.
    """
    cosines = []
    for ours, theirs in zip(student, teacher):
        ours, theirs = ours.float(), theirs.float()
        if valid is not None:
            known = F.adaptive_avg_pool2d(valid.float(), ours.shape[2:]) > 0.999
            ours, theirs = ours * known, theirs * known
        cosines.append(F.cosine_similarity(ours.flatten(1), theirs.flatten(1)).mean())
    return 1 - torch.stack(cosines).mean()


def relation_loss(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> Tensor:
    """Return how differently layers [N, C, h, w] of both find places of an image alike; 0..4, scalar.

    The mean squared difference between cosines of features, for all pairs of `CELLS` x `CELLS` places: what is alike to
    the teacher shall be alike to the student, in whatever features. As the pair-wise distillation in Y. Liu et al.,
    "Structured Knowledge Distillation for Semantic Segmentation", CVPR 2019, section 3.1.
    """
    losses = [F.mse_loss(_relations(ours), _relations(theirs)) for ours, theirs in zip(student, teacher)]
    return torch.stack(losses).mean()


def heterogeneous_distillation_loss(
    student: Activations, teacher: Activations, valid: Optional[Tensor] = None
) -> Tensor:
    """Return what keeps the student of HFD-Net from its teacher, on images of one place; scalar.

    The encoders see different physics: of their stages relations are compared. The decoder's, after the scales were
    aligned, mean the same: these are compared themselves, with `valid` as in `cosine_loss`. Our choice.
    """
    relations = relation_loss(student.stages[:3], teacher.stages[:3])
    return relations + cosine_loss(student.stages[3:], teacher.stages[3:], valid)


def _relations(features: Tensor) -> Tensor:
    """Return cosines [N, places, places] between the places of feature maps [N, C, h, w]."""
    places = F.normalize(F.adaptive_avg_pool2d(features.float(), CELLS).flatten(2), dim=1)
    return places.transpose(1, 2) @ places
