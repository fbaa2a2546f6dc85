"""The VAE-GAN: layers and parameters against tables 1 and 2, and how it grows."""

import pytest
import torch
from sarbridge.models.matching.vae_gan import (
    Decoder,
    Discriminator,
    Encoder,
    Growth,
    PixelNorm,
    Vae,
    levels_of,
    sampled,
    with_deviation,
)
from torch import nn
from torch.nn import functional as F

pytestmark = pytest.mark.usefixtures("one_thread")

TINY = {"side": 16, "width": 8}


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def convolution(kernel, inputs, outputs):
    return kernel * kernel * inputs * outputs + outputs


DOWN = [(128, 128), (128, 256), (256, 256), (256, 512), *[(512, 512)] * 6]
"""3x3 convolutions of both tables from 128 to 8 pixels, by channels in and out."""

FROM_IMAGE = [128, 256, 512, 512, 512, 512]
"""Channels of the 1x1 convolutions at 128, 64, ... 4 pixels, all but the first of which only growth needs."""


def test_the_encoder_is_that_of_table_1():
    with torch.device("meta"):
        encoder = Encoder()
    own = sum(convolution(3, *each) for each in DOWN) + sum(convolution(1, 1, each) for each in FROM_IMAGE)
    top = convolution(3, 512, 512) + convolution(4, 512, 512) + convolution(1, 512, 1024)
    assert parameters(encoder) == own + top == 23_456_640
    assert len([layer for layer in encoder.modules() if isinstance(layer, nn.AvgPool2d)]) == 5


def test_the_discriminator_is_that_of_table_2():
    with torch.device("meta"):
        discriminator = Discriminator()
    own = sum(convolution(3, *each) for each in DOWN) + sum(convolution(1, 1, each) for each in FROM_IMAGE)
    top = convolution(3, 513, 512) + convolution(4, 512, 512) + convolution(1, 512, 1)
    assert parameters(discriminator) == own + top == 22_936_449
    assert not [layer for layer in discriminator.modules() if isinstance(layer, nn.Sigmoid)]


def test_the_decoder_is_that_of_table_1():
    with torch.device("meta"):
        decoder = Decoder()
    up = [*[(512, 512)] * 6, (512, 256), (256, 256), (256, 128), (128, 128)]
    bottom = convolution(4, 512, 512) + convolution(3, 512, 512)
    to_image = sum(convolution(1, each, 1) for each in FROM_IMAGE)
    assert parameters(decoder) == bottom + sum(convolution(3, *each) for each in up) + to_image == 22_928_518
    assert len([layer for layer in decoder.modules() if isinstance(layer, PixelNorm)]) == 12
    assert len([layer for layer in decoder.modules() if isinstance(layer, nn.Upsample)]) == 5


def test_shapes_on_the_way_are_those_of_the_tables():
    encoder, seen = Encoder(128, 16), []
    for block in encoder.blocks:
        block.register_forward_hook(lambda block, inputs, output: seen.append(tuple(output.shape[1:])))
    mean, log_variance = encoder(torch.zeros(1, 1, 128, 128))
    assert seen == [(8, 64, 64), (16, 32, 32), (16, 16, 16), (16, 8, 8), (16, 4, 4)]  # 256 and 512, over 32
    assert mean.shape == log_variance.shape == (1, 16)
    assert Decoder(128, 16)(mean).shape == (1, 1, 128, 128)
    assert Vae(64, 16)(torch.zeros(3, 1, 64, 64)).shape == (3, 1, 64, 64)


def test_images_are_four_pixels_that_double():
    assert [levels_of(side) for side in (4, 8, 64, 128)] == [0, 1, 4, 5]
    assert [Growth(level, 1.0).side for level in (0, 4, 5)] == [4, 64, 128]
    for side in (2, 6, 112):
        with pytest.raises(ValueError, match=f"{side} pixels"):
            levels_of(side)


@torch.no_grad()
def test_what_fades_in_begins_as_the_smaller_network():
    torch.manual_seed(0)
    vae, discriminator = Vae(**TINY), Discriminator(**TINY)
    latent, images = torch.randn(2, 8), torch.rand(2, 1, 16, 16)
    small = F.avg_pool2d(images, 2)
    vae.grow(Growth(1, 1.0)), discriminator.grow(Growth(1, 1.0))
    made, code, judged = vae.decoder(latent), vae.encoder(small)[0], discriminator(small)
    vae.grow(Growth(2, 0.0)), discriminator.grow(Growth(2, 0.0))
    torch.testing.assert_close(vae.decoder(latent), made.repeat_interleave(2, 2).repeat_interleave(2, 3))
    torch.testing.assert_close(vae.encoder(images)[0], code)
    torch.testing.assert_close(discriminator(images), judged)
    vae.grow(Growth(2, 1.0))
    whole = vae.decoder(latent)
    assert not torch.allclose(whole, made.repeat_interleave(2, 2).repeat_interleave(2, 3), atol=1e-2)
    vae.grow(Growth(2, 0.25))
    torch.testing.assert_close(vae.decoder(latent), 0.75 * F.interpolate(made, scale_factor=2) + 0.25 * whole)


def test_pixel_norm_and_deviation_by_hand():
    maps = torch.tensor([[3.0, 4.0], [1.0, 10.0]])[:, :, None, None]
    rms = (12.5**0.5, 50.5**0.5)
    normed = PixelNorm()(maps)[:, :, 0, 0]
    assert normed.flatten().tolist() == pytest.approx([3 / rms[0], 4 / rms[0], 1 / rms[1], 10 / rms[1]])
    # Of two values the standard deviation is half of their difference: 1 and 3.
    assert with_deviation(maps)[:, :, 0, 0].tolist() == [[3.0, 4.0, 2.0], [1.0, 10.0, 2.0]]


def test_samples_lie_where_the_code_says():
    torch.manual_seed(0)
    mean, log_variance = torch.tensor([[4.0, -1.0]]), torch.tensor([[0.25, 4.0]]).log()
    drawn = sampled(mean.expand(4000, 2), log_variance.expand(4000, 2))
    assert drawn.mean(0).tolist() == pytest.approx([4, -1], abs=0.15)
    assert drawn.std(0).tolist() == pytest.approx([0.5, 2], rel=0.05)


def test_weights_are_glorots():
    weights = Decoder(16, 64).blocks[0][1][0].weight
    bound = (6 / (9 * 64 + 9 * 64)) ** 0.5
    assert weights.abs().max().item() == pytest.approx(bound, rel=0.01)
