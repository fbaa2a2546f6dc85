"""Contrast of land covers in VH, real and simulated: `python benchmarks/class_contrast.py --data DATA`.

The real images are the Sentinel-1 tiles of Los Angeles, 8 bit, with polygons drawn by hand on the optical tiles
(`class_contrast.json`: tile, class, corners in pixels, column and row). Assumed is that they are linear in amplitude,
each tile stretched by a factor of its own and cut at its 99 % quantile: so classes are compared within a tile, with its
residential areas, and those come out a little too dark (the cut takes up to 1 % of their pixels).
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import rasterio
import rasterio.features
import torch
import torch.nn.functional as F
from rasterio.errors import NotGeoreferencedWarning

from ..engine.simulation.radar.sar_image import sar_image
from ..engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD
from ..engine.simulation.scene import on_map
from ..engine.simulation.surfaces.surface import Cover
from ..engine.simulation.surfaces.world import world

POLYGONS = Path(__file__).with_suffix(".json")
CLASSES = ("water", "field", "forest")
LANDSCAPES = ("suburb", "coast", "plain", "hills")
SEEDS = 3
SIDE, CELL, CELLS = 768, 5.0, 2  # cells of a simulated scene, metres, cells along a pixel
LOOK, INCIDENCE = 78.0, 38.0
BUILT = 0.15
"""Share of roofs within 150 m from which a place is residential: that of the drawn polygons is about a quarter."""

_NEIGHBOURHOOD, _AWAY_FROM_EDGES = 31, 9  # cells


def real_contrasts(data):
    """Return {class: [dB against the residential areas of the same tile, one a tile]}."""
    drawn = json.loads(POLYGONS.read_text())
    contrasts = {name: [] for name in CLASSES}
    for tile in sorted({each["tile"] for each in drawn}):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            amplitude = rasterio.open(data / "s1s2_los_angeles" / "sar" / f"{tile}.tif").read(1).astype(float)
        means = {}
        for name in (*CLASSES, "urban"):
            rings = [each["polygon"] for each in drawn if (each["tile"], each["class"]) == (tile, name)]
            if rings:
                shapes = [{"type": "Polygon", "coordinates": [[*ring, ring[0]]]} for ring in rings]
                means[name] = amplitude[rasterio.features.rasterize(shapes, amplitude.shape) > 0].mean()
        for name in CLASSES:
            if name in means:
                contrasts[name].append(decibels(means[name], means["urban"]))
    return contrasts


def simulated_means(landscape, seed):
    """Return {class: mean amplitude in VH} of one invented scene, of the classes that it has."""
    surface = world(SIDE, CELL, seed, landscape)
    image = sar_image(surface, SENTINEL1_IW_GRD, LOOK, INCIDENCE, ["VH"], torch.Generator().manual_seed(seed))
    amplitude = on_map(image.intensity, image.grid, surface.terrain, CELLS)[0].sqrt()
    return {name: float(amplitude[mask].mean()) for name, mask in class_masks(surface).items() if mask.sum() > 300}


def class_masks(surface):
    """Return {class: bool [h, w] of pixels well within it}."""
    roofs = F.avg_pool2d((surface.building > 0).float()[None], _NEIGHBOURHOOD, 1, _NEIGHBOURHOOD // 2)[0]
    is_field = (surface.cover >= Cover.BARE) & (surface.cover <= Cover.CROP) & (roofs == 0)
    masks = {"water": surface.cover == Cover.WATER, "forest": surface.cover == Cover.FOREST, "field": is_field}
    inner = {
        name: -F.max_pool2d(-mask.float()[None], _AWAY_FROM_EDGES, 1, _AWAY_FROM_EDGES // 2)[0]
        for name, mask in masks.items()
    }
    inner["urban"] = (roofs > BUILT).float()
    return {name: F.avg_pool2d(mask[None], CELLS)[0] == 1 for name, mask in inner.items()}


def decibels(amplitude, other):
    """Return the ratio of two amplitudes in dB."""
    return 20 * float(np.log10(amplitude / other))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real images (docs/training.md)")
    real = real_contrasts(parser.parse_args().data)
    scenes = [simulated_means(landscape, seed) for landscape in LANDSCAPES for seed in range(SEEDS)]
    levels = {name: [decibels(scene[name], 1) for scene in scenes if name in scene] for name in (*CLASSES, "urban")}
    urban = np.mean(levels["urban"])
    print("| Class | real, dB against residential areas (tiles) | simulated (scenes, spread) | difference |")
    print("|---|---|---|---|")
    for name in CLASSES:
        simulated = np.mean(levels[name]) - urban
        tiles = ", ".join(f"{value:.1f}" for value in real[name])
        spread = f"{len(levels[name])} scenes, ± {np.std(levels[name]):.1f}"
        difference = simulated - np.mean(real[name])
        print(f"| {name} | {np.mean(real[name]):.1f} ({tiles}) | {simulated:.1f} ({spread}) | {difference:+.1f} |")
    print(f"\nSimulated sigma nought in VH of residential areas: {urban:.1f} dB (from the mean amplitude).")


if __name__ == "__main__":
    main()
