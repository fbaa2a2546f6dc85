"""Lines over a map: where they run, and there and back."""

import pytest
import torch
from sarbridge.engine.geometry.grid_positions import nearest
from sarbridge.engine.simulation.line_of_sight import Lines


@pytest.fixture
def ramp():
    """Two maps [2, 24, 40]: column and row of each cell's centre."""
    row, col = torch.meshgrid(torch.arange(24) + 0.5, torch.arange(40) + 0.5, indexing="ij")
    return torch.stack((col, row))


@pytest.mark.parametrize(
    ("azimuth", "turn"),
    [
        (90, lambda values: values),  # eastwards: the first line is the northern row
        (270, lambda values: values.flip(1, 2)),
        (0, lambda values: values.flip(1).transpose(1, 2)),  # northwards: the first line is the western column
        (180, lambda values: values.flip(2).transpose(1, 2)),
    ],
)
def test_lines_along_the_map_are_its_cells(ramp, azimuth, turn):
    lines = Lines(azimuth, (24, 40))
    assert torch.allclose(lines.to_lines(ramp), turn(ramp), atol=1e-4)
    assert torch.allclose(lines.to_map(lines.to_lines(ramp)), ramp, atol=1e-4)


def test_samples_follow_the_azimuth(ramp):
    """60° clockwise from north is √3/2 to the right and 1/2 up; the next line lies to the right of that, downwards."""
    lines = Lines(60, (24, 40))
    col, row = lines.to_lines(ramp)
    middle = tuple(size // 2 for size in lines.shape_of_lines)
    assert col[middle[0], middle[1] + 1] - col[middle] == pytest.approx(3**0.5 / 2, abs=1e-4)
    assert row[middle[0], middle[1] + 1] - row[middle] == pytest.approx(-0.5, abs=1e-4)
    assert row[middle[0] + 1, middle[1]] - row[middle] == pytest.approx(3**0.5 / 2, abs=1e-4)


@pytest.mark.parametrize("azimuth", [17, 123.4, 301])
def test_there_and_back(ramp, azimuth):
    lines = Lines(azimuth, (24, 40))
    back = lines.to_map(lines.to_lines(ramp))[:, 2:-2, 2:-2]
    assert torch.allclose(back, ramp[:, 2:-2, 2:-2], atol=1e-3)
    line, sample = lines.positions
    assert min(line.min(), sample.min()) >= 0
    assert line.max() <= lines.shape_of_lines[0] and sample.max() <= lines.shape_of_lines[1]
    assert torch.allclose(torch.stack(lines.of_lines(line, sample)), ramp, atol=1e-3)


def test_labels_stay_labels():
    labels = torch.randint(1, 9, (1, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    turned = Lines(33, (32, 32)).to_lines(labels, nearest)
    assert turned.dtype == torch.uint8
    assert set(turned.unique().tolist()) == set(labels.unique().tolist())
