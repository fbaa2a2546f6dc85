"""How many steps and scorings fit into a time: a few are taken to see how long they last."""

import time
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

import torch

from ..compute.read_ahead import read_ahead
from ..reporting import NullReporter
from .course import Course, NotANumberError
from .lesson import Lesson, Plan

_WARM_UP, _TIMED = 2, 20
"""Steps that do not count, as they load libraries and choose algorithms, and at most so many that do."""

_LONGEST = 10.0
"""Seconds after which no further step is timed."""

_FOR_SCORES = 0.2
"""Share of the time that scorings may take: a short training is there to learn."""


class Length(NamedTuple):
    """So many `steps` of a lesson and scorings (`scores`) fit into a time; 1 of each at least."""

    steps: int
    scores: int
    seconds_a_step: float
    seconds_a_score: float


def length_within(lesson: Lesson, plan: Plan, seconds: float, most_scores: int, device: torch.device) -> Length:
    """Return the `Length` of a lesson that lasts so many seconds, with `most_scores` scorings where there is time.

    The lesson is a copy that is thrown away: it is taught a few steps and scored once, the time of which is a part of
    `seconds`. plan: of the lesson, but for its steps. Raises `UserError` where the loss is not finite.
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
    a_score = scored - ends[-1]
    left = seconds - (scored - began)
    scores = max(1, int(min(most_scores, _FOR_SCORES * left / max(a_score, 1e-9))))
    steps = max(1, int((left - scores * a_score) / a_step))
    return Length(steps, min(scores, steps), a_step, a_score)
