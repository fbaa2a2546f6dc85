"""A planted misregistration: an image moved by a field that is known exactly everywhere."""

import math
from dataclasses import dataclass, replace
from typing import Optional

import torch

from ...contract.errors import UserError
from ...contract.simulation_jobs import Misplacement
from ..geometry.grid_positions import between
from .line_of_sight import centres
from .noise import uniform

_WAVES = 4
_GENTLE = 32
"""Waves move an image by at most this part of its shorter side: larger ones would fold it."""

_ROUNDS, _EXACT = 50, 3e-4
"""Most fixed-point steps of the inverse, and the change in pixels below which it is found. Each step shrinks the error
by the gradient of the waves, which is below 0.7."""


@dataclass(frozen=True)
class Misregistration:
    """Shifts of an optical image against the SAR image, in pixels to the right and down.

    shift: what must be added to a position in the moved optical image to land on the same place in the SAR image; it
    holds at `centre` (col, row). matrix: change of the shift with the distance from the centre, ((right by right, right
    by down), (down by right, down by down)). waves: for each, amplitude right and down in pixels, cycles per pixel
    right and down, and phase in radians.
    """

    shift: tuple[float, float] = (0.0, 0.0)
    matrix: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))
    centre: tuple[float, float] = (0.0, 0.0)
    waves: tuple[tuple[float, float, float, float, float], ...] = ()

    def at(self, col: torch.Tensor, row: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the shift (right, down) at positions in the moved image, tensors of any shape, corner origin."""
        right, down = col - self.centre[0], row - self.centre[1]
        (a, b), (c, d) = self.matrix
        dx, dy = self._by_waves(col, row)
        return dx + self.shift[0] + a * right + b * down, dy + self.shift[1] + c * right + d * down

    def _by_waves(self, col, row):
        dx = dy = torch.zeros_like(col)
        for across, along, col_cycles, row_cycles, phase in self.waves:
            wave = torch.cos(2 * math.pi * (col_cycles * col + row_cycles * row) + phase)
            dx, dy = dx + across * wave, dy + along * wave
        return dx, dy

    def field(self, shape: tuple[int, int], device: Optional[torch.device] = None) -> torch.Tensor:
        """Return the shift at every pixel of the moved image of `shape` (h, w), float32 [2, h, w]."""
        return torch.stack(self.at(*reversed(centres(shape, device))))

    def apply(self, image: torch.Tensor) -> torch.Tensor:
        """Return the image [C, h, w] moved: each of its positions shows what lies at that position plus the shift."""
        row, col = centres(image.shape[-2:], image.device)
        dx, dy = self.at(col, row)
        return between(image, col + dx, row + dy)

    def moved(self, col: torch.Tensor, row: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return where places of the unmoved image (tensors col, row) lie in the moved one: the inverse."""
        (a, b), (c, d) = self.matrix
        determinant = (1 + a) * (1 + d) - b * c
        to_col, to_row = col, row
        for _ in range(_ROUNDS):
            dx, dy = self._by_waves(to_col, to_row)
            right, down = col - self.centre[0] - self.shift[0] - dx, row - self.centre[1] - self.shift[1] - dy
            new_col = self.centre[0] + ((1 + d) * right - b * down) / determinant
            new_row = self.centre[1] + ((1 + a) * down - c * right) / determinant
            change = torch.maximum((new_col - to_col).abs().max(), (new_row - to_row).abs().max())
            to_col, to_row = new_col, new_row
            if change < _EXACT or not self.waves:
                break
        return to_col, to_row


def rotated_and_scaled(angle: float, scale: float, shape: tuple[int, int]) -> Misregistration:
    """Return the `Misregistration` of an image turned by `angle` degrees clockwise and enlarged by the factor `scale`.

    shape: (h, w) of the image, which turns about its middle.
    """
    # Undoing it: a position in the moved image, turned back and made smaller, is the position in the SAR image.
    cosine, sine = (function(math.radians(angle)) / scale for function in (math.cos, math.sin))
    return Misregistration(matrix=((cosine - 1, sine), (-sine, cosine - 1)), centre=(shape[1] / 2, shape[0] / 2))


def smooth_field(shape: tuple[int, int], largest: float, generator: torch.Generator) -> Misregistration:
    """Return a `Misregistration` that waves gently over an image of `shape` (h, w), by at most `largest` pixels."""
    size, device = max(shape), generator.device
    cycles = uniform(generator, _WAVES, 2, low=-1.5, high=1.5) / size
    amplitude = torch.randn(_WAVES, 2, generator=generator, device=device)
    amplitude *= largest / amplitude.abs().sum(0).clamp_min(1e-6)
    phase = uniform(generator, _WAVES, 1, high=2 * math.pi)
    return Misregistration(waves=tuple(map(tuple, torch.cat((amplitude, cycles, phase), 1).tolist())))


def planted(misplacement: Misplacement, shape: tuple[int, int], seed: int) -> Misregistration:
    """Return the `Misregistration` of a job's `Misplacement`, for an image of `shape` (h, w); waves from the seed.

    Raises `UserError` for waves that are too large for the image.
    """
    if misplacement.waves > min(shape) / _GENTLE:
        raise UserError(
            f"Waves of {misplacement.waves:g} pixels would fold an image of {shape[1]} × {shape[0]} pixels: choose at "
            f"most {min(shape) / _GENTLE:g}, or a larger scene."
        )
    turned = rotated_and_scaled(misplacement.rotation, 1 + misplacement.scale / 100, shape)
    waves = ()
    if misplacement.waves:
        waves = smooth_field(shape, misplacement.waves, torch.Generator().manual_seed(seed)).waves
    return replace(turned, shift=(misplacement.right, misplacement.down), waves=waves)
