"""The search of the first stage at one size of coarse pixels: templates of a few places vote for where they belong."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Optional

import numpy as np
from rasterio.transform import Affine

from ...contract.errors import UserError
from ..rasters.grid import LARGEST_SIDE, Grid, Window
from ..tie_points.transforms import fit
from .bridge_matcher import BridgeMatcher
from .coarse_sites import TEMPLATE, CoarseSite, Votes
from .consensus import Consensus, consensus
from .layer import Layer
from .working_grid import laid_over, part_near

_SITE = 256
_SITES_APART = 384
"""Coarse pixels of a site's side, and of a region's from which on it has several sites along it."""
_SITES_ALONG, _MOST_SITES = 4, 5
_FEWEST_VALID = 1 / 3
"""Share of a site that both images must show where there is a choice."""

_SLACK = 6
"""Coarse pixels that are searched beyond the largest shift: rotation moves what lies off the centre further."""

_TOLERANCE, _FINE_TOLERANCE = 2.5, 1.5
"""Coarse pixels within which votes agree, before and after the optical image is turned."""

_FINE_REACH = 8
_FEWEST_FOR_AFFINE = 12
_AS_IT_LIES = Affine.identity()

Bounds = tuple[tuple[int, int], tuple[int, int]]
"""(left, right), (top, bottom) of an image in pixels of a grid."""


class CoarseSearch:
    """The first stage at one size of coarse pixels, `factor` working pixels along a side, `pixel_size` metres large."""

    def __init__(
        self, sar: Layer, optical: Layer, grid: Grid, max_shift: int, matcher: BridgeMatcher, factor: int
    ) -> None:
        self._sar, self._optical, self._matcher, self._factor = sar, optical, matcher, factor
        transform = grid.transform * Affine.scale(factor)
        self._grid = Grid(grid.crs, transform, -(-grid.width // factor), -(-grid.height // factor))
        self._reach = math.ceil(max_shift / factor) + _SLACK
        self.pixel_size = self._grid.pixel_size
        self._to_middle = Affine.translation(self._grid.width / 2, self._grid.height / 2)

    def best(self, ways: Sequence[Affine]) -> Optional[Consensus]:
        """Return the surest `Consensus` on an optical image that is turned in one of the `ways`, None where none is.

        Where the first is sure, the others are not tried.
        """
        sites, sure = self._sites(Affine.identity(), self._reach), []
        for number, way in enumerate(ways):
            found = self._agreed(sites, way, self._spacing(sites, tried_once=number == 0))
            if found is not None and found.is_sure:
                sure.append(found)
                if number == 0:
                    break
        return min(sure, key=lambda found: found.log_chance, default=None)

    def refined(self, found: Consensus) -> tuple[Affine, int, int]:
        """Return what places all over the images make of a `Consensus`, the optical image turned by it first.

        That is the transform from optical to SAR positions in working pixels (col, row), and how many templates agree
        on it, of how many.
        """
        sites = self._sites(found.transform, _FINE_REACH)
        spacing = self._spacing(sites, tried_once=True)
        optical, sar = self._votes(sites, found.transform, spacing)
        searched = (2 * _FINE_REACH + 1) ** 2
        again = consensus(optical, sar, _FINE_TOLERANCE, searched, _independent(spacing)) if len(optical) else None
        if again is None or not again.is_sure:
            again, transform = found, found.transform
        else:
            transform = _least_squares(again, optical, sar)
        scale = Affine.scale(self._factor)
        return scale * transform * ~scale, int(again.agrees.sum()), len(again.agrees)

    def orientation(self, orientations: Mapping[str, Affine]) -> Optional[str]:
        """Return the name of the first of some orientations in which the optical image surely fits.

        It is "" where that is none of them, and None where no place shows enough of both images.
        """
        sites = self._sites(Affine.identity(), self._reach)
        spacing = self._spacing(sites)
        if not len(self._votes(sites, Affine.identity(), spacing).optical):
            return None
        for name, orientation in orientations.items():
            found = self._agreed(sites, orientation, spacing)
            if found is not None and found.is_sure:
                return name
        return ""

    def _agreed(self, sites: Sequence[CoarseSite], turned: Affine, spacing: int) -> Optional[Consensus]:
        moved = self._to_middle * turned * ~self._to_middle
        optical, sar = self._votes(sites, moved, spacing)
        if len(optical) < 2:
            return None
        # Votes are compared as the optical image was turned, so that what remains is a small similarity.
        turned_optical = np.column_stack(moved * optical.T)
        searched = (2 * self._reach + 1) ** 2
        found = consensus(turned_optical, sar, _TOLERANCE, searched, _independent(spacing))
        return found and found._replace(transform=found.transform * moved)

    def _votes(self, sites: Sequence[CoarseSite], moved: Affine, spacing: int) -> Votes:
        with self._optical.on(laid_over(self._grid, moved), LARGEST_SIDE) as optical:
            return Votes.joined([site.votes(optical, moved, spacing) for site in sites])

    def _spacing(self, sites: Sequence[CoarseSite], tried_once: bool = False) -> int:
        """Coarse pixels from template to template: where there is one site, they overlap, unless it is tried in many
        ways that cost too much.
        """
        return TEMPLATE // 2 if len(sites) == 1 and (tried_once or self._reach <= TEMPLATE) else TEMPLATE

    def _sites(self, moved: Affine, reach: int) -> list[CoarseSite]:
        """Return up to `_MOST_SITES` places that both images show, spread over what they share once it is moved."""
        shared = self._shared(moved, reach)
        starts = (_starts(*side) for side in ((shared.col, shared.width), (shared.row, shared.height)))
        windows = [Window(col, row, _SITE, _SITE) for row, col in itertools.product(*list(starts)[::-1])]
        order = np.random.default_rng(0).permutation(len(windows))
        sites = []
        moved_grid = laid_over(self._grid, moved)
        with self._sar.on(self._grid, LARGEST_SIDE) as sar, self._optical.on(moved_grid, LARGEST_SIDE) as optical:
            for number in order:
                if len(windows) > 1 and min(r.read(windows[number])[1].mean() for r in (sar, optical)) < _FEWEST_VALID:
                    continue
                sites.append(CoarseSite(sar, self._matcher, windows[number], reach))
                if len(sites) == _MOST_SITES:
                    break
        return sites

    def _shared(self, moved: Affine, around: int) -> Window:
        """Return what the moved optical image may show of the SAR image and up to `around` pixels beyond it."""
        (left, right), (top, bottom) = bounds_of(self._optical, self._grid, self._reach, moved)
        (first, last), (upper, lower) = bounds_of(self._sar, self._grid, self._reach)
        optical = Window(left, top, right - left, bottom - top)
        return optical.overlap(
            Window(first - around, upper - around, last - first + 2 * around, lower - upper + 2 * around)
        )


def _independent(spacing: int) -> float:
    """Return the share of templates, `spacing` pixels apart, that look at ground of their own."""
    return (spacing / TEMPLATE) ** 2


def bounds_of(layer: Layer, grid: Grid, reach: int, moved: Affine = _AS_IT_LIES) -> Bounds:
    """Return the bounds of a layer, as far as it matters, in pixels of a grid, once it is moved."""
    # Rotation and scale move the ends of the grid, too.
    xs, ys, _ = part_near(layer.source, grid, reach + 0.25 * max(grid.width, grid.height))
    sides = moved * np.array(grid.to_pixel(xs, ys))
    return tuple((math.floor(side.min()), math.ceil(side.max())) for side in sides)


def _starts(first: int, length: int) -> list[int]:
    """Return where sites begin along a side of the region."""
    if length <= _SITES_APART:
        return [first + (length - _SITE) // 2]
    count = min(_SITES_ALONG, max(2, length // _SITE))
    return np.linspace(first, first + length - _SITE, count).round().astype(int).tolist()


def _least_squares(found: Consensus, optical: np.ndarray, sar: np.ndarray) -> Affine:
    """Return the affine transform through agreeing votes, the similarity where they are too few for it."""
    if found.agrees.sum() < _FEWEST_FOR_AFFINE:
        return found.transform
    try:
        return fit("affine", optical[found.agrees], sar[found.agrees]).affine
    except UserError:  # they lie on one line
        return found.transform
