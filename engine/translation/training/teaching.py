"""How a translator is taught on users' layers: for how long, in which steps, and what is kept on the way."""

from pathlib import Path

import torch

from ...reporting import Reporter
from ...training.lesson import Plan, Record
from ...training.paced_training import PacedTraining, train_at_pace
from ...training.patches import MOST_SCORED, TRAINING, VALIDATION
from .layer_samples import LayerSampler
from .setting import Setting
from .translation_lesson import TranslationLesson


def taught(setting: Setting, reporter: Reporter) -> tuple[Record, int]:
    """Return the record of a training and how many steps it was to have; it goes on from the job's checkpoint.

    Raises `UserError` for a checkpoint of another training, and where the memory of the GPU is too small.
    """
    job = setting.job
    training = PacedTraining(
        f"{job.called} learns in",
        lambda steps: _lesson(setting),
        setting.in_common,
        setting.wish,
        sum(setting.places.count(TRAINING)),
        setting.layers.patch,
    )
    return train_at_pace(training, _plan(setting), Path(job.checkpoint), setting.device, reporter)


def _lesson(setting: Setting) -> TranslationLesson:
    """Return a lesson whose first weights follow from the seed: the same at each call."""
    curriculum, places = setting.curriculum, setting.places
    sampler = LayerSampler(places.training, setting.method, setting.job.seed)
    validation = [sample for place in places.spread(VALIDATION, MOST_SCORED) for sample in sampler.whole(place)]
    torch.manual_seed(setting.job.seed)
    network = curriculum.network(**setting.arguments())
    return curriculum.lesson(network, sampler, validation, rate=setting.rate)


def _plan(setting: Setting) -> Plan:
    """Return the plan, but for its length."""
    curriculum = setting.curriculum
    return Plan(1, setting.batch, setting.job.seed, curriculum.schedule, curriculum.clip_norm, curriculum.average)
