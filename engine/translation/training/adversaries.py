"""The optimiser of translators with a generator and critics."""

from collections.abc import Iterable
from itertools import chain

import torch
from torch import nn


def adam(networks: Iterable[nn.Module], rate: float) -> torch.optim.Adam:
    """Return the optimiser of pix2pix and CycleGAN for the weights of some networks: Adam with a first beta of 0.5."""
    return torch.optim.Adam(chain.from_iterable(each.parameters() for each in networks), lr=rate, betas=(0.5, 0.999))
