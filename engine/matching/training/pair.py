"""What matchers learn from: one place in both modalities."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Pair:
    """One place in both modalities on one pixel grid: sar uint8 [1, H, W], optical uint8 [1 or 3, H, W]."""

    name: str
    sar: torch.Tensor
    optical: torch.Tensor
