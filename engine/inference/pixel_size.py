"""Whether the pixels of a SAR raster are of the size that a model has learnt from."""

import math
from typing import NamedTuple

from ...contract.errors import UserError
from ..rasters.grid import Grid
from ..reporting import Reporter
from .sar_scene import SarTaker


class PixelLimits(NamedTuple):
    """How many times larger or smaller than any that the model knows pixels may be: `warned` of beyond the one, and
    `refused` beyond the other. can_resample: whether users may be sent to resample first, which mixes speckle."""

    warned: float
    refused: float = math.inf
    can_resample: bool = True


def check_pixel_size(name: str, grid: Grid, taker: SarTaker, limits: PixelLimits, reporter: Reporter) -> str:
    """Warn where the pixels of the layer called `name`, with that grid, are others than those on the taker's card.

    Return the warning, else "". Nothing is said of images in radar geometry, which do not say how large their pixels
    are. Raises `UserError` where pixels are so far from them that the model knows nothing of what they show.
    """
    card, size = taker.card, grid.pixel_size if grid.crs else math.nan
    smallest, largest = card.pixel_size_range
    if not grid.crs or smallest / limits.warned <= size <= largest * limits.warned:
        return ""
    told = (
        f"Pixels of layer '{name}' are {size:.3g} m wide, but the model '{card.name}' knows those of {card.pixel_sizes}"
    )
    nearest = f"the layer to {min(max(size, smallest), largest):g} m first (Raster > Projections > Warp)"
    if size * limits.refused < smallest:
        resample = f"resample {nearest}, or " if limits.can_resample else ""
        raise UserError(f"{told}: {resample}choose a model for such pixels.")
    if size > largest * limits.refused:
        raise UserError(f"{told}: choose a model for such pixels, or an image with finer ones.")
    warning = (
        f"{told}: {taker.doubt}. {f'Resample {nearest}' if limits.can_resample else 'Choose a model for such pixels'}."
    )
    reporter.warning(warning)
    return warning
