"""What shift, rotation, scale and the largest shift change about the points of a tile, as a Markdown table: nothing.

    python benchmarks/misplacement.py --data DATA [--model MODEL] [--tiles 163 188 …] [--cases "400,-300"]
    python benchmarks/misplacement.py --invented metre three_metres --work WORK [--model MODEL] [--cases …]

The optical georeferencing of validation tiles, or of places and cities that the simulator invents for a radar, is
falsified about their centre, and the matching job runs on the files.
The transform fitted to the accepted points is compared, over a grid of places, with what was falsified; shares and
errors of all tiles stand with their 95 % interval (bootstrap over tiles).
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
from affine import Affine

from ..contract.errors import UserError
from ..contract.tie_points import WITHIN_SIGMA
from ..engine.tie_points.transforms import fit
from ..recipes import pairs as tiles
from ..recipes.matching.simulated_pairs import CITIES, SENSORS, simulated_cities, simulated_pairs
from .bootstrap import interval
from .falsified_tile import turned
from .validation import DEFAULT_MODEL
from .whole_tiles import matched_rows

PLACES_PER_SIDE = 9

INVENTED_SEED, INVENTED_SIDE, INVENTED_COUNT = 777, 640, 3
"""Of places that the simulator invents, and as many cities: seed, pixels a side and how many."""


class Case(NamedTuple):
    """A falsification, (right, down) in pixels, degrees and a factor, and the largest shift that is searched."""

    shift: tuple[float, float]
    rotation: float = 0.0
    scale: float = 1.0
    max_shift: int = 128


CASES = {
    "none": Case((0, 0)),
    "5,-8 within 32": Case((5, -8), max_shift=32),
    "5,-8 within 96": Case((5, -8), max_shift=96),
    "5,-8 within 256": Case((5, -8), max_shift=256),
    "5,-8 within 1000": Case((5, -8), max_shift=1000),
    "60,-45 within 96": Case((60, -45), max_shift=96),
    "60,-45 within 256": Case((60, -45), max_shift=256),
    "400,-300": Case((400, -300), max_shift=1000),
    "rotation 2°": Case((0, 0), rotation=2),
    "rotation 5°": Case((0, 0), rotation=5),
    "rotation -10°": Case((0, 0), rotation=-10),
    "scale 0.9": Case((0, 0), scale=0.9),
    "scale 1.05": Case((0, 0), scale=1.05),
    "scale 1.1": Case((0, 0), scale=1.1),
    "20,10, 7°, 1.07": Case((20, 10), 7, 1.07),
}


_HEAD = (
    "| Falsified | points a tile | ≤ 1 px % | ≤ 3 px % | middle within 0.3 px | in the middle, px: median | worst "
    "| RMSE all over, px: median | worst | within sigma % (39) | within 2 sigma % (86) |\n"
    f"|{11 * '---|'}"
)


class Found(NamedTuple):
    """Errors of the accepted points in pixels [N], the same over their sigma, less what all points are off by, and
    errors of the transform fitted to them, in the middle of the tile and as RMSE all over it; infinite without one."""

    errors: np.ndarray
    in_sigmas: np.ndarray
    middle: float
    fit: float


def main():
    """Print a row for each case, over all tiles."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the training sets")
    parser.add_argument("--invented", nargs="+", choices=SENSORS, default=[], help="radars of invented places instead")
    parser.add_argument("--work", type=Path, help="folder that keeps invented places")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="BridgeMatch model file")
    parser.add_argument("--tiles", nargs="+", help="Los Angeles tiles; all of the validation list unless given")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES), help="these only")
    arguments = parser.parse_args()
    if arguments.invented and arguments.work:
        sets = {name: invented_files(name, arguments.work) for name in arguments.invented}
    elif arguments.data and not arguments.invented:
        sets = {"Los Angeles": tile_files(arguments.data, arguments.tiles)}
    else:
        parser.error("give --data, or --invented and --work")
    for title, files in sets.items():
        print(f"\n### {title}, {len(files)} scenes\n\n{_HEAD}")
        for name in arguments.cases:
            found = [match_falsified(*pair, CASES[name], arguments.model) for pair in files]
            print(_row(name, found), flush=True)


def tile_files(data, names=None):
    """Return the files (SAR, optical) of Los Angeles tiles, by default of the validation list."""
    folder = data / "s1s2_los_angeles"
    names = names or [Path(pair.name).name for pair in tiles.los_angeles(data, "validation")]
    return [(folder / "sar" / f"{name}.tif", folder / "optical" / f"{name}.tif") for name in names]


def invented_files(name, work):
    """Return the files (SAR, optical), kept in `work`, of places that a radar sees, and of cities if it suits."""
    size = {"count": INVENTED_COUNT, "seed": INVENTED_SEED, "side": INVENTED_SIDE}
    pairs = simulated_pairs(work / f"large_{name}.safetensors", SENSORS[name], **size)
    if name in CITIES:
        pairs += simulated_cities(work / f"large_{name}_cities.safetensors", SENSORS[name], **size)
    pixel = SENSORS[name].optical.pixel_size
    files = []
    for pair in pairs:
        stem = work / "large" / name / pair.name.replace("/", "_")
        stem.parent.mkdir(parents=True, exist_ok=True)
        files.append(tuple(_written(f"{stem}_{part}.tif", getattr(pair, part), pixel) for part in ("sar", "optical")))
    return files


def _written(path, image, pixel):
    bands, height, width = image.shape
    profile = {"driver": "GTiff", "dtype": "uint8", "count": bands, "height": height, "width": width}
    place = Affine(pixel, 0, 500_000, 0, -pixel, 5_500_000)
    with rasterio.open(path, "w", crs="EPSG:32632", transform=place, **profile) as file:
        file.write(image.numpy())
    return Path(path)


def match_falsified(sar, optical, case, model):
    """Return what is `Found` on the files `sar` and `optical` (aligned), the optical one falsified as in a `Case`."""
    with rasterio.open(optical) as tile:
        size = np.array([tile.width, tile.height])
    with tempfile.TemporaryDirectory() as folder:
        error = Affine.translation(*case.shift) * turned(size, case.rotation, case.scale)
        rows = matched_rows(sar, optical, error, model, case.max_shift, Path(folder))
    accepted = [row for row in rows if row["accepted"]]
    # Pixels of the rasters: where the tile is aligned, both images show a place at the same one.
    in_sar, in_optical = (
        np.array([[row[f"{image}_col"], row[f"{image}_row"]] for row in accepted], float).reshape(-1, 2)
        for image in ("sar", "opt")
    )
    off = in_sar - in_optical
    errors = np.hypot(*off.T)
    sigmas = np.array([row["sigma_px"] for row in accepted], float)
    in_sigmas = np.hypot(*(off - np.median(off, axis=0)).T) / sigmas if accepted else np.empty(0)
    places = np.stack(np.meshgrid(*(np.linspace(0, side, PLACES_PER_SIDE) for side in size)), -1).reshape(-1, 2)
    try:
        # Weighed as co-registration does, where errors are predicted.
        weights = sigmas**-2 if np.isfinite(sigmas).all() else None
        moved = fit("affine", in_optical, in_sar, weights).transform(places) - places
    except UserError:
        return Found(errors, in_sigmas, float("inf"), float("inf"))
    lengths = np.hypot(*moved.T)
    return Found(errors, in_sigmas, float(lengths[len(lengths) // 2]), float(np.sqrt((lengths**2).mean())))


def _row(name, found):
    middles, fits = (np.array([getattr(each, name) for each in found]) for name in ("middle", "fit"))
    shares = [interval([each.errors <= limit for each in found], 100) for limit in (1, 3)]
    points = np.mean([len(each.errors) for each in found])
    cells = [f"{points:.0f}", *shares, f"{(middles <= 0.3).sum()} of {len(found)}"]
    cells += [f"{part(each):.2f}" for each in (middles, fits) for part in (np.median, np.max)]
    cells += [interval([each.in_sigmas <= multiple for each in found], 100) for multiple in WITHIN_SIGMA]
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
