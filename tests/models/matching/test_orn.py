"""The outlier reduction network against table 2 of Hughes 2020, §4.6."""

import pytest
import torch
from sarbridge.models.matching.orn import OutlierReductionNet


def test_number_of_weights():
    norms_and_biases = 3 * (32 + 64 + 128 + 128)
    convolutions = 49 * 32 + 25 * 32 * 64 + 25 * 64 * 128 + 9 * 128 * 128
    head = (128 * 128 + 128) + (128 + 1)
    total = sum(p.numel() for p in OutlierReductionNet().parameters())
    assert total == convolutions + norms_and_biases + head == 422_721


def test_probability_per_heat_map():
    network = OutlierReductionNet().eval()
    heat = 1000 * torch.randn(3, 1, 65, 65)
    with torch.no_grad():
        probability = network(heat)
        torch.testing.assert_close(probability, network.logits(heat).sigmoid())
        assert network.stem(heat).shape == (3, 128, 1, 1)
        assert network.stem(torch.randn(1, 1, 129, 97)).shape == (1, 128, 9, 5)
        assert network(torch.randn(1, 1, 129, 97)).shape == (1,)
    assert probability.shape == (3,)
    assert ((probability >= 0) & (probability <= 1)).all()


def test_each_heat_map_is_judged_by_its_own_range():
    torch.manual_seed(0)
    network = OutlierReductionNet().eval()
    heat = torch.randn(1, 1, 65, 65)
    with torch.no_grad():
        alone = network.logits(heat)
        scaled = network.logits(1000 * heat)
        beside = network.logits(torch.cat([heat, 1e6 * torch.randn(1, 1, 65, 65)]))[:1]
    torch.testing.assert_close(alone, beside)
    # The bias of the first layer alone keeps this from being exact.
    torch.testing.assert_close(alone, scaled, rtol=0.2, atol=0.2)


@pytest.mark.parametrize("shape", [(64, 65), (65, 64), (33, 33)])
def test_small_heat_maps_are_refused(shape):
    with pytest.raises(ValueError, match="at least 65 x 65"):
        OutlierReductionNet()(torch.zeros(1, 1, *shape))
