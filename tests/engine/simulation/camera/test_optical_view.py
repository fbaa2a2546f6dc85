"""What the camera sees of a box, and where: against trigonometry."""

import math

import pytest
import torch
from sarbridge.contract.geometry_jobs import OpticalView
from sarbridge.engine.simulation.camera.optical_view import cast_shadow, optical_positions, optical_view
from sarbridge.engine.simulation.surfaces.surface import Cover, Surface

PIXEL, HEIGHT = 0.5, 12.0
ROOF = slice(40, 60)  # rows and columns under the box


def box(height=HEIGHT, terrain=None, pixel_size=PIXEL, side=100):
    """A flat-roofed box of 20 × 20 cells in the middle of a plain."""
    terrain = torch.zeros(side, side) if terrain is None else terrain
    building = torch.zeros(side, side, dtype=torch.int32)
    building[ROOF, ROOF] = 1
    cover = torch.where(building > 0, Cover.ROOF, Cover.GRASS).to(torch.uint8)
    return Surface(pixel_size, terrain, terrain + height * (building > 0), cover, building, torch.zeros(2))


def seen(view, surface):
    """Which building the image shows as a roof at each cell, 0 where ground or façade [H, W]."""
    result = optical_view(surface, view)
    col, row = result.position.long()
    return torch.where(result.facade > 0, 0, surface.building[row.clamp(0, 99), col.clamp(0, 99)]), result.facade


@pytest.mark.parametrize("azimuth", [0, 90, 180, 270, 37, 211.5])
def test_a_roof_leans_away_from_the_camera(azimuth):
    view = OpticalView(azimuth, 20.0)
    positions = optical_positions(box(), view)
    lean = HEIGHT * math.tan(math.radians(20)) / PIXEL
    angle = math.radians(azimuth + 180)
    expected = torch.tensor([50.5 + lean * math.sin(angle), 50.5 - lean * math.cos(angle)])
    assert torch.allclose(positions[:, 50, 50], expected, atol=1e-3)
    assert torch.allclose(positions[:, 5, 5], torch.tensor([5.5, 5.5]), atol=1e-5)  # ground stays


@pytest.mark.parametrize(("azimuth", "down", "right"), [(0, 1, 0), (90, 0, -1), (180, -1, 0), (270, 0, 1)])
def test_roof_and_facade_in_the_image(azimuth, down, right):
    """The roof is where it leans to, the wall towards the camera fills the gap, and the ground behind is hidden."""
    lean = HEIGHT * math.tan(math.radians(20)) / PIXEL
    roof, facade = seen(OpticalView(azimuth, 20.0), box())
    row, col = torch.nonzero(roof, as_tuple=True)
    assert len(row) == pytest.approx(20 * 20, abs=20)
    assert float(row.float().mean()) == pytest.approx(49.5 + down * lean, abs=0.5)
    assert float(col.float().mean()) == pytest.approx(49.5 + right * lean, abs=0.5)
    assert int((facade > 0).sum()) == pytest.approx(20 * lean, abs=20)


def test_the_view_straight_down_is_the_map():
    result = optical_view(box(), OpticalView(123.0, 0.0))
    row, col = torch.meshgrid(torch.arange(100) + 0.5, torch.arange(100) + 0.5, indexing="ij")
    assert (result.position - torch.stack((col, row))).abs().max() < 1e-2
    assert not result.facade.any()


@pytest.mark.parametrize("azimuth", [63, 180])
def test_what_the_camera_sees_lies_where_its_position_says(azimuth):
    """On uneven ground without walls, following a cell of the image to the surface and back returns to the cell."""
    generator = torch.Generator().manual_seed(2)
    coarse = torch.randn(1, 1, 12, 12, generator=generator)
    hills = torch.nn.functional.interpolate(coarse, size=(120, 120), mode="bicubic")[0, 0, :100, :100]
    flat = torch.zeros(100, 100, dtype=torch.int32)
    surface = Surface(PIXEL, torch.zeros(100, 100), hills, flat.byte() + Cover.GRASS, flat, torch.zeros(1))
    view = OpticalView(azimuth, 25.0)
    source = optical_view(surface, view).position[:, 8:-8, 8:-8]
    shown_at = torch.nn.functional.grid_sample(
        optical_positions(surface, view)[None], (source / 50 - 1).permute(1, 2, 0)[None], align_corners=False
    )[0]
    row, col = torch.meshgrid(torch.arange(8, 92) + 0.5, torch.arange(8, 92) + 0.5, indexing="ij")
    error = (shown_at - torch.stack((col, row))).norm(dim=0)
    assert error.median() < 0.05 and error.quantile(0.98) < 0.2  # lines of sight are a cell apart


@pytest.mark.parametrize("slope", [0.2, -0.2])
def test_bare_slopes_stay_where_they_are_and_roofs_on_them_lean(slope):
    """The image is orthorectified on the terrain: a slope moves nothing, but it meets the line of sight of a roof."""
    ramp = slope * PIXEL * torch.arange(100.0).expand(100, 100)  # rises eastwards
    view = OpticalView(270.0, 20.0)
    positions = optical_positions(box(terrain=ramp), view)
    assert torch.allclose(positions[:, 5, 5], torch.tensor([5.5, 5.5]), atol=1e-5)
    tangent = math.tan(math.radians(20))
    lean = HEIGHT * tangent / PIXEL / (1 + slope * tangent)
    assert float(positions[0, 50, 50]) == pytest.approx(50.5 + lean, abs=1e-3)


@pytest.mark.parametrize(("azimuth", "shadowed"), [(0, (1, 0)), (90, (0, -1)), (180, (-1, 0)), (270, (0, 1))])
@pytest.mark.parametrize("elevation", [35.0, 60.0])
def test_cast_shadow(azimuth, elevation, shadowed):
    """The shadow of a box is h / tan(elevation) long, away from the sun, and as wide as the box."""
    shadow = cast_shadow(box(), OpticalView(0.0, 0.0, azimuth, elevation))
    length = HEIGHT / math.tan(math.radians(elevation)) / PIXEL
    assert float(shadow.sum()) == pytest.approx(20 * length, abs=20)
    row, col = torch.nonzero(shadow > 0.5, as_tuple=True)
    middle = 10 + length / 2  # cells from the middle of the box
    assert float(row.float().mean()) == pytest.approx(49.5 + shadowed[0] * middle, abs=0.75)
    assert float(col.float().mean()) == pytest.approx(49.5 + shadowed[1] * middle, abs=0.75)


def test_cast_shadow_along_a_diagonal():
    shadow = cast_shadow(box(), OpticalView(0.0, 0.0, 225.0, 45.0))
    reach = HEIGHT / PIXEL / math.sqrt(2)  # to the north and to the east alike
    row, col = torch.nonzero(shadow > 0.5, as_tuple=True)
    assert int(col.max()) == pytest.approx(59 + reach, abs=1)
    assert int(row.min()) == pytest.approx(40 - reach, abs=1)
