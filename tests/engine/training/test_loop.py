"""The training loop: a run that was cut off is the same run, and what goes wrong keeps what was good."""

import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.engine.reporting import Reporter
from sarbridge.engine.training.checkpoint import load_checkpoint, save_checkpoint
from sarbridge.engine.training.lesson import Part
from sarbridge.engine.training.loop import train
from sarbridge.engine.training.schedules import cosine
from sarbridge.tests.engine.training.toy_lessons import LESSONS, Adversaries, Growing, Regression, plan, taught

pytestmark = pytest.mark.usefixtures("one_thread")


class Kept(Reporter):
    """Keeps what is reported."""

    def __init__(self):
        self.fractions, self.texts = [], []
        super().__init__(send=self._keep)

    def _keep(self, message):
        if message["kind"] == "progress":
            self.fractions.append(message["fraction"])
        else:
            self.texts.append(message["text"])


def assert_same(record, other):
    assert record.networks.keys() == other.networks.keys()
    for prefix, network in record.networks.items():
        for name, tensor in network.state_dict().items():
            assert torch.equal(tensor, other.networks[prefix].state_dict()[name]), (prefix, name)
    assert (record.step, record.score, record.figures) == (other.step, other.score, other.figures)


def test_a_lesson_is_learnt(tmp_path):
    reporter, untaught = Kept(), Regression()
    record = taught(Regression(), tmp_path / "c.safetensors", 300, reporter)
    network = untaught.networks["net"].eval()
    with torch.no_grad():
        before = untaught.score()
        untaught.networks["net"] = record.networks["net"]
        after = untaught.score()
    assert not network.training and not record.networks["net"].training
    assert after == pytest.approx(record.score, rel=1e-5), "the networks are those that were scored best"
    assert after < 0.2 * before
    assert record.step == 300 and list(record.figures) == list(range(5, 301, 5))
    assert record.figures[300]["loss"] < 0.5 * record.figures[5]["loss"]
    assert reporter.fractions[-1] == 1 and sorted(reporter.fractions) == reporter.fractions
    assert any("Step 100 of 300: loss " in text and " left" in text for text in reporter.texts)


@pytest.mark.parametrize("name", ["Regression", "Adversaries", "Growing"])
@pytest.mark.parametrize("cut", [4, 12])
def test_a_run_that_was_cut_off_is_the_same_run(name, cut, tmp_path):
    """Cut before and after the network grows; the checkpoint is the only thing that the two halves share."""
    whole = taught(LESSONS[name](), tmp_path / "whole.safetensors", 24)
    # A kill leaves the checkpoint of the last multiple of four; what was done since is done again.
    broken = LESSONS[name]()
    with pytest.raises(Cut):
        train(broken, plan(24), tmp_path / "cut.safetensors", torch.device("cpu"), CutOff(at=cut + 2))
    assert load_checkpoint(tmp_path / "cut.safetensors")[1]["step"] == cut
    assert_same(taught(LESSONS[name](), tmp_path / "cut.safetensors", 24), whole)


class Cut(Exception):
    """Stands for the end of the process."""


class CutOff(Reporter):
    """Ends the training after so many steps."""

    def __init__(self, at):
        super().__init__(send=lambda message: None)
        self._left = at

    def progress(self, fraction):
        self._left -= 1
        if not self._left:
            raise Cut


def test_a_killed_process_goes_on_to_the_same_weights(tmp_path):
    """SIGKILL in mid-training, as a cancel does it: the checkpoint and the best model are kept."""
    script, checkpoint = Path(__file__).with_name("toy_lessons.py"), tmp_path / "work" / "c.safetensors"
    process = subprocess.Popen([sys.executable, str(script), "SlowRegression", str(checkpoint), "60"])
    end = time.monotonic() + 60
    while not (checkpoint.exists() and load_checkpoint(checkpoint)[1]["step"] >= 12) and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    parts, facts = load_checkpoint(checkpoint)
    assert 12 <= facts["step"] < 60
    assert parts["best net"].keys() == Regression().networks["net"].state_dict().keys() and facts["score"] > 0
    whole = taught(Regression(), tmp_path / "whole.safetensors", 60)
    assert_same(taught(Regression(), checkpoint, 60), whole)


def test_a_finished_training_is_not_done_again_and_may_be_prolonged(tmp_path):
    done = taught(Regression(), tmp_path / "c.safetensors", 8)
    again = Regression()
    assert_same(taught(again, tmp_path / "c.safetensors", 8), done)
    assert not again.drawn
    assert taught(again, tmp_path / "c.safetensors", 11).step == 11
    assert len(again.drawn) == 3 + 1, "three steps and the samples of the score"


def test_each_step_has_its_own_samples_whatever_came_before(tmp_path):
    lesson, later = Regression(), Regression()
    taught(lesson, tmp_path / "a.safetensors", 6, score_every=0)
    taught(Regression(), tmp_path / "b.safetensors", 4, score_every=0)
    taught(later, tmp_path / "b.safetensors", 6, score_every=0)
    assert all(torch.equal(a, b) for a, b in zip(lesson.drawn[4:], later.drawn))
    assert len({tuple(x.flatten().tolist()) for x in lesson.drawn}) == 6


def test_optimisers_take_turns_five_to_one_and_weights_are_clipped(tmp_path):
    lesson = Adversaries()
    before = {name: network.weight.clone() for name, network in lesson.networks.items()}
    record = taught(lesson, tmp_path / "c.safetensors", 20, average=None, score_every=0)
    assert lesson.order == [*["critic"] * 5, "generator", "encoder"] * 4
    assert record.networks["critic"].weight.abs().max() <= Adversaries.CLIP + 1e-7
    for name, network in record.networks.items():
        assert not torch.equal(network.weight, before[name]), name
    assert record.figures[20]["critic"] == pytest.approx(Adversaries.CLIP), "its steps lead to the bounds"


def test_a_part_may_keep_its_rate_whatever_the_schedule(tmp_path):
    class SteadyCritic(Adversaries):
        def losses(self, batch):
            for part in super().losses(batch):
                yield part._replace(is_scheduled=part.optimiser is not self.optimisers[0])

    lesson = SteadyCritic()
    taught(lesson, tmp_path / "c.safetensors", 10, score_every=0)
    critic, generator, _ = (optimiser.param_groups[0]["lr"] for optimiser in lesson.optimisers)
    assert critic == 0.05 and generator == pytest.approx(0.01 * cosine(warm_up=3)(9, 10))


def test_networks_and_batches_grow_on_the_way(tmp_path):
    lesson = Growing()
    record = taught(lesson, tmp_path / "c.safetensors", 16, score_every=0)
    assert [len(x) for x in lesson.drawn] == [8] * 10 + [16] * 6
    grown = record.networks["net"].grown.weight
    torch.manual_seed(5)
    assert not torch.equal(grown, torch.nn.Linear(1, 1).weight)


@pytest.mark.parametrize("grows_at", [7, 8, 9])
def test_a_run_that_was_cut_off_where_networks_grow_is_the_same_run(grows_at, tmp_path):
    """The checkpoint of step 8 holds the network as it was in its last step, grown or not."""

    class GrowingThere(Growing):
        GROWS_AT = grows_at

    whole = taught(GrowingThere(), tmp_path / "whole.safetensors", 16, score_every=0)
    with pytest.raises(Cut):
        train(GrowingThere(), plan(16, score_every=0), tmp_path / "c.safetensors", torch.device("cpu"), CutOff(at=10))
    assert_same(taught(GrowingThere(), tmp_path / "c.safetensors", 16, score_every=0), whole)


def test_the_best_network_is_the_best_since_it_grew(tmp_path):
    class WorseAndWorse(Growing):
        scores = 0

        def score(self):
            self.scores += 1
            return float(self.scores)

    record = taught(WorseAndWorse(), tmp_path / "c.safetensors", 24)
    assert record.score == 2, "the first score, at step 6, is that of the smaller network"
    assert hasattr(record.networks["net"], "grown")


def test_the_average_forgets_what_a_network_no_longer_has(tmp_path):
    class Fading(Regression):
        def __init__(self):
            super().__init__()
            self.networks["net"].add_module("early", torch.nn.Linear(1, 1))

        def begin(self, step):
            if step == 5:
                del self.networks["net"].early

    network = taught(Fading(), tmp_path / "c.safetensors", 8, score_every=0).networks["net"]
    assert not hasattr(network, "early")


class Broken(Regression):
    """Its loss is not a number from a step on; or only its gradients, now and then."""

    def __init__(self, loss_at=None, gradients_at=()):
        super().__init__()
        self._loss_at, self._gradients_at, self._step = loss_at, gradients_at, 0

    def begin(self, step):
        self._step = step

    def losses(self, batch):
        (part,) = super().losses(batch)
        loss = part.loss
        if self._loss_at is not None and self._step >= self._loss_at:
            loss = loss * float("nan")
        if self._step in self._gradients_at:
            # The root of nothing: its value is 0, its slope is not finite.
            loss = loss + (0 * self.networks["net"][0].weight).square().sum().sqrt()
        yield Part(part.optimiser, loss, part.figures)


def test_a_loss_that_is_no_number_ends_with_the_last_good_checkpoint(tmp_path):
    reporter = Kept()
    record = taught(Broken(loss_at=10), tmp_path / "c.safetensors", 40, reporter)
    assert record.step == 8 and "loss of step 11 is nan" in record.stopped
    assert any("stopped early" in text for text in reporter.texts)
    good = load_checkpoint(tmp_path / "c.safetensors")[0]["best net"]
    assert all(torch.equal(tensor, good[name]) for name, tensor in record.networks["net"].state_dict().items())


def test_a_loss_that_is_no_number_from_the_start_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match="loss of step 3 is nan: lower the learning rate"):
        taught(Broken(loss_at=2), tmp_path / "c.safetensors", 40)
    assert list(tmp_path.iterdir()) == []


def test_a_loss_that_is_no_number_since_the_networks_grew_is_a_sentence(tmp_path):
    class BrokenByGrowth(Growing):
        def losses(self, batch):
            (part,) = super().losses(batch)
            yield part._replace(loss=part.loss * (float("nan") if hasattr(self.networks["net"], "grown") else 1))

    with pytest.raises(UserError, match="loss of step 11 is nan: lower the learning rate"):
        taught(BrokenByGrowth(), tmp_path / "c.safetensors", 40)
    assert load_checkpoint(tmp_path / "c.safetensors")[1]["step"] == 8, "it is kept, for smaller steps"


@pytest.mark.parametrize("kind", [float, np.float32, torch.tensor])
def test_a_score_that_is_no_number_is_not_the_best(kind, tmp_path):
    class ScoredOddly(Regression):
        scores = iter((float("nan"), 3.0, 2.0, float("nan")))

        def score(self):
            return kind(next(self.scores))

    record = taught(ScoredOddly(), tmp_path / "c.safetensors", 24)
    assert record.score == 2 and load_checkpoint(tmp_path / "c.safetensors")[1]["score"] == 2


def test_a_lesson_without_figures_is_told_of_in_whole_sentences(tmp_path):
    class Silent(Regression):
        def losses(self, batch):
            return iter(())

    reporter = Kept()
    taught(Silent(), tmp_path / "c.safetensors", 10, reporter, score_every=0)
    assert reporter.texts[-1] == "Step 10 of 10."


def test_a_step_whose_gradients_are_not_finite_is_left_out(tmp_path):
    reporter = Kept()
    record = taught(Broken(gradients_at=(3, 5)), tmp_path / "c.safetensors", 12, reporter)
    assert record.skipped == 2 and record.step == 12 and not record.stopped
    assert any("2 times a step was left out" in text for text in reporter.texts)
    assert all(tensor.isfinite().all() for tensor in record.networks["net"].state_dict().values())


def test_gradients_that_stay_infinite_end_the_training(tmp_path):
    record = taught(Broken(gradients_at=range(7, 200)), tmp_path / "c.safetensors", 200)
    assert record.step == 56 and record.skipped == 49
    assert "gradients of 50 steps up to 57 are not finite" in record.stopped


def test_the_average_is_that_of_the_weights(tmp_path):
    """Without a schedule's help: the averaged weights are the recursion over the weights of every step."""
    weights = []

    class Watched(Regression):
        def begin(self, step):
            weights.append(self.networks["net"][4].bias.detach().clone())

    lesson = Watched()
    record = taught(lesson, tmp_path / "c.safetensors", 6, score_every=0)
    weights.append(lesson.networks["net"][4].bias.detach().clone())
    expected = weights[1]
    for number, weight in enumerate(weights[2:], 2):
        decay = min(0.9, number / (number + 20))
        expected = decay * expected + (1 - decay) * weight
    torch.testing.assert_close(record.networks["net"][4].bias, expected)


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    taught(Regression(), tmp_path / "c.safetensors", 4)
    with pytest.raises(UserError, match="belongs to another training"):
        taught(Adversaries(), tmp_path / "c.safetensors", 8)


class OtherOptimiser(Regression):
    """The same network, learnt otherwise."""

    def __init__(self, make):
        super().__init__()
        self.optimisers = (make(self.networks["net"].parameters()),)


OPTIMISERS = {
    "SGD with momentum": partial(torch.optim.SGD, lr=0.01, momentum=0.9),
    "RMSprop": partial(torch.optim.RMSprop, lr=0.01),
    "centred RMSprop": partial(torch.optim.RMSprop, lr=0.01, centered=True),
    "AMSGrad": partial(torch.optim.AdamW, lr=0.01, amsgrad=True),
}


@pytest.mark.parametrize("make", OPTIMISERS.values(), ids=OPTIMISERS.keys())
def test_a_checkpoint_of_another_optimiser_is_refused(make, tmp_path):
    taught(Regression(), tmp_path / "a.safetensors", 4)
    taught(OtherOptimiser(make), tmp_path / "b.safetensors", 4)
    for lesson, checkpoint in ((OtherOptimiser(make), "a.safetensors"), (Regression(), "b.safetensors")):
        with pytest.raises(UserError, match="belongs to another training"):
            taught(lesson, tmp_path / checkpoint, 8)


def test_a_checkpoint_with_more_networks_is_refused(tmp_path):
    class WithCritic(Regression):
        def __init__(self):
            super().__init__()
            self.networks["critic"] = torch.nn.Linear(1, 1)

    taught(WithCritic(), tmp_path / "c.safetensors", 4)
    with pytest.raises(UserError, match="belongs to another training"):
        taught(Regression(), tmp_path / "c.safetensors", 8)


def test_a_checkpoint_without_the_facts_of_a_training_is_refused(tmp_path):
    save_checkpoint(tmp_path / "c.safetensors", {}, {"step": 4})
    with pytest.raises(UserError, match="belongs to another training"):
        taught(Regression(), tmp_path / "c.safetensors", 8)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU")
def test_the_same_loop_on_a_gpu(tmp_path):
    record = train(Regression(), plan(40), tmp_path / "c.safetensors", torch.device("cuda"), Kept())
    assert record.figures[40]["loss"] < record.figures[5]["loss"]
    assert all(tensor.device.type == "cpu" for tensor in record.networks["net"].state_dict().values())
