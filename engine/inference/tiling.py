"""Which tiles of a raster a network sees."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..rasters.grid import Grid, Tiles, Window


@dataclass(frozen=True)
class Tiling:
    """Square tiles that overlap: each is `side` pixels wide, of which `halo` on each side are also its neighbours'.

    Without its halos a tile is its core; the cores cover the raster once. All tiles begin at multiples of `step`, the
    stride of the network's coarsest layer, so that a place has the same features in every tile that holds it. Of a part
    of a raster multiples count from the corner of the whole, and `phase` is how many (columns, rows) after one the part
    begins. Best are cores of whole blocks of a map (`map_file.BLOCK`): others write some blocks of wide maps twice,
    into larger files. Raises ValueError where side and halo are no multiples of the step, or leave no core.
    """

    side: int
    halo: int
    step: int
    phase: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if self.step < 1 or self.halo < 0 or self.side % self.step or self.halo % self.step:
            raise ValueError(f"Side and halo of tiles must be multiples of their step: {self}")
        if self.core < 1:
            raise ValueError(f"The halos leave nothing of the tiles: {self}")

    @property
    def core(self) -> int:
        """Side of a core in pixels, which is also the distance from tile to tile."""
        return self.side - 2 * self.halo

    def windows(self, grid: Grid) -> Iterator[Window]:
        """Yield the `Window`s of the tiles whose cores cover a `Grid`, row by row; they reach beyond it."""
        for core in self._cores(grid):
            yield Window(core.col - self.halo, core.row - self.halo, self.side, self.side)

    def count(self, grid: Grid) -> int:
        """Return how many tiles cover a `Grid`."""
        return len(self._cores(grid))

    def _cores(self, grid):
        cols, rows = self.phase
        return Tiles(Window(-cols, -rows, grid.width + cols, grid.height + rows), self.core)


def exact_tiles(core: int, reach: int, step: int) -> dict[str, int]:
    """Return what a card says of tiles with a core, of a network whose results depend on `reach` pixels around."""
    halo = -(-reach // step) * step
    return {"side": core + 2 * halo, "halo": halo, "step": step}


def blended_tiles(side: int, step: int) -> dict[str, int]:
    """Return what a card says of tiles of a network whose results depend on the whole tile: as large as the patches it
    learnt from, blended over halves."""
    return {"side": side, "halo": side // 4 // step * step, "step": step}
