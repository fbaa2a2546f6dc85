"""How much of a raster a network sees at once: the same questions wherever one runs over tiles."""

from ...contract.sources import LARGEST_TILE
from ..algorithm import SarbridgeAlgorithm
from .number import add_number

TILE, BATCH_SIZE = "TILE", "BATCH_SIZE"


def add_tile(algorithm: SarbridgeAlgorithm) -> None:
    """Add the side of the tiles."""
    add_number(
        algorithm,
        TILE,
        "Tile (pixels)",
        "Most pixels a side that the network sees at once: larger tiles need more memory. 0: as the model's card says.",
        default=0,
        bounds=(0, LARGEST_TILE),
        integer=True,
        advanced=True,
    )


def add_batch_size(algorithm: SarbridgeAlgorithm) -> None:
    """Add how many tiles the network sees at once."""
    add_number(
        algorithm,
        BATCH_SIZE,
        "Batch size",
        "Tiles seen at once: more need more memory, and are faster on a GPU. 0: 1 on a CPU, 4 on a GPU.",
        default=0,
        bounds=(0, 256),
        integer=True,
        advanced=True,
    )
