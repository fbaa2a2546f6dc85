"""BridgeMatch: shapes, size, what it ignores, and features that mean the same in every area."""

import pytest
import torch
from sarbridge.models.matching.bridge_match import HALO, LATTICE, BridgeMatch, FeatureStream, LocalContrast


@pytest.fixture
def stream():
    """A small feature stream with random weights and batch statistics, in eval mode."""
    torch.manual_seed(7)
    stream = FeatureStream((8, 8, 8), 4)
    for module in stream.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    return stream.eval()


def scene(side, seed=0):
    """Texture at several scales and a slope, [1, 1, side, side]: ground whose local mean and contrast change."""
    torch.manual_seed(seed)
    parts = [
        torch.nn.functional.interpolate(torch.randn(1, 1, side // n, side // n), size=(side, side), mode="bicubic") * n
        for n in (1, 4, 16, 64)
    ]
    return 100 + sum(parts) + torch.linspace(0, 200, side)


def test_every_offset_has_a_heat(stream):
    network = BridgeMatch(widths=(8, 8, 8), features=4).eval()
    with torch.inference_mode():
        heat = network(scene(192).expand(2, 1, -1, -1), scene(128).expand(2, 1, -1, -1))
        assert network.sar(scene(128)[..., :96]).shape == (1, 4, 128, 96)
    assert heat.shape == (2, 65, 65)
    assert heat.abs().max() <= 1 + 1e-5


def test_size():
    """The shipped model must stay small: two streams below 0.8 million weights."""
    count = sum(parameter.numel() for parameter in BridgeMatch().parameters())
    assert 0.3e6 < count < 0.8e6


def test_temperature_scales_the_logits():
    network = BridgeMatch(widths=(8, 8, 8), features=4)
    network.log_temperature.data.fill_(0.5)
    heat = torch.rand(1, 3, 3)
    torch.testing.assert_close(network.logits(heat, 64), heat * 64 * 1.6487213)


@pytest.mark.parametrize("cut", [LATTICE, 64 + LATTICE])
def test_a_crop_on_the_lattice_has_the_features_of_the_whole(stream, cut):
    image = scene(512)
    with torch.inference_mode():
        whole, crop = stream(image)[..., cut:, cut:], stream(image[..., cut:, cut:])
    length = whole.norm(dim=1).mean()
    difference = (whole - crop).norm(dim=1)[0] / length
    inner = difference[HALO:-HALO, HALO:-HALO]
    assert inner.square().mean().sqrt() < 0.005
    assert inner.max() < 0.05
    # Nearer to the cut they do differ: the halo is not there for nothing.
    assert difference[: HALO // 2, HALO:-HALO].max() > 0.1


def test_a_crop_off_the_lattice_has_other_features(stream):
    """Why areas must begin on the lattice: one pixel away the features are others."""
    image = scene(512)
    part = (..., slice(1, 505), slice(None))
    with torch.inference_mode():
        whole, crop = stream(image)[part], stream(image[part])
    difference = (whole - crop)[..., HALO:-HALO, HALO:-HALO]
    assert difference.norm(dim=1).mean() > 0.02 * whole.norm(dim=1).mean()


@pytest.mark.parametrize(("gain", "offset"), [(0.01, 0), (40, -3000), (1, 1e4)])
def test_gain_and_offset_do_not_count(stream, gain, offset):
    image = scene(160)
    with torch.inference_mode():
        expected = stream(image)
        torch.testing.assert_close(stream(gain * image + offset), expected, atol=0.02 * expected.std().item(), rtol=0)


def test_local_contrast_takes_slow_shading_away():
    torch.manual_seed(1)
    texture = torch.randn(1, 1, 320, 320)
    shading = torch.linspace(0, 50, 320)
    plain, shaded = LocalContrast()(texture), LocalContrast()(texture + shading)
    inside = (..., slice(96, -96), slice(96, -96))
    torch.testing.assert_close(shaded[inside], plain[inside], atol=0.15, rtol=0)
    assert plain[inside].std() == pytest.approx(1, abs=0.1)
    assert LocalContrast()(torch.full((1, 1, 64, 64), 7.0)).abs().max() == 0
