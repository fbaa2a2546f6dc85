"""Negatives: partners against numpy, generated patches near the encoded ones, shares as published."""

import numpy as np
import pytest
import torch
from sarbridge.engine.matching.training.negatives import (
    INCLUSIONS,
    MOST_EPOCHS,
    PRETRAINING_EPOCHS,
    PoolSampler,
    generated_negatives,
    nearest_negatives,
    random_negatives,
    random_partners,
    turned,
)
from sarbridge.engine.matching.training.patch_cells import PatchPool
from sarbridge.engine.training.pair import Pair
from sarbridge.models.matching.vae_gan import Growth, Vae
from torch import nn

pytestmark = pytest.mark.usefixtures("one_thread")

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def pool():
    """Forty patches of 8 px of noise, each of which has one that is like it but brighter and with more contrast."""
    random = np.random.default_rng(3)
    half = random.uniform(40, 90, (20, 8, 8))
    alike = 1.7 * half + 20 + random.normal(0, 4, half.shape)
    tiles = np.concatenate((half, alike))[random.permutation(40)].reshape(5, 8, 8, 8).transpose(0, 2, 1, 3)
    sar = torch.from_numpy(tiles.reshape(1, 40, 64).round().astype(np.uint8))
    return PatchPool([([Pair("noise", sar, sar)], 1.0)], 8)


def test_the_nearest_is_the_nearest_by_ncc(pool, monkeypatch):
    everything = pool.sar(torch.arange(40)).numpy().reshape(40, -1).astype(float)
    ncc = np.corrcoef(everything)
    np.fill_diagonal(ncc, -2)
    nearest = ncc.argmax(1)
    assert np.array_equal(nearest[nearest], np.arange(40)), "each one's nearest is its like"
    monkeypatch.setattr("sarbridge.engine.matching.training.negatives._ROWS", 16)  # several blocks
    numbers = torch.tensor([5, 0, 39, 17])
    found = nearest_negatives(pool)(numbers)
    assert torch.equal(found, pool.sar(torch.from_numpy(nearest)[numbers]))


def test_a_patch_of_one_value_is_like_no_other():
    images = torch.zeros(1, 8, 24, dtype=torch.uint8)
    images[:, :, 8:] = torch.randint(255, (1, 8, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    pool = PatchPool([([Pair("one value", images, images)], 1.0)], 8)
    found = nearest_negatives(pool)(torch.arange(3))
    assert torch.isfinite(found).all() and not torch.equal(found[0], pool.sar(torch.tensor([0]))[0])


@pytest.mark.parametrize("count", [2, 3, 100])
def test_random_partners_are_others_each_once(count):
    partners = random_partners(count, 5)
    assert sorted(partners.tolist()) == list(range(count))
    assert not (partners == torch.arange(count)).any()
    assert torch.equal(partners, random_partners(count, 5))
    if count == 100:
        assert not torch.equal(partners, random_partners(count, 6))


class _Near(nn.Module):
    """Stands for a VAE: codes are means of quarters of the image with a deviation of 0.1."""

    def __init__(self, side):
        super().__init__()
        self.side, self.growth = side, None

    def grow(self, growth):
        self.growth = growth

    def forward(self, images):
        means = nn.functional.avg_pool2d(images, self.side // 2)
        near = means + 0.1 * torch.randn_like(means)
        return nn.functional.interpolate(near, scale_factor=self.side // 2)


def test_generated_negatives_lie_near_the_encoded_patch(pool):
    vae = _Near(8)
    negatives = generated_negatives(pool, vae, (50.0, 150.0), seed=1, device=CPU, at_once=7)
    assert vae.growth == Growth(1, 1.0) and not vae.training
    everything = torch.arange(40)
    made, scaled = negatives(everything), ((pool.sar(everything) - 50) / 100).clamp(0, 1)
    quarters = 50 + 100 * nn.functional.avg_pool2d(scaled, 4)
    differences = nn.functional.avg_pool2d(made, 4) - quarters
    assert differences.std().item() == pytest.approx(10, rel=0.2) and abs(differences.mean().item()) < 2
    assert torch.equal(made, made.round()), "as real patches are"
    torch.manual_seed(99)
    state = torch.get_rng_state()
    again = generated_negatives(pool, _Near(8), (50.0, 150.0), seed=1, device=CPU, at_once=7)
    assert torch.equal(again(everything), made) and torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(generated_negatives(pool, vae, (50.0, 150.0), 2, CPU)(everything), made)


def test_a_smaller_vae_makes_enlarged_patches(pool):
    torch.manual_seed(0)
    made = generated_negatives(pool, Vae(4, width=4), (0.0, 255.0), seed=1, device=CPU)(torch.tensor([3, 4]))
    assert made.shape == (2, 1, 8, 8)


def test_a_real_vae_gives_variants_of_each_patch(pool):
    """A decoder's image of the mean code against images of samples: the smaller the deviation, the nearer."""
    torch.manual_seed(0)
    vae, everything, distances = Vae(8, width=8), torch.arange(40), []
    encoded = pool.sar(everything) / 255
    with torch.no_grad():
        vae.encoder.top[-1].weight[:8] *= 2 / vae.encoder(encoded)[0].std()  # untrained, codes are hardly apart from 0
    for log_variance in (-8.0, 0.0):
        with torch.no_grad():
            top = vae.encoder.top[-1]
            top.weight[8:], top.bias[8:] = 0.0, log_variance
            centre = vae.decoder(vae.encoder(encoded)[0]).mul(255).clamp(0, 255)
        made = generated_negatives(pool, vae, (0.0, 255.0), 1, CPU)(everything)
        distances.append((made - centre).abs().mean().item())
    assert distances[0] < 0.2 * distances[1]


def test_positives_are_there_once_with_each_kind_of_negatives(pool):
    """The concatenated set: half positive, a quarter random, a quarter generated."""
    kinds = [lambda numbers, grey=grey: torch.full((len(numbers), 1, 8, 8), grey) for grey in (300.0, 400.0)]
    sampler = PoolSampler(pool, kinds)
    batch = sampler.draw(32, torch.Generator().manual_seed(0))
    assert batch.matches.tolist() == [1.0] * 16 + [0.0] * 16
    assert torch.equal(batch.optical[:16], batch.optical[16:])
    torch.testing.assert_close(batch.sar[:16], 255 * batch.optical[:16])
    assert [(batch.sar[16:] == grey).flatten(1).all(1).sum().item() for grey in (300, 400)] == [8, 8]
    odd = PoolSampler(pool, kinds[:1]).draw(5, torch.Generator().manual_seed(0))
    assert odd.matches.tolist() == [1, 1, 1, 0, 0] and len(odd.sar) == len(odd.optical) == 5


def test_both_images_are_turned_alike_and_negatives_too(pool):
    sampler = PoolSampler(pool, [pool.sar])  # the very same patch
    batch = sampler.draw(64, torch.Generator().manual_seed(1))
    torch.testing.assert_close(batch.sar, 255 * batch.optical)
    known = {tuple(patch.flatten().tolist()) for patch in pool.sar(torch.arange(40))}
    as_they_are = sum(tuple(patch.flatten().tolist()) in known for patch in batch.sar[:32])
    assert 0 < as_they_are < 16
    image = torch.arange(9.0).view(1, 1, 3, 3).expand(8, 1, 3, 3)
    assert len({tuple(each.flatten().tolist()) for each in turned(image, torch.arange(8))}) == 8
    assert torch.equal(turned(image, torch.zeros(8, dtype=torch.long)), image)


def test_random_negatives_are_of_other_places(pool):
    numbers = torch.arange(40)
    negatives = random_negatives(pool, 4)(numbers)
    assert torch.equal(negatives, pool.sar(random_partners(40, 4)))
    assert not (negatives == pool.sar(numbers)).flatten(1).all(1).any()


def test_the_four_inclusions_are_the_published_ones():
    """§4.4, section 3.4: two datasets by two trainings; 5e-5, 8e-6 for fine-tuning after 30 epochs."""
    assert list(INCLUSIONS.values()) == [
        (("generated",), True, 8e-6),
        (("random", "generated"), True, 8e-6),
        (("generated",), False, 5e-5),
        (("random", "generated"), False, 5e-5),
    ]
    assert (PRETRAINING_EPOCHS, MOST_EPOCHS) == (30, 20)
