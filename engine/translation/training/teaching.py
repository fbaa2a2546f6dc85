"""How a translator is taught on users' layers: for how long, in which steps, and what is kept on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from ....contract.errors import UserError
from ...reporting import Reporter
from ...training.checkpoint import load_facts
from ...training.epochs import steps_of
from ...training.lesson import Plan, Record
from ...training.loop import train
from ...training.patches import TRAINING, VALIDATION
from ...training.timing import length_within
from .layer_samples import LayerSampler
from .setting import Setting
from .translation_lesson import TranslationLesson

MOST_SCORED = 32
"""About so many validation patches the weights are chosen by."""

_SCORES, _CHECKPOINTS, _REPORTS = 20, 20, 200
"""At most so often, over the whole training."""

_MOST_LOST = 100
"""Steps between two checkpoints."""


def taught(setting: Setting, reporter: Reporter) -> tuple[Record, int]:
    """Return the record of a training and how many steps it was to have; it goes on from the job's checkpoint.

    Raises `UserError` for a checkpoint of another training, and where the memory of the GPU is too small.
    """
    job = setting.job
    try:
        with _own_random_numbers():
            steps, scores = _length(setting, reporter)
            samples, patches = steps * setting.batch, len(setting.places.training)
            reporter.info(
                f"{job.called} learns in {steps:,} steps of {setting.batch} samples, {samples / patches:.3g} times "
                f"over {patches:,} patches. What is cut off goes on from the file '{job.checkpoint}'."
            )
            lesson = _lesson(setting)
            lesson.settings = setting.in_common(steps, scores)
            return train(lesson, _plan(setting, steps, scores), Path(job.checkpoint), setting.device, reporter), steps
    except torch.OutOfMemoryError as error:
        raise UserError(
            f"The memory of the GPU is too small for {setting.batch} patches of {setting.layers.patch} pixels at once: "
            "choose a smaller batch, or smaller patches."
        ) from error


@contextmanager
def _own_random_numbers() -> Iterator[None]:
    """Leave others' random numbers as they are."""
    with torch.random.fork_rng(devices=[]):
        yield


def _lesson(setting: Setting) -> TranslationLesson:
    """Return a lesson whose first weights follow from the seed: the same at each call."""
    curriculum, places = setting.curriculum, setting.places
    sampler = LayerSampler(places.training, setting.method, setting.job.seed)
    validation = [sample for place in places.spread(VALIDATION, MOST_SCORED) for sample in sampler.whole(place)]
    torch.manual_seed(setting.job.seed)
    network = curriculum.network(**setting.arguments())
    return curriculum.lesson(network, sampler, validation, rate=setting.rate)


def _length(setting: Setting, reporter: Reporter) -> tuple[int, int]:
    """Return how many steps and scorings a training has."""
    job = setting.job
    if not job.minutes:
        return steps_of(job.epochs, sum(setting.places.count(TRAINING)), setting.batch), _SCORES
    checkpoint = Path(job.checkpoint)
    if checkpoint.exists():  # a run that goes on is the same run, however fast the machine is now
        settings = load_facts(checkpoint).get("settings", {})
        return settings.get("steps") or 1, settings.get("scorings") or 1
    plan, seconds = _plan(setting, 1, 1), 60 * job.minutes
    length = length_within(_lesson(setting), plan, seconds, _SCORES, setting.device)
    reporter.info(
        f"A step takes {length.seconds_a_step:.3g} s and a scoring {length.seconds_a_score:.3g} s, so that "
        f"{length.steps:,} steps and {length.scores} scorings fit into {job.minutes:g} min."
    )
    return length.steps, length.scores


def _plan(setting: Setting, steps: int, scores: int) -> Plan:
    curriculum = setting.curriculum
    return Plan(
        steps,
        setting.batch,
        setting.job.seed,
        curriculum.schedule,
        curriculum.clip_norm,
        curriculum.average,
        checkpoint_every=min(_MOST_LOST, -(-steps // _CHECKPOINTS)),
        score_every=-(-steps // scores),
        report_every=-(-steps // _REPORTS),
    )
