"""DeepMatch: the sizes of Hughes 2020, §5.1.4, and dot products computed one by one."""

from copy import deepcopy

import pytest
import torch
from sarbridge.models.matching.deep_match import DeepMatch, offset_heat, offset_loss


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(2)
    return DeepMatch().eval()


def test_number_of_weights(network):
    """3x3 kernels, weights and biases: 1 to 32 filters, five times 32 to 32, 32 to 64, twice 64 to 64; one stream."""
    by_hand = (9 * 32 + 32) + 5 * (9 * 32 * 32 + 32) + (9 * 32 * 64 + 64) + 2 * (9 * 64 * 64 + 64)
    assert sum(p.numel() for p in network.parameters()) == by_hand == 138_912


def test_a_code_sees_201_pixels_all_of_them(network):
    """51 around each pixel, and dilations 1 + 1 + 2 + 4 + 6 + 9 + 12 + 16 + 24 = 75 to each side."""
    network = deepcopy(network)
    image = torch.rand(1, 1, 205, 205, requires_grad=True)
    assert network.codes(image, "sar").shape == (1, 64, 5, 5)
    for layer in network.stream[::2]:  # no weight and no ReLU may hide a pixel
        torch.nn.init.constant_(layer.weight, 0.01)
        torch.nn.init.constant_(layer.bias, 1.0)
    network.codes(image, "sar")[0, :, 1, 3].pow(3).sum().backward()
    seen = image.grad[0, 0] != 0
    expected = torch.zeros(205, 205, dtype=torch.bool)
    expected[1:202, 3:204] = True
    assert torch.equal(seen, expected)


@torch.no_grad()
def test_codes_do_not_depend_on_brightness_and_contrast(network):
    image = torch.rand(1, 1, 211, 209)
    codes = network.codes(image, "optical")
    torch.testing.assert_close(codes.norm(dim=1), torch.ones(1, 11, 9))
    changed = network.codes(0.5 * image + 0.4, "optical")
    assert (codes * changed).sum(1).min() > 0.98  # the least spread is added to another one


@torch.no_grad()
@pytest.mark.parametrize("is_rounded", [False, True])
def test_codes_of_each_kind_of_image_are_standardised_by_themselves(is_rounded):
    """Also with what is learnt in trainings that compute in bfloat16, where matching does not."""
    torch.manual_seed(2)
    network, image = DeepMatch(), torch.rand(4, 1, 211, 209)
    common = network.eval().codes(image, "sar").mean((0, 2, 3)).norm()
    with torch.autocast("cpu", torch.bfloat16, enabled=is_rounded):
        for _ in range(100):
            network.train().codes(image, "sar")
    network.eval()
    assert common > 0.9 and network.codes(image, "sar").mean((0, 2, 3)).norm() < 0.2
    torch.testing.assert_close(network.codes(image, "optical").mean((0, 2, 3)).norm(), common)


@torch.no_grad()
def test_a_search_window_of_221_pixels_has_441_offsets():
    torch.manual_seed(2)
    network = DeepMatch().eval()
    search, template = torch.rand(1, 1, 221, 221), torch.rand(1, 1, 201, 201)
    heat = network(search, template)
    assert heat.shape == (1, 21, 21)
    for row, col in ((0, 0), (20, 3), (10, 10)):
        under = network.codes(search[:, :, row : row + 201, col : col + 201], "sar")
        direct = 8 * (under * network.codes(template, "optical")).sum()
        torch.testing.assert_close(heat[0, row, col], direct, atol=1e-4, rtol=1e-4)
    assert heat.std() > 1e-3


def test_the_target_is_one_of_all_offsets():
    """A map that is sure of the cell 3 right of and 1 above its middle: nothing is lost there, all of 9 elsewhere."""
    heat = torch.zeros(1, 9, 9)
    heat[0, 4 - 1, 4 + 3] = 9
    sure = torch.tensor(9.0).exp() / (torch.tensor(9.0).exp() + 80)
    torch.testing.assert_close(offset_loss(heat, torch.tensor([[3, -1]])), -sure.log())
    torch.testing.assert_close(offset_loss(heat, torch.tensor([[-1, 3]])), 9 - sure.log())
    flat = offset_heat(torch.zeros(2, 64), torch.zeros(2, 64, 21, 21))
    assert offset_loss(flat, torch.tensor([[10, -10], [0, 0]])).item() == pytest.approx(6.0890, abs=1e-4)  # ln 441
