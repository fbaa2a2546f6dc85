"""From a falsified optical georeferencing back to the truth, by `qgis_process`: matching, then co-registration.

    python benchmarks/falsified_tile.py --sar SAR.tif --optical OPTICAL.tif --work FOLDER

Planted are shifts of some and of hundreds of pixels, and rotations and scales about the centre (`cases`).
Needs the plugin enabled for `qgis_process.bin` (QGIS_PLUGINPATH) and an engine.
"""

import argparse
import csv
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

QGIS_PROCESS = "qgis_process.bin"


def main():
    """Run all cases and print what was planted and what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sar", type=Path, required=True, help="SAR tile")
    parser.add_argument("--optical", type=Path, required=True, help="optical tile, aligned with the SAR tile")
    parser.add_argument("--work", type=Path, required=True, help="folder for the results")
    arguments = parser.parse_args()
    with rasterio.open(arguments.optical) as tile:
        size = tile.width, tile.height
    for name, (transform, error, max_shift) in cases(size).items():
        folder = arguments.work / name
        folder.mkdir(parents=True, exist_ok=True)
        falsified = falsify(arguments.optical, error, folder / "falsified.tif")
        # QGIS writes statistics beside what it opens: a copy keeps the data folder clean.
        sar = Path(shutil.copy(arguments.sar, folder / "sar.tif"))
        numbers = match(sar, falsified, transform, max_shift, folder)
        shift = numbers["MEAN_SHIFT_X_PX"], numbers["MEAN_SHIFT_Y_PX"]
        print(f"{name}: {numbers['ACCEPTED_COUNT']} points, mean shift ({shift[0]:.2f}, {shift[1]:.2f}) px")
        rmse, largest = check(folder / "tie.points", arguments.optical, error)
        print(f"{name}: on a check grid {rmse:.2f} px RMSE from the truth, {largest:.2f} px at most")
        print(f"{name}: co-registered {coregister(falsified, transform, folder)}")


def cases(size):
    """Return {name: (transform to look for, error as an `Affine` in pixels, largest shift)} for a tile's size."""
    return {
        "shift": ("shift", Affine.translation(17.3, -11.6), 128),
        "far": ("shift", Affine.translation(60, -45), 128),
        "very_far": ("shift", Affine.translation(400, -300), 1000),
        "affine": ("affine", turned(size, 0.5, 1.01), 128),
        "rotation": ("affine", turned(size, 5), 128),
        "scale": ("affine", turned(size, scale=1.05), 128),
    }


def turned(size, degrees=0.0, scale=1.0):
    """Return the rotation and scale about the middle of a tile of a size (width, height), an `Affine` in pixels."""
    to_middle = Affine.translation(size[0] / 2, size[1] / 2)
    return to_middle * Affine.rotation(degrees) * Affine.scale(scale) * ~to_middle


def falsify(path, error, falsified):
    """Copy a tile to `falsified` with its geotransform displaced by `error` (an `Affine` in pixels)."""
    with rasterio.open(path) as tile:
        profile = {**tile.profile, "transform": tile.transform * error, "compress": "deflate", "interleave": "band"}
        profile.pop("photometric", None)
        with rasterio.open(falsified, "w", **profile) as copy:
            copy.write(tile.read())
    return falsified


def match(sar, optical, transform, max_shift, folder):
    """Run `matchtiepoints` with its defaults but for outlier test and largest shift; return its numbers."""
    return run(
        "matchtiepoints",
        SAR=sar,
        OPTICAL=optical,
        TRANSFORM=transform,
        MAX_SHIFT=max_shift,
        TIE_POINTS=folder / "tie_points.gpkg",
        GCP_POINTS=folder / "tie.points",
        REPORT=folder / "report.html",
    )


def coregister(optical, transform, folder):
    """Run `coregister`; return its numbers."""
    numbers = run(
        "coregister",
        INPUT=optical,
        POINTS=folder / "tie_points.gpkg",
        MOVES="optical",
        TRANSFORM=transform,
        OUTPUT=folder / "corrected.tif",
    )
    return {key: value for key, value in numbers.items() if isinstance(value, float)}


def check(points, truth, error):
    """Fit an affine to a `.points` file; return its RMSE and largest error, pixels, on a grid of 21 x 21 points."""
    with points.open(encoding="utf-8") as file:
        next(file)
        rows = [[float(row[key]) for key in ("mapX", "mapY", "sourceX", "sourceY")] for row in csv.DictReader(file)]
    target, source = np.hsplit(np.array(rows), 2)
    with rasterio.open(truth) as tile:
        right, size = tile.transform, (tile.width, tile.height)
    grid = np.stack(np.meshgrid(*(np.linspace(0, side, 21) for side in size)), -1).reshape(-1, 2)
    origin = source.mean(0)
    design = np.column_stack([source - origin, np.ones(len(source))])
    fitted, *_ = np.linalg.lstsq(design, target, rcond=None)
    displaced = np.column_stack((right * error) * grid.T)
    found = np.column_stack([displaced - origin, np.ones(len(grid))]) @ fitted
    distance = np.linalg.norm(found - np.column_stack(right * grid.T), axis=1) / abs(right.a)
    return float(np.sqrt((distance**2).mean())), float(distance.max())


def run(algorithm, **parameters):
    """Run an algorithm by `qgis_process`; return its results."""
    command = [QGIS_PROCESS, "run", f"sarbridge:{algorithm}", "--json"]
    command += ["--", *(f"{key}={value}" for key, value in parameters.items())]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise SystemExit(f"{' '.join(command)}\n{finished.stdout}\n{finished.stderr}")
    return json.loads(finished.stdout)["results"]


if __name__ == "__main__":
    main()
