"""Whether a match counts: what the ORN makes of the neighbourhood of its peak, and what else in the map speaks against.

The ORN was trained on maps of 65 cells. It always sees that many around the peak, however far was searched, and the
heat beyond the largest shift where the peak lies close to it.
"""

from typing import Callable, Optional

import torch
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


def known_shift(max_shift: int, orn: Optional[Orn]) -> int:
    """Return up to which offset heat maps must be known so that peaks up to ±max_shift can be judged."""
    return max_shift + (AROUND if orn is not None else 0)


def neighbourhoods(heat: Tensor, peaks: Peaks) -> Tensor:
    """Return the 65 x 65 cells around the `Peaks` of heat maps [N, s, s]: what the ORN is shown, [N, 1, 65, 65].

    Every peak lies at least `AROUND` cells from the ends of its map.
    """
    cells = torch.stack((peaks.dx, peaks.dy), 1).round().long() + heat.shape[-1] // 2
    return cut_cells(heat, cells, AROUND)[:, None]


def judged(orn: Orn, heat: Tensor, searched: Tensor, peaks: Peaks) -> Tensor:
    """Return scores [N] in 0..1 of the `Peaks` of `searched` [N, 2m+1, 2m+1], the middle of `heat`, -inf where no peak
    was looked for. `heat` [N, 2k+1, 2k+1] is known up to k = `known_shift(m)`.

    The score is the ORN's probability; 0 where the peak is only the slope of a higher one that lies beyond what was
    searched, or where a rival far from it is nearly as high.
    """
    near = neighbourhoods(heat, peaks)
    is_slope = near.flatten(1).amax(1) > peaks.height
    # False where nothing lies beyond the neighbourhood: there the ratio is not a number.
    has_rival = peak_ratio(searched, peaks, AROUND + 1) < _STANDS_OUT
    return orn(near).masked_fill(is_slope | has_rival, 0.0)
