"""What is known of built-up areas by a model for Sentinel-1, and by thresholds: a Markdown table.

    python benchmarks/built_up.py --data DATA --model MODEL

Site 433D is the only one with built area (23 %). The model answers at the threshold on its card. Thresholds on
backscatter and on its local mean and deviation have that, and the side of it, that are best at this very site: they are
beaten only by what knows more than one number. At the other sites, which have no built area, all that is found is
wrong; there the rivals have the threshold of 433D.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from pathlib import Path

import numpy as np
from scipy import ndimage

from ..engine.buildings.counts import pixel_counts
from ..engine.buildings.methods import NETWORK
from ..models.card import read_card
from ..models.model_file import load_model
from ..recipes.buildings.built_up_scoring import SITE, SITES, built_area, site_found
from ..recipes.pairs import dem_sites

WINDOWS = (3, 5, 7, 9)
_THRESHOLDS = 200


def main():
    """Print a row for each feature, and for the model with both bands and with each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real images (docs/training.md)")
    parser.add_argument("--model", type=Path, required=True, help="a model file that tells built-up areas")
    arguments = parser.parse_args()
    others = [name for name in SITES if name != SITE]
    print(f"| What is looked at | IoU at {SITE} | found there % | {' | '.join(f'{name} %' for name in others)} |")
    print("|---" * (3 + len(others)) + "|")
    found = {name: features(site_decibels(arguments.data, name)) for name in SITES}
    built = built_area(arguments.data, SITE)
    for feature, values in found[SITE].items():
        threshold, sign = best_split(values, built)
        masks = [sign * found[name][feature] >= sign * threshold for name in (SITE, *others)]
        print(row(feature, masks, built), flush=True)
    print(row("everything", [np.ones_like(built)] * len(SITES), built))
    threshold = read_card(arguments.model).operating_point["threshold"]
    network = load_model(arguments.model, NETWORK)[1][NETWORK]
    for title, bands in {"VV and VH": (0, 1), "VV": (0,), "VH": (1,)}.items():
        results = [site_found(network, arguments.data, name, bands) for name in (SITE, *others)]
        print(row(f"**model, {title}**", [each.probability >= threshold for each in results], built), flush=True)


def site_decibels(data, name):
    """Return VV and VH of a site, float64 [2, H, W]."""
    (pair,) = dem_sites(data, [name], in_decibels=True)
    return pair.sar.double().numpy()


def features(bands):
    """Return what thresholds are tried on, [H, W] by name: bands in dB, their sum, local means and deviations."""
    images = {"VV": bands[0], "VH": bands[1], "VV + VH": bands.sum(0)}
    found = dict(images)
    for name, image in images.items():
        for side in WINDOWS:
            mean = ndimage.uniform_filter(image, side)
            variance = ndimage.uniform_filter(image**2, side) - mean**2
            found[f"{name}, mean of {side} px"] = mean
            found[f"{name}, deviation in {side} px"] = np.sqrt(np.maximum(variance, 0))
    return found


def best_split(values, built):
    """Return (threshold, sign): what lies on that side, 1 above and -1 below, has the largest IoU with `built`."""
    candidates = [
        (threshold, sign)
        for threshold in np.quantile(values, np.linspace(0, 1, _THRESHOLDS, endpoint=False))
        for sign in (1, -1)
    ]
    return max(candidates, key=lambda each: iou(each[1] * values >= each[1] * each[0], built))


def iou(mask, built):
    """Return the intersection over union of two masks, 0..1."""
    return pixel_counts(mask, built).iou or 0.0


def row(name, masks, built):
    """Return a Markdown row: the mask of the site with built area, then those of the others."""
    shares = " | ".join(f"{100 * mask.mean():.1f}" for mask in masks)
    return f"| {name} | {iou(masks[0], built):.3f} | {shares} |"


if __name__ == "__main__":
    main()
