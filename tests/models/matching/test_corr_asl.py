"""CorrASL against the figures of Hughes 2020 (the module's reference) and planted matches."""

import pytest
import torch
from sarbridge.models.matching.corr_asl import ABLATIONS, CorrASL, place_in_search_window, spatial_softmax
from torch import nn


class PixelNeighbourhoods(nn.Module):
    """Features as transparent as can be, on the lattice of the first level: the 3x3 pixels around (4 + 2i, 4 + 2j)."""

    def forward(self, image):
        inner = image[:, :, 3:-3, 3:-3]
        neighbours = nn.functional.unfold(inner, 3, stride=2)
        return nn.functional.normalize(
            neighbours.unflatten(2, [(side - 3) // 2 + 1 for side in inner.shape[-2:]]), dim=1
        )


@pytest.fixture(scope="module")
def random_image():
    return torch.randn(2, 1, 256, 256, generator=torch.Generator().manual_seed(1))


def test_number_of_weights():
    stem = sum(
        inputs * outputs * kernel**2 + outputs + 2 * outputs  # weights, biases, batch norm
        for inputs, outputs, kernel in ((1, 32, 7), (32, 64, 5), (64, 128, 5), (128, 128, 3))
    )
    reduction = sum(inputs * outputs + outputs for inputs, outputs in ((352, 256), (256, 512), (512, 256)))
    attention = 2 * 9
    with_attention = sum(p.numel() for p in CorrASL().parameters())
    without = sum(p.numel() for p in CorrASL(attention=False).parameters())
    assert with_attention == 2 * (stem + reduction + attention) == 1_518_756
    assert without == with_attention - 2 * attention


def test_shapes_of_the_published_sizes(random_image):
    network = CorrASL().eval()
    with torch.no_grad():
        features = network.sar(random_image[:1])
        heat = network(random_image[:1], random_image[:1, :, :128, :128])
    assert features.shape == (1, 256, 124, 124)
    torch.testing.assert_close(features.norm(dim=1), torch.ones(1, 124, 124))
    assert heat.shape == (1, 1, 65, 65)
    assert heat.abs().max() <= 60 * 60 * 1.0001


def test_correlation_is_that_of_each_sample_with_itself(random_image):
    torch.manual_seed(0)
    network = CorrASL().eval()
    search, template = random_image[:, :, :128, :128], random_image[:, :, 9:121, 5:117]
    with torch.no_grad():
        heat = network(search, template)
        sar, optical = network.sar(search), network.optical(template)
    for sample in range(2):
        for row, col in ((0, 0), (3, 7), (8, 8)):
            under = sar[sample, :, row : row + optical.shape[2], col : col + optical.shape[3]]
            direct = (under.double() * optical[sample].double()).sum()
            # Thousands of cosines of either sign are summed in single precision.
            assert heat[sample, 0, row, col].item() == pytest.approx(direct.item(), rel=1e-4, abs=0.01)


@pytest.mark.parametrize(("top", "left"), [(0, 0), (64, 64), (34, 90), (128, 128)])
def test_planted_match_with_transparent_features(random_image, top, left):
    network = CorrASL()
    network.sar = network.optical = PixelNeighbourhoods()
    template = random_image[:, :, top : top + 128, left : left + 128]
    heat = network(random_image, template)
    window = place_in_search_window(network.activate(heat), (128, 128), (256, 256))
    assert window.shape == (2, 1, 256, 256)
    for sample in window:
        row, col = divmod(sample.argmax().item(), 256)
        assert random_image[0, 0, row, col] == template[0, 0, 64, 64]
        assert (row, col) == (top + 64, left + 64)


def test_planted_match_with_the_network_itself(random_image):
    """With equal streams that use the first level only, a crop at an even offset has the features of its place."""
    network = CorrASL().eval()
    network.optical = network.sar
    first_reduction = network.sar.reduction[0]
    first_reduction.weight.data[:, 32:] = 0
    with torch.no_grad():
        heat = network(random_image[:1], random_image[:1, :, 30:158, 96:224])
    assert divmod(heat.argmax().item(), 65) == (15, 48)
    # The attention's sign alone differs at the template's rim, where its 3x3 kernel is padded.
    assert heat.max().item() > 0.9 * 60 * 60


def test_search_window_of_a_rectangular_template():
    heat = torch.zeros(1, 1, 33, 9)
    heat[0, 0, 20, 3] = 1
    window = place_in_search_window(heat, template_size=(64, 112), search_size=(128, 128))
    assert window.shape == (1, 1, 128, 128)
    assert divmod(window.argmax().item(), 128) == (2 * 20 + 32, 2 * 3 + 56)
    assert window[0, 0, 73, 62].item() == pytest.approx(0.5)  # halfway to a cell of 0: bilinear
    assert window.count_nonzero() == 9


def test_attention_has_no_gradient_through_the_normalisation(random_image):
    network = CorrASL().eval()
    network(random_image[:1, :, :128, :128], random_image[:1, :, :112, :112]).square().mean().backward()
    attention = network.sar.attention.conv.weight.grad.abs().max()
    reduction = network.sar.reduction[4].weight.grad.abs().max()
    assert attention < 1e-4 * reduction


def test_spatial_softmax_and_ablations():
    heat = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
    by_hand = heat.exp() / heat.exp().sum()
    torch.testing.assert_close(spatial_softmax(heat), by_hand)
    torch.testing.assert_close(CorrASL(softmax=True).activate(heat), by_hand)
    assert CorrASL(softmax=False).activate(heat) is heat
    assert [ablation.attention for ablation in ABLATIONS.values()] == [False, True, True, True]
    assert [ablation.softmax for ablation in ABLATIONS.values()] == [False, False, True, True]
    assert [ablation.l1_weight for ablation in ABLATIONS.values()] == [0, 0, 0, 1e-7]
