"""Whether the pixels of a SAR raster are of the size that a model has learnt from."""

import math
from typing import NamedTuple

from ...contract.errors import UserError
from ...models.card import Card
from ..rasters.grid import Grid
from ..reporting import Reporter
from .sar_scene import SarTaker


class PixelLimits(NamedTuple):
    """How many times larger or smaller than any that the model knows pixels may be: `warned` of beyond the one, and
    `refused` beyond the other."""

    warned: float
    refused: float = math.inf


def unknown_pixels(name: str, grid: Grid, card: Card, factor: float) -> str:
    """Return a clause on the pixels of layer `name` where they are larger or smaller by a factor than those on a card.

    It is "" otherwise, and of images in radar geometry, which do not say how large their pixels are.
    """
    smallest, largest = card.pixel_size_range
    if not grid.crs or smallest / factor <= grid.pixel_size <= largest * factor:
        return ""
    return (
        f"Pixels of layer '{name}' are {grid.pixel_size:.3g} m wide, but the model '{card.name}' knows those of "
        f"{card.pixel_sizes}"
    )


def check_pixel_size(name: str, grid: Grid, taker: SarTaker, limits: PixelLimits, reporter: Reporter) -> None:
    """Warn where the pixels of the layer called `name`, with that grid, are others than those on the taker's card.

    Raises `UserError` where they are so far from them that the model knows nothing of what they show.
    """
    told = unknown_pixels(name, grid, taker.card, limits.warned)
    if not told:
        return
    size, (smallest, largest) = grid.pixel_size, taker.card.pixel_size_range
    nearest = f"the layer to {min(max(size, smallest), largest):g} m first (Raster > Projections > Warp)"
    if size * limits.refused < smallest:
        raise UserError(f"{told}: resample {nearest}, or choose a model for such pixels.")
    if size > largest * limits.refused:
        raise UserError(f"{told}: choose a model for such pixels, or an image with finer ones.")
    reporter.warning(f"{told}: {taker.doubt}. Resample {nearest}.")
