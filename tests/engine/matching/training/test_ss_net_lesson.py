"""The lesson of SSNet: samples, losses by hand, the critic's five steps, and a run that was cut off."""

import pytest
import torch
from sarbridge.engine.matching.training import ss_net_lesson
from sarbridge.engine.matching.training.ss_net_lesson import CRITIC_STEPS, SsNetLesson, plan_of
from sarbridge.engine.matching.training.ss_net_samples import SsNetPatches, SsNetSampler, varied
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.lesson import Plan
from sarbridge.engine.training.loop import train
from sarbridge.engine.training.pair import Pair
from sarbridge.engine.training.schedules import one_cycle
from sarbridge.models.matching import ss_net
from sarbridge.models.matching.losses import contrastive_loss
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both

pytestmark = pytest.mark.usefixtures("one_thread")

RANGE = (0.0, 255.0)


@pytest.fixture(scope="module")
def sets():
    return [([same_in_both(520, 520)], 1.0)]  # four cells


@pytest.fixture
def narrow(monkeypatch):
    """Networks of the same shape with few channels."""
    monkeypatch.setattr(ss_net, "_BLOCKS", ((2,), (2,), (2, 2), (4, 4), (4, 4)))


def test_matches_show_one_place_and_the_others_do_not(sets):
    sample = SsNetSampler(sets).draw(8, torch.Generator().manual_seed(1))
    assert sample.sar.shape == sample.optical.shape == (8, 1, 128, 128)
    same = (sample.sar / 255 - sample.optical).abs().amax((1, 2, 3)) < 1e-6
    assert same.tolist() == (sample.matches == 1).tolist() == [True, False] * 4


def test_a_share_of_the_places_is_labelled(sets):
    """Of four cells, each of another grey, the labelled quarter is one; unlabelled patches come from the others."""
    generator = torch.Generator().manual_seed(2)
    assert SsNetSampler(sets).unlabelled(4, generator) is None
    greys = torch.tensor([[10, 20], [30, 40]], dtype=torch.uint8).repeat_interleave(256, 0).repeat_interleave(256, 1)
    sampler = SsNetSampler([([Pair("greys", greys[None], greys[None])], 1.0)], 0.25, seed=3)
    labelled = sampler.draw(12, generator)
    (of_labelled,) = set(labelled.sar.unique().tolist())
    assert set((255 * labelled.optical).round().unique().tolist()) == {of_labelled}
    unlabelled = sampler.unlabelled(16, generator)
    for images in (unlabelled.sar, 255 * unlabelled.optical):
        assert set(images.round().unique().tolist()) == {10.0, 20.0, 30.0, 40.0} - {of_labelled}
    of_pairs = (unlabelled.sar - 255 * unlabelled.optical).abs().amax((1, 2, 3)) < 1
    assert not of_pairs.all(), "each image's are drawn for itself"
    assert set(sampler.any(40, generator).sar.unique().tolist()) == {10.0, 20.0, 30.0, 40.0}


def test_labelled_patches_are_varied_alike_and_the_others_each_for_itself():
    images = torch.rand(64, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    pairs = varied(SsNetPatches(images, images, torch.ones(64)), torch.Generator().manual_seed(1))
    noise = pairs.optical - pairs.sar
    assert noise.std().item() == pytest.approx(0.02, rel=0.1)
    gains = pairs.sar.mean((1, 2, 3)) / images.mean((1, 2, 3))
    assert gains.min() >= 0.95 and gains.max() <= 1.05
    assert (gains.sub(1).abs() > 1e-5).float().mean().item() == pytest.approx(0.2, abs=0.12)
    flips = [torch.isclose(pairs.sar / gains[:, None, None, None], images.flip(d), atol=1e-5) for d in ([], 2, 3)]
    assert all(0.05 < each.flatten(1).all(1).float().mean() < 0.5 for each in flips)
    apart = varied(SsNetPatches(images, images, None), torch.Generator().manual_seed(1))
    assert (apart.optical - apart.sar).abs().mean() > 0.1


def test_contrastive_loss_by_hand():
    codes = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8]])
    others = torch.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    # squared distances 2, 0 and 0.8: a match; one that should be far; one not far enough
    loss = contrastive_loss(codes, others, torch.tensor([1.0, 0.0, 0.0]), margin=1.0)
    assert loss.item() == pytest.approx((2 + 1 + 0.2) / 3)


def test_the_critic_takes_five_steps_and_its_weights_are_clipped(sets, narrow):
    lesson = SsNetLesson(SsNetSampler(sets, 0.5), RANGE)
    batch = lesson.draw(0, 2, torch.Generator().manual_seed(0))
    assert len(batch.judged.sar) == 5 * 2 and batch.learnt.matches.tolist() == [1, 0]
    critic, order = lesson.networks["critic"], []
    for part in lesson.losses(batch):
        order.append(part.optimiser)
        assert part.is_scheduled == (part.optimiser is lesson.optimisers[0])
        part.optimiser.zero_grad()
        part.loss.backward()
        part.optimiser.step()
        with torch.no_grad():
            critic[0].weight[0, 0] = 7.0  # is clipped before the next part
    assert order == [lesson.optimisers[1]] * CRITIC_STEPS + [lesson.optimisers[0]]
    part = next(lesson.losses(batch))
    assert critic[0].weight.abs().max() == 7.0 and critic[2].weight.abs().max() <= 0.1
    assert lesson.draw(1, 2, torch.Generator()).learnt.matches is None, "batches take turns"
    assert SsNetLesson(SsNetSampler(sets), RANGE).draw(1, 2, torch.Generator()).learnt.matches is not None


def test_the_critics_loss_is_equation_7(sets, narrow):
    lesson = SsNetLesson(SsNetSampler(sets), RANGE)
    for network in lesson.networks.values():
        network.eval()
    batch = lesson.draw(0, 1, torch.Generator().manual_seed(0))
    torch.manual_seed(5)
    loss = next(lesson.losses(batch)).loss
    torch.manual_seed(5)
    real = 5 * torch.randn(1, 256)
    match, critic = lesson.networks["match"], lesson.networks["critic"]
    by_hand = (
        critic(match.sar(batch.judged.sar[:1])) + critic(match.optical(batch.judged.optical[:1])) - 2 * critic(real)
    )
    assert loss.item() == pytest.approx(by_hand.item(), abs=1e-5)


def test_what_autoencoders_learn_is_the_sum_of_its_parts(sets, narrow):
    """Equations 5 and 8; the prior pulls at the codes themselves, the contrast at those of length 1."""
    lesson = SsNetLesson(SsNetSampler(sets, 0.5), RANGE)
    for network in lesson.networks.values():
        network.eval()
    for step, names in ((0, ["match", "prior", "reconstruction"]), (1, ["prior", "reconstruction"])):
        batch = lesson.draw(step, 2, torch.Generator().manual_seed(0))
        *_, part = lesson.losses(batch)
        assert sorted(part.figures) == names
        assert part.loss.item() == pytest.approx(sum(value.item() for value in part.figures.values()), abs=1e-5)
    match, critic = lesson.networks["match"], lesson.networks["critic"]
    sar, optical, _ = batch.learnt
    codes = match.sar(sar), match.optical(optical)
    assert part.figures["prior"].item() == pytest.approx(-sum(critic(each).mean().item() for each in codes), abs=1e-5)
    again = lesson.networks["decoder.sar"](codes[0]), lesson.networks["decoder.optical"](codes[1])
    errors = ((again[0] - (sar - 0.5) / 0.2) ** 2).mean() + ((again[1] - (optical - 0.45) / 0.15) ** 2).mean()
    assert part.figures["reconstruction"].item() == pytest.approx(errors.item(), rel=1e-4)


def test_a_run_that_was_cut_off_is_the_same_run(sets, narrow, tmp_path):
    def taught(name, steps):
        torch.manual_seed(0)
        plan = Plan(steps, 2, 1, one_cycle(1.0), checkpoint_every=1)
        lesson = SsNetLesson(SsNetSampler(sets, 0.5), RANGE)
        return train(lesson, plan, tmp_path / name, torch.device("cpu"), NullReporter()).networks

    whole = taught("whole.safetensors", 3)
    taught("cut.safetensors", 1)
    again = taught("cut.safetensors", 3)
    assert sorted(whole) == ["critic", "decoder.optical", "decoder.sar", "match"]
    for name, network in whole.items():
        for key, tensor in network.state_dict().items():
            assert torch.equal(tensor, again[name].state_dict()[key]), (name, key)


def test_the_score_is_the_contrast_of_validation_patches(sets, narrow):
    validation = SsNetSampler(sets).draw(4, torch.Generator().manual_seed(9))
    lesson = SsNetLesson(SsNetSampler(sets), RANGE, [validation])
    match = lesson.networks["match"].eval()
    with torch.no_grad():
        distances = 2 - 2 * match(validation.sar / 255, validation.optical)
        by_hand = torch.where(validation.matches == 1, distances, (1 - distances).clamp_min(0)).mean()
        assert lesson.score() == pytest.approx(by_hand.item(), abs=1e-4)


def test_the_published_plan():
    plan = plan_of(32 * 1001)
    assert (plan.steps, plan.batch) == (1001, 32)
    rates = [ss_net_lesson.RATE * plan.schedule(step, plan.steps) for step in (0, 250, 500, 750, 1000)]
    assert rates == pytest.approx([5e-5, 2.75e-4, 5e-4, 2.75e-4, 5e-5])
