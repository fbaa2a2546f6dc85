"""Thresholds are chosen by counts that agree with masks compared one by one."""

import pytest
import torch
from sarbridge.engine.buildings.training.thresholds import ThresholdCounts


def test_the_best_threshold_is_the_one_found_by_trying_all():
    generator = torch.Generator().manual_seed(1)
    built = (torch.rand(3, 1, 40, 40, generator=generator) < 0.3).float()
    probability = (0.3 * built + 0.7 * torch.rand(built.shape, generator=generator)).clamp(0, 1)
    valid = torch.rand(built.shape, generator=generator) < 0.8
    counts = ThresholdCounts()
    for part in zip(probability, built, valid):
        counts.add(*part)
    tried = {}
    for step in range(1, 200):
        found, true = probability[valid] * 200 >= step, built[valid] > 0
        tried[step / 200] = (found & true).sum() / (found | true).sum()
    best = counts.best()
    assert best.iou == pytest.approx(max(tried.values()).item()) == pytest.approx(tried[best.threshold].item())
    assert sum(best.counts) == valid.sum()
    assert counts.at(best.threshold) == best and counts.at(0.0).counts.false_negatives == 0


def test_the_threshold_lies_in_the_middle_of_equally_good_ones_and_half_a_pixel_is_built():
    counts = ThresholdCounts()
    counts.add(torch.tensor([0.2, 0.8]), torch.tensor([0.4, 0.5]), torch.tensor([True, True]))
    assert counts.best() == (0.505, (1, 0, 0, 1))


def test_without_any_building_nothing_overlaps():
    counts = ThresholdCounts()
    counts.add(torch.tensor([0.2, 1.0]), torch.zeros(2), torch.tensor([True, True]))
    assert counts.best().iou == 0
