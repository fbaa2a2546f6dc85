"""Whether the pixels of a layer are of the size that a despeckling model has learnt from."""

from ...models.card import Card
from ..rasters.grid import Grid

_OTHER = 1.5
"""How many times larger or smaller than any on the card: more than resolutions of one mode vary with the incidence."""


def doubt_of_pixels(name: str, grid: Grid, card: Card) -> str:
    """Return a sentence where the pixels of layer `name` are others than those on a model's card, else "".

    Images in radar geometry do not say how large their pixels are: nothing is said of them.
    """
    smallest, largest = card.pixel_size_range
    if not grid.crs or smallest / _OTHER <= grid.pixel_size <= largest * _OTHER:
        return ""
    return (
        f"Pixels of layer '{name}' are {grid.pixel_size:.3g} m wide, but the model '{card.name}' knows those of "
        f"{card.pixel_sizes}: speckle may stay, or detail go with it. Choose a model for such pixels, or a filter."
    )
