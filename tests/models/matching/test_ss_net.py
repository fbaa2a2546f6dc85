"""SSNet: layers and parameters against the document, and what its codes are."""

import pytest
import torch
from sarbridge.models.matching.ss_net import Critic, Decoder, Encoder, SSNet, descriptors, prior
from torch import nn

pytestmark = pytest.mark.usefixtures("one_thread")

VGG11 = (64, 128, 256, 256, 512, 512, 512, 512)
"""Column A of table 1 of Simonyan and Zisserman, on which Hughes 2020, §4.5, section 3.1 builds the encoder."""


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def of_kind(module, *kinds):
    return [layer for layer in module.modules() if isinstance(layer, kinds)]


def test_the_encoder_is_vgg11_with_batch_norm_and_leaky_relus():
    encoder = SSNet().sar
    convolutions = of_kind(encoder.layers, nn.Conv2d)
    assert tuple(layer.out_channels for layer in convolutions) == VGG11
    assert {layer.kernel_size for layer in convolutions} == {(3, 3)}
    assert len(of_kind(encoder, nn.BatchNorm2d)) == len(of_kind(encoder, nn.LeakyReLU)) == 8
    assert {layer.negative_slope for layer in of_kind(encoder, nn.LeakyReLU)} == {0.2}
    assert len(of_kind(encoder, nn.MaxPool2d)) == 5
    of_convolutions = sum(9 * a * b + b for a, b in zip((1, *VGG11), VGG11))  # 9,219,328, VGG11's own but for 2 bands
    assert of_convolutions == 9_219_328
    of_norms, of_code = 2 * sum(VGG11), 512 * 4 * 4 * 256 + 256
    assert parameters(encoder) == of_convolutions + of_norms + of_code == 11_322_240


def test_the_modalities_share_no_weights():
    assert parameters(SSNet()) == 2 * 11_322_240


def test_the_decoder_is_the_mirror_image():
    decoder, widths = Decoder(), (512, 512, 256, 128, 64)
    doubling = [layer for layer in of_kind(decoder, nn.ConvTranspose2d) if layer.stride == (2, 2)]
    assert tuple(layer.out_channels for layer in doubling) == widths
    assert {layer.kernel_size for layer in doubling} == {(3, 3)} and not of_kind(decoder, nn.BatchNorm2d)
    assert len(of_kind(decoder, nn.ReLU)) == 1 + 2 * 5
    blocks = sum(9 * a * b + b + 9 * b * b + b for a, b in zip((512, *widths), widths))
    assert parameters(decoder) == 256 * 512 * 4 * 4 + 512 + blocks + 9 * 64 + 1 == 13_860_801
    assert decoder(torch.zeros(2, 256)).shape == (2, 1, 128, 128)


def test_the_critic_has_three_layers_of_decreasing_size():
    sizes = [(layer.in_features, layer.out_features) for layer in of_kind(Critic(), nn.Linear)]
    assert sizes == [(256, 128), (128, 64), (64, 1)]
    assert len(of_kind(Critic(), nn.LeakyReLU)) == 2 and isinstance(Critic()[-1], nn.Sigmoid)


def test_patches_are_standardised_by_the_published_numbers():
    network, patch = SSNet(), torch.tensor([0.5, 0.7, 0.3])
    assert network.sar.standardised(patch).tolist() == pytest.approx([0, 1, -1])
    assert network.optical.standardised(patch).tolist() == pytest.approx([1 / 3, 5 / 3, -1])


def test_matching_is_the_cosine_of_codes_and_the_prior_is_of_codes_before_that():
    torch.manual_seed(0)
    network = SSNet().eval()
    sar, optical = torch.rand(2, 2, 1, 128, 128)
    with torch.no_grad():
        codes, others = network.sar(sar), network.optical(optical)
        by_hand = [float(a @ b / (a.norm() * b.norm())) for a, b in zip(codes, others)]
        assert network(sar, optical).tolist() == pytest.approx(by_hand, abs=1e-5)
    assert codes.shape == (2, 256) and descriptors(codes).norm(dim=1).tolist() == pytest.approx([1, 1])
    assert prior(torch.zeros(400, 256)).std().item() == pytest.approx(5, abs=0.05)


def test_a_patch_of_another_size_is_no_single_code():
    with pytest.raises(RuntimeError):
        Encoder(0.5, 0.2)(torch.zeros(1, 1, 96, 96))
