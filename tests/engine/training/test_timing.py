"""Steps and scorings that fit into a time, on a clock that the lesson turns."""

from types import SimpleNamespace

import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.engine.training import timing
from sarbridge.engine.training.timing import length_within
from sarbridge.tests.engine.training.toy_lessons import Regression, plan

CPU = torch.device("cpu")


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(timing, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


class Clocked(Regression):
    """A step takes half a second, after a first one of eight; a score takes two."""

    def __init__(self, clock, a_step=0.5, a_score=2.0):
        super().__init__()
        self._clock, self._a_step, self._a_score, self.steps = clock, a_step, a_score, 0

    def losses(self, batch):
        self._clock.now += self._a_step if self.steps else 8
        self.steps += 1
        yield from super().losses(batch)

    def score(self):
        self._clock.now += self._a_score
        return super().score()


def test_steps_scores_and_the_timing_itself_fit_into_the_time(clock):
    lesson = Clocked(clock)
    length = length_within(lesson, plan(1), 120.0, 8, CPU)
    spent = clock.now - 100
    assert length.seconds_a_step == pytest.approx(0.5) and 3 <= lesson.steps <= 22
    assert length.scores == 8, "there is time for all of them"
    assert spent + 8 * 2 + 0.5 * length.steps == pytest.approx(120, abs=0.5)


@pytest.mark.parametrize(("a_score", "scores"), [(0.0, 20), (1.0, 20), (3.0, 7), (12.0, 1), (30.0, 1)])
def test_scorings_take_a_fifth_of_the_time_at_most_but_one_there_is(a_score, scores, clock):
    length = length_within(Clocked(clock, a_score=a_score), plan(1), 120.0, 20, CPU)
    left = 120 - (clock.now - 100)
    assert (length.scores, length.seconds_a_score) == (scores, pytest.approx(a_score))
    assert scores * a_score <= 0.2 * left or scores == 1
    assert scores * a_score + 0.5 * length.steps == pytest.approx(left, abs=0.5)


def test_slow_steps_are_timed_a_few_times_only_and_one_step_is_always_taken(clock):
    lesson = Clocked(clock, a_step=30.0)
    assert length_within(lesson, plan(1), 60.0, 20, CPU) == (1, 1, 30.0, 2.0)
    assert lesson.steps == 3


def test_a_loss_that_is_no_number_is_a_sentence():
    class Broken(Regression):
        def losses(self, batch):
            for part in super().losses(batch):
                yield part._replace(loss=part.loss * float("nan"))

    with pytest.raises(UserError, match="loss of step 1 is nan: lower the learning rate"):
        length_within(Broken(), plan(1), 60.0, 20, CPU)
