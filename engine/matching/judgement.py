"""Whether a match counts: what networks make of the neighbourhood of its peak, and what else in the map speaks against.

The ORN was trained on maps of 65 cells, what predicts errors on 33. They always see that many around the peak, however
far was searched, and the heat beyond the largest shift where the peak lies close to it.
"""

from typing import Callable

from torch import Tensor

from ...models.matching.orn import SMALLEST_HEAT_MAP
from .peaks import Peaks, peak_ratio
from .windows import cut_cells

AROUND = SMALLEST_HEAT_MAP // 2
"""Cells on each side of a peak that the ORN judges it by."""

_STANDS_OUT = 1.25
"""Peak ratio against all that lies beyond the neighbourhood, below which another place is a rival.

Within ±96 px of the calibration tiles 99 % of the right matches exceed 1.32, while half of the wrong ones that the ORN
accepts stay below 1.2.
"""

Orn = Callable[[Tensor], Tensor]


def neighbourhoods(heat: Tensor, peaks: Peaks, around: int = AROUND) -> Tensor:
    """Return the cells around the `Peaks` of heat maps [N, s, s]: what networks are shown, [N, 1, 2a+1, 2a+1].

    Every peak lies at least a = `around` cells from the ends of its map.
    """
    cells = peaks.cells() + heat.shape[-1] // 2
    return cut_cells(heat, cells, around)[:, None]


def is_slope(near: Tensor, peaks: Peaks) -> Tensor:
    """Return bool [N]: whether something beside the `Peaks` is higher, in their `neighbourhoods`: what lies there was
    not searched, and may go on rising."""
    return near.flatten(1).amax(1) > peaks.height


def judged(orn: Orn, heat: Tensor, searched: Tensor, peaks: Peaks) -> Tensor:
    """Return scores [N] in 0..1 of the `Peaks` of `searched` [N, 2m+1, 2m+1], the middle of `heat`, -inf where no peak
    was looked for. `heat` [N, 2k+1, 2k+1] is known up to k = m + `AROUND` or more.

    The score is the ORN's probability; 0 where the peak is only the slope of a higher one that lies beyond what was
    searched, or where a rival far from it is nearly as high.
    """
    near = neighbourhoods(heat, peaks)
    # False where nothing lies beyond the neighbourhood: there the ratio is not a number.
    has_rival = peak_ratio(searched, peaks, AROUND + 1) < _STANDS_OUT
    return orn(near).masked_fill(is_slope(near, peaks) | has_rival, 0.0)
