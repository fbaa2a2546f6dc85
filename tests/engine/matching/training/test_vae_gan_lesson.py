"""The lesson of the VAE-GAN: how it grows, what each network learns, and a run that was cut off where it grew."""

import pytest
import torch
from sarbridge.engine.matching.training.patch_cells import PatchPool
from sarbridge.engine.matching.training.vae_gan_lesson import PHASE, VAE, VaeGanLesson, growth_at, plan_of
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.lesson import Plan
from sarbridge.engine.training.loop import train
from sarbridge.models.matching.vae_gan import Growth
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both

pytestmark = pytest.mark.usefixtures("one_thread")

RANGE = (0.0, 255.0)


@pytest.fixture(scope="module")
def pool():
    return PatchPool([([same_in_both(96, 64)], 1.0)], 32)  # six patches


def lesson_of(pool, steps, side=8):
    torch.manual_seed(0)
    return VaeGanLesson(pool, side, RANGE, steps, width=8)


def test_phases_show_as_many_images_each():
    """To 128 pixels: batches of 128 up to 16 pixels, then 64, 32 and 16, so that units of 33 are shared out."""
    steps = 33 * 100
    starts = [0, 100, 200, 300, 400, 500, 700, 900, 1300, 1700, 2500]
    growths = [growth_at(step, steps, 5) for step in starts]
    assert growths == [Growth(0, 1.0), *[Growth(level, alpha) for level in range(1, 6) for alpha in (0.0, 1.0)]]
    assert growth_at(1100, steps, 5) == Growth(4, pytest.approx(0.5))
    assert growth_at(99, steps, 5) == Growth(0, 1.0) and growth_at(steps, steps, 5) == Growth(5, 1.0)
    plan = plan_of(128)
    assert (PHASE, plan.batch, plan.steps) == (60_000, 128, 33 * 60_000 // 128)
    assert plan_of(64).steps == 17 * 60_000 // 128


def test_images_and_batches_change_with_the_networks(pool):
    lesson, generator = lesson_of(pool, 9 * 10, side=32), torch.Generator().manual_seed(0)  # 1 + 2 + 2 + 4 units
    for step, side, count in ((0, 4, 8), (15, 8, 8), (49, 16, 8), (89, 32, 4)):
        images = lesson.draw(step, 8, generator)
        assert images.shape == (count, 1, side, side) and images.min() >= 0 and images.max() <= 1
    whole = pool.sar(torch.arange(6)) / 255
    patch = lesson.draw(89, 2, generator)
    assert (whole - patch).abs().amax((1, 2, 3)).min() < 1e-6


def test_images_fade_in_as_layers_do(pool):
    lesson = lesson_of(pool, 30)  # three phases of ten steps
    faint, half, clear = (lesson.draw(step, 1, torch.Generator().manual_seed(1)) for step in (10, 15, 20))
    blocks = clear.unfold(2, 2, 2).unfold(3, 2, 2).mean((4, 5)).repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(faint, blocks)
    torch.testing.assert_close(half, (blocks + clear) / 2)


def test_each_network_learns_what_the_paper_says(pool):
    """Equations 6 and 7 and algorithm 1, written out; the encoder has no gradients of the critic."""
    lesson = lesson_of(pool, 3)
    lesson.begin(2)
    batch = lesson.draw(2, 3, torch.Generator().manual_seed(0))
    vae, judge = lesson.networks[VAE], lesson.networks["discriminator"]
    torch.manual_seed(1)
    parts = list(lesson.losses(batch))  # no optimiser takes its step
    assert [part.optimiser for part in parts] == list(lesson.optimisers)

    torch.manual_seed(1)
    mean, log_variance = vae.encoder(batch)
    variance = log_variance.exp()
    codes = mean + variance.sqrt() * torch.randn(3, 8)
    from_prior, shares = torch.randn(3, 8), torch.rand(3)
    again, made = vae.decoder(codes), vae.decoder(from_prior)
    between = (shares.view(3, 1, 1, 1) * batch + (1 - shares.view(3, 1, 1, 1)) * again).detach().requires_grad_(True)
    slopes = torch.autograd.grad(judge(between).sum(), between)[0].flatten(1).square().sum(1).sqrt()
    critic = (judge(again).mean() + judge(made).mean()) / 2 - judge(batch).mean() + 10 * (slopes - 1).square().mean()
    assert parts[0].loss.item() == pytest.approx(critic.item(), rel=1e-4)

    codes = mean + variance.sqrt() * torch.randn(3, 8)
    again = vae.decoder(codes)
    error = (batch - again).square().sum((1, 2, 3)).sqrt().sum()
    divergence = ((mean.square() + variance - log_variance - 1) / 2).sum() / 3
    assert parts[1].loss.item() == pytest.approx((divergence + error).item(), rel=1e-4)
    assert parts[1].figures["reconstruction"].item() == pytest.approx(error.item() / 3, rel=1e-4)  # of an image
    fooled = judge(again).mean() + judge(made).mean()
    assert parts[2].loss.item() == pytest.approx((0.6 * error - fooled).item(), rel=1e-4)

    vae.zero_grad(), judge.zero_grad()
    parts[2].loss.backward()
    assert all(weight.grad is None for network in (vae.encoder, judge) for weight in network.parameters())
    assert vae.decoder.bottom[0].weight.grad.abs().max() > 0


def test_rates_are_the_published_ones(pool):
    options = [optimiser.param_groups[0] for optimiser in lesson_of(pool, 3).optimisers]
    assert [option["lr"] for option in options] == [1e-3, 5e-4, 1e-3]
    assert {option["betas"] for option in options} == {(0.0, 0.99)}


@pytest.mark.parametrize("cut", [2, 3, 4])
def test_a_run_that_was_cut_off_where_it_grew_is_the_same_run(cut, pool, tmp_path):
    """Of nine steps, the third is the last one at 4 pixels and the sixth the last one of the transition to 8."""

    def taught(name, until):
        lesson = lesson_of(pool, 9)
        return train(lesson, Plan(until, 4, checkpoint_every=1), tmp_path / name, torch.device("cpu"), NullReporter())

    whole = taught("whole.safetensors", 9).networks
    taught("cut.safetensors", cut)
    again = taught("cut.safetensors", 9).networks
    for name, network in whole.items():
        for key, tensor in network.state_dict().items():
            assert torch.equal(tensor, again[name].state_dict()[key]), (name, key)
    assert whole[VAE].encoder.growth == Growth(1, 1.0)


def test_layers_that_are_not_there_yet_do_not_learn(pool, tmp_path):
    before = lesson_of(pool, 9).networks[VAE].state_dict()
    lesson = lesson_of(pool, 9)
    train(lesson, Plan(3, 4), tmp_path / "c.safetensors", torch.device("cpu"), NullReporter())
    after = lesson.networks[VAE].state_dict()
    changed = {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}
    assert not {name for name in changed if ".blocks." in name or "_image.1." in name}
    assert {"encoder.from_image.0.0.weight", "decoder.to_image.0.weight", "decoder.bottom.0.weight"} <= changed


def test_patches_that_do_not_reduce_evenly_are_no_use(pool):
    for side in (64, 12):
        with pytest.raises(ValueError, match="pixels"):
            VaeGanLesson(pool, side, RANGE, 9, width=8)
