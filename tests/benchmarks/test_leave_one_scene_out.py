"""Leave-one-scene-out: a shift that a whole scene shares is told apart from the errors of the matcher."""

import copy

import pytest
import torch
from sarbridge.benchmarks.leave_one_scene_out import OFFSETS_PER_TILE, residuals, scene_row
from sarbridge.engine.training.pair import Pair
from sarbridge.models.matching.bridge_match import BridgeMatch


def test_a_common_shift_of_a_scene_counts_against_the_registration_not_the_median():
    found = torch.tensor([[2.0, 0.0], [2.0, 0.5], [2.5, 0.0], [10.0, 0.0]])
    cells = [cell.strip() for cell in scene_row("town", found).split("|")[1:-1]]
    assert cells == ["town", "0.0", "75.0", "4.14", "(2.0, 0.0)", "75.0", "26"]


def test_residuals_of_a_displaced_tile_are_its_displacement():
    torch.manual_seed(0)
    network = BridgeMatch(widths=(8, 8, 8), features=4).eval()
    network.optical = copy.deepcopy(network.sar)
    image = torch.nn.functional.interpolate(torch.rand(1, 1, 72, 72), size=(288, 288), mode="bicubic")[0]
    image = (255 * image.clamp(0, 1)).byte()
    # Untrained features differ between the places of the lattice of 8 pixels: the displacement is a multiple of it.
    pair = Pair("moved", image[:, 8:264, 16:272], image[:, :256, :256])
    found = residuals(network, [pair])
    assert found.shape == (OFFSETS_PER_TILE, 2)
    offsets_on_lattice = found.median(0).values
    assert offsets_on_lattice.tolist() == pytest.approx([-16, -8], abs=1.5)
