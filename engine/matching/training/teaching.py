"""How a matcher is taught on users' layers: for how long, in which steps, and what is kept on the way."""

from pathlib import Path
from typing import Any, Callable

import torch

from ....contract.matching_training_jobs import CORNERS
from ...reporting import Reporter
from ...training.lesson import Plan, Record
from ...training.paced_training import PacedTraining, train_at_pace
from ...training.patches import MOST_SCORED, TRAINING, VALIDATION
from .curricula import Given
from .hard_mining_lesson import MINED
from .matching_lesson import MatchingLesson
from .pooled_training import pooled_training
from .setting import Setting

_OF_A_PAIR = 4
"""Samples of a pair of the validation area at most: more of the same ground tell little more."""


def taught(setting: Setting, reporter: Reporter) -> tuple[Record, int]:
    """Return the record of a training and how many steps it was to have; it goes on from the job's checkpoint.

    Raises `UserError` for a checkpoint of another training, and where the memory of the GPU is too small.
    """
    job, make, wish = setting.job, setting.curriculum.lesson, setting.wish
    if job.negatives != CORNERS:
        make, wish, reporter = pooled_training(setting, reporter)
    training = PacedTraining(
        f"{job.called} learns in",
        lambda steps: _lesson(setting, make, steps),
        setting.in_common,
        wish,
        sum(setting.places.count(TRAINING)),
        job.layers[0].patch,
    )
    record, steps = train_at_pace(training, _plan(setting), Path(job.checkpoint), setting.device, reporter)
    if MINED in record.networks:
        _warn_of_random_negatives(record, len(record.networks[MINED].partners), setting.batch, reporter)
    return record, steps


def _warn_of_random_negatives(record: Record, patches: int, batch: int, reporter: Reporter) -> None:
    kept = min(record.scores, key=record.scores.get, default=record.step)  # of the best score
    needed = -(-patches // (batch // 2))  # until all patches were seen
    if kept > needed:
        return
    why = "train it for longer" if record.step <= needed else "the score was best before, so that they did not help"
    reporter.warning(
        f"The weights that are kept, those of step {kept}, learnt from random negatives alone: hard ones are mined once"
        f" all patches were seen, after step {needed}; {why}."
    )


def _lesson(setting: Setting, make: Callable[[Given], MatchingLesson], steps: int) -> MatchingLesson:
    """Return a lesson whose first weights follow from the seed, or are those to start from: the same at each call."""
    sampler, validation = setting.sampler(), _validation(setting)
    start = setting.start.network if setting.start else None
    torch.manual_seed(setting.job.seed)
    return make(Given(sampler, validation, setting.rate, start, steps))


def _validation(setting: Setting) -> list[Any]:
    """Return the same batches of the validation area at each call, about `MOST_SCORED` samples."""
    pairs = setting.pairs(setting.places.spread(VALIDATION, MOST_SCORED))
    sampler = setting.curriculum.sampler([(pairs, 1.0)])
    generator = torch.Generator().manual_seed(setting.job.seed)
    batches = min(MOST_SCORED, _OF_A_PAIR * len(pairs)) // setting.batch
    return [sampler.draw(setting.batch, generator) for _ in range(max(1, batches))]


def _plan(setting: Setting) -> Plan:
    """Return the plan, but for its length."""
    return setting.curriculum.plan(setting.batch, setting.job.seed, setting.batch)
