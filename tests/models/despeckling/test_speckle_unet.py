"""MERLIN's U-Net: as large as published, and what a pixel depends on."""

import pytest
import torch
from sarbridge.models.despeckling.speckle_unet import OWN_WIDTH, SpeckleUNet
from sarbridge.recipes.despeckling import ship_despecklers


def weights(network):
    return sum(each.numel() for each in network.parameters())


@pytest.mark.parametrize(("levels", "expected", "maps"), [(5, 988_609, 480), (6, 1_216_945, 576)])
def test_it_is_as_large_as_published(levels, expected, maps):
    network = SpeckleUNet(levels)
    assert weights(network) == expected
    assert network.map_channels == maps


def test_what_users_train_and_what_ships_is_smaller():
    assert weights(SpeckleUNet(5, OWN_WIDTH)) == 247_777
    assert weights(SpeckleUNet(5, ship_despecklers.WIDTH)) == 386_761


@pytest.mark.parametrize("levels", [2, 3, 5])
def test_it_keeps_sizes_and_gives_all_maps_of_the_way_up(levels):
    network = SpeckleUNet(levels, 3)
    plane = torch.randn(2, 1, 64, 96)
    assert network(plane).shape == (2, 1, 64, 96)
    maps = network.decoded(plane)
    assert sum(each.shape[1] for each in maps) == network.map_channels
    assert [each.shape[-1] for each in maps] == [*(96 // 2**level for level in range(levels - 1, 0, -1)), 96, 96]


@pytest.mark.parametrize("levels", [2, 3, 4])
def test_a_result_depends_on_nothing_beyond_its_reach(levels):
    """Gradients of one result, wherever it lies in a cell of the coarsest level, at all pixels."""
    torch.manual_seed(0)
    network = SpeckleUNet(levels, 3).double()
    side = 3 * network.stride + 2 * network.reach
    seen = 0
    for place in range(network.reach + network.stride, network.reach + 2 * network.stride):
        plane = torch.randn(1, 1, side, side, dtype=torch.double, requires_grad=True)
        network(plane)[0, 0, place, place].backward()
        far = [abs(each - place) for each in plane.grad[0, 0].nonzero().flatten().tolist()]
        seen = max(seen, *far)
    assert network.reach - network.stride < seen <= network.reach


def test_areas_that_begin_at_multiples_of_the_stride_agree():
    torch.manual_seed(0)
    network = SpeckleUNet(3, 3).eval()
    plane = torch.randn(1, 1, 160, 160)
    whole = network(plane)
    cut = network(plane[..., 8:, 16:])
    inner = slice(network.reach, -network.reach)
    torch.testing.assert_close(cut[..., inner, inner], whole[..., 8:, 16:][..., inner, inner], rtol=1e-4, atol=1e-5)
