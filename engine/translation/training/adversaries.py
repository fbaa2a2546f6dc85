"""What lessons with a generator and critics share."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain

import torch
from torch import nn


def adam(networks: Iterable[nn.Module], rate: float) -> torch.optim.Adam:
    """Return the optimiser of pix2pix and CycleGAN for the weights of some networks: Adam with a first beta of 0.5."""
    return torch.optim.Adam(chain.from_iterable(each.parameters() for each in networks), lr=rate, betas=(0.5, 0.999))


@contextmanager
def only_judging(*critics: nn.Module) -> Iterator[None]:
    """Have critics judge without learning from it: gradients go through them and do not stay."""
    for critic in critics:
        critic.requires_grad_(False)
    try:
        yield
    finally:
        for critic in critics:
            critic.requires_grad_(True)
