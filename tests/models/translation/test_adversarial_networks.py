"""Generators, critic and image pool of pix2pix and CycleGAN against their publications, number by number."""

from collections import Counter

import pytest
import torch
from sarbridge.models.translation.cycle_gan import CycleGAN
from sarbridge.models.translation.image_pool import ImagePool
from sarbridge.models.translation.patch_gan import PatchGAN
from sarbridge.models.translation.pix2pix import Pix2Pix
from sarbridge.models.translation.planes import signed_planes
from torch import nn


def number_of_weights(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_number_of_weights_of_the_unet():
    """4x4 kernels; the outer and the innermost level have no norm on the way down, the last layer alone has biases."""
    kernels_down = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 4 * 512 * 512)
    kernels_up = 16 * (512 * 512 + 3 * 1024 * 512 + 1024 * 256 + 512 * 128 + 256 * 64)
    norms_down = 2 * (128 + 256 + 4 * 512)
    norms_up = 2 * (4 * 512 + 256 + 128 + 64)
    last = 16 * 128 * 3 + 3
    whole = kernels_down + kernels_up + norms_down + norms_up + last
    assert number_of_weights(Pix2Pix(2, 3, with_dem=True)) == whole == 54_413_955
    one_level = 16 * (512 * 512 + 1024 * 512) + 2 * (512 + 512)
    assert number_of_weights(Pix2Pix(3, 3, levels=7)) == whole - one_level == 41_828_995
    # A SAR band less, an optical band more.
    assert number_of_weights(Pix2Pix(2, 4)) == whole - 16 * 64 + 16 * 128 + 1


def test_number_of_weights_of_the_residual_network():
    ends = 49 * 3 * 64 + 64 + 49 * 64 * 3 + 3
    down = 9 * (64 * 128 + 128 * 256) + 128 + 256
    up = 9 * (256 * 128 + 128 * 64) + 128 + 64
    blocks = 9 * 2 * (9 * 256 * 256 + 256)
    assert number_of_weights(CycleGAN(3, 3)) == ends + down + blocks + up == 11_378_179
    assert number_of_weights(CycleGAN(1, 4, with_dem=True)) == 11_378_179 - 49 * 64 + 49 * 64 + 1


def test_number_of_weights_of_the_critic():
    kernels = 16 * (64 * 128 + 128 * 256 + 256 * 512)
    first, last = 16 * 6 * 64 + 64, 16 * 512 + 1
    assert number_of_weights(PatchGAN(6)) == first + kernels + 2 * (128 + 256 + 512) + last == 2_768_705
    first = 16 * 3 * 64 + 64
    expected = first + kernels + (128 + 256 + 512) + last
    assert number_of_weights(PatchGAN(3, nn.InstanceNorm2d)) == expected == 2_764_737


def test_the_critic_judges_patches_of_70_pixels():
    """Kernels 4, strides 2, 2, 2, 1, 1, padding 1: cell j sees the pixels from 8 j - 23 to 8 j + 46."""
    critic = PatchGAN(1, norm=lambda width: nn.Identity(), width=2).double()
    image = torch.randn(1, 1, 128, 160, dtype=torch.float64, requires_grad=True)
    judged = critic(image)
    assert judged.shape == (1, 1, 14, 18)
    judged[0, 0, 5, 7].backward()
    rows, columns = (image.grad[0, 0].abs().sum(dim).nonzero().flatten() for dim in (1, 0))
    assert (rows.min(), rows.max()) == (8 * 5 - 23, 8 * 5 + 46)
    assert (columns.min(), columns.max()) == (8 * 7 - 23, 8 * 7 + 46)
    assert len(rows) == len(columns) == 70


@pytest.mark.parametrize("norm", [nn.BatchNorm2d, nn.InstanceNorm2d])
def test_the_critic_has_gradients(norm):
    critic = PatchGAN(5, norm, width=4)
    image = torch.randn(2, 5, 32, 64, requires_grad=True)
    judged = critic(image)
    assert judged.shape == (2, 1, 2, 6)
    judged.square().sum().backward()
    assert (image.grad.abs().sum((0, 2, 3)) > 0).all()
    kernels = [parameter for parameter in critic.parameters() if parameter.dim() > 1]
    assert all(kernel.grad.abs().max() > 0 for kernel in kernels)


@pytest.mark.parametrize("make", [Pix2Pix, CycleGAN])
@pytest.mark.parametrize(("sar_bands", "bands", "with_dem"), [(1, 3, False), (2, 3, True), (4, 4, True)])
def test_translations_and_gradients(make, sar_bands, bands, with_dem):
    torch.manual_seed(1)
    network = make(sar_bands, bands, with_dem, width=4, **({"levels": 6} if make is Pix2Pix else {"blocks": 2}))
    sar = (4 * torch.rand(2, sar_bands, 64, 128) - 2).requires_grad_()
    images = (sar, torch.rand(2, 1, 64, 128, requires_grad=True)) if with_dem else (sar,)
    colours = network(*images)
    assert colours.shape == (2, bands, 64, 128)
    assert colours.min() > 0 and colours.max() < 1 and colours.mean().item() == pytest.approx(0.5, abs=0.2)
    (colours * torch.randn(colours.shape)).sum().backward()
    assert all((image.grad.abs().sum((0, 2, 3)) > 0).all() for image in images)
    kernels = [parameter for parameter in network.parameters() if parameter.dim() > 1]
    assert all(kernel.grad.abs().max() > 0 for kernel in kernels)


@pytest.mark.parametrize(("levels", "side", "dropped"), [(8, 256, 3), (7, 128, 2)])
def test_the_unet_goes_down_to_one_pixel(levels, side, dropped):
    network = Pix2Pix(1, 3, levels=levels, width=2).eval()
    sizes = []
    network.generator.down[-1].register_forward_hook(lambda module, given, result: sizes.append(result.shape))
    with torch.no_grad():
        assert network(torch.randn(1, 1, side, side)).shape == (1, 3, side, side)
    assert sizes == [(1, 16, 1, 1)]
    assert sum(isinstance(module, nn.Dropout) and module.p == 0.5 for module in network.modules()) == dropped


def test_weights_are_drawn_as_published():
    network = CycleGAN(width=16)
    drawn = torch.cat([parameter.flatten() for parameter in network.parameters() if parameter.dim() > 1])
    assert drawn.std().item() == pytest.approx(0.02, rel=0.02)
    norms = torch.cat([m.weight for m in PatchGAN(3).modules() if isinstance(m, nn.BatchNorm2d)])
    assert norms.mean().item() == pytest.approx(1, abs=0.005) and norms.std().item() == pytest.approx(0.02, rel=0.15)
    biases = [parameter for name, parameter in network.named_parameters() if name.endswith("bias")]
    assert not any(bias.any() for bias in biases)


def test_planes_lie_in_the_range_of_tanh():
    sar, dem = torch.tensor([-4.0, 0.0, 2.0]).reshape(1, 1, 1, 3), torch.tensor([0.0, 0.5, 1.0]).reshape(1, 1, 1, 3)
    assert signed_planes(sar, dem).squeeze().tolist() == [[-1, 0, 0.5], [-1, 0, 1]]
    assert signed_planes(sar, None).shape == (1, 1, 1, 3)


def test_the_pool_gives_back_what_it_was_given():
    torch.manual_seed(5)
    pool = ImagePool(1, side=2, size=4)
    came_back, were_old = Counter(), 0
    for number in range(0, 200, 2):
        batch = torch.tensor([number, number + 1.0]).reshape(2, 1, 1, 1).repeat(1, 1, 2, 2).requires_grad_()
        given = pool(batch)
        assert given.shape == batch.shape and not given.requires_grad
        assert number >= 4 or torch.equal(given, batch)
        came_back.update(given[:, 0, 0, 0].tolist())
        were_old += int((given != batch).all((1, 2, 3)).sum()) if number >= 4 else 0
    # Those that filled the pool came back at once and leave it again; of the rest, none is lost and none comes twice.
    came_back.update(pool.images[:, 0, 0, 0].tolist())
    assert came_back == Counter({float(number): 2 if number < 4 else 1 for number in range(200)})
    assert 0.4 < were_old / 196 < 0.6


def test_a_pool_is_kept_as_weights_are():
    torch.manual_seed(6)
    pool, resumed = ImagePool(3, side=4, size=2), ImagePool(3, side=4, size=2)
    for _ in range(5):
        pool(torch.randn(1, 3, 4, 4))
    resumed.load_state_dict(pool.state_dict())
    image = torch.randn(6, 3, 4, 4)
    given = []
    for each in (pool, resumed):
        torch.manual_seed(7)
        given.append(each(image))
    assert torch.equal(*given)
