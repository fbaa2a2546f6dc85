"""How long a training on a user's layers lasts, and how often it is scored, told of and kept meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, NamedTuple

import torch

from ...contract.errors import UserError
from ..reporting import Reporter
from .checkpoint import load_facts
from .epochs import steps_of
from .lesson import Lesson, Plan
from .timing import length_within

_SCORES, _CHECKPOINTS, _REPORTS = 20, 20, 200
"""At most so often, over the whole training."""

_MOST_LOST = 100
"""Steps between two checkpoints."""

_BATCH_ON_CPU = 4
"""Samples a step where nobody asks for more: published batches take minutes a step there, and much memory."""


def samples_a_step(wish: int, usual: int, device: torch.device) -> int:
    """Return how many samples a step has: those that are wished for, or for 0 the usual ones, fewer on a CPU."""
    return wish or (usual if device.type != "cpu" else min(usual, _BATCH_ON_CPU))


class Wish(NamedTuple):
    """How long a training shall last: `epochs`, or about so many `minutes` where these are not 0."""

    epochs: float
    minutes: float


class Span(NamedTuple):
    """`steps` and scorings (`scores`) of a training, 1 of each at least."""

    steps: int
    scores: int


def span_of(
    wish: Wish,
    patches: int,
    lesson: Callable[[], Lesson],
    plan: Plan,
    checkpoint: Path,
    device: torch.device,
    reporter: Reporter,
) -> Span:
    """Return how long a training on so many `patches` is; one that goes on has the length that it began with.

    lesson: makes the same one at each call, which is timed where minutes are wished for. plan: but for its steps.
    """
    if not wish.minutes:
        return Span(steps_of(wish.epochs, patches, plan.batch), _SCORES)
    if checkpoint.exists():  # a run that goes on is the same run, however fast the machine is now
        settings = load_facts(checkpoint).get("settings", {})  # those of `length_in_common`
        return Span(settings.get("steps") or 1, settings.get("scorings") or 1)
    length = length_within(lesson(), paced(plan, Span(1, 1)), 60 * wish.minutes, _SCORES, device)
    reporter.info(
        f"A step takes {length.seconds_a_step:.3g} s and a scoring {length.seconds_a_score:.3g} s, so that "
        f"{length.steps:,} steps and {length.scores} scorings fit into {wish.minutes:g} min."
    )
    return Span(length.steps, length.scores)


def length_in_common(wish: Wish, span: Span) -> dict[str, Any]:
    """Return what of its length a training that goes on must have in common with itself, by what sentences call it.

    How many steps there are follows from epochs, but from minutes on one machine at one time only.
    """
    return {
        "epochs": None if wish.minutes else wish.epochs,
        "minutes": wish.minutes or None,
        "steps": span.steps if wish.minutes else None,
        "scorings": span.scores if wish.minutes else None,
    }


def paced(plan: Plan, span: Span) -> Plan:
    """Return a plan of that length, which is scored, kept and told of evenly."""
    steps, scores = span
    return replace(
        plan,
        steps=steps,
        checkpoint_every=min(_MOST_LOST, -(-steps // _CHECKPOINTS)),
        score_every=-(-steps // scores),
        report_every=-(-steps // _REPORTS),
    )


@contextmanager
def own_random_numbers() -> Iterator[None]:
    """Leave others' random numbers as they are."""
    with torch.random.fork_rng(devices=[]):
        yield


@contextmanager
def too_large_for_memory(batch: int, side: int) -> Iterator[None]:
    """Say what to do where so many patches of a side are more than the memory of the GPU holds."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise UserError(
            f"The memory of the GPU is too small for {batch} patches of {side} pixels at once: choose a smaller batch, "
            "or smaller patches."
        ) from error
