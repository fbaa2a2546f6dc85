"""The table of how matchers are taught: method -> its samples, its lesson, and how long steps are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Callable, NamedTuple, Optional

from torch import nn

from ....models.matching.bridge_match import BridgeMatch
from ....models.matching.corr_asl import CorrASL
from ....models.matching.deep_match import DeepMatch
from ....models.matching.psiam import PSiam
from ....models.matching.ss_net import SSNet
from ...training.lesson import Plan
from ...training.pair import Pair, Sets
from ...training.schedules import warm_cosine
from ..matcher import TEMPLATE
from . import bridge_match_lesson, corr_asl_lesson, deep_match_lesson, psiam_lesson, ss_net_lesson
from .augmentation import MatchSampler
from .bridge_match_lesson import BridgeMatchLesson
from .corr_asl_lesson import CorrAslLesson
from .deep_match_lesson import DeepMatchLesson, deep_match_sampler
from .labelled_patches import LabelledSampler
from .layer_pairs import BRIGHTEST
from .matching_lesson import NETWORK, MatchingLesson, Sampler
from .psiam_lesson import PSiamLesson
from .published_samples import PublishedSampler
from .ss_net_lesson import SsNetLesson
from .ss_net_samples import SsNetSampler

PAIR_RANGE = 0.0, float(BRIGHTEST)
"""Range of the SAR values of pairs: what lessons scale them by, whatever range the layers had."""

_WINDOWS = 192
"""Planted matches that methods are validated on which have the time for it."""


class Given(NamedTuple):
    """What a lesson of so many `steps` is made from: its samples, batches of the validation area, a learning rate, and
    the network that it goes on from, None for random weights."""

    sampler: Sampler
    validation: Sequence[Any]
    rate: float
    start: Optional[nn.Module]
    steps: int


class Curriculum(NamedTuple):
    """How a method is taught.

    network: its class; with `any_size` it may have other sizes than the usual ones, as the one it goes on from has.
    sampler: of `Sets[Pair]`; of a method that learns without labels too, of which a `share`, drawn by `seed`, has them.
    plan: (samples, seed, batch) -> `Plan`. rate, batch: from random weights; later_rate: from those
    of a model. validated: windows that the model is validated on, about, and up to which offset in pixels, where its
    templates leave room for it: of a method that takes long for each offset fewer, and not so far.
    """

    network: type[nn.Module]
    sampler: Callable[..., Sampler]
    lesson: Callable[[Given], MatchingLesson]
    plan: Callable[[int, int, int], Plan]
    rate: float
    batch: int
    later_rate: float
    any_size: bool = False
    validated: tuple[int, int] = (_WINDOWS, 32)

    @property
    def is_slow(self) -> bool:
        """Whether it is validated on fewer windows than others, for the time that they take."""
        return self.validated[0] < _WINDOWS


def _bridge_match_sampler(sets: Sets[Pair]) -> MatchSampler:
    """Return what draws the samples of users' layers, half of them of the grey that matching will read of these."""
    sides = bridge_match_lesson.SAR_SIDE, bridge_match_lesson.OPTICAL_SIDE
    return MatchSampler(sets, *sides, bridge_match_lesson.MAX_SHIFT, as_read=0.5)


def _bridge_match_plan(samples: int, seed: int, batch: int) -> Plan:
    """Return the plan of the shipped models' rounds, but with a warm-up that short trainings have time for."""
    return replace(bridge_match_lesson.plan_of(samples, seed, batch), schedule=warm_cosine)


def corr_asl(given: Given, ablation: str = "CorrASL") -> MatchingLesson:
    """Return the lesson of CorrASL or of an ablation, a key of `ABLATIONS`."""
    # What has learnt before is past the plateau that the climb is for.
    climb = 0 if given.start else round(corr_asl_lesson.CLIMB * given.steps)
    lesson = CorrAslLesson(given.sampler, ablation, PAIR_RANGE, given.validation, given.rate, climb)
    return begun(lesson, given.start)


def psiam(given: Given, side: int = TEMPLATE) -> MatchingLesson:
    """Return the lesson of PSiam on patches of so many pixels a side."""
    return begun(PSiamLesson(given.sampler, PSiam(side), PAIR_RANGE, given.validation, given.rate), given.start)


def _deep_match(given: Given) -> MatchingLesson:
    return begun(DeepMatchLesson(given.sampler, PAIR_RANGE, given.validation, given.rate), given.start)


def _ss_net(given: Given) -> MatchingLesson:
    return begun(SsNetLesson(given.sampler, PAIR_RANGE, given.validation, given.rate), given.start)


def begun(lesson: MatchingLesson, start: Optional[nn.Module]) -> MatchingLesson:
    """Return a lesson whose network has the weights of `start`."""
    if start is not None:
        lesson.networks[NETWORK].load_state_dict(start.state_dict())
    return lesson


CURRICULA = {
    "bridgematch": Curriculum(
        BridgeMatch,
        _bridge_match_sampler,
        lambda given: BridgeMatchLesson(given.sampler, given.start, given.rate, given.validation),
        _bridge_match_plan,
        rate=2e-3,
        batch=16,
        later_rate=6e-4,  # of the last round of the shipped model
        any_size=True,
    ),
    "corrasl": Curriculum(
        CorrASL,
        PublishedSampler,
        corr_asl,
        corr_asl_lesson.plan_of,
        rate=corr_asl_lesson.RATE,
        batch=corr_asl_lesson.BATCH,
        later_rate=1e-4,  # as published
    ),
    "psiam": Curriculum(
        PSiam,
        LabelledSampler,
        psiam,
        psiam_lesson.plan_of,
        rate=psiam_lesson.RATE,
        batch=psiam_lesson.BATCH,
        later_rate=5e-5,  # that of Hughes 2020, §4.4, with other negatives than before
        validated=(48, 16),
    ),
    "deepmatch": Curriculum(
        DeepMatch,
        deep_match_sampler,
        _deep_match,
        deep_match_lesson.plan_of,
        rate=deep_match_lesson.RATE,
        batch=deep_match_lesson.BATCH,
        later_rate=1e-4,  # as CorrASL's
    ),
    "ssnet": Curriculum(
        SSNet,
        SsNetSampler,
        _ss_net,
        ss_net_lesson.plan_of,
        rate=ss_net_lesson.RATE,
        batch=ss_net_lesson.BATCH,
        later_rate=ss_net_lesson.RATE,
        validated=(24, 8),
    ),
}
"""By the identifiers of `contract.matching_training_jobs.MATCHERS`."""
