"""The matching job on whole tiles whose optical georeferencing was falsified by a random shift."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
from affine import Affine

from ..contract.matching_jobs import MatchTiePointsJob
from ..contract.sources import RasterSource
from ..engine.matching.match_tie_points import run
from ..engine.matching.working_grid import working_grid
from ..engine.reporting import NullReporter
from ..recipes import pairs as tiles
from .falsified_tile import falsify

CELL = 64
"""The share kept counts from all windows of a grid of so many working pixels over the overlap."""

_HEAD = """
### The matching job on whole tiles, optical georeferencing displaced at random

The right half is without the affine outlier test.

| Tile | planted px | windows | kept % | ≤ 1 px % | ≤ 3 px % | mean px | kept % | ≤ 1 px % | ≤ 3 px % | mean px |
|---|---|---|---|---|---|---|---|---|---|---|"""


class TileRun(NamedTuple):
    """What the job made of a tile: errors in pixels of the accepted points [N], of those that were accepted but for the
    outlier test [M], and the number of windows of the grid."""

    errors: np.ndarray
    errors_untested: np.ndarray
    windows: int


def whole_tile_table(data, model):
    """Return the Markdown table: validation tiles (up to ±20 px) and the sites in dB (VV, ±8 px, MAX_SHIFT 16)."""
    lines = [_HEAD]
    los_angeles, sites = Path(data) / "s1s2_los_angeles", Path(data) / "s1_dem_s2_sites"
    names = [Path(pair.name).name for pair in tiles.los_angeles(data, "validation")]
    lines += _part(model, [(los_angeles / "sar", los_angeles / "optical", name) for name in names], 20, 32)
    names = sorted(path.stem for path in (sites / "s1_db").glob("*.tif"))
    lines += _part(model, [(sites / "s1_db", sites / "s2_rgb", name) for name in names], 8, 16)
    return "\n".join(lines)


def _part(model, files, largest, max_shift):
    """Rows of some tiles, (SAR folder, optical folder, name) each, and of all their points together."""
    generator, runs, lines = np.random.default_rng(0), [], []
    for sar, optical, name in files:
        shift = generator.uniform(-largest, largest, 2)
        runs.append(run_on_tile(sar / f"{name}.tif", optical / f"{name}.tif", shift, model, max_shift))
        lines.append(_row(name, "{:.1f}, {:.1f}".format(*shift), runs[-1]))
    errors, untested, windows = zip(*runs)
    total = TileRun(np.concatenate(errors), np.concatenate(untested), sum(windows))
    return [*lines, _row(f"**all {len(files)}**", f"±{largest}", total)]


def run_on_tile(sar, optical, shift, model, max_shift):
    """Match the files `sar` and `optical` (aligned) with the optical one displaced by `shift` (right, down; pixels)."""
    with tempfile.TemporaryDirectory() as folder:
        rows = matched_rows(sar, optical, Affine.translation(*shift), model, max_shift, Path(folder))
        grid = working_grid(_source("SAR", sar, bands=1), _source("optical", Path(folder) / "optical.tif", bands=3))
    windows = (grid.width // CELL) * (grid.height // CELL)
    accepted = [row for row in rows if row["accepted"]]
    untested = [row for row in rows if row["accepted"] or row["reason"] == "transform"]
    return TileRun(_errors(accepted, shift), _errors(untested, shift), windows)


def matched_rows(sar, optical, error, model, max_shift, folder):
    """Return the rows of the matching job on the files `sar` and `optical` (aligned), rejected ones too.

    error: `Affine` in pixels by which the optical georeferencing is falsified, in a file of the folder `folder`.
    """
    falsified = falsify(optical, error, folder / "optical.tif")
    job = MatchTiePointsJob(
        sar=_source("SAR", sar, bands=1),
        optical=_source("optical", falsified, bands=3),
        model=str(model),
        max_shift=max_shift,
        keep_rejected=True,
    )
    return run(job, NullReporter())["rows"]


def _source(name, path, bands):
    with rasterio.open(path) as dataset:
        return RasterSource(name, str(path), dataset.crs.to_wkt(), tuple(range(1, bands + 1)))


def _errors(rows, shift):
    """Distances in pixels from the truth, which is the planted displacement backwards."""
    found = np.array([(row["dx_px"], row["dy_px"]) for row in rows], float).reshape(-1, 2)
    return np.hypot(*(found + shift).T)


def _row(name, planted, tile):
    halves = " | ".join(_scores(errors, tile.windows) for errors in (tile.errors, tile.errors_untested))
    return f"| {name} | {planted} | {tile.windows} | {halves} |"


def _scores(errors, windows):
    share = f"{100 * len(errors) / windows:.1f}"
    if not len(errors):
        return f"{share} | – | – | –"
    return f"{share} | {100 * (errors <= 1).mean():.1f} | {100 * (errors <= 3).mean():.1f} | {errors.mean():.2f}"
