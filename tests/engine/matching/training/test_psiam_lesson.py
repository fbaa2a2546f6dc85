"""The lesson of PSiam: the published loss, what is penalised, and that something is learnt."""

from dataclasses import replace

import pytest
import torch
from sarbridge.engine.matching.training.labelled_patches import LabelledPatches, LabelledSampler
from sarbridge.engine.matching.training.psiam_lesson import PSiamLesson, plan_of
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.loop import train
from sarbridge.models.matching.psiam import PSiam
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both


@pytest.fixture(scope="module")
def sampler():
    return LabelledSampler([([same_in_both()], 1.0)], side=32)


def _lesson(sampler, side=32, **settings):
    torch.manual_seed(1)
    return PSiamLesson(sampler, PSiam(side), (0.0, 255.0), **settings)


def test_the_loss_is_the_cross_entropy_of_one_hot_labels(sampler):
    lesson = _lesson(sampler)
    network = lesson.networks["match"].eval()
    batch = sampler.draw(6, torch.Generator().manual_seed(0))
    probabilities = network(batch.sar / 255, batch.optical).softmax(1)
    one_hot = torch.tensor([[0.0, 1.0]] * 3 + [[1.0, 0.0]] * 3)
    torch.testing.assert_close(lesson.loss(batch), -(one_hot * probabilities.log()).sum(1).mean())
    right = (probabilities.argmax(1) == one_hot.argmax(1)).float().mean()
    assert next(lesson.losses(batch)).figures["right"] == right


def test_only_the_streams_kernels_are_penalised(sampler):
    """0.001 times the sum of squares has the gradient 0.002 times the weight."""
    lesson = _lesson(sampler)
    network = lesson.networks["match"]
    penalised, others = lesson.optimisers[0].param_groups
    assert (penalised["weight_decay"], others["weight_decay"]) == (0.002, 0)
    kernels = [p for name, p in network.named_parameters() if p.dim() == 4 and not name.startswith("fusion")]
    assert len(kernels) == 16 and {id(p) for p in penalised["params"]} == {id(p) for p in kernels}
    assert len(penalised["params"]) + len(others["params"]) == len(list(network.parameters()))
    assert penalised["lr"] == others["lr"] == 9e-4 and penalised["betas"] == (0.9, 0.999)


def test_a_network_that_was_trained_before_learns_on(sampler):
    network = PSiam(32).requires_grad_(False)
    lesson = PSiamLesson(sampler, network, (0.0, 255.0), rate=8e-6)
    assert lesson.networks["match"] is network and all(p.requires_grad for p in network.parameters())
    assert lesson.optimisers[0].param_groups[0]["lr"] == 8e-6


def test_matches_are_told_from_others_after_a_few_steps(tmp_path):
    """Of one texture in both modalities; figures of each step are from patches that were never seen before."""
    lesson = _lesson(LabelledSampler([([same_in_both()], 1.0)], side=24), side=24)
    plan = replace(plan_of(64 * 50), report_every=10)
    assert (plan.steps, plan.batch) == (50, 64)
    figures = train(lesson, plan, tmp_path / "psiam.safetensors", torch.device("cpu"), NullReporter()).figures
    assert figures[10]["loss"] > 0.69 and figures[10]["right"] < 0.65, "at first, anybody's guess"
    assert figures[50]["loss"] < 0.55 and figures[50]["right"] > 0.7


def test_the_score_is_the_mean_loss_of_validation_batches(sampler):
    seen = [sampler.draw(4, torch.Generator().manual_seed(i)) for i in range(2)]
    lesson = _lesson(sampler, validation=seen)
    lesson.networks["match"].eval()
    with torch.no_grad():
        assert lesson.score() == pytest.approx(sum(lesson.loss(batch).item() for batch in seen) / 2)


def test_a_batch_may_come_from_anywhere():
    class Elsewhere:
        def draw(self, count, generator):
            images = torch.rand(2, count, 1, 32, 32, generator=generator)
            return LabelledPatches(255 * images[0], images[1], torch.ones(count))

    lesson = _lesson(Elsewhere())
    batch = lesson.draw(0, 4, torch.Generator().manual_seed(0))
    assert lesson.loss(batch).item() > 0
