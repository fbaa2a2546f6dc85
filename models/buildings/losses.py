"""What a student is taught by its teacher."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


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
        known = F.adaptive_avg_pool2d(valid.float(), own.shape[2:]) > 0.999
        cosines.append(F.cosine_similarity(*((each.float() * known).flatten(1) for each in (own, shown))))
    return 1 - torch.stack(cosines).mean()
