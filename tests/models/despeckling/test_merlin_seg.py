"""MERLIN-Seg: as large as published, and what its head is shown of both parts."""

import pytest
import torch
from sarbridge.models.despeckling.merlin_seg import (
    JOINS,
    IntensitySegmenter,
    MerlinSeg,
    SegmentationHead,
    segmenting_unet,
)


def weights(network):
    return sum(each.numel() for each in network.parameters())


def test_sizes_are_those_of_the_document():
    """About 1.2 M weights of the U-Net, 350,000 more of the head, 1.5 M in all (section 4.2)."""
    assert weights(SegmentationHead(480)) == 295_041
    assert weights(SegmentationHead(576)) == 350_337
    assert weights(MerlinSeg(5)) == 988_609 + 295_041
    assert weights(MerlinSeg(6)) == 1_216_945 + 350_337
    assert weights(MerlinSeg(5, join="concatenated")) == 988_609 + 295_041 + 480 * 64 * 9
    assert weights(segmenting_unet(5)) == 988_609 - (32 * 9 + 1) + 32 + 1


@pytest.mark.parametrize("join", JOINS)
def test_estimates_have_the_size_of_the_image(join):
    torch.manual_seed(0)
    network = MerlinSeg(3, 3, join)
    parts = torch.randn(2, 2, 32, 48)
    found = network.estimates(parts)
    assert [each.shape for each in found] == [(2, 1, 32, 48)] * 3
    torch.testing.assert_close(network(parts), found.logits)


@pytest.mark.parametrize(("join", "sees_imaginary"), [("mean", True), ("concatenated", True), ("one_part", False)])
def test_which_parts_the_head_sees(join, sees_imaginary):
    torch.manual_seed(0)
    network = MerlinSeg(2, 3, join)
    parts = torch.randn(1, 2, 16, 16)
    other = torch.cat([parts[:, :1], torch.randn(1, 1, 16, 16)], 1)
    assert torch.allclose(network(parts), network(other)) != sees_imaginary
    torch.testing.assert_close(network.estimates(parts).from_real, network.estimates(other).from_real)


def test_the_mean_does_not_tell_parts_apart():
    torch.manual_seed(0)
    network = MerlinSeg(2, 3)
    parts = torch.randn(1, 2, 16, 16)
    torch.testing.assert_close(network(parts), network(parts.flip(1)))


def test_the_baseline_sees_intensity():
    torch.manual_seed(0)
    assert IntensitySegmenter(segmenting_unet(2, 3))(torch.rand(2, 1, 16, 24)).shape == (2, 1, 16, 24)


@pytest.mark.parametrize("join", JOINS)
@pytest.mark.parametrize("levels", [2, 3])
def test_a_logit_depends_on_nothing_beyond_its_reach(join, levels):
    """Gradients of one logit, wherever it lies in a cell of the coarsest level, at all pixels."""
    torch.manual_seed(0)
    network = MerlinSeg(levels, 3, join).double()
    side, seen = 3 * network.stride + 2 * network.reach, 0
    for place in range(network.reach + network.stride, network.reach + 2 * network.stride):
        parts = torch.randn(1, 2, side, side, dtype=torch.double, requires_grad=True)
        network(parts)[0, 0, place, place].backward()
        seen = max(seen, *(abs(each - place) for each in parts.grad[0].nonzero()[:, 1:].flatten().tolist()))
    assert network.reach - 2 * network.stride < seen <= network.reach
