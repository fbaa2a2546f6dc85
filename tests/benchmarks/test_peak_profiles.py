"""Profiles of heat maps through their peaks: their widths, what lies beyond, and which windows count."""

import numpy as np
import pytest
from sarbridge.benchmarks.peak_profiles import REACH, Profiles, profiles
from sarbridge.engine.matching.classical import NccMatcher
from sarbridge.engine.matching.training.evaluation import planted_windows, thinned
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both


def test_widths_are_counted_halfway_between_the_peak_and_what_lies_beyond():
    steps = np.abs(np.arange(-REACH, REACH + 1))
    right, down = np.full(2 * REACH + 1, 0.5), np.full(2 * REACH + 1, 0.5)
    right[steps <= 2], down[steps <= 4] = 0.8, 0.7  # 0.7 is below halfway
    right[REACH] = down[REACH] = 1
    found = Profiles(right, down, 3)
    assert found.beyond == pytest.approx(0.5)
    assert found.width(right) == 5 and found.width(down) == 1


def test_a_method_that_finds_every_window_has_a_lonely_peak():
    pair = same_in_both(320, 320)
    (windows,) = thinned([planted_windows(320, 320)], 3)
    found = profiles(NccMatcher(), [pair], [windows])
    assert found.count == 3 and found.right[REACH] == found.down[REACH] == 1
    assert found.width(found.right) < 12 and found.beyond < 0.7
