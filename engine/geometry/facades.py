"""Walls in a surface model: the cells that stand on them, and the ground that they lie over in the radar image.

A surface model has no vertical faces: a wall is the step from the cells of a roof's edge to the ground beside them.

Façade layover after L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation,
Technische Universität München, 2020 ("Hughes 2020"), §4.1, section 3.1 of the paper there.
"""

import math
from collections.abc import Sequence
from typing import Optional

import torch
import torch.nn.functional as F

from .gaps import fill_gaps
from .range_lines import Sight, Step, beyond_rounding, fold_over, sight
from .surface_model import TERRAIN_CELL

STOREY = 2.5
"""Metres that an object must rise above the ground around it to have a façade (our choice)."""


def folds(
    seen: Sight, bare: Optional[torch.Tensor], incidence: torch.Tensor, step: Step, wall: float = math.inf
) -> tuple[torch.Tensor, ...]:
    """Return by how much higher parts of lines [L, N] lie over each sample (`fold_over`), in steps: (all, bare ground).

    seen: the lines as a radar meets them. bare: heights without the buildings, metres [L, N], NaN (filled along the
    line) where they are not known; where it is None there is no second fold.
    """
    views = [seen] if bare is None else [seen, sight(fill_gaps(bare), incidence, step, wall)]
    return tuple(fold_over(view, step) / step for view in views)


def layover(found: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (façade layover, other layover), bool, of `folds` in any place.

    Façade layover: places over which a higher part of their line lies, and would not without the buildings (Hughes
    2020, §4.1, section 3.1: of the pixels that fall into one SAR pixel, "the pixel with the greatest height" is the
    roof, "the duplicate pixels are then defined as the layover extent of the building facade"). Without bare ground all
    layover is called that of façades.
    """
    laid_over = beyond_rounding(found[0])
    by_others = laid_over & beyond_rounding(found[1]) if len(found) > 1 else torch.zeros_like(laid_over)
    return laid_over & ~by_others, by_others


def lowest_facade(cell: tuple[float, float]) -> float:
    """Return the metres above which a step between two cells of an object is a façade: a `STOREY`, and above 45°.

    cell: (width, height) of a cell in metres. Our choice: no slope of the ground in a city is as steep.
    """
    return max(STOREY, *cell)


def lowest_wall(cell: tuple[float, float]) -> float:
    """Return the metres above which a step between two cells stands upright, whatever it belongs to.

    Twice what makes a façade of an object, as cliffs in fine terrain models are slopes; none where cells, (width,
    height) in metres, are so coarse that they hold slopes only.
    """
    return 2 * lowest_facade(cell) if max(cell) < TERRAIN_CELL else math.inf


def facades(height: torch.Tensor, is_object: torch.Tensor, cell: tuple[float, float]) -> torch.Tensor:
    """Return bool [H, W]: cells of a map of heights [H, W] (metres, NaN for no data) that stand on a façade.

    They belong to an object, bool [H, W], and rise above one of their four neighbours by more than `lowest_facade` for
    a `cell` (width, height in metres). Where a neighbour is unknown nothing is known about a wall.
    """
    lowest = lowest_facade(cell)
    standing = torch.zeros_like(is_object)
    for dim in (0, 1):
        around = F.pad(height, (0, 0, 1, 1) if dim == 0 else (1, 1), value=torch.nan)
        for start in (0, 2):
            standing |= height - around.narrow(dim, start, height.shape[dim]) > lowest
    return standing & is_object
