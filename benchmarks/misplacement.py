"""What shift, rotation, scale and the largest shift change about the points of a tile, as a Markdown table: nothing.

    python benchmarks/misplacement.py --data DATA [--model MODEL] [--tiles 163 188 …] [--cases "400,-300"]

The optical georeferencing of validation tiles is falsified about their centre, and the matching job runs on the files.
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
from ..engine.tie_points.transforms import fit
from ..recipes import pairs as tiles
from .bootstrap import interval
from .falsified_tile import turned
from .validation import DEFAULT_MODEL
from .whole_tiles import matched_rows

PLACES_PER_SIDE = 9


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


class Found(NamedTuple):
    """Errors of the accepted points in pixels [N], and of the transform fitted to them, in the middle of the tile and
    as RMSE all over it; infinite without one."""

    errors: np.ndarray
    middle: float
    fit: float


def main():
    """Print a row for each case, over all tiles."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="BridgeMatch model file")
    parser.add_argument("--tiles", nargs="+", help="Los Angeles tiles; all of the validation list unless given")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES), help="these only")
    arguments = parser.parse_args()
    folder = arguments.data / "s1s2_los_angeles"
    names = arguments.tiles or [Path(pair.name).name for pair in tiles.los_angeles(arguments.data, "validation")]
    print(
        "| Falsified | points a tile | ≤ 1 px % | ≤ 3 px % | middle within 0.3 px | in the middle, px: median | worst "
        "| RMSE all over, px: median | worst |\n|---|---|---|---|---|---|---|---|---|"
    )
    for name in arguments.cases:
        found = [
            match_falsified(
                folder / "sar" / f"{tile}.tif", folder / "optical" / f"{tile}.tif", CASES[name], arguments.model
            )
            for tile in names
        ]
        print(_row(name, found), flush=True)


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
    errors = np.hypot(*(in_sar - in_optical).T)
    places = np.stack(np.meshgrid(*(np.linspace(0, side, PLACES_PER_SIDE) for side in size)), -1).reshape(-1, 2)
    try:
        off = fit("affine", in_optical, in_sar).transform(places) - places
    except UserError:
        return Found(errors, float("inf"), float("inf"))
    lengths = np.hypot(*off.T)
    return Found(errors, float(lengths[len(lengths) // 2]), float(np.sqrt((lengths**2).mean())))


def _row(name, found):
    middles, fits = (np.array([getattr(each, name) for each in found]) for name in ("middle", "fit"))
    shares = [interval([each.errors <= limit for each in found], 100) for limit in (1, 3)]
    points = np.mean([len(each.errors) for each in found])
    cells = [f"{points:.0f}", *shares, f"{(middles <= 0.3).sum()} of {len(found)}"]
    cells += [f"{part(each):.2f}" for each in (middles, fits) for part in (np.median, np.max)]
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
