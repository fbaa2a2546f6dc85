"""Parts of the overlap at coarse pixels, where the first stage of matching lets templates vote for displacements."""

from typing import NamedTuple

import numpy as np
import torch
from rasterio.transform import Affine
from torch import Tensor

from ...models.matching.bridge_match import LATTICE
from ..rasters.grid import Window
from ..rasters.grid_reader import GridReader
from .blocks import filled
from .bridge_matcher import BridgeMatcher
from .coverage import fits
from .peaks import find_peaks
from .windows import cut_cells, cut_windows

TEMPLATE = 64
"""Coarse pixels a side of a template: few enough that rotation and scale blur little of it."""

_AT_ONCE = 8


class Votes(NamedTuple):
    """Positions [N, 2] (col, row) on the coarse grid: where templates lie in the optical image, as it is
    georeferenced, and where they were found in the SAR image."""

    optical: np.ndarray
    sar: np.ndarray

    @staticmethod
    def joined(parts: list["Votes"]) -> "Votes":
        """Return the votes of several sites as one."""
        return Votes(*(np.concatenate(part) for part in zip(*parts))) if parts else Votes(*np.empty((2, 0, 2)))


class CoarseSite:
    """A square of a coarse grid and what the SAR image shows in it and up to `reach` pixels around."""

    def __init__(self, sar: GridReader, matcher: BridgeMatcher, window: Window, reach: int) -> None:
        """`window` is a square of the grid of `sar`, its side a multiple of the feature lattice."""
        self._matcher, self._window = matcher, window
        self._reach = -(-reach // LATTICE) * LATTICE
        values, valid = _read(sar, window, self._reach + matcher.margin)
        self._features = _inner(matcher.describe_sar(values), matcher.margin)
        self._fits = fits(_inner(valid, matcher.margin), TEMPLATE // 2)

    def votes(self, optical: GridReader, moved: Affine, spacing: int) -> Votes:
        """Return where templates, `spacing` pixels apart, of the optical image are found.

        `optical` reads it moved: on the grid that the transform `moved`, from optical to SAR positions in pixels of the
        coarse grid, lays over the SAR image.
        """
        margin, side, half = self._matcher.margin, self._window.width, TEMPLATE // 2
        values, valid = _read(optical, self._window, margin)
        steps = torch.arange(half, side - half + 1, spacing)
        centres = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), -1).reshape(-1, 2)
        has_template = fits(_inner(valid, margin), half)[centres[:, 1], centres[:, 0]]
        in_sar = cut_cells(self._fits.expand(len(centres), -1, -1), centres + self._reach, self._reach)
        centres = centres[has_template & in_sar.flatten(1).any(1)]
        if not len(centres):
            return Votes(*np.empty((2, 0, 2)))
        features = _inner(self._matcher.describe_optical(values), margin)
        found = torch.cat([self._found(features, part) for part in centres.split(_AT_ONCE)])
        corner = np.array([self._window.col, self._window.row])
        positions = centres.numpy() + corner
        in_optical = np.column_stack(~moved * positions.T.astype(float))
        return Votes(in_optical, positions + found.double().numpy())

    def _found(self, features: Tensor, centres: Tensor) -> Tensor:
        """Return the displacements [n, 2] of the templates around `centres`."""
        half = TEMPLATE // 2
        templates = cut_windows(features, centres, half)
        around = centres + self._reach
        heat = self._matcher.heat(templates, cut_windows(self._features, around, half + self._reach))
        looked_at = cut_cells(self._fits.expand(len(centres), -1, -1), around, self._reach).to(heat.device)
        peaks = find_peaks(heat.masked_fill(~looked_at, -torch.inf))
        return torch.stack((peaks.dx, peaks.dy), 1).cpu()


def _read(reader: GridReader, window: Window, margin: int) -> tuple[Tensor, Tensor]:
    wider = Window(window.col - margin, window.row - margin, window.width + 2 * margin, window.height + 2 * margin)
    values, valid = reader.read(wider)
    return torch.from_numpy(filled(values, valid)), torch.from_numpy(valid)


def _inner(image: Tensor, margin: int) -> Tensor:
    return image[..., margin:-margin, margin:-margin]
