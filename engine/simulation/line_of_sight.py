"""Turning a map so that its rows run along a direction: the way of a radar pulse, of sunlight, of a camera's view."""

import math
from typing import Callable, Optional

import torch

from ..geometry.grid_positions import between

Sampler = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""`between` or `nearest` of `grid_positions`: values [..., H, W] at columns and rows of any one shape."""


class Lines:
    """Lines over a map of `shape` (H, W): L lines of N samples, one pixel apart, that together cover the whole map.

    The samples of a line follow `azimuth` (degrees clockwise from north, which is up on the map); the lines follow one
    another to the right of that direction. Along multiples of 90° the samples are the map's own cells, in another
    order. `shape_of_lines`: (L, N). `positions`: line and sample of each map cell, float32 [2, H, W], with the corner
    origin (the centre of the first sample of the first line is (0.5, 0.5)), as everywhere.
    """

    def __init__(self, azimuth: float, shape: tuple[int, int], device: Optional[torch.device] = None) -> None:
        sine, cosine = math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))
        self._away, self._across = (sine, -cosine), (cosine, sine)  # (right, down)
        self._centre = (shape[1] / 2, shape[0] / 2)
        self.shape_of_lines = tuple(
            math.ceil(shape[1] * abs(right) + shape[0] * abs(down) - 1e-6) for right, down in (self._across, self._away)
        )
        row, col = centres(shape, device)
        self.positions = torch.stack(self.of_map(col, row))
        line, sample = centres(self.shape_of_lines, device)
        self._on_map = torch.stack(self.of_lines(line, sample))

    def of_map(self, col: torch.Tensor, row: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (line, sample) of map positions, tensors of any shape."""
        right, down = col - self._centre[0], row - self._centre[1]
        lines, samples = self.shape_of_lines
        line = right * self._across[0] + down * self._across[1] + lines / 2
        return line, right * self._away[0] + down * self._away[1] + samples / 2

    def of_lines(self, line: torch.Tensor, sample: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (col, row) on the map of positions on the lines, tensors of any shape."""
        across, away = line - self.shape_of_lines[0] / 2, sample - self.shape_of_lines[1] / 2
        col = across * self._across[0] + away * self._away[0] + self._centre[0]
        return col, across * self._across[1] + away * self._away[1] + self._centre[1]

    def to_lines(self, values: torch.Tensor, sampled: Sampler = between) -> torch.Tensor:
        """Return a map's values [C, H, W] on the lines, [C, L, N]; beyond the map, those of its nearest border cell.

        sampled: `between` for quantities, `nearest` for labels, whose type is kept.
        """
        return sampled(values, *self._on_map)

    def to_map(self, values: torch.Tensor, sampled: Sampler = between) -> torch.Tensor:
        """Return values on the lines [C, L, N] at the map's cells, [C, H, W]; `sampled` as in `to_lines`."""
        line, sample = self.positions
        return sampled(values, sample, line)


def centres(shape: tuple[int, int], device: Optional[torch.device] = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (row, col) of the centres of all cells of a map of `shape` (H, W), corner origin, float32 [H, W] each."""
    height, width = shape
    row, col = torch.arange(height, device=device) + 0.5, torch.arange(width, device=device) + 0.5
    return torch.meshgrid(row, col, indexing="ij")
