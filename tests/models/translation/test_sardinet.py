"""SARDINet and its fusions against the numbers of Bralet 2024 (the module's reference) and explicit computations."""

import pytest
import torch
from sarbridge.models.translation.input_conditioning import BalancedSeparableConv, input_conditioning
from sarbridge.models.translation.sardinet import REACH, STRIDE, BandDecoder, SARDINet, ThreeBranchEncoder

FUSIONS = ("none", "late", "early", "intermediate")
TINY = (16, 16, 12, 12, 8, 4)


def numbers(module):
    """How many weights and how many biases."""
    weights = sum(parameter.numel() for parameter in module.parameters() if parameter.dim() > 1)
    return weights, sum(parameter.numel() for parameter in module.parameters()) - weights


def with_heights(fusion, sar):
    return (sar,) if fusion == "none" else (sar, torch.rand(len(sar), 1, *sar.shape[2:]))


@pytest.mark.parametrize(
    ("fusion", "weights", "biases"),
    [
        ("none", 222_912, 96 + 256),  # 9 (2·96 + 96·256)
        ("early", 223_776, 96 + 256),  # 9 (3·96 + 96·256), as published
        ("intermediate", 9_852, 24 + 12 + 96 * 4 + 64),  # 3·8·9 + 3·12 + 96·4·9 + 96·64, as published
        ("late", 9 * (2 * 48 + 48 * 128) + 9 * (48 + 48 * 128), 2 * (48 + 128)),
    ],
)
def test_number_of_weights_of_the_input_conditioning(fusion, weights, biases):
    assert numbers(SARDINet(2, 3, fusion).conditioning) == (weights, biases)


def test_number_of_weights_of_the_encoder_and_the_decoders():
    network = SARDINet(2, 4)

    def separable(inputs, outputs):
        return 9 * inputs + inputs * outputs

    shallow = separable(256, 396) + 396 * 512
    coarse = 256 * 396 + separable(396, 396) + separable(396, 512)
    fine = separable(256, 396) + separable(396, 396) + separable(396, 512)
    biases = (256 + 396 + 512) + (396 + 396 + 396 + 396 + 512) + (256 + 396 + 396 + 396 + 396 + 512)
    assert numbers(network.encoder) == (shallow + coarse + fine, biases)
    decoder = 25 * (512 * 64 + 64 * 64 + 64 * 16 + 16 * 16 + 16 * 1 + 1 * 1)
    assert numbers(network.decoders) == (4 * decoder, 4 * 2 * (64 + 16 + 1))


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize(("sar_bands", "bands"), [(1, 3), (2, 4), (4, 3)])
def test_output_and_gradients(fusion, sar_bands, bands):
    torch.manual_seed(1)
    network = SARDINet(sar_bands, bands, fusion, TINY)
    images = [image.requires_grad_() for image in with_heights(fusion, torch.randn(2, sar_bands, 48, 32))]
    colours = network(*images)
    assert colours.shape == (2, bands, 48, 32)
    colours.square().sum().backward()
    assert all((image.grad.abs().sum((0, 2, 3)) > 0).all() for image in images)
    assert all(parameter.grad.abs().max() > 0 for parameter in network.parameters())


@pytest.mark.parametrize("fusion", FUSIONS)
def test_features_have_the_published_sizes(fusion):
    features = input_conditioning(fusion, 2, (96, 256))(*with_heights(fusion, torch.randn(1, 2, 32, 32)))
    latent = ThreeBranchEncoder((256, 396, 512))(features)
    assert features.shape == (1, 256, 16, 16) and features.min() == 0
    assert latent.shape == (1, 512, 4, 4)
    assert BandDecoder((512, 64, 16))(latent).shape == (1, 1, 32, 32)


def test_a_fusion_that_is_not_known_is_refused():
    with pytest.raises(KeyError):
        SARDINet(fusion="middle")


def test_balanced_separable_convolution_kernel_by_kernel():
    torch.manual_seed(2)
    conv, image = BalancedSeparableConv(3, spatial=2, mixing=5), torch.randn(2, 3, 9, 7)
    padded = torch.nn.functional.pad(image, [1] * 4, mode="reflect")
    expected = torch.empty(2, 10, 9, 7)
    for group in range(2):
        of_channels = []
        for channel in range(3):
            kernel = conv.depthwise.weight[2 * channel + group, 0]
            windows = padded[:, channel].unfold(1, 3, 1).unfold(2, 3, 1)
            of_channels.append((windows * kernel).sum((-1, -2)) + conv.depthwise.bias[2 * channel + group])
        for mix in range(5):
            of_mix = sum(conv.pointwise.weight[mix, channel, 0, 0] * of_channels[channel] for channel in range(3))
            expected[:, 5 * group + mix] = of_mix + conv.pointwise.bias[mix]
    torch.testing.assert_close(conv(image), expected)


def test_late_fusion_keeps_the_images_apart():
    conditioning = input_conditioning("late", 2, (8, 16))
    sar, dem = torch.randn(1, 2, 16, 16), torch.rand(1, 1, 16, 16)
    features, other_dem, other_sar = conditioning(sar, dem), conditioning(sar, 1 - dem), conditioning(-sar, dem)
    assert torch.equal(features[:, :8], other_dem[:, :8]) and not torch.equal(features[:, 8:], other_dem[:, 8:])
    assert torch.equal(features[:, 8:], other_sar[:, 8:]) and not torch.equal(features[:, :8], other_sar[:, :8])


@pytest.mark.parametrize("fusion", FUSIONS)
def test_same_place_same_colours_in_every_area(fusion):
    """What lies further away than `REACH` does not matter, nor where an area begins, by multiples of `STRIDE`."""
    torch.manual_seed(3)
    network = SARDINet(1, 3, fusion, TINY).double().eval()
    images = [image.double() for image in with_heights(fusion, torch.randn(1, 1, 192, 192))]
    with torch.no_grad():
        whole, part = network(*images), network(*(image[:, :, STRIDE:-STRIDE, 3 * STRIDE :] for image in images))
    inner = slice(REACH, -REACH)
    torch.testing.assert_close(
        part[:, :, inner, inner], whole[:, :, STRIDE + REACH : -STRIDE - REACH, 3 * STRIDE + REACH : -REACH]
    )


def test_reach_by_gradient():
    """By hand: 46 pixels before and 45 after, depending on where a place lies on the lattice."""
    torch.manual_seed(4)
    network, reach = SARDINet(1, 1, widths=TINY).double(), 0
    for at in range(64, 64 + STRIDE):
        for _ in range(8):  # max-pooling hides some pixels from the gradient of one image
            image = torch.randn(1, 1, 128, 128, dtype=torch.float64, requires_grad=True)
            network(image)[0, 0, at, at].backward()
            columns = image.grad[0, 0].abs().sum(0).nonzero()
            reach = max(reach, at - int(columns.min()), int(columns.max()) - at)
    assert REACH - STRIDE < reach <= REACH
