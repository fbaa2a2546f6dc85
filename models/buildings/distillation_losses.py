"""What a student is taught by its teacher."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from .segmenter import Activations

CELLS = 8
"""Along each side of an image: how many places are compared with each other."""


def cosine_loss(student: Sequence[Tensor], teacher: Sequence[Tensor], valid: Tensor) -> Tensor:
    """Return one minus the mean cosine between activations of a student and of its teacher; scalar, 0..2.

    R. Narayanan Nair and R. Hänsch, "Let me show you how it's done: Cross-modal knowledge distillation as pretext task
    for semantic segmentation", CVPRW 2024, equation 2: the mean is over layers, and here over images. The angle is
    that between whole layers, all channels and places of an image as one vector: the document speaks of layer outputs
    and not of pixels, and one logit a pixel has no direction of its own.

    student, teacher: [N, C, h, w] each, by layer. valid bool [N, 1, H, W]: cells that others reach into are left out.
    """
    cosines = []
    for own, shown in zip(student, teacher):
        known = _known(valid, own)
        cosines.append(F.cosine_similarity(*((each.float() * known).flatten(1) for each in (own, shown))))
    return 1 - torch.stack(cosines).mean()


def relation_loss(student: Sequence[Tensor], teacher: Sequence[Tensor], valid: Tensor) -> Tensor:
    """Return how differently a student and its teacher find places alike; scalar, 0..4. Arguments as `cosine_loss`.

    The mean squared difference between cosines of features, over layers and all pairs of `CELLS` x `CELLS` places: what
    is alike to the teacher shall be alike to the student, in whatever features. As the pair-wise distillation in Y. Liu
    et al., "Structured Knowledge Distillation for Semantic Segmentation", CVPR 2019, section 3.1.
    """
    losses = []
    for own, shown in zip(student, teacher):
        known = _known(valid, own)
        there = F.adaptive_max_pool2d(known.float(), CELLS).flatten(2)
        differences = (_relations(own, known) - _relations(shown, known)).square()
        losses.append(differences.sum() / (there.transpose(1, 2) @ there).sum().clamp(min=1))
    return torch.stack(losses).mean()


def heterogeneous_distillation_loss(student: Activations, teacher: Activations, valid: Tensor) -> Tensor:
    """Return what keeps the student of HFD-Net (`hfd_net.py`) from its teacher, on images of one place; scalar, 0..6.

    The encoders see different physics: of their stages, relations are compared. Those of the decoder, where scales are
    aligned, mean the same, and are compared themselves. Our choice.
    """
    heterogeneous = relation_loss(student.stages[:3], teacher.stages[:3], valid)
    return heterogeneous + cosine_loss(student.stages[3:], teacher.stages[3:], valid)


def _known(valid: Tensor, like: Tensor) -> Tensor:
    """Return the cells of a layer, bool [N, 1, h, w], that only valid pixels [N, 1, H, W] reach into."""
    return F.adaptive_avg_pool2d(valid.float(), like.shape[2:]) > 0.999


def _relations(features: Tensor, known: Tensor) -> Tensor:
    """Return cosines [N, places, places] between places of a layer [N, C, h, w], 0 where nothing is known."""
    places = F.normalize(F.adaptive_avg_pool2d(features.float() * known, CELLS).flatten(2), dim=1)
    return places.transpose(1, 2) @ places
