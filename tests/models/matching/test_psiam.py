"""PSiam against the text of Hughes 2020 (the module's reference)."""

import pytest
import torch
from sarbridge.models.matching.psiam import PSiam, centred, log_odds, stream
from torch import nn

KERNELS = [(1, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128), (128, 128), (128, 128)]
"""(inputs, outputs) of the eight convolutions of a stream."""


@pytest.fixture(scope="module")
def patches():
    return torch.rand(3, 2, 1, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("side", "cells"), [(128, 4), (112, 3), (64, 2), (32, 1)])
def test_number_of_weights(side, cells):
    """cells: a side of what the first fully connected layer sees; 112 is pooled to 56, 28, 14, then 7 and 3."""
    one_stream = sum(inputs * outputs * 9 + outputs + 2 * outputs for inputs, outputs in KERNELS)
    fusion = (256 * 128 * 9 + 128 + 256) + (128 * 128 * 9 + 128 + 256)
    connected = (cells**2 * 128 * 512 + 512) + (512 * 2 + 2)
    expected = 2 * one_stream + fusion + connected
    assert sum(p.numel() for p in PSiam(side).parameters()) == expected
    assert side != 128 or expected == 2_659_266


def test_layers_are_those_of_the_text():
    """Convolution, ReLU, batch norm; seven max-pools of 2 x 2; one stride of 2; dropout 0.7 after 512 channels."""
    network = PSiam()
    layers = [module for module in network.modules() if not list(module.children())]
    pools = [layer for layer in layers if isinstance(layer, nn.MaxPool2d)]
    assert len(pools) == 7 and {(pool.kernel_size, pool.stride) for pool in pools} == {(2, 2)}
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    assert len(convolutions) == 2 * 8 + 2
    assert all(layer.kernel_size == (3, 3) and layer.padding == (1, 1) for layer in convolutions)
    assert [layer.stride for layer in convolutions] == [(1, 1)] * 17 + [(2, 2)]
    for first, second, third in zip(layers, layers[1:], layers[2:]):
        if isinstance(first, nn.Conv2d):
            assert isinstance(second, nn.ReLU) and isinstance(third, nn.BatchNorm2d)
    connected, activation, dropout, last = layers[-4:]
    assert (connected.in_features, connected.out_features) == (4 * 4 * 128, 512)
    assert isinstance(activation, nn.ReLU) and dropout.p == 0.7
    assert (last.in_features, last.out_features) == (512, 2)
    assert all(layer.bias.count_nonzero() == 0 for layer in (*convolutions, connected, last))


def test_streams_share_nothing_and_the_mean_of_a_patch_does_not_count(patches):
    network = PSiam(64).eval()
    sar, optical, other = patches
    assert network(sar, optical).shape == (2, 2) and stream()(sar).shape == (2, 128, 8, 8)
    assert not torch.equal(network.sar(sar), network.optical(sar))
    torch.testing.assert_close(network(sar + 0.3, optical - 0.2), network(sar, optical), atol=1e-5, rtol=1e-4)
    assert centred(sar).mean((1, 2, 3)).abs().max() < 1e-6
    assert (network(sar, other) - network(sar, optical)).abs().max() > 1e-4


def test_odds_are_those_of_the_softmax():
    logits = torch.tensor([[0.3, 1.2], [2.0, -1.0], [0.0, 40.0]])
    torch.testing.assert_close(log_odds(logits).sigmoid(), logits.softmax(1)[:, 1])
    assert log_odds(logits).tolist()[2] == 40


@pytest.mark.parametrize("side", [16, 100, 0])
def test_patches_of_other_sides_are_refused(side):
    with pytest.raises(ValueError, match=f"at least 24, not {side}"):
        PSiam(side)
