"""From a falsified optical georeferencing back to the truth in one go, by `qgis_process run sarbridge:alignimages`.

    python benchmarks/aligned_tile.py --sar SAR.tif --optical OPTICAL.tif --work FOLDER

Either image moves, with the defaults but for the largest shift. Both images carry the column and the row of each pixel
in two more bands, so that the aligned image itself tells where each of its pixels came from. Needs the plugin enabled
for `qgis_process.bin` (QGIS_PLUGINPATH) and an engine.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

from .falsified_tile import run, turned

FAR = 1000
"""The largest shift that is asked for, in pixels, where the default does not do."""


def main():
    """Run all cases and print what was planted, found, and believed to be the largest error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sar", type=Path, required=True, help="SAR tile, 8 bits")
    parser.add_argument("--optical", type=Path, required=True, help="optical tile, aligned with the SAR tile")
    parser.add_argument("--work", type=Path, required=True, help="folder for the results")
    arguments = parser.parse_args()
    with rasterio.open(arguments.optical) as tile:
        size = tile.width, tile.height
    cases = {
        "(60, -45) px": (Affine.translation(60, -45), {}),
        "(400, -300) px": (Affine.translation(400, -300), {"MAX_SHIFT": FAR}),
        "rotation 5°": (turned(size, 5), {}),
        "scale 1.05": (turned(size, scale=1.05), {}),
    }
    arguments.work.mkdir(parents=True, exist_ok=True)
    sar = with_positions(arguments.sar, Affine.identity(), arguments.work / "sar.tif")
    for name, (error, others) in cases.items():
        optical = with_positions(arguments.optical, error, arguments.work / "optical.tif")
        for moves in ("optical", "sar"):
            aligned = arguments.work / f"aligned_{moves}.tif"
            # The SAR tile is a picture of 8 bits in floating-point numbers, as its positions are.
            images = {"SAR": sar, "SAR_UNIT": "display", "OPTICAL": optical, "MOVES": moves}
            numbers = run("alignimages", **images, **others, OUTPUT=aligned)
            with rasterio.open(sar) as true:
                off = distances(aligned, true.transform * error if moves == "sar" else true.transform)
            rms, largest = np.sqrt((off**2).mean()), off.max()
            print(
                f"{name}, {moves} moves: {numbers['ACCEPTED_COUNT']} points, off by {rms:.2f} px RMS, {largest:.2f} at "
                f"most; said to be below {numbers['ERROR_BOUND_PX']:.2f}",
                flush=True,
            )


def with_positions(path, error, written):
    """Copy a tile to `written` with its geotransform displaced by `error` (an `Affine` in pixels), and positions."""
    with rasterio.open(path) as tile:
        rows, cols = np.mgrid[: tile.height, : tile.width].astype("float32") + 0.5
        values = [*tile.read().astype("float32"), cols, rows]
        profile = {**tile.profile, "transform": tile.transform * error, "count": len(values), "dtype": "float32"}
    for key in ("photometric", "nodata"):
        profile.pop(key, None)
    with rasterio.open(written, "w", **{**profile, "compress": "deflate", "interleave": "band"}) as copy:
        copy.write(np.stack(values))
    return written


def distances(aligned, belongs):
    """Return how far the pixels of an aligned image are from where they belong, in pixels of the tile: float [n].

    belongs: the geotransform that puts the image's own positions where they are true. The outermost pixels, whose
    positions are resampled from one side only, do not count.
    """
    with rasterio.open(aligned) as image:
        *_, cols, rows = image.read()
        at = np.mgrid[: image.height, : image.width] + 0.5
        x, y = image.transform * (at[1], at[0])
    seen = (cols > 1) & (cols <= np.nanmax(cols) - 1) & (rows > 1) & (rows <= np.nanmax(rows) - 1)
    true_x, true_y = belongs * (cols[seen].astype(float), rows[seen].astype(float))
    return np.hypot(x[seen] - true_x, y[seen] - true_y) / np.sqrt(abs(belongs.determinant))


if __name__ == "__main__":
    main()
