"""The lesson of CorrASL: the published rate, resuming, and the climb."""

import pytest
import torch
from sarbridge.engine.matching.training.corr_asl_lesson import CorrAslLesson, plan_of
from sarbridge.engine.matching.training.published_samples import PublishedSampler
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.loop import train
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both


@pytest.fixture(scope="module")
def sets():
    return [([same_in_both()], 1.0)]


def test_training_moves_the_weights_and_goes_on(sets, tmp_path):
    def taught(samples):
        torch.manual_seed(1)
        lesson = CorrAslLesson(PublishedSampler(sets), "CorrAS", (0.0, 255.0))
        before = {name: weight.clone() for name, weight in lesson.networks["match"].state_dict().items()}
        plan = plan_of(samples, batch=1)
        return before, train(lesson, plan, tmp_path / "corrasl.safetensors", torch.device("cpu"), NullReporter())

    untrained, record = taught(1)
    trained = record.networks["match"].state_dict()
    for stream in ("sar", "optical"):
        name = f"{stream}.levels.0.0.weight"
        assert 0 < (trained[name] - untrained[name]).abs().max() < 2e-3, "Adam's first step is the rate"
    assert record.step == 1 and record.figures[1]["loss"] > 0
    assert taught(2)[1].step == 2


def test_what_climbs_is_taught_by_cross_entropy_then_by_the_published_loss(sets):
    torch.manual_seed(1)
    lesson = CorrAslLesson(PublishedSampler(sets), "CorrASL", (0.0, 255.0), climb=1)
    batch = lesson.draw(0, 2, torch.Generator().manual_seed(2))
    with torch.no_grad():
        heat = lesson.networks["match"](batch.sar / 255, batch.optical[:, :, 8:-8, 8:-8])[:, 0]
        (first,), published = lesson.losses(batch), lesson.loss(batch)
        lesson.begin(1)
        (second,) = lesson.losses(batch)
    by_hand = 0
    for each, (right, down) in zip(heat.double() / 20, batch.shift.tolist()):
        by_hand -= (each.exp() / each.exp().sum())[round(32 + down / 2), round(32 + right / 2)].log() / 2
    assert first.figures["cross-entropy"] == pytest.approx(float(by_hand), rel=1e-3)
    assert second.loss == pytest.approx(float(published)) and second.loss != pytest.approx(float(first.loss))


def test_an_ablation_without_a_softmax_has_nothing_to_climb(sets):
    lesson = CorrAslLesson(PublishedSampler(sets), "CorrBase", (0.0, 255.0), climb=1)
    (part,) = lesson.losses(lesson.draw(0, 1, torch.Generator().manual_seed(2)))
    assert "cross-entropy" not in part.figures
