"""Samples: what lies where in the patches is what the sample claims."""

import numpy as np
import pytest
import torch
from sarbridge.engine.matching.classical import ncc_heat
from sarbridge.engine.matching.training import augmentation
from sarbridge.engine.matching.training.augmentation import MatchSampler
from sarbridge.engine.training import variation
from sarbridge.engine.training.pair import Pair
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both
from scipy.ndimage import map_coordinates
from scipy.stats import gamma, kstest


@pytest.fixture
def without_variation(monkeypatch):
    for name in ("vary_sar", "vary_optical"):
        monkeypatch.setattr(augmentation, name, lambda images, generator: images)


def ramp_samples(count, max_shift=32):
    """The same samples drawn from a tile that shows x and from one that shows y: (sar, optical [N, 2, ...], sample)."""
    rows, cols = torch.meshgrid(torch.arange(500) + 0.5, torch.arange(640) + 0.5, indexing="ij")
    samplers = (MatchSampler([([Pair("", ramp[None], ramp[None])], 1.0)], 208, 144, max_shift) for ramp in (cols, rows))
    x, y = (sampler.draw(count, torch.Generator().manual_seed(5)) for sampler in samplers)
    assert torch.equal(x.shift, y.shift) and torch.equal(x.linear, y.linear)
    return torch.cat((x.sar, y.sar), 1), torch.cat((x.optical, y.optical), 1), x


def test_samples_show_the_same_ground(without_variation):
    """At offset q the optical patch shows what SAR shows at linear @ q + shift, as the claim of `MatchSample` goes."""
    sars, opticals, sample = ramp_samples(24)
    offsets = np.array([(x, y) for x in range(-70, 71, 20) for y in range(-70, 71, 20)]) + 0.5
    compared = 0
    for sar, optical, linear, shift in zip(sars.numpy(), opticals.numpy(), sample.linear, sample.shift):
        there = offsets @ linear.numpy().T + shift.numpy()
        within = np.abs(there).max(1) < 80  # where the SAR patch lies within its tile, nothing is mirrored
        for channel in range(2):
            seen = map_coordinates(optical[channel], (offsets[within] + 71.5).T[::-1], order=1)
            expected = map_coordinates(sar[channel], (there[within] + 103.5).T[::-1], order=1)
            np.testing.assert_allclose(seen, expected, atol=0.02)
        compared += within.sum()
    assert compared > 500
    turned = [linear for linear in sample.linear if not torch.equal(linear, torch.eye(2))]
    assert 0 < len(turned) < 24
    assert all(0.9 - 1e-4 <= linear.det().sqrt() <= 1.1 + 1e-4 for linear in turned)
    assert sample.shift.abs().max() <= 32 and sample.shift.abs().mean() > 10


def test_samples_come_in_all_orientations(without_variation):
    """The direction of x in the patches, from the ramps: four quarter turns and their mirror images."""
    sars, _, _ = ramp_samples(60)
    seen = set()
    for sar in sars[:, :, 100:108, 100:108]:
        along_x, along_y = (sar[:, 3, 5] - sar[:, 3, 2]) / 3, (sar[:, 5, 3] - sar[:, 2, 3]) / 3
        scale = along_x.norm()
        assert 0.75 - 1e-3 <= scale <= 1.3 + 1e-3
        seen.add(tuple((torch.stack((along_x, along_y)) / scale).round().int().flatten().tolist()))
    assert len(seen) == 8


def test_varied_samples_still_match():
    """End to end, by an independent matcher: with all variations, most unturned samples correlate at their shift."""
    sample = MatchSampler([([same_in_both()], 1.0)], 208, 144, 32).draw(40, torch.Generator().manual_seed(9))
    straight = [n for n, linear in enumerate(sample.linear) if torch.equal(linear, torch.eye(2))]
    assert len(straight) >= 8
    template, search = sample.optical[straight, 0, 8:-8, 8:-8], sample.sar[straight, 0, 8:-8, 8:-8]
    heat = ncc_heat(template, search).abs()  # contrast may be reversed
    peak = heat.flatten(1).argmax(1)
    found = torch.stack((peak % 65, peak // 65), 1) - 32
    error = (found - sample.shift[straight]).norm(dim=1)
    assert (error < 1).float().mean() > 0.6
    assert sample.sar.isfinite().all() and sample.optical.isfinite().all()


def test_sets_are_drawn_by_their_share(without_variation):
    """Five tiles share a tenth, one tile has the rest."""
    tiles = [Pair(str(n), *(torch.full((1, 64, 64), float(n)),) * 2) for n in range(6)]
    sampler = MatchSampler([(tiles[:5], 0.1), (tiles[5:], 0.9)], 32, 32, 4)
    values = sampler.draw(300, torch.Generator().manual_seed(1)).sar[:, 0, 16, 16].round()
    assert 0.83 < (values == 5).float().mean() < 0.96
    assert len(values.unique()) == 6


def test_speckle_is_gamma_of_each_patch_and_follows_the_seed():
    looks = torch.tensor([1.5, 4.0, 40.0])[:, None, None, None]
    speckle, again = (
        variation.drawn_speckle(looks, (3, 1, 64, 64), torch.Generator().manual_seed(7)) for _ in range(2)
    )
    assert torch.equal(speckle, again) and speckle.dtype == torch.float32
    for values, count in zip(speckle, looks.ravel().tolist()):
        assert kstest(values.ravel().numpy(), gamma(count, scale=1 / count).cdf).pvalue > 0.01


def test_a_share_of_the_patches_is_the_grey_that_matching_reads(monkeypatch):
    """Bands without a picture: whatever is not the grey is one of them, or a mixture."""
    monkeypatch.setattr(augmentation, "vary_optical", lambda optical, _: optical)
    grey = torch.rand(300, 300, generator=torch.Generator().manual_seed(0))

    class Layer(Pair):
        def grey(self, rows=slice(None), cols=slice(None)):
            return grey[rows, cols]

    pair = Layer("", torch.zeros(1, 300, 300, dtype=torch.uint8), torch.full((3, 300, 300), 9, dtype=torch.uint8))
    for share, least, most in ((0.0, 0, 0), (0.5, 6, 26), (1.0, 32, 32)):
        sampler = MatchSampler([([pair], 1.0)], 64, 32, 4, as_read=share)
        shown = sampler.draw(32, torch.Generator().manual_seed(1)).optical
        rough = int((shown.flatten(1).std(1) > 1).sum())
        assert least <= rough <= most, share
