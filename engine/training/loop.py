"""The training loop: the only one. It knows devices, time and files; what is taught is a `Lesson`."""

import time
from contextlib import closing
from pathlib import Path

import torch

from ...contract.errors import UserError
from ..compute.read_ahead import read_ahead
from ..reporting import Reporter
from .course import Course, NotANumberError
from .lesson import Lesson, Plan, Record


def train(lesson: Lesson, plan: Plan, checkpoint: Path, device: torch.device, reporter: Reporter) -> Record:
    """Teach a lesson on a device as a plan says and return what became of it.

    It goes on from the file `checkpoint` where there is one, and writes it as it goes: whoever kills the process loses
    no more than the steps since. What is random in a step depends on the plan's seed and the step's number alone, so
    that a resumed run is the same run. Parts of a step whose gradients are not finite are left out; a loss that is not
    finite, or gradients that stay so, end the training with the last checkpoint.

    Raises `UserError` when the checkpoint belongs to another lesson, and when the loss is not finite before there is a
    checkpoint, or one since the networks grew.
    """
    course = Course(lesson, plan, device)
    if checkpoint.exists():
        course.resume(checkpoint)
        reporter.info(f"The training goes on after step {course.record.step}.")
    try:
        _run(course, checkpoint, reporter)
    except NotANumberError as error:
        try:
            course.resume(checkpoint)
        except UserError:  # there is none yet, or it holds the networks before they grew
            raise error.for_the_user() from error
        course.record.stopped = f"{error}; step {course.record.step} is the last one that was kept"
        reporter.warning(f"The training stopped early: {course.record.stopped}.")
    return course.finished()


def _run(course, checkpoint, reporter):
    """Do all steps that are left."""
    plan, first, began = course.plan, course.record.step, time.monotonic()
    with closing(read_ahead(course.draw, range(first, plan.steps))) as batches:
        for batch in batches:
            course.step(batch)
            record = course.record
            reporter.progress(record.step / plan.steps)
            is_last = record.step == plan.steps
            if record.step % plan.report_every == 0 or is_last:
                record.figures[record.step], course.shown = _means(course.shown), []
                seconds = (time.monotonic() - began) / (record.step - first) * (plan.steps - record.step)
                reporter.info(_line(record, plan, seconds))
            if plan.score_every and (record.step % plan.score_every == 0 or is_last):
                course.score(reporter)
            if record.step % plan.checkpoint_every == 0 or is_last:
                course.save(checkpoint)
    if course.record.skipped:
        reporter.info(f"{course.record.skipped} times a step was left out because its gradients were not finite.")


def _means(shown: list[dict]) -> dict[str, float]:
    """Return the mean of each figure over the steps that told it."""
    names = dict.fromkeys(name for figures in shown for name in figures)
    return {name: torch.stack([figures[name] for figures in shown if name in figures]).mean().item() for name in names}


def _line(record: Record, plan: Plan, seconds: float) -> str:
    figures = ", ".join(f"{name} {value:.4g}" for name, value in record.figures[record.step].items())
    left = f"; about {_duration(seconds)} left" if record.step < plan.steps else ""
    return f"Step {record.step} of {plan.steps}{figures and ': '}{figures}{left}."


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
