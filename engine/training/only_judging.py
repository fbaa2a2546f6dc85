"""Critics that judge what others learn."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


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
