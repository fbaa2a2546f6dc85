"""The first stage of matching: by which similarity the whole optical image is off, found on coarse pixels.

Templates of a few places look all over the largest shift for where they belong and vote. What most of them agree on,
beyond what chance explains, is how the images lie; rotation and scale are tried in steps that the network's training
bridges. Windows of the second stage then need to look a few pixels around only, however far the images are apart.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rasterio.transform import Affine

from ..rasters.grid import Grid
from .bridge_matcher import BridgeMatcher
from .coarse_search import Bounds, CoarseSearch, bounds_of
from .layer import Layer

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

_FAR_SMALLER = 2
"""Times by which the optical image must be the larger one for templates to be cut from the SAR image: most of what a
larger image shows belongs nowhere in the other."""


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


def overall_alignment(
    sar: Layer, optical: Layer, grid: Grid, max_shift: int, matcher: BridgeMatcher
) -> OverallAlignment:
    """Return how two images lie that a working grid, the overlap by their georeferencing, joins.

    max_shift: working pixels by which they may be off at the centre, besides ±10° and ±10 %. Where nothing is found,
    the alignment says why and leaves them as they are.
    """
    max_shift = min(max_shift, _farthest(*(bounds_of(layer, grid, max_shift) for layer in (sar, optical))))
    bounds = [bounds_of(layer, grid, max_shift) for layer in (sar, optical)]
    factors = _factors(bounds, max_shift)
    in_sar, in_optical = (math.prod(stop - start for start, stop in each) for each in bounds)
    if in_optical < _FAR_SMALLER * in_sar:
        searches = [CoarseSearch(sar, optical, grid, max_shift, matcher, factor) for factor in factors]
        return _laid_over(searches, _ORIENTATIONS)
    inverse = {name: ~orientation for name, orientation in _ORIENTATIONS.items()}
    searches = [CoarseSearch(optical, sar, grid, max_shift, matcher.swapped(), factor) for factor in factors]
    found = _laid_over(searches, inverse)
    return replace(found, transform=~found.transform)


def _laid_over(searches: Sequence[CoarseSearch], orientations: Mapping[str, Affine]) -> OverallAlignment:
    """Return how the image that the matcher takes for optical, whatever it is, lies over the other one.

    searches: the coarsest first. orientations: in which the image may lie where nothing is found, by what the optical
    image is then.
    """
    coarse, *finer = searches
    for search, ways in ((coarse, _WAYS), *((search, _WAYS[:1]) for search in finer)):
        found = search.best(ways)
        if found is not None:
            transform, agreeing, voting = search.refined(found)
            return OverallAlignment(transform, True, agreeing, voting, search.pixel_size)
    orientation = coarse.orientation(orientations)
    reason = "no place shows enough of both images" if orientation is None else _NOTHING_IN_COMMON
    if orientation:
        reason = f"the optical image fits the SAR image when it is {orientation}: correct its orientation"
    return OverallAlignment(Affine.identity(), False, reason=reason, is_turned=bool(orientation))


def _farthest(sar: Bounds, optical: Bounds) -> int:
    """Return by how many working pixels the optical image may be off and still show a part of the SAR image."""
    return max(
        max(stop - other_start, other_stop - start) for (start, stop), (other_start, other_stop) in zip(sar, optical)
    )


def _factors(bounds: Sequence[Bounds], max_shift: int) -> list[int]:
    """Return the factors that are tried for layers in some `bounds`, the coarsest first."""
    smallest = min(stop - start for layer in bounds for start, stop in layer)
    coarsest = _COARSEST if max_shift > _COARSEST_BY_CHOICE * _LARGEST_REACH else _COARSEST_BY_CHOICE
    factors = [f for f in _FACTORS if f <= coarsest and smallest / f >= _FEWEST_PIXELS] or [1]
    return factors[:1] + [f for f in factors[1:2] if max_shift <= f * _LARGEST_REACH]
