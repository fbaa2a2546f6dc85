"""Samples for translators: bands, heights and colours of one place, as the engine shows them to networks."""

import numpy as np
import pytest
import torch
from sarbridge.engine.training.pair import Pair
from sarbridge.engine.translation.training.samples import TranslationSampler, whole_pair
from sarbridge.models.translation.planes import SAR_LIMIT

SIDE = 32


@pytest.fixture
def pair():
    """Three images that tell the same place: colours and heights follow the first band, the second is another one."""
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand(2, 1, 12, 10, generator=generator)
    sar = torch.nn.functional.interpolate(coarse, size=(96, 80), mode="bicubic").clamp(0, 1)[:, 0]
    optical = torch.stack([sar[0], 1 - sar[0], sar[0] / 2, sar[0] / 4])
    return Pair("set/1", (255 * sar).byte(), (255 * optical).byte(), 2000 * sar[:1])


def draw(pair, **options):
    return TranslationSampler([([pair], 1.0)], SIDE, **options).draw(0, 24, torch.Generator().manual_seed(2))


def test_all_parts_show_the_same_place(pair):
    sample = draw(pair, with_heights=True)
    assert sample.sar.shape == (24, 2, SIDE, SIDE) and sample.optical.shape == (24, 4, SIDE, SIDE)
    assert sample.dem.shape == (24, 1, SIDE, SIDE)
    assert sample.images == (sample.sar, sample.dem)
    highest = float(pair.heights.max()) / 2000
    torch.testing.assert_close(sample.dem[:, 0] * highest, sample.optical[:, 0], atol=0.01, rtol=0)
    torch.testing.assert_close(sample.optical[:, 1], 1 - sample.optical[:, 0], atol=0.01, rtol=0)
    _check_that_relief_keeps_its_side(pair, sample)
    for sar, optical in zip(sample.sar, sample.optical):
        first, other = (np.corrcoef(band.flatten(), optical[0].flatten())[0, 1] for band in sar)
        assert first > 0.85, "the curve bends and speckle blurs the band, but it is the same place"
        assert other < 0.8
    assert sample.sar.abs().max() <= SAR_LIMIT


def test_places_without_heights_are_flat_at_any_height(pair):
    flat = Pair(pair.name, pair.sar, pair.optical)
    sample, without = draw(flat, with_heights=True), draw(flat)
    levels = sample.dem[:, 0, 0, 0]
    assert sample.dem.shape == (24, 1, SIDE, SIDE)
    assert torch.equal(sample.dem, levels[:, None, None, None].expand_as(sample.dem))
    assert levels.min() >= 0 and levels.max() <= 1 and levels.std() > 0.2
    assert torch.equal(sample.sar[0], without.sar[0]), "they are turned and zoomed as ever"


def _check_that_relief_keeps_its_side(pair, sample):
    """Patches with heights are cut out and neither turned nor zoomed."""
    windows = (pair.heights / pair.heights.max()).unfold(1, SIDE, 1).unfold(2, SIDE, 1)[0].flatten(0, 1)
    for heights in sample.dem[:, 0]:
        assert (windows - heights).abs().amax((1, 2)).min() < 1e-4


def test_each_band_has_its_own_scale(pair):
    darker = Pair("set/2", torch.stack([pair.sar[0], pair.sar[0] // 8]), pair.optical)
    first, second = draw(darker).sar.unbind(1)
    assert (first.mean() - second.mean()).abs() < 0.2 and abs(first.std() / second.std() - 1) < 0.3


def test_a_network_that_sees_one_polarisation_is_told_of_the_scene(pair):
    one_band = Pair("vh/1", pair.sar[:1], pair.optical)
    assert draw(one_band).sar.shape[1] == 1 and draw(one_band).dem is None
    assert draw(one_band).images[0].shape == (24, 1, SIDE, SIDE)
    for names, flag in ((("vh",), 1), (("vv", "hh"), 0)):
        sample = draw(one_band, cross_polarised=names)
        assert torch.equal(sample.sar[0, :1], draw(one_band).sar[0])
        assert (sample.sar[:, 1] == flag).all() and sample.sar.shape[1] == 4
        is_told = sample.sar[:, 2, 0, 0] > 0
        assert 0.3 < is_told.float().mean() < 0.9 and not sample.sar[~is_told, 2:].any()
        assert (sample.sar[:, 2:] == sample.sar[:, 2:, :1, :1]).all()
        bright, spread = pair.sar[0].double().sqrt().mean() / 255**0.5, pair.sar[0].double().sqrt().std() / 255**0.5
        assert sample.sar[is_told, 2].mean() == pytest.approx(float(bright), rel=0.2)
        assert sample.sar[is_told, 3].mean() == pytest.approx(float(2 * spread), rel=0.3)


def test_whole_pairs_are_standardised_by_band(pair):
    sample = whole_pair(pair, None, step=32)
    assert sample.sar.shape == (1, 2, 96, 64) and sample.optical.shape == (1, 4, 96, 64)
    values = pair.sar[:, :, :64].double().sqrt()
    expected = (values - values.mean((1, 2), keepdim=True)) / values.std((1, 2), keepdim=True, correction=0)
    torch.testing.assert_close(sample.sar[0].double(), expected.clamp(-4, 4), atol=1e-4, rtol=1e-4)
    assert torch.equal(sample.optical[0], pair.optical[:, :, :64] / 255)
    flagged = whole_pair(Pair("vh/1", pair.sar[:1], pair.optical), True, step=32)
    assert flagged.dem is None and torch.equal(flagged.sar[:, 0], sample.sar[:, 0]) and (flagged.sar[:, 1] == 1).all()
    expected = values[0].mean() / 255**0.5, 2 * values[0].std(correction=0) / 255**0.5
    torch.testing.assert_close(flagged.sar[0, 2:, 0, 0].double(), torch.stack(expected), atol=1e-4, rtol=1e-4)


def test_relief_is_as_steep_as_it_is_where_one_height_counts_as_one(pair):
    low, high = (Pair("set/1", pair.sar, pair.optical, factor * pair.heights) for factor in (0.01, 1))
    of_low, of_high = (draw(each, with_heights=True, full_height=1000.0).dem for each in (low, high))
    torch.testing.assert_close(100 * of_low, of_high)
    torch.testing.assert_close(draw(low, with_heights=True).dem, draw(high, with_heights=True).dem)


def test_heights_of_flat_land_by_the_sea_do_not_explode():
    water = torch.zeros(1, 8, 8)
    assert Pair("sea", water, water, water - 0.5).highest == 1
    assert Pair("hill", water, water, water + 250).highest == 250


def test_samples_depend_on_the_generator_alone(pair):
    sampler = TranslationSampler([([pair], 1.0)], SIDE, with_heights=True)
    first, again, other = (sampler.draw(0, 2, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    assert torch.equal(first.sar, again.sar) and torch.equal(first.dem, again.dem)
    assert not torch.equal(first.sar, other.sar)


def test_scenes_reach_beyond_patches(pair):
    """A patch is not brought to mean 0 by itself: what is dark in its scene stays dark."""
    means = draw(pair).sar[:, 0].mean((1, 2))
    assert means.std() > 0.1
