"""Planted windows that are found at their truth."""

import pytest
import torch
from sarbridge.engine.matching.classical import NccMatcher
from sarbridge.engine.matching.training.evaluation import (
    drawn_windows,
    errors_of,
    heat_maps,
    planted_windows,
)
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both


def test_planted_windows_are_found_at_their_truth():
    same = same_in_both()
    windows = planted_windows(420, 380, spacing=40)
    assert len(windows.centres) == 5 * 4 and windows.truths.abs().max() <= 32
    assert len(windows.truths.unique(dim=0)) > 15
    reach = windows.centres - windows.truths
    for centres, half in ((windows.centres, 64), (reach, 96)):
        assert (centres >= half).all() and (centres <= torch.tensor([420, 380]) - half).all()
    grey = same.sar[0].float()
    heat = torch.cat(list(heat_maps(NccMatcher(), grey, grey, windows, batch=7)))
    assert errors_of(heat, windows.truths).max() < 0.1
    assert errors_of(heat, -windows.truths).median() > 5


class LargeTemplates(NccMatcher):
    template_side = 202


def test_larger_templates_are_looked_for_in_a_tile_that_is_mirrored_at_its_ends():
    """A template of 202 px, ±32 px around a centre that may lie 32 px off: 165 px from the middle, 37 more than there
    are."""
    grey = same_in_both(256, 256).sar[0].float()
    windows = planted_windows(256, 256)
    assert windows.centres.tolist() == [[128, 128]]
    (heat,) = heat_maps(LargeTemplates(), grey, grey, windows)
    assert heat.shape == (1, 65, 65) and errors_of(heat, windows.truths).max() < 0.1
    (heat,) = heat_maps(LargeTemplates(), grey, grey, windows, known=40)
    assert heat.shape == (1, 81, 81) and errors_of(heat, windows.truths).max() < 0.1


@pytest.mark.parametrize(("template", "most"), [(128, 32), (200, 14)])
def test_drawn_windows_lie_within_their_tile_wherever_they_are(template, most):
    windows = drawn_windows(256, 500, template, most, seed=3)
    assert windows.truths.abs().max() == most and len(windows.centres.unique(dim=0)) > 300
    searched = windows.centres - windows.truths
    for centres, half in ((windows.centres, template // 2), (searched, template // 2 + most)):
        assert centres.min() >= half and centres.max() <= 256 - half
    assert searched.min() == template // 2 + most  # up to the rim
