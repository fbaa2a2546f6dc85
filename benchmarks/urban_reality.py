"""Simulated X-band cities against real SpaceNet 6 tiles: `python benchmarks/urban_reality.py --data DATA`."""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage, stats

from ..engine.simulation.radar.reflectivity import BRIGHT
from .domain_classifier import accuracies
from .urban_tiles import FORMER_LANDSCAPES, LANDSCAPES, simulated_tile, standardised_tiles

LAGS = 1, 2, 5, 10  # pixels
BANDS = {"inside, 3 px from the border": (3, 99), "border, 1 px": (-1, 1), "outside, 3 to 8 px": (-8, -3)}
"""Signed distances from the border of a building, in pixels, positive inside."""


def pooled(tiles):
    """Return (brightness, is building) of all valid pixels of `Tile`s."""
    return [np.concatenate([getattr(tile, part)[tile.valid] for tile in tiles]) for part in ("image", "building")]


def best_iou(values, building):
    """Return the best intersection over union of "brighter than a threshold" with the buildings."""
    hits = np.cumsum(building[np.argsort(-values)])
    return float((hits / (np.arange(1, len(hits) + 1) + hits[-1] - hits)).max())


def area_under_curve(values, building):
    """Return the probability that a building's pixel is brighter than another one."""
    ranks, count = stats.rankdata(values), building.sum()
    return float((ranks[building].sum() - count * (count + 1) / 2) / (count * (len(values) - count)))


def contrast(tiles, low, high):
    """Return the mean brightness between two signed distances from the border of buildings."""
    found = []
    for tile in tiles:
        inside, outside = (ndimage.distance_transform_edt(mask) for mask in (tile.building, ~tile.building))
        distance = inside - outside
        if tile.building.any():
            found.append(tile.image[tile.valid & (distance >= low) & (distance <= high)])
    return float(np.concatenate(found).mean())


def correlation(tiles, lag):
    """Return the correlation of pixels `lag` apart, down and right together."""
    products = []
    for tile in tiles:
        for axis in (0, 1):
            a, b = (np.moveaxis(part, axis, 0) for part in (tile.image, tile.valid))
            products.append((a[lag:] * a[:-lag])[b[lag:] & b[:-lag]])
    return float(np.concatenate(products).mean())


def coherence(tiles, sigma=4.0):
    """Return how much the gradients within `sigma` pixels share one direction, 0 to 1 (of the structure tensor)."""
    found = []
    for tile in tiles:
        down, right = (ndimage.gaussian_filter(tile.image, 1.0, order=order) for order in ((1, 0), (0, 1)))
        parts = [ndimage.gaussian_filter(part, sigma) for part in (down * down, right * right, down * right)]
        energy = np.hypot(parts[0] - parts[1], 2 * parts[2]) / (parts[0] + parts[1] + 1e-9)
        found.append(energy[tile.valid])
    return float(np.concatenate(found).mean())


def measures(tiles):
    """Return a dictionary of what the table shows of `Tile`s."""
    values, building = pooled(tiles)
    row = {"skewness": float(stats.skew(values)), "kurtosis": float(stats.kurtosis(values))}
    row |= {f"quantile {share:.1%}": float(np.quantile(values, share)) for share in (0.001, 0.01, 0.5, 0.99, 0.999)}
    row |= {"IoU of the best threshold": best_iou(values, building), "AUC": area_under_curve(values, building)}
    row |= {"built share": float(building.mean())}
    row |= {name: contrast(tiles, *band) for name, band in BANDS.items()}
    row |= {f"correlation, lag {lag}": correlation(tiles, lag) for lag in LAGS}
    return row | {"coherence of gradients": coherence(tiles)}


def compared(real, simulated):
    """Return a dictionary of distances between two lists of `Tile`s."""
    values = [pooled(tiles)[0] for tiles in (real, simulated)]
    row = {"KS": float(stats.ks_2samp(*values).statistic), "Wasserstein": float(stats.wasserstein_distance(*values))}
    return row | accuracies(real, simulated)


def picture(columns, path, count=9):
    """Write the first tiles of each list, one list a column."""
    figure, axes = plt.subplots(count, len(columns), figsize=(7 * len(columns), 5 * count), squeeze=False)
    for axis_column, (title, tiles) in zip(axes.T, columns.items()):
        for axis, tile in zip(axis_column, tiles[:: max(1, len(tiles) // count)]):
            axis.imshow(tile.image, cmap="gray", vmin=-2.5, vmax=4, interpolation="nearest")
            axis.contour(tile.building, (0.5,), colors="red", linewidths=0.3)
            axis.set(title=f"{title}: {tile.name}", xticks=[], yticks=[])
    figure.tight_layout()
    figure.savefig(path, dpi=60)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real images (docs/training.md)")
    parser.add_argument("--picture", type=Path, help="also write real and simulated tiles side by side (PNG)")
    parser.add_argument(
        "--seed", type=int, default=100, help="of the first simulated tile; the simulator was tuned on 0 to 17"
    )
    arguments = parser.parse_args()
    real = standardised_tiles(arguments.data)
    columns = {"real": real}
    for title, *settings in (("former simulator", FORMER_LANDSCAPES, BRIGHT), ("simulator", LANDSCAPES, None)):
        columns[title] = [simulated_tile(tile, arguments.seed + i, *settings) for i, tile in enumerate(real)]
    table = {title: measures(tiles) for title, tiles in columns.items()}
    for title, tiles in columns.items():
        table[title] |= compared(real, tiles) if title != "real" else {}
    print("| | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for name in table["simulator"]:
        cells = (f"{row[name]:.3f}" if name in row else "" for row in table.values())
        print(f"| {name} | " + " | ".join(cells) + " |")
    if arguments.picture:
        picture(columns, arguments.picture)


if __name__ == "__main__":
    main()
