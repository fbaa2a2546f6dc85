"""Goodness networks against table 1 of Hughes 2020, §4.6, their lattice and their non-maximum suppression."""

import math

import pytest
import torch
from sarbridge.models.matching.goodness import GoodnessNet, cell_centre, fuse, soft_non_maximum_suppression


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return GoodnessNet().eval()


def test_number_of_weights(network):
    widths = (
        (1, 32),
        (32, 32),
        (32, 64),
        (64, 64),
        (64, 128),
        (128, 128),
        (128, 128),
        (128, 128),
        (128, 128),
        (128, 64),
    )
    convolutions = sum(9 * inputs * outputs + outputs + 2 * outputs for inputs, outputs in widths)
    head = (64 * 64 + 64) + (64 * 1 + 1)
    assert sum(p.numel() for p in network.parameters()) == convolutions + head == 808_993


def test_one_patch_gives_one_cell(network):
    image = torch.rand(3, 1, 128, 128)
    with torch.no_grad():
        goodness = network(image)
        torch.testing.assert_close(goodness, network.logits(image).sigmoid())
        assert network(torch.rand(1, 1, 256, 192)).shape == (1, 1, 5, 3)
    assert goodness.shape == (3, 1, 1, 1)
    assert ((goodness > 0) & (goodness < 1)).all()


def test_scores_reach_both_sides_of_one_half():
    torch.manual_seed(1)
    with torch.no_grad():
        logits = torch.cat([GoodnessNet().eval().logits(torch.rand(1, 1, 128, 128)).flatten() for _ in range(12)])
    assert logits.min() < 0 < logits.max()


def test_receptive_field_by_gradient(network):
    """Strides and paddings by hand: pixels 32 j - 54 to 32 j + 157, which takes in the patch that the cell scores."""
    cell = 4
    seen = torch.zeros(512, dtype=torch.bool)
    for _ in range(3):  # max-pooling hides some pixels from the gradient of one image
        image = torch.rand(1, 1, 128, 512, requires_grad=True)
        network.logits(image)[0, 0, 0, cell].backward()
        seen |= image.grad[0, 0].abs().sum(0) > 0
    columns = seen.nonzero()
    first, last = 32 * cell - 54, 32 * cell + 157
    assert first <= columns.min() <= first + 3
    assert last - 3 <= columns.max() <= last
    assert columns.min() < cell_centre(cell) - 64
    assert columns.max() >= cell_centre(cell) + 63


def test_cells_lie_on_the_lattice_of_the_patches(network):
    """Shifting an image by one stride shifts its goodness by one cell, and cell 0 is centred on its 128 pixel patch."""
    image = torch.rand(1, 1, 128, 640)
    with torch.no_grad():
        goodness, shifted = network(image), network(image[..., 32:])
    # Cells whose receptive field stays clear of both images' borders.
    torch.testing.assert_close(goodness[..., 3:12], shifted[..., 2:11])
    assert [cell_centre(cell) for cell in range(3)] == [64, 96, 128]


def test_fusion():
    sar, optical = torch.tensor([0.2, 0.9]), torch.tensor([0.5, 0.4])
    torch.testing.assert_close(fuse(sar, optical), torch.tensor([0.2, 0.4]))
    torch.testing.assert_close(fuse(sar, optical, "max"), torch.tensor([0.5, 0.9]))


def test_soft_non_maximum_suppression_against_the_equation():
    goodness = torch.rand(2, 1, 5, 6)
    suppressed = soft_non_maximum_suppression(goodness)
    for sample, row, col in ((0, 2, 3), (1, 0, 0), (1, 4, 2)):
        total = 0.0
        for i in range(row - 1, row + 2):
            for j in range(col - 1, col + 2):
                inside = 0 <= i < 5 and 0 <= j < 6
                total += math.exp(goodness[sample, 0, i, j]) if inside else 1.0
        expected = math.exp(goodness[sample, 0, row, col]) / total
        assert suppressed[sample, 0, row, col].item() == pytest.approx(expected, rel=1e-5)
    assert suppressed.shape == goodness.shape
