"""What a radar and a camera both see of two cities, beside what is published of Munich, as Markdown.

    python benchmarks/city_visibility.py --data DATA

DATA is the folder that holds `dsm/gothenburg` and `dsm/bilbao`. Munich and the geometry, a radar at 49.9° and a camera
14.5° off nadir, are those of L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery",
dissertation, Technische Universität München, 2020 ("Hughes 2020"), §4.1, tables 2 and 3. From where the camera looks is
not published, so that means over directions are shown.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import tempfile
from itertools import product
from pathlib import Path

import numpy as np
import rasterio
from scipy.ndimage import uniform_filter

from ..contract.geometry_jobs import JointVisibilityJob, OpticalView, SarView, look_azimuth
from ..contract.sources import RasterSource
from ..engine.geometry.joint_visibility import run
from ..engine.geometry.surface_model import surface_grid
from ..engine.rasters.grid import Window, part
from ..engine.rasters.grid_reader import GridReader
from ..engine.reporting import NullReporter
from ..engine.simulation.scene_grid import extent_of

INCIDENCE, OFF_NADIR = 49.9, 14.5
ASCENDING, MUNICH, SATELLITE = 350.0, 188.3, 99.0
"""Headings of the radar, and where the camera stands, in degrees; Munich's heading is that of Hughes 2020."""

IMAGES, KINDS = ("SAR", "OPTICAL", "SCENE"), ("NOT_VISIBLE", "UNCERTAIN", "VISIBLE")


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the surface models")
    cities = parser.parse_args().data / "dsm"
    print("| Scene | SAR image | Optical image | Scene |\n|---|---|---|---|")
    print("| Munich, Hughes 2020 | 9.5 / 17.8 / 72.7 | 14.5 / 14.7 / 70.7 | 25.9 / 18.9 / 55.2 |")
    gothenburg = [layer(cities / "gothenburg" / f"{name}_KRbig.tif") for name in ("DSM", "DEM")]
    with tempfile.TemporaryDirectory() as folder:
        bilbao, densest = on_terrain(cities / "bilbao", Path(folder) / "dsm.tif")
        terrain = layer(cities / "bilbao" / "DEM.tif")
        for name, surface, extent, headings, satellites in (
            ("Gothenburg, ascending", gothenburg, (), [ASCENDING], [SATELLITE]),
            ("Gothenburg, heading of Munich", gothenburg, (), [MUNICH], [SATELLITE]),
            ("Gothenburg, mean of directions", gothenburg, (), around(8), around(8)),
            ("Bilbao, ascending", (bilbao, terrain), (), [ASCENDING], [SATELLITE]),
            ("Bilbao, mean of directions", (bilbao, terrain), (), around(4), around(4)),
            ("Bilbao, its densest square kilometre, mean", (bilbao, terrain), densest, around(4), around(4)),
        ):
            shares = [seen(*surface, extent, *each, folder) for each in product(headings, satellites)]
            spread = f" ({len(shares)}, scene visible {np.ptp(shares, 0)[-1]:.0f} points apart)" * (len(shares) > 1)
            row = np.mean(shares, 0).reshape(3, 3)
            columns = (" / ".join(f"{share:.1f}" for share in image) for image in row)
            print(f"| {name}{spread} | " + " | ".join(columns) + " |", flush=True)


def around(count):
    """Return so many directions, degrees, evenly around."""
    return [360 * number / count for number in range(count)]


def seen(dsm, dtm, extent, heading, satellite, folder):
    """Return the nine shares, percent, of a surface seen by a right-looking radar and from an azimuth."""
    radar = SarView(look_azimuth(heading, "right"), INCIDENCE, INCIDENCE)
    output, camera = str(Path(folder) / "joint.tif"), OpticalView(satellite, OFF_NADIR)
    numbers = run(JointVisibilityJob(dsm, radar, camera, output, dtm, extent=extent), NullReporter())["numbers"]
    return [numbers[f"{image}_{kind}"] for image in IMAGES for kind in KINDS]


def layer(path):
    """Return the first band of a file as a `RasterSource`."""
    with rasterio.open(path) as raster:
        return RasterSource(path.stem, str(path), raster.crs.to_wkt())


def on_terrain(folder, path):
    """Write Bilbao's building heights, put on its terrain; return (`RasterSource`, extent of the most built km²)."""
    with rasterio.open(folder / "BDSM.tif") as raster:
        above, profile = raster.read(1), raster.profile
    grid = surface_grid(layer(folder / "BDSM.tif"))
    with GridReader(layer(folder / "DEM.tif"), grid) as reader:
        ground, valid = reader.read(Window(0, 0, grid.width, grid.height))
    above = np.maximum(above, 0)
    with rasterio.open(path, "w", **{**profile, "dtype": "float32", "nodata": np.nan}) as raster:
        raster.write(np.where(valid, ground + above, np.nan).astype(np.float32), 1)
    side = round(1000 / grid.pixel_size)
    inner = slice(side // 2, -(side // 2) - 1)
    built = uniform_filter((above > 0).astype(float), side)[inner, inner]
    row, col = np.unravel_index(built.argmax(), built.shape)
    return layer(path), extent_of(part(grid, Window(col, row, side, side)))


if __name__ == "__main__":
    main()
