"""Pixel lattices on the map and rectangles of their pixels.

Pixel coordinates have a corner origin: (0, 0) is the outer corner of the first pixel, (0.5, 0.5) its centre.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from rasterio.transform import Affine
from rasterio.windows import Window as RasterioWindow

from ...contract.errors import UserError
from .ground import ground_vectors
from .positions import apply_affine

TILE = 1024
"""Side, in pixels, of what is read at once."""

LARGEST_SIDE, LARGEST_AREA = 2**24, 10**11
"""Pixels of the largest grid that is worked on, which takes a day."""


class Window(NamedTuple):
    """A rectangle of grid pixels: `col`, `row` of its first pixel, its `width` and `height`."""

    col: int
    row: int
    width: int
    height: int

    def within(self, outer: "Window") -> "Window":
        """Return the same rectangle, counted from the first pixel of another `Window`."""
        return self._replace(col=self.col - outer.col, row=self.row - outer.row)

    def overlap(self, other: "Window") -> "Window":
        """Return what is in both, of no width or height where nothing is."""
        col, row = max(self.col, other.col), max(self.row, other.row)
        right = min(self.col + self.width, other.col + other.width)
        bottom = min(self.row + self.height, other.row + other.height)
        return Window(col, row, max(right - col, 0), max(bottom - row, 0))

    def to_rasterio(self) -> RasterioWindow:
        """Return the same pixels as rasterio names them."""
        return RasterioWindow(*self)


@dataclass(frozen=True)
class Grid:
    """A pixel lattice: `crs` (WKT), `transform` from pixels to map, its size.

    The lattice of an image in radar geometry has no place on the map: no `crs` and the identity as `transform`.
    """

    crs: str
    transform: Affine
    width: int
    height: int

    @property
    def step(self) -> float:
        """Side of a square pixel in units of the grid's CRS."""
        return math.sqrt(abs(self.transform.determinant))

    @cached_property
    def pixel_size(self) -> float:
        """Side of a square pixel in metres on the ground, in the middle of the grid."""
        return math.sqrt(abs(np.linalg.det(self.pixel_sides())))

    def pixel_sides(self) -> np.ndarray:
        """Return metres (true east, true north) on the ground of one pixel to the right, and of one down: [2, 2].

        They are those in the middle of the grid.
        """
        middle = np.array([self.width / 2, self.height / 2])
        return self.metres([middle, middle], [middle + (1, 0), middle + (0, 1)])

    def metres(self, starts: ArrayLike, ends: ArrayLike) -> np.ndarray:
        """Return metres (true east, true north) on the ground between pixel positions [n, 2]: float64 [n, 2]."""
        places = (np.column_stack(self.to_map(*np.asarray(each, float).reshape(-1, 2).T)) for each in (starts, ends))
        return ground_vectors(self.crs, *places)

    def to_map(self, cols: ArrayLike, rows: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return (xs, ys), float64 arrays, of pixel positions; (0.5, 0.5) is the centre of the first pixel."""
        return apply_affine(self.transform, cols, rows)

    def to_pixel(self, xs: ArrayLike, ys: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return (cols, rows), float64 arrays, of map positions: the inverse of `to_map`."""
        return apply_affine(~self.transform, xs, ys)


def part(grid: Grid, window: Window) -> Grid:
    """Return the `Grid` of a `Window` of a `Grid`, which may reach beyond it."""
    transform = grid.transform * Affine.translation(window.col, window.row)
    return Grid(grid.crs, transform, window.width, window.height)


def check_size(grid: Grid, what: str) -> None:
    """Raise `UserError` when a `Grid` has more pixels than anybody can wait for; `what` begins the sentence."""
    if max(grid.width, grid.height) > LARGEST_SIDE or grid.width * grid.height > LARGEST_AREA:
        raise UserError(
            f"{what} has {grid.width:,} × {grid.height:,} pixels, more than can be worked on at once ({LARGEST_SIDE:,} "
            f"along a side, {LARGEST_AREA:,} in all): choose a part of it, or larger pixels."
        )


class Tiles(Sequence):
    """The `Window`s of at most `side` cells a side that together are a `Window`, row by row.

    Each is made when it is asked for: a raster may have more of them than memory can hold.
    """

    def __init__(self, window: Window, side: int = TILE) -> None:
        self._window, self._side = window, side
        self._per_row = -(-window.width // side)

    def __len__(self) -> int:
        return self._per_row * -(-self._window.height // self._side)

    def __getitem__(self, number: int) -> Window:
        if not 0 <= number < len(self):
            raise IndexError(number)
        row, col = divmod(number, self._per_row)
        left, top = col * self._side, row * self._side
        width, height = min(self._side, self._window.width - left), min(self._side, self._window.height - top)
        return Window(self._window.col + left, self._window.row + top, width, height)
