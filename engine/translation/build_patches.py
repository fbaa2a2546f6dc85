"""The task `build_patches`: aligned layers in, a data set of patches out, as SEN1-2 has them."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...contract.errors import UserError
from ...contract.finished_file import scratch_folder
from ...contract.training_jobs import BuildPatchesJob
from ..rasters.grid import Window, part
from ..rasters.map_file import MapWriter
from ..rasters.radiometry import robust_range
from ..reporting import Reporter
from ..training.aligned_scene import AlignedScene
from ..training.patches import TRAINING, VALIDATION, split_at_random, spread
from ..training.scene_patches import Patch, PatchReader, find_patches
from .training.learning_scene import learning_scene

INDEX = "patches.csv"

COLUMNS = ("name", "sar", "optical", "dem", "col", "row", "place_split", "random_split", "outline")
"""Columns of the index: files relative to the folder, pixels of the SAR layer, the outline as WKT in its CRS."""

_FOUND = 0.5
"""How far a run is when patches are found."""

_SIGMA, _MOST_SAMPLED = 2.5, 32


def run(job: BuildPatchesJob, reporter: Reporter) -> dict[str, Any]:
    """Write the data set of a `BuildPatchesJob`; return {"numbers": the declared ones}.

    In its folder lie `sar/`, `optical/` and, with heights, `dem/`, one GeoTIFF a patch: images in 8 bits, backscatter
    cut at 2.5 standard deviations (tags LOW and HIGH say at which values), heights in metres; and the index. Raises
    `UserError` for what the user can put right.
    """
    folder = Path(job.folder).absolute()
    if folder.exists() or folder.is_symlink():
        raise UserError(f"There is a file or folder '{folder}' already: choose another name for the data set.")
    scene = learning_scene(job.layers, reporter)
    patches = find_patches(scene, reporter.part(0, _FOUND))
    with scratch_folder(folder) as scratch:
        new = scratch / folder.name
        _write(scene, patches, new, reporter.part(_FOUND, 1))
        new.rename(folder)
    counts = Counter(patch.part for patch in patches)
    reporter.info(f"{len(patches):,} patches are written.")
    return {
        "numbers": {
            "PATCHES": len(patches),
            "TRAINING_PATCHES": counts[TRAINING],
            "VALIDATION_PATCHES": counts[VALIDATION],
        }
    }


def _write(scene: AlignedScene, patches: Sequence[Patch], folder: Path, reporter: Reporter) -> None:
    layers = scene.layers
    kinds = ("sar", "optical", *(["dem"] if scene.heights else []))
    for kind in kinds:
        (folder / kind).mkdir(parents=True)
    at_random = split_at_random(len(patches), layers.validation_share, layers.seed)
    digits = max(4, len(str(len(patches))))
    with PatchReader(scene) as reader, (folder / INDEX).open("w", newline="", encoding="utf-8") as file:
        ranges = _sar_ranges(reader, [patch.window for patch in patches])
        index = csv.DictWriter(file, COLUMNS)
        index.writeheader()
        for number, (patch, drawn) in enumerate(zip(patches, at_random), 1):
            reporter.progress(number / len(patches))
            name = f"{number:0{digits}d}"
            files = {kind: f"{kind}/{name}.tif" for kind in kinds}
            grid = part(scene.grid, patch.window)
            images, _ = reader.read(patch.window)
            low, high = (np.array(each)[:, None, None] for each in zip(*ranges))
            sar = 255 * np.clip((images.sar - low) / (high - low), 0, 1)
            tags = [{"LOW": f"{low:g}", "HIGH": f"{high:g}", "UNIT": scene.radiometry.unit_out} for low, high in ranges]
            _write_map(folder / files["sar"], grid, _bytes(sar), layers.polarisations, tags)
            _write_map(folder / files["optical"], grid, _bytes(255 * images.optical))
            if scene.heights:
                _write_map(folder / files["dem"], grid, images.heights.astype(np.float32))
            col, row = patch.window[:2]
            splits = {"place_split": patch.part or "between", "random_split": drawn}
            index.writerow({"name": name, **files, "col": col, "row": row, **splits, "outline": _outline(grid)})


def _sar_ranges(reader: PatchReader, windows: Sequence[Window]) -> list[tuple[float, float]]:
    """Return the values of each SAR band that become 0 and 255: all patches share them; renderings stay as they are."""
    scene = reader.scene
    if scene.radiometry.unit == "display":
        return [(0.0, 255.0)] * len(scene.layers.sar.bands)
    sampled = np.stack([reader.read(window)[0].sar[:, ::4, ::4] for window in spread(windows, _MOST_SAMPLED)], 1)
    return [robust_range(band.ravel(), _SIGMA) for band in sampled]


def _bytes(values):
    return np.rint(values).astype(np.uint8)


def _write_map(path, grid, values, descriptions=(), tags=()):
    creation = {"compress": "deflate"}  # too small for tiles
    window = Window(0, 0, grid.width, grid.height)
    descriptions = descriptions if all(descriptions) else ()
    with MapWriter(path, grid, values.dtype.name, None, len(values), descriptions, creation=creation) as writer:
        for band, each in enumerate(tags, 1):
            writer.dataset.update_tags(band, **each)
        writer.write(values, window)


def _outline(grid):
    xs, ys = grid.to_map([0, grid.width, grid.width, 0, 0], [0, 0, grid.height, grid.height, 0])
    return f"POLYGON (({', '.join(f'{x:.12g} {y:.12g}' for x, y in zip(xs, ys))}))"
