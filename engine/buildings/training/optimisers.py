"""How the lessons of buildings go down their losses."""

from collections.abc import Iterable
from functools import partial
from typing import Callable

import torch
from torch import nn

Optimiser = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


def as_published(rate: float) -> Optimiser:
    """Return that of R. Narayanan Nair and R. Hänsch, "Let me show you how it's done", CVPRW 2024, section 3.3."""
    return partial(torch.optim.SGD, lr=rate, momentum=0.9)


def own(rate: float) -> Optimiser:
    """Return the optimiser of the project's own network, for a rate that falls as half a cosine."""
    return partial(torch.optim.AdamW, lr=rate, weight_decay=0.02)
