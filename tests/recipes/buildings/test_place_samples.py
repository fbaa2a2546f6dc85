"""Samples of the X-band model: turned as their look allows, rendered as images may be."""

import numpy as np
import torch
from sarbridge.recipes.buildings.place_samples import SIDE, PlaceSamples
from sarbridge.recipes.buildings.places import PIXEL, Place
from sarbridge.recipes.buildings.renderings import standardised, varied
from sarbridge.recipes.buildings.scoring import Found, best_threshold, brightness, scored


def place(look_known=True, incidence=30.0, is_rendering=False, side=400):
    """Return a place that is brighter row by row, with a building in every fourth column of pixels."""
    rows, cols = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    image = 10 ** (rows / side - 1)
    labels = torch.where(cols % 8 < 2, 1 + cols // 8, 0).int()
    return Place(
        name="ramp",
        pixel=PIXEL,
        image=(255 * image if is_rendering else image)[None],
        labels=labels[None],
        valid=torch.ones(1, side, side, dtype=torch.bool),
        incidence=incidence,
        look_known=look_known,
        is_rendering=is_rendering,
    )


def drawn(places, count=12, seed=0):
    return PlaceSamples([(places, 1.0)]).draw(0, count, torch.Generator().manual_seed(seed))


def test_a_told_line_of_sight_runs_down_the_columns():
    sample = drawn([place()], 24)
    assert 5 < sample.look_known.sum() < 24
    slope = sample.planes[:, 0, -64:].mean((1, 2)) - sample.planes[:, 0, :64].mean((1, 2))
    assert (slope[sample.look_known] > 0.3).all()
    assert (slope[~sample.look_known] < 0).any()
    assert torch.equal(sample.planes[:, 2].amax((1, 2)) == 1, sample.look_known)


def test_nobody_is_told_what_is_not_known():
    sample = drawn([place(look_known=False, incidence=None, is_rendering=True)])
    assert not sample.look_known.any() and not sample.planes[:, 1:].any()


def test_the_same_step_is_the_same_batch():
    one, two = (drawn([place(), place(is_rendering=True)]) for _ in range(2))
    assert torch.equal(one.planes, two.planes) and torch.equal(one.labels, two.labels)
    assert one.planes.shape == (12, 3, SIDE, SIDE) and one.labels.shape == one.valid.shape == (12, 1, SIDE, SIDE)


def test_renderings_keep_the_order_of_intensities_and_the_scale_of_the_scene():
    levels = torch.logspace(-3, 1, 5000)
    for seed in range(20):
        shown = standardised(levels[None, None], levels, torch.Generator().manual_seed(seed), False)[0, 0]
        assert (shown.diff() >= -1e-5).all()
        assert abs(float(shown.mean())) < 0.1 and 0.8 < float(shown.std()) < 1.1


def test_variations_keep_the_mean_level():
    image = torch.ones(1, 128, 128)
    means = torch.stack([varied(image, torch.Generator().manual_seed(seed), False).mean() for seed in range(40)])
    assert (means.log10().abs() < 0.3).all() and abs(float(means.log10().mean())) < 0.05


def test_scores_pool_the_places_and_leave_out_what_is_not_known():
    truth = np.zeros((10, 10), bool)
    truth[:5] = True
    known = np.ones_like(truth)
    known[:, 5:] = False
    right = Found("right", np.where(truth, 0.8, 0.3), truth, known)
    wrong = Found("wrong", np.where(truth, 0.3, 0.8), truth, known)
    assert scored([right], 0.5)["iou"] == 1 and scored([right, wrong], 0.5)["iou"] == round(25 / 75, 3)
    assert 0.3 < best_threshold([right]) <= 0.8
    assert best_threshold([right, wrong]) <= 0.3  # everything: 50 of 100


def test_brightness_is_the_rank_among_the_pixels_of_a_place():
    [found] = brightness([place()])
    assert found.probability.min() >= 0 and found.probability.max() <= 1
    assert (np.diff(found.probability[:, 0]) > 0).all()
