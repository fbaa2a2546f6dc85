"""Whether the pixels of a SAR raster are of the size that a model has learnt from."""

import math
from typing import NamedTuple

from ...contract.errors import UserError
from ..rasters.grid import Grid
from ..reporting import Reporter
from .sar_scene import SarTaker


class PixelLimits(NamedTuple):
    """How many times larger or smaller than any that the model knows pixels may be: `warned` of beyond the one, and
    `refused` beyond the other."""

    warned: float
    refused: float = math.inf


def check_pixel_size(name: str, grid: Grid, taker: SarTaker, limits: PixelLimits, reporter: Reporter) -> None:
    """Warn where the pixels of the layer called `name`, with that grid, are others than those on the taker's card.

    Raises `UserError` where they are so far from them that the model knows nothing of what they show.
    """
    card, size = taker.card, grid.pixel_size
    smallest, largest = card.pixel_size_range
    if smallest / limits.warned <= size <= largest * limits.warned:
        return
    told = (
        f"Pixels of layer '{name}' are {size:.3g} m wide, but the model '{card.name}' knows those of {card.pixel_sizes}"
    )
    nearest = f"the layer to {min(max(size, smallest), largest):g} m first (Raster > Projections > Warp)"
    if size * limits.refused < smallest:
        raise UserError(f"{told}: resample {nearest}, or choose a model for such pixels.")
    if size > largest * limits.refused:
        raise UserError(f"{told}: choose a model for such pixels, or an image with finer ones.")
    reporter.warning(f"{told}: {taker.doubt}. Resample {nearest}.")
