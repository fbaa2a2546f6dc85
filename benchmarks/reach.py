"""What the largest shift changes about the points of a tile, as a Markdown table: it should change nothing.

    python benchmarks/reach.py --data DATA [--model MODEL] [--tiles 163 188] [--shift X Y] [--reaches 32 96 256]

The optical georeferencing of validation tiles is falsified by the shift (right, down; pixels), and the matching job
runs on the files with each largest shift.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from pathlib import Path

from .validation import DEFAULT_MODEL
from .whole_tiles import run_on_tile


def main():
    """Print a row for each tile and largest shift of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="BridgeMatch model file")
    parser.add_argument("--tiles", nargs="+", default=["163", "188"], help="Los Angeles tiles")
    parser.add_argument("--shift", nargs=2, type=float, default=[5.0, -8.0], help="planted shift, right and down")
    parser.add_argument("--reaches", nargs="+", type=int, default=[32, 48, 64, 96, 256], help="largest shifts")
    arguments = parser.parse_args()
    folder = arguments.data / "s1s2_los_angeles"
    print("| Tile | planted px | `MAX_SHIFT` | accepted | ≤ 1 px % | ≤ 3 px % | wrong before the outlier test |")
    print("|---|---|---|---|---|---|---|")
    for tile in arguments.tiles:
        paths = [folder / part / f"{tile}.tif" for part in ("sar", "optical")]
        for reach in arguments.reaches:
            errors, untested, _ = run_on_tile(*paths, arguments.shift, arguments.model, reach)
            shares = " | ".join(f"{100 * (errors <= limit).mean():.1f}" if len(errors) else "–" for limit in (1, 3))
            planted = "{:g}, {:g}".format(*arguments.shift)
            print(f"| {tile} | {planted} | {reach} | {len(errors)} | {shares} | {(untested > 3).sum()} |", flush=True)


if __name__ == "__main__":
    main()
