"""How far the colours of a place depend on where the tiles lie, as a Markdown table.

    python benchmarks/seams.py --sar FILE --polarisations VH --model FILE ...

The SAR raster is translated as a whole and again without its first rows and columns, by multiples of the network's
step, so that all tiles lie elsewhere. The table has the differences of the same pixels in levels of 255.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import rasterio

from ..contract.sources import RasterSource
from ..contract.translation_jobs import TranslateToOpticalJob
from ..engine.reporting import NullReporter
from ..engine.translation.translate_to_optical import run
from ..models.card import read_card

MOVES = (1, 3, 8)
"""Steps of the network by which the tiles are moved."""


def main():
    """Print the table for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sar", type=Path, required=True, help="SAR raster, wider than a tile")
    parser.add_argument("--polarisations", nargs="+", default=["VV"], help="those of its first bands")
    parser.add_argument("--model", type=Path, nargs="+", required=True, help="model files")
    parser.add_argument("--tile", type=int, default=0, help="side of the tiles, 0: as on the card")
    arguments = parser.parse_args()
    for line in table(arguments.sar, arguments.polarisations, arguments.model, arguments.tile):
        print(line, flush=True)


def table(sar: Path, polarisations: Sequence[str], models: Iterable[Path], tile: int = 0) -> Iterable[str]:
    """Yield the lines of the table, a row a model."""
    yield "| model | largest difference | mean difference | pixels that differ by more than a level (%) |"
    yield "|---|---|---|---|"
    for path in models:
        off = differences(sar, polarisations, path, tile)
        cells = f"{off.max()} | {off.mean():.3f} | {100 * (off > 1).mean():.2f}"
        yield f"| {read_card(path).name} | {cells} |"


def differences(sar: Path, polarisations: Sequence[str], model: Path, tile: int = 0) -> np.ndarray:
    """Return by how many levels the same pixels differ, int [n], over all `MOVES` and bands."""
    with rasterio.open(sar) as dataset:
        bands = tuple(range(1, len(polarisations) + 1))
        source = RasterSource(sar.stem, str(sar), dataset.crs.to_wkt(), bands)
        corners = {moved: dataset.transform * (moved, moved) for moved in moves(model)}
        end = dataset.transform * (dataset.width, dataset.height)
    with TemporaryDirectory() as folder:
        output = Path(folder) / "optical.tif"
        whole, off = None, []
        for moved, corner in corners.items():
            (west, east), (south, north) = sorted((corner[0], end[0])), sorted((corner[1], end[1]))
            extent = (west, south, east, north)
            job = TranslateToOpticalJob(source, str(model), str(output), tuple(polarisations), extent=extent, tile=tile)
            run(job, NullReporter())
            with rasterio.open(output) as dataset:
                part = dataset.read().astype(int)
            whole = part if whole is None else whole
            off.append(np.abs(part - whole[:, moved:, moved:]).ravel())
    return np.concatenate(off[1:])


def moves(model: Path) -> list[int]:
    """Return by how many pixels the tiles of a model are moved, first not at all."""
    step = read_card(model).tiling["step"]
    return [0, *(step * each for each in MOVES)]


if __name__ == "__main__":
    main()
