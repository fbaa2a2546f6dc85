"""The lessons of the translators, on tiny networks: they learn, go on as they were, and weigh losses as published."""

from functools import partial

import pytest
import torch
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.lesson import Plan
from sarbridge.engine.training.loop import train
from sarbridge.engine.training.pair import Pair
from sarbridge.engine.translation.training import cycle_gan_lesson
from sarbridge.engine.translation.training.bridge_view_lesson import BridgeViewLesson
from sarbridge.engine.translation.training.cycle_gan_lesson import CycleGanLesson
from sarbridge.engine.translation.training.pix2pix_lesson import Pix2PixLesson
from sarbridge.engine.translation.training.samples import TranslationSampler, whole_pair
from sarbridge.engine.translation.training.sardinet_lesson import SardinetLesson
from sarbridge.models.translation.bridge_view import BridgeView
from sarbridge.models.translation.cycle_gan import CycleGAN
from sarbridge.models.translation.pix2pix import Pix2Pix
from sarbridge.models.translation.sardinet import SARDINet
from sarbridge.tests.engine.matching.training.training_tiles import ground
from torch import nn
from torch.nn import functional as F

SIDE, CPU = 32, torch.device("cpu")


@pytest.fixture(scope="module")
def pair():
    """Two bands, heights and colours of one texture."""
    texture = ground(96, 96)
    optical = torch.cat([texture // 2, 255 - texture, texture // 4 + 100])
    return Pair("texture", torch.cat([texture, 255 - texture]), optical, 10.0 * texture)


def lesson_of(name, pair, **options):
    """A lesson on a tiny network, the same at each call."""
    torch.manual_seed(3)
    if name.startswith("BridgeView"):
        one_band, with_dem = Pair("texture", pair.sar[:1], pair.optical, pair.heights), name.endswith("heights")
        sampler = TranslationSampler([([one_band], 1.0)], SIDE, ("vh",), with_dem)
        whole = [sampler.draw(0, 1, torch.Generator().manual_seed(3))]
        return BridgeViewLesson(BridgeView(widths=(8, 8, 8, 8, 8), with_dem=with_dem), sampler, whole)
    with_heights = name != "SARDINet"
    sampler = TranslationSampler([([pair], 1.0)], SIDE, with_heights=with_heights)
    whole = [sampler.draw(0, 1, torch.Generator().manual_seed(3))]
    if name == "Pix2Pix":
        return Pix2PixLesson(Pix2Pix(2, 3, True, levels=5, width=4), sampler, whole, width=4, **options)
    if name == "CycleGAN":
        return CycleGanLesson(CycleGAN(2, 3, True, width=4, blocks=1), sampler, whole, width=4, **options)
    network = SARDINet(2, 3, "none" if name == "SARDINet" else "early", (8, 16, 16, 16, 8, 8))
    return SardinetLesson(network, sampler, whole, **options)


LESSONS = ("BridgeView", "BridgeView with heights", "SARDINet", "SARDINet-E", "Pix2Pix", "CycleGAN")


def taught(lesson, checkpoint, steps, **options):
    return train(lesson, Plan(steps, 2, **options), checkpoint, CPU, NullReporter())


@pytest.mark.parametrize(
    ("name", "figures"),
    [("SARDINet", ["mae"]), ("SARDINet-E", ["mae"]), ("Pix2Pix", ["mae"]), ("CycleGAN", ["cycle", "identity"])],
)
def test_what_is_taught_is_learnt(name, figures, pair, tmp_path):
    lesson = lesson_of(name, pair, rate=2e-3)
    untaught = score_of(lesson)
    record = taught(lesson, tmp_path / "lesson.safetensors", 60, report_every=10)
    shown = list(record.figures.values())
    assert all(shown[-1][figure] < 0.8 * shown[0][figure] for figure in figures)
    if name != "CycleGAN":  # which is not told the colours of a place
        assert score_of(lesson) < 0.7 * untaught


@torch.no_grad()
def score_of(lesson):
    """The score, as the loop asks for it."""
    lesson.networks["translate"].eval()
    return lesson.score()


@pytest.mark.parametrize("name", LESSONS)
def test_a_training_that_was_cut_off_is_the_same_training(name, pair, tmp_path, monkeypatch):
    monkeypatch.setattr(cycle_gan_lesson, "ImagePool", partial(cycle_gan_lesson.ImagePool, size=3))
    unbroken = taught(lesson_of(name, pair), tmp_path / "unbroken.safetensors", 7)
    for steps in (4, 7):
        resumed = taught(lesson_of(name, pair), tmp_path / "resumed.safetensors", steps)
    for prefix, network in unbroken.networks.items():
        for key, tensor in network.state_dict().items():
            assert torch.equal(tensor, resumed.networks[prefix].state_dict()[key]), (prefix, key)
    assert unbroken.networks["translate"](*lesson_of(name, pair)._validation[0].images).isfinite().all()


def test_the_optimisers_are_those_of_the_publications(pair):
    (of_sardinet,) = lesson_of("SARDINet", pair).optimisers
    assert type(of_sardinet) is torch.optim.Adam and of_sardinet.defaults["lr"] == 1e-5
    for name in ("Pix2Pix", "CycleGAN"):
        for optimiser in lesson_of(name, pair).optimisers:
            assert optimiser.defaults["lr"] == 2e-4 and optimiser.defaults["betas"] == (0.5, 0.999)


def batch_of(lesson):
    return lesson.draw(0, 2, torch.Generator().manual_seed(1))


def test_pix2pix_by_hand(pair):
    """The critic's part comes first; the generator's is judged by the critic as that part left it."""
    lesson = lesson_of("Pix2Pix", pair)
    batch, critic = batch_of(lesson), lesson.networks["critic"].eval()
    generator = lesson.networks["translate"].generator.eval()
    planes, truth = torch.cat([batch.sar / 4, 2 * batch.dem - 1], 1), 2 * batch.optical - 1
    with torch.no_grad():
        made = generator(planes)
    assert made.shape == truth.shape

    def judged(colours):
        return critic(torch.cat([planes, colours], 1)).detach()

    parts = lesson.losses(batch)
    part = next(parts)
    assert part.optimiser is lesson.optimisers[0]
    expected = (F.softplus(judged(made)).mean() + F.softplus(-judged(truth)).mean()) / 2
    torch.testing.assert_close(part.loss.detach(), expected)
    part.loss.backward()
    assert all(parameter.grad is None for parameter in generator.parameters())
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.grad = None
            parameter += 0.1
    part = next(parts)
    assert part.optimiser is lesson.optimisers[1]
    expected = F.softplus(-judged(made)).mean() + 100 * (made - truth).abs().mean()
    torch.testing.assert_close(part.loss.detach(), expected)
    part.loss.backward()
    assert all(parameter.grad is None and parameter.requires_grad for parameter in critic.parameters())
    assert all(parameter.grad is not None for parameter in generator.parameters())
    assert next(parts, None) is None


def test_cycle_gan_by_hand(pair):
    lesson = lesson_of("CycleGAN", pair)
    batch, networks = batch_of(lesson), lesson.networks
    there, back = networks["translate"].generator, networks["back"]
    critics = of_optical, of_sar = networks["critic.optical"], networks["critic.sar"]
    sar, optical = torch.cat([batch.sar / 4, 2 * batch.dem - 1], 1), 2 * batch.optical - 1

    def distance(image, other):
        return (image - other).abs().mean()

    with torch.no_grad():
        made_optical, made_sar = there(sar), back(optical)
        judged = [(of_optical(made_optical) - 1).square().mean(), (of_sar(made_sar) - 1).square().mean()]
        cycle = distance(back(made_optical), sar) + distance(there(made_sar), optical)
        same = distance(there(optical), optical) + distance(back(sar), sar)
    parts = lesson.losses(batch)
    part = next(parts)
    assert part.optimiser is lesson.optimisers[0]
    torch.testing.assert_close(part.loss.detach(), sum(judged) + 10 * cycle + 5 * same)
    part.loss.backward()
    assert all(parameter.grad is None for critic in critics for parameter in critic.parameters())
    assert all(parameter.grad is not None for net in (there, back) for parameter in net.parameters())
    part = next(parts)
    assert part.optimiser is lesson.optimisers[1]
    with torch.no_grad():
        expected = sum(
            (critic(true) - 1).square().mean() + critic(made).square().mean()
            for critic, true, made in ((of_optical, optical, made_optical), (of_sar, sar, made_sar))
        )
    torch.testing.assert_close(part.loss.detach(), expected / 2)
    assert networks["pool.optical"].kept == networks["pool.sar"].kept == 2
    assert next(parts, None) is None


class Recorder(nn.Module):
    """Stands for a generator: remembers what it is given and gives bands of one brightness."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.inputs, self.outputs = inputs, outputs

    def forward(self, image):
        self.given = image
        return image[:, :1].expand(-1, self.outputs, -1, -1) + 0.25


def test_identity_where_planes_differ_in_number_is_that_of_brightness():
    generator, image = Recorder(1, 3), torch.rand(2, 3, 4, 4)
    assert cycle_gan_lesson._change(generator, image).item() == pytest.approx(0.25)
    torch.testing.assert_close(generator.given, image.mean(1, keepdim=True))
    generator, image = Recorder(3, 2), torch.rand(2, 2, 4, 4)
    assert cycle_gan_lesson._change(generator, image).item() == pytest.approx(0.25)
    torch.testing.assert_close(generator.given, image.mean(1, keepdim=True).expand(-1, 3, -1, -1))


@pytest.mark.parametrize(("sar_bands", "bands"), [(1, 3), (2, 4)])
def test_cycle_gan_with_any_number_of_planes(sar_bands, bands, pair, tmp_path):
    fewer = Pair("texture", pair.sar[:sar_bands], torch.cat([pair.optical, pair.optical])[:bands])
    sampler = TranslationSampler([([fewer], 1.0)], SIDE)
    lesson = CycleGanLesson(CycleGAN(sar_bands, bands, width=4, blocks=1), sampler, [], width=4)
    record = taught(lesson, tmp_path / "lesson.safetensors", 2)
    assert record.networks["translate"](torch.randn(1, sar_bands, SIDE, SIDE)).shape == (1, bands, SIDE, SIDE)


def test_validation_samples_count_the_same(pair):
    class Grey(nn.Module):
        def __init__(self):
            super().__init__()
            self.grey = nn.Parameter(torch.tensor(0.5))

        def forward(self, sar):  # colours beyond 1 count as 1, and what comes after the colours does not
            return torch.cat([self.grey.expand(len(sar), 3, *sar.shape[2:]), torch.full_like(sar[:, :1], 9.0)], 1)

    small, large = (Pair("", torch.zeros(1, s, s), torch.full((3, s, s), v)) for s, v in ((32, 255.0), (64, 0.0)))
    lesson = SardinetLesson(Grey(), None, [whole_pair(each, None, SIDE) for each in (small, large)])
    assert score_of(lesson) == pytest.approx((0.25 + 0.25) / 2)
    lesson.networks["translate"].grey.data.fill_(7.0)
    assert score_of(lesson) == pytest.approx((0 + 1) / 2)
