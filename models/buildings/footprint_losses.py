"""What networks are taught of footprints: where buildings stand, and where one ends."""

from torch import Tensor
from torch.nn import functional as F


def border_of(labels: Tensor) -> Tensor:
    """Return the borders of buildings [N, 1, H, W], 1 or 0: pixels with something else beside them.

    labels float [N, 1, H, W]: 0 on the ground, the number of a building from 1 on; of a mask of 0 and 1 the outlines,
    as it does not tell neighbours apart. A border is as wide within a building as around it, so that a wall that two
    buildings share is one, too, and what is left of each building lies apart from the others.
    """
    highest = F.max_pool2d(labels, 3, 1, 1)
    lowest = -F.max_pool2d(-labels, 3, 1, 1)
    return (highest > lowest).float()


def cross_entropy(logits: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Return the mean binary cross-entropy of valid pixels; scalar, 0 where none is. Logits, shares 0..1, bool; alike
    in shape."""
    losses = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (losses * valid).sum() / valid.sum().clamp(min=1)


def soft_iou_loss(logits: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Return one minus the intersection over union of all valid pixels of a batch, with probabilities for decisions.

    M. A. Rahman and Y. Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks for Image Segmentation", ISVC
    2016, section 3. Arguments as of `cross_entropy`; scalar.
    """
    probability = logits.sigmoid() * valid
    target = target * valid
    shared = (probability * target).sum()
    return 1 - shared / (probability + target - probability * target).sum().clamp(min=1e-6)
