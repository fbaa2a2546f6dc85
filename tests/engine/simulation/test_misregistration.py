"""Planted misregistrations: exact, with the sign that all of SARbridge uses, and invertible."""

import math

import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.contract.simulation_jobs import Misplacement
from sarbridge.engine.simulation.misregistration import Misregistration, planted, rotated_and_scaled, smooth_field

SHAPE = (96, 128)


def _blob(col, row):
    """An image [1, h, w] with one bright place."""
    y, x = torch.meshgrid(torch.arange(96) + 0.5, torch.arange(128) + 0.5, indexing="ij")
    return torch.exp(-((x - col) ** 2 + (y - row) ** 2) / 8)[None]


def _centroid(image):
    y, x = torch.meshgrid(torch.arange(96) + 0.5, torch.arange(128) + 0.5, indexing="ij")
    return float((image * x).sum() / image.sum()), float((image * y).sum() / image.sum())


def test_the_shift_leads_from_the_moved_image_to_the_sar_image():
    """What lies at (60, 40) in the SAR image is 3.25 px to the left of and 2.5 px below that in the moved image."""
    known = Misregistration(shift=(3.25, -2.5))
    assert _centroid(known.apply(_blob(60.0, 40.0))) == pytest.approx((56.75, 42.5), abs=0.01)


def test_rotation_is_clockwise_about_the_middle_and_enlarges():
    known = rotated_and_scaled(2.0, 1.03, SHAPE)
    col, row = _centroid(known.apply(_blob(94.0, 48.0)))  # 30 px to the right of the middle
    expected = 64 + 30.9 * math.cos(math.radians(2)), 48 + 30.9 * math.sin(math.radians(2))
    assert (col, row) == pytest.approx(expected, abs=0.02)
    assert rotated_and_scaled(2.0, 1.03, SHAPE).field(SHAPE)[:, 47:49, 63:65].mean((1, 2)).abs().max() < 1e-5


@pytest.mark.parametrize(
    "known",
    [
        Misregistration(shift=(17.3, -11.6)),
        rotated_and_scaled(-1.5, 0.98, SHAPE),
        smooth_field(SHAPE, 4.0, torch.Generator().manual_seed(3)),
        planted(Misplacement(9.0, -7.0, 45.0, -20.0, 3.0), SHAPE, 5),
        planted(Misplacement(9.0, -7.0, -45.0, 20.0, 3.0), SHAPE, 5),
    ],
)
def test_inverse(known):
    """Also at the limits of what can be asked for."""
    col, row = torch.meshgrid(torch.linspace(0, 128, 40), torch.linspace(0, 96, 30), indexing="xy")
    moved_col, moved_row = known.moved(col, row)
    dx, dy = known.at(moved_col, moved_row)
    assert max((moved_col + dx - col).abs().max(), (moved_row + dy - row).abs().max()) < 0.001


def test_the_image_moves_by_the_field():
    """An image of its own columns and rows shows at each position that position plus the shift there."""
    known = smooth_field(SHAPE, 4.0, torch.Generator().manual_seed(3))
    ramp = torch.stack(torch.meshgrid(torch.arange(128) + 0.5, torch.arange(96) + 0.5, indexing="xy"))
    moved = known.apply(ramp) - ramp - known.field(SHAPE)
    assert moved[:, 6:-6, 6:-6].abs().max() < 1e-3


def test_a_smooth_field_keeps_within_its_bound_and_is_smooth():
    field = smooth_field(SHAPE, 4.0, torch.Generator().manual_seed(3)).field(SHAPE)
    assert field.shape == (2, *SHAPE)
    assert 1.0 < field.abs().max() <= 4.0
    assert max(field.diff(dim=1).abs().max(), field.diff(dim=2).abs().max()) < 4 * 2 * math.pi * 1.5 / 128 * 1.01


def test_waves_that_would_fold_the_image_are_refused():
    assert planted(Misplacement(waves=3.0), SHAPE, 0).waves
    with pytest.raises(UserError, match="Waves of 4 pixels would fold an image of 128 × 96 pixels: choose at most 3"):
        planted(Misplacement(waves=4.0), SHAPE, 0)
