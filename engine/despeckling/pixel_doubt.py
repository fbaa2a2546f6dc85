"""Whether the pixels of a layer are of the size that a despeckling model has learnt from."""

from ...models.card import Card
from ..inference.pixel_size import unknown_pixels
from ..rasters.grid import Grid

_OTHER = 1.5
"""How many times larger or smaller than any on the card: more than resolutions of one mode vary with the incidence."""


def doubt_of_pixels(name: str, grid: Grid, card: Card) -> str:
    """Return a sentence where the pixels of layer `name` are others than those on a model's card, else "".

    Unlike `check_pixel_size` it does not advise to resample, which mixes speckle.
    """
    told = unknown_pixels(name, grid, card, _OTHER)
    return told and f"{told}: speckle may stay, or detail go with it. Choose a model for such pixels, or a filter."
