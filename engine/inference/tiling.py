"""Which tiles of a raster a network sees."""

from dataclasses import dataclass

from ..rasters.grid import Grid, Window


@dataclass(frozen=True)
class Tiling:
    """Square tiles that overlap: each is `side` pixels wide, of which `halo` on each side are also its neighbours'.

    Without its halos a tile is its core; the cores cover the raster once. All tiles begin at multiples of `step`, the
    stride of the network's coarsest layer, so that a place has the same features in every tile that holds it. Best are
    cores of whole blocks of a map (`map_file.BLOCK`): others write some blocks of wide maps twice, into larger files.
    Raises ValueError where side and halo are no multiples of the step, or leave no core.
    """

    side: int
    halo: int
    step: int

    def __post_init__(self) -> None:
        if self.step < 1 or self.halo < 0 or self.side % self.step or self.halo % self.step:
            raise ValueError(f"Side and halo of tiles must be multiples of their step: {self}")
        if self.core < 1:
            raise ValueError(f"The halos leave nothing of the tiles: {self}")

    @property
    def core(self) -> int:
        """Side of a core in pixels, which is also the distance from tile to tile."""
        return self.side - 2 * self.halo

    def windows(self, grid: Grid) -> list[Window]:
        """Return the `Window`s of the tiles whose cores cover a `Grid`, row by row; they reach beyond it."""
        return [
            Window(col - self.halo, row - self.halo, self.side, self.side)
            for row in range(0, grid.height, self.core)
            for col in range(0, grid.width, self.core)
        ]
