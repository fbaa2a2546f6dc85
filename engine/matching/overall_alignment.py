"""The first stage of matching: by which similarity the whole optical image is off, found on coarse pixels.

Templates of a few places look all over the largest shift for where they belong and vote. What most of them agree on,
beyond what chance explains, is how the images lie; rotation and scale are tried in steps that the network's training
bridges. Windows of the second stage then need to look a few pixels around only, however far the images are apart.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
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

ROTATIONS, SCALES = (0.0, -5.0, 5.0, -10.0, 10.0), (1.0, 0.92, 1.08)
"""Degrees and factors by which the optical image is turned and enlarged before it is compared."""

_WAYS = [Affine.rotation(rotation) * Affine.scale(scale) for scale in SCALES for rotation in ROTATIONS]

_FACTORS = 8, 4, 2, 1
"""Working pixels along the side of a coarse one."""
_COARSEST = _FACTORS[0]

_FEWEST_PIXELS = 192
"""Coarse pixels that the smaller side of the searched region must have, where working pixels are not too coarse."""

_COARSEST_BY_CHOICE = 4
_LARGEST_REACH = 128
"""Coarse pixels: only where more must be searched are pixels made coarser than `_COARSEST_BY_CHOICE`."""

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


@dataclass(frozen=True)
class OverallAlignment:
    """How the optical image lies over the SAR image as a whole.

    transform: from optical to SAR positions in working pixels (col, row), the identity where nothing was `found`.
    agreeing of voting: templates. pixel_size: metres of a coarse pixel. reason: why nothing was found, a sentence.
    is_turned: whether that is because one image surely is mirrored or turned by right angles.
    """

    transform: Affine
    found: bool
    agreeing: int = 0
    voting: int = 0
    pixel_size: float = 0.0
    reason: str = ""
    is_turned: bool = False

    def rotation(self) -> float:
        """Degrees by which SAR is turned against the optical image, clockwise as pixels are drawn."""
        return math.degrees(math.atan2(self.transform.d - self.transform.b, self.transform.a + self.transform.e))

    def scale(self) -> float:
        """How many working pixels of the SAR image one of the optical image takes."""
        return math.sqrt(abs(self.transform.determinant))


_NOTHING_IN_COMMON = (
    "the images show too little in common: another place or another time, too little texture (water, bare ground), or "
    "a shift beyond the largest one"
)
_ORIENTATIONS = {
    "turned by 90°": Affine.rotation(90),
    "turned by 180°": Affine.rotation(180),
    "turned by 270°": Affine.rotation(270),
    "mirrored": Affine.scale(-1, 1),
    "mirrored upside down": Affine.scale(1, -1),
    "mirrored and turned by 90°": Affine.rotation(90) * Affine.scale(-1, 1),
    "mirrored and turned by 270°": Affine.rotation(270) * Affine.scale(-1, 1),
}


def search_around(grid: Grid, max_shift: float) -> float:
    """Return how many pixels around a working grid may come to be shared: rotation and scale move its ends, too."""
    return max_shift + 0.25 * max(grid.width, grid.height)


def overall_alignment(
    sar: Layer, optical: Layer, grid: Grid, max_shift: int, matcher: BridgeMatcher
) -> OverallAlignment:
    """Return how two images lie that a working grid, the overlap by their georeferencing, joins.

    max_shift: working pixels by which they may be off at the centre, besides ±10° and ±10 %. Where nothing is found,
    the alignment says why and leaves them as they are.
    """
    coarse, *finer = (
        _Search(sar, optical, grid, max_shift, matcher, factor) for factor in _factors(optical, sar, grid, max_shift)
    )
    for search, ways in ((coarse, _WAYS), *((search, _WAYS[:1]) for search in finer)):
        found = search.best(ways)
        if found is not None:
            return search.refined(found)
    return coarse.not_found()


class _Search:
    """The first stage at one size of coarse pixels, `factor` working pixels along a side."""

    def __init__(
        self, sar: Layer, optical: Layer, grid: Grid, max_shift: int, matcher: BridgeMatcher, factor: int
    ) -> None:
        self._sar, self._optical, self._matcher, self._factor = sar, optical, matcher, factor
        transform = grid.transform * Affine.scale(factor)
        self._grid = Grid(grid.crs, transform, -(-grid.width // factor), -(-grid.height // factor))
        self._reach = math.ceil(max_shift / factor) + _SLACK
        self._to_middle = Affine.translation(self._grid.width / 2, self._grid.height / 2)

    def best(self, ways: Sequence[Affine]) -> Optional[Consensus]:
        """Return the surest `Consensus` on an optical image that is turned in one of the `ways`, None where none is.

        Where the first is sure, the others are not tried.
        """
        sites, sure = self._sites(Affine.identity(), self._reach), []
        for number, way in enumerate(ways):
            found = self._agreed(sites, way)
            if found is not None and found.is_sure:
                sure.append(found)
                if number == 0:
                    break
        return min(sure, key=lambda found: found.log_chance, default=None)

    def refined(self, found: Consensus) -> OverallAlignment:
        """Return what places all over the images make of a `Consensus`, the optical image turned by it first."""
        sites = self._sites(found.transform, _FINE_REACH)
        optical, sar = self._votes(sites, found.transform)
        searched = (2 * _FINE_REACH + 1) ** 2
        again = consensus(optical, sar, _FINE_TOLERANCE, searched, self._independent(sites)) if len(optical) else None
        if again is None or not again.is_sure:
            again, transform, voting = found, found.transform, len(found.agrees)
        else:
            transform, voting = _least_squares(again, optical, sar), len(optical)
        scale = Affine.scale(self._factor)
        size = self._grid.pixel_size
        return OverallAlignment(scale * transform * ~scale, True, int(again.agrees.sum()), voting, size)

    def not_found(self) -> OverallAlignment:
        """Return that nothing was found, and why."""
        sites = self._sites(Affine.identity(), self._reach)
        if not len(self._votes(sites, Affine.identity()).optical):
            return OverallAlignment(Affine.identity(), False, reason="no place shows enough of both images")
        for name, orientation in _ORIENTATIONS.items():
            found = self._agreed(sites, orientation)
            if found is not None and found.is_sure:
                why = f"the optical image fits the SAR image when it is {name}: correct its orientation"
                return OverallAlignment(Affine.identity(), False, reason=why, is_turned=True)
        return OverallAlignment(Affine.identity(), False, reason=_NOTHING_IN_COMMON)

    def _agreed(self, sites: Sequence[CoarseSite], turned: Affine) -> Optional[Consensus]:
        moved = self._to_middle * turned * ~self._to_middle
        optical, sar = self._votes(sites, moved)
        if len(optical) < 2:
            return None
        # Votes are compared as the optical image was turned, so that what remains is a small similarity.
        turned_optical = np.column_stack(moved * optical.T)
        searched = (2 * self._reach + 1) ** 2
        found = consensus(turned_optical, sar, _TOLERANCE, searched, self._independent(sites))
        return found and found._replace(transform=found.transform * moved)

    def _votes(self, sites: Sequence[CoarseSite], moved: Affine) -> Votes:
        with self._optical.on(laid_over(self._grid, moved), LARGEST_SIDE) as optical:
            return Votes.joined([site.votes(optical, moved, self._spacing(sites)) for site in sites])

    def _spacing(self, sites: Sequence[CoarseSite]) -> int:
        """Coarse pixels from template to template: where there is one site, they overlap, unless they cost too much."""
        return TEMPLATE // 2 if len(sites) == 1 and self._reach <= TEMPLATE else TEMPLATE

    def _independent(self, sites: Sequence[CoarseSite]) -> float:
        return (self._spacing(sites) / TEMPLATE) ** 2

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
        (left, right), (top, bottom) = _bounds(self._optical, self._grid, self._reach, moved)
        (first, last), (upper, lower) = _bounds(self._sar, self._grid, self._reach, Affine.identity())
        optical = Window(left, top, right - left, bottom - top)
        return optical.overlap(
            Window(first - around, upper - around, last - first + 2 * around, lower - upper + 2 * around)
        )


def _bounds(layer: Layer, grid: Grid, reach: int, moved: Affine) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return ((left, right), (top, bottom)) of a layer, as far as it matters, in pixels of a grid, once it is moved."""
    xs, ys, _ = part_near(layer.source, grid, search_around(grid, reach))
    sides = moved * np.array(grid.to_pixel(xs, ys))
    return tuple((math.floor(side.min()), math.ceil(side.max())) for side in sides)


def _starts(first: int, length: int) -> list[int]:
    """Return where sites begin along a side of the region."""
    if length <= _SITES_APART:
        return [first + (length - _SITE) // 2]
    count = min(_SITES_ALONG, max(2, length // _SITE))
    return np.linspace(first, first + length - _SITE, count).round().astype(int).tolist()


def _factors(optical: Layer, sar: Layer, grid: Grid, max_shift: int) -> list[int]:
    """Return the factors that are tried, the coarsest first."""
    sides = [_bounds(layer, grid, max_shift, Affine.identity()) for layer in (optical, sar)]
    smallest = min(stop - start for layer in sides for start, stop in layer)
    coarsest = _COARSEST if max_shift > _COARSEST_BY_CHOICE * _LARGEST_REACH else _COARSEST_BY_CHOICE
    factors = [f for f in _FACTORS if f <= coarsest and smallest / f >= _FEWEST_PIXELS] or [1]
    return factors[:1] + [f for f in factors[1:2] if max_shift <= f * _LARGEST_REACH]


def _least_squares(found: Consensus, optical: np.ndarray, sar: np.ndarray) -> Affine:
    """Return the affine transform through agreeing votes, the similarity where they are too few for it."""
    if found.agrees.sum() < _FEWEST_FOR_AFFINE:
        return found.transform
    try:
        return fit("affine", optical[found.agrees], sar[found.agrees]).affine
    except UserError:  # they lie on one line
        return found.transform
