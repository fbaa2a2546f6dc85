"""What goes into translators, as planes of one tensor: radar images and heights."""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Tensor

SAR_LIMIT = 4.0
"""Standard deviations from the mean of the scene beyond which backscatter is not told apart. Our choice."""


def with_facts(sar: Tensor, facts: Sequence[float]) -> Tensor:
    """Return SAR [N, 1, H, W] with a plane for each of the facts that are known of all of it: [N, 1 + facts, H, W]."""
    told = torch.tensor(facts, dtype=sar.dtype, device=sar.device)[None, :, None, None]
    return torch.cat([sar, told.expand(len(sar), -1, *sar.shape[2:])], 1)


def relief(heights: Tensor, highest: float, full_height: Optional[float] = None) -> Tensor:
    """Return heights in metres as parts of `full_height`, or without one of the scene's highest; then within 0..1.

    The sea floor counts as the shore, and what is higher around a scene as its highest.
    """
    if full_height:
        return (heights / full_height).clamp_min(0)
    return (heights / highest).clamp(0, 1)


def joined_planes(sar: Tensor, dem: Optional[Tensor]) -> Tensor:
    """Return SAR [N, C, H, W] and, where there are any, heights [N, 1, H, W] as planes of one tensor, heights last."""
    return sar if dem is None else torch.cat([sar, dem], 1)


def signed_planes(sar: Tensor, dem: Optional[Tensor]) -> Tensor:
    """Return the planes of SAR (within ± `SAR_LIMIT`) and heights (0..1) in -1..1, the range of tanh."""
    return joined_planes(sar / SAR_LIMIT, None if dem is None else 2 * dem - 1)
