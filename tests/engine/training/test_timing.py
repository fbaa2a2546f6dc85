"""Steps that fit into a time, on a clock that the lesson turns."""

from types import SimpleNamespace

import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.engine.training import timing
from sarbridge.engine.training.timing import steps_within
from sarbridge.tests.engine.training.toy_lessons import Regression, plan

CPU = torch.device("cpu")


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(timing, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


class Clocked(Regression):
    """A step takes half a second, after a first one of eight; a score takes two."""

    def __init__(self, clock, a_step=0.5):
        super().__init__()
        self._clock, self._a_step, self.steps = clock, a_step, 0

    def losses(self, batch):
        self._clock.now += self._a_step if self.steps else 8
        self.steps += 1
        yield from super().losses(batch)

    def score(self):
        self._clock.now += 2
        return super().score()


def test_steps_scores_and_the_timing_itself_fit_into_the_time(clock):
    lesson = Clocked(clock)
    steps, a_step = steps_within(lesson, plan(1), 120.0, 10, CPU)
    spent = clock.now - 100
    assert a_step == pytest.approx(0.5) and 3 <= lesson.steps <= 22
    assert spent + 10 * 2 + 0.5 * steps == pytest.approx(120, abs=0.5)


def test_slow_steps_are_timed_a_few_times_only_and_one_step_is_always_taken(clock):
    lesson = Clocked(clock, a_step=30.0)
    assert steps_within(lesson, plan(1), 60.0, 20, CPU) == (1, 30.0)
    assert lesson.steps == 3


def test_a_loss_that_is_no_number_is_a_sentence():
    class Broken(Regression):
        def losses(self, batch):
            for part in super().losses(batch):
                yield part._replace(loss=part.loss * float("nan"))

    with pytest.raises(UserError, match="loss of step 1 is nan: lower the learning rate"):
        steps_within(Broken(), plan(1), 60.0, 20, CPU)
