"""What decides whether a match counts: the neighbourhood of the peak, slopes and rivals."""

import pytest
import torch
from sarbridge.engine.matching.judgement import AROUND, judged, neighbourhoods
from sarbridge.engine.matching.peaks import find_peaks
from sarbridge.engine.matching.windows import middle


def heat_with(max_shift, *heights):
    """A heat map known for judging peaks up to ±max_shift, flat but for single cells (right, down, height)."""
    known = max_shift + AROUND
    heat = torch.zeros(1, 2 * known + 1, 2 * known + 1)
    for right, down, height in heights:
        heat[0, known + down, known + right] = height
    return heat


def sure(heat):
    return torch.full((len(heat),), 0.9)


def score(heat, max_shift):
    searched = middle(heat, 2 * max_shift + 1)
    return judged(sure, heat, searched, find_peaks(searched)).item()


@pytest.mark.parametrize("max_shift", [4, 16, 32, 96])
@pytest.mark.parametrize("end", [-1, 0, 1])
def test_the_orn_sees_the_same_neighbourhood_wherever_the_peak_lies(max_shift, end):
    shown = []
    heat = heat_with(max_shift, (end * max_shift, 0, 1.0), (end * max_shift + 3, -7, 0.5))
    searched = middle(heat, 2 * max_shift + 1)
    judged(lambda near: shown.append(near) or sure(near), heat, searched, find_peaks(searched))
    assert shown[0].shape == (1, 1, 65, 65)
    assert shown[0][0, 0, AROUND, AROUND] == 1 and shown[0][0, 0, AROUND - 7, AROUND + 3] == 0.5
    assert shown[0].sum() == 1.5


def test_every_map_has_its_own_neighbourhood():
    heat = torch.cat([heat_with(32, (5, 3, 1.0)), heat_with(32, (-20, 32, 0.7))])
    near = neighbourhoods(heat, find_peaks(middle(heat, 65)))
    assert near[:, 0, AROUND, AROUND].tolist() == pytest.approx([1.0, 0.7])


def test_a_match_without_rivals_has_the_score_of_the_orn():
    assert score(heat_with(32, (5, 3, 1.0), (15, 3, 0.9)), 32) == pytest.approx(0.9), "the ORN sees what is near"
    assert score(heat_with(96, (60, -45, 1.0), (-60, 45, 0.7)), 96) == pytest.approx(0.9)


def test_a_rival_far_from_the_peak_speaks_against_it():
    assert score(heat_with(96, (60, -45, 1.0), (-60, 45, 0.9)), 96) == 0


def test_the_slope_of_a_peak_beyond_the_largest_shift_is_no_match():
    assert score(heat_with(16, (16, 0, 0.9), (17, 0, 1.0)), 16) == 0
