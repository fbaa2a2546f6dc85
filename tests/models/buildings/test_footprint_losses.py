"""Borders and losses of footprints, against numbers by hand."""

import math

import torch
from sarbridge.models.buildings.footprint_losses import border_of, cross_entropy, soft_iou_loss


def test_the_border_is_a_band_around_a_building_and_between_two_that_touch():
    labels = torch.zeros(1, 1, 6, 9)
    labels[..., 1:5, 1:4], labels[..., 1:5, 4:8] = 7, 8
    kept = (labels > 0) & (border_of(labels) == 0)
    # What is left of the buildings is a pixel smaller on each side, and they lie two pixels apart.
    assert kept.nonzero()[:, 2:].tolist() == [[2, 2], [2, 5], [2, 6], [3, 2], [3, 5], [3, 6]]
    assert border_of(labels)[0, 0, 0].tolist() == [1.0] * 9  # around them
    as_mask = (labels > 0).float()
    assert border_of(as_mask)[0, 0, 2].tolist() == [1, 1, 0, 0, 0, 0, 0, 1, 1]
    assert border_of(torch.ones(1, 1, 4, 4)).sum() == 0  # where a patch ends no building does


def test_cross_entropy_of_valid_pixels_alone():
    logits, target = torch.tensor([0.0, 2.0, 50.0]), torch.tensor([1.0, 0.25, 0.0])
    valid = torch.tensor([True, True, False])
    probability = 1 / (1 + math.exp(-2))
    expected = (math.log(2) - 0.25 * math.log(probability) - 0.75 * math.log(1 - probability)) / 2
    torch.testing.assert_close(cross_entropy(logits, target, valid), torch.tensor(expected))
    assert cross_entropy(logits, target, torch.zeros(3, dtype=torch.bool)) == 0


def test_soft_iou_of_decisions_is_their_iou():
    logits = torch.tensor([40.0, 40.0, 40.0, -40.0, -40.0, 40.0])
    target = torch.tensor([1.0, 1.0, 0.0, 1.0, 0.0, 0.0])
    valid = torch.tensor([True, True, True, True, True, False])
    torch.testing.assert_close(soft_iou_loss(logits, target, valid), torch.tensor(1 - 2 / 4))
