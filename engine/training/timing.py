"""How many steps fit into a time: a few are taken to see how long they last."""

import time
from contextlib import closing
from dataclasses import replace

import torch

from ..compute.read_ahead import read_ahead
from ..reporting import NullReporter
from .course import Course, NotANumberError
from .lesson import Lesson, Plan

_WARM_UP, _TIMED = 2, 20
"""Steps that do not count, as they load libraries and choose algorithms, and at most so many that do."""

_LONGEST = 10.0
"""Seconds after which no further step is timed."""


def steps_within(lesson: Lesson, plan: Plan, seconds: float, scores: int, device: torch.device) -> tuple[int, float]:
    """Return (how many steps of a lesson last as long as that, 1 at least; seconds a step).

    The lesson is a copy that is thrown away: it is taught a few steps. The time that they take, and that of scoring it
    `scores` times, is a part of `seconds`. plan: of the lesson, but for its steps. Raises `UserError` where the loss is
    not finite.
    """
    course = Course(lesson, replace(plan, steps=_WARM_UP + _TIMED), device)
    began, ends = time.monotonic(), []
    try:
        with closing(read_ahead(course.draw, range(course.plan.steps))) as batches:
            for batch in batches:
                course.step(batch)
                ends.append(time.monotonic())
                if len(ends) > _WARM_UP and ends[-1] - began > _LONGEST:
                    break
    except NotANumberError as error:
        raise error.for_the_user() from error
    a_step = (ends[-1] - ends[_WARM_UP - 1]) / (len(ends) - _WARM_UP)
    course.score(NullReporter())
    scored = time.monotonic()
    left = seconds - (scored - began) - scores * (scored - ends[-1])
    return max(1, int(left / a_step)), a_step
