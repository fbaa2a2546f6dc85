"""Shares of templates that decide in which rows of the table a window counts."""

import pytest
import torch
from sarbridge.benchmarks.simulated_accuracy import ROWS, shares
from sarbridge.engine.geometry.range_lines import FORESHORTENING, PASSIVE_LAYOVER
from sarbridge.engine.simulation.patches import Patches


def test_windows_are_told_apart_by_what_their_templates_hold():
    flat = torch.zeros(1, 1, 128, 256)
    zones, height, building = flat.byte(), flat.clone(), flat.clone()
    zones[..., :64, :128] = PASSIVE_LAYOVER | FORESHORTENING
    height[..., :32, :128] = 8.0
    building[..., :16, :128] = 1.0
    place = Patches(flat, flat, flat, height, building, zones)
    left, right = shares(place, torch.tensor([[64, 64], [192, 64]]))
    assert left["distorted"] == left["layover"] == left["foreshortening"] == 0.5
    assert left["shadow"] == 0
    assert (left["above ground"], left["building"], left["trees"]) == pytest.approx((0.25, 0.125, 0.125))
    assert set(right.values()) == {0.0}
    left["accepted"], right["accepted"] = True, False
    counted = [name for name, counts in ROWS if counts(right)]
    assert len(counted) == 3 and all("ground" in name or "all" in name for name in counted)
    expected = [True, False, False, True, False, True, True, False, True, False]
    assert [bool(counts(left)) for _, counts in ROWS] == expected
