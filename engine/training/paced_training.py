"""A training on users' layers: how long it lasts is found out and told, then it runs, or goes on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple

import torch

from ..reporting import Reporter
from .lesson import Lesson, Plan, Record
from .loop import train
from .pace import Span, Wish, own_random_numbers, paced, span_of, too_large_for_memory


class PacedTraining(NamedTuple):
    """What is taught, and for how long.

    called: how the sentence begins that tells the steps. lesson: that of so many steps, the same at each call; it is
    timed where minutes are wished for. in_common: what a training that goes on must have in common with itself.
    patches: how many are learnt from, of `side` pixels.
    """

    called: str
    lesson: Callable[[int], Lesson]
    in_common: Callable[[Span], Mapping[str, Any]]
    wish: Wish
    patches: int
    side: int


def train_at_pace(
    training: PacedTraining, plan: Plan, checkpoint: Path, device: torch.device, reporter: Reporter
) -> tuple[Record, int]:
    """Return the record of a training and how many steps it was to have; it goes on from the file `checkpoint`.

    plan: but for its steps. Raises `UserError` for a checkpoint of another training, and where the memory of the GPU is
    too small.
    """
    called, lesson, in_common, wish, patches, side = training
    with too_large_for_memory(plan.batch, side), own_random_numbers():
        span = span_of(wish, patches, lambda: lesson(1), plan, checkpoint, device, reporter)
        reporter.info(
            f"{called} {span.steps:,} steps of {plan.batch} samples, {span.steps * plan.batch / patches:.3g} times "
            f"over {patches:,} patches. What is cut off goes on from the file '{checkpoint}'."
        )
        taught = lesson(span.steps)
        taught.settings = in_common(span)
        return train(taught, paced(plan, span), checkpoint, device, reporter), span.steps
