"""Simulated speckle against real images, where both are even: `python benchmarks/simulation_reality.py --data DATA`."""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import rasterio
import torch
from scipy.stats import ks_2samp

from ..engine.simulation.radar.sar_image import sar_image
from ..engine.simulation.radar.sar_presets import (
    SENTINEL1_IW_GRD,
    SENTINEL1_IW_SLC,
    XBAND_HALF_METRE,
    Sampling,
    SarPreset,
)
from ..engine.simulation.surfaces.surface import Cover, Surface
from ..engine.simulation.surfaces.world import world

BLOCK = 24  # pixels
SHARE = 0.1
"""Homogeneous areas, by rule: the tenth of all blocks of `BLOCK` × `BLOCK` pixels in which the intensity varies least
for its mean (standard deviation over mean). Each is divided by its mean. The simulated area is all level grass."""

LAGS = (1, 5)
SIDE = 400  # cells of the simulated area

ENVISAT_IMAGE = SarPreset(
    "C", Sampling(8.30, 7.80, 1.0), Sampling(5.06, 4.04), False, 1, -22, 0.5, (19, 26), ("VV", "HH")
)
"""ASAR Product Handbook: 16 MHz chirp sampled at 19.2 MHz, without a window in range (seen in the crop's spectrum);
1316 of 1652 Hz in azimuth, Hamming 0.75."""

UAVSAR = SarPreset("C", Sampling(1.87, 1.67, 1.0), Sampling(0.68, 0.60, 0.85), False, 1, -50, 0.5, (25, 65), ("HH",))
"""UAVSAR: 80 MHz, 1.67 m by 0.6 m; the windows are read off the crops' spectra. L band, for which grass stands in."""

THIRD_SWATH = replace(SENTINEL1_IW_SLC, range=Sampling(3.5, 2.3))
"""The crop's spectrum is as wide as that of the third of Sentinel-1's three swaths; the preset is the second."""

ROTTERDAM = replace(XBAND_HALF_METRE, range=Sampling(2.5, 2.5, 1.0), azimuth=Sampling(2.5, 2.5, 1.0), noise_floor=-30)
"""Every fifth pixel of the half-metre image: so far apart that speckle is uncorrelated."""


@dataclass(frozen=True)
class Case:
    """A real image and the preset to match it; `grid`: pixel size of the map that it was brought onto, 0 if none."""

    name: str
    pattern: str
    preset: SarPreset
    polarisation: str
    incidence: float
    grid: float = 0.0


CASES = (
    Case("Envisat", "slc/envisat_480x480.tif", ENVISAT_IMAGE, "VV", 23),
    Case("UAVSAR, Winnipeg", "slc/uavsar_winnipeg.tif", UAVSAR, "HH", 45),
    Case("UAVSAR, San Fernando Valley", "slc/uavsar_SanAnd_138.tif", UAVSAR, "HH", 45),
    Case("Sentinel-1 SLC, Amsterdam", "slc/amsterdam_s1_slc_*.tif", THIRD_SWATH, "VV", 38),
    Case("Airborne X band, Rotterdam, HH", "slc/rotterdam_capella_x_hh_c64.tif", ROTTERDAM, "HH", 45),
    Case("Airborne X band, Rotterdam, HV", "slc/rotterdam_capella_x_hv_c64.tif", ROTTERDAM, "HV", 45),
    Case("Sentinel-1 GRD VH, Los Angeles", "s1s2_los_angeles/sar/*.tif", SENTINEL1_IW_GRD, "VH", 38, 8.3),
)


def real_intensity(path):
    """Return the intensity [h, w] of a complex image or an 8-bit amplitude, NaN where the latter is cut or coarse."""
    with rasterio.open(path) as dataset:
        values = dataset.read(1)
    if values.dtype != np.uint8:
        return np.abs(values.astype(np.complex128)) ** 2
    return np.where((values >= 20) & (values < 255), values.astype(float) ** 2, np.nan)


def simulated_intensity(case):
    """Return the intensity [h, w] of level grass, as the case's sensor delivers it."""
    pixel = case.grid or min(case.preset.azimuth.spacing, case.preset.range.spacing)
    flat, nothing = torch.zeros(SIDE, SIDE), torch.zeros(SIDE, SIDE, dtype=torch.int32)
    surface = Surface(pixel, flat, flat, torch.full_like(nothing, Cover.GRASS, dtype=torch.uint8), nothing, flat[0, :1])
    azimuth = 98.0 if case.grid else 90.0
    generator = torch.Generator().manual_seed(0)
    image = sar_image(surface, case.preset, azimuth, case.incidence, [case.polarisation], generator)
    values = image.grid.to_map(image.intensity, flat) if case.grid else image.intensity
    values = values[0].double().numpy()
    return np.maximum(np.round(np.sqrt(values / values.mean()) * 60), 1) ** 2 if case.grid else values


def blocks(image):
    """Return the blocks [k, BLOCK, BLOCK] of an image in which every pixel counts, each divided by its mean."""
    rows, cols = (side // BLOCK for side in image.shape)
    cut = image[: rows * BLOCK, : cols * BLOCK].reshape(rows, BLOCK, cols, BLOCK).swapaxes(1, 2)
    cut = cut.reshape(-1, BLOCK, BLOCK)
    cut = cut[(cut > 0).all((1, 2))]
    return cut / cut.mean((1, 2), keepdims=True)


def calmest(candidates):
    """Return the `SHARE` of blocks [k, BLOCK, BLOCK] that vary least."""
    order = np.argsort(candidates.std((1, 2)))
    return candidates[order[: max(int(SHARE * len(order)), 1)]]


def correlation(areas, down, right):
    """Return the correlation of intensities `down`, `right` pixels apart, within blocks of mean 1."""
    a, b = areas[:, down:, right:], areas[:, : BLOCK - down, : BLOCK - right]
    return float(((a - 1) * (b - 1)).mean() / ((areas - 1) ** 2).mean())


def row(case, data):
    """Return the table's line for a case."""
    found = [blocks(real_intensity(path)) for path in sorted(data.glob(case.pattern))]
    real, simulated = calmest(np.concatenate(found)), blocks(simulated_intensity(case))
    distance = ks_2samp(np.log(real).ravel(), np.log(simulated).ravel()).statistic
    cells = [case.name, f"{len(real)}", f"{distance:.3f}"]
    cells.append(" / ".join(f"{1 / areas.var():.2f}" for areas in (real, simulated)))
    for lag in LAGS:
        for step in ((lag, 0), (0, lag)):
            cells.append(" / ".join(f"{correlation(areas, *step):.2f}" for areas in (real, simulated)))
    return "| " + " | ".join(cells) + " |"


def picture(data, path):
    """Write an image of every case's real scene (left) beside a simulated one (right), in dB.

    The simulated scenes show other places: it is the look that is compared.
    """
    figure, axes = plt.subplots(len(CASES), 2, figsize=(12, 6 * len(CASES)))
    for case, (left, right) in zip(CASES, axes, strict=True):
        real = real_intensity(min(data.glob(case.pattern)))
        step = case.grid or max(case.preset.azimuth.spacing, case.preset.range.spacing)
        surface = world(SIDE, step, 3, "suburb" if step < 3 else "coast")
        generator = torch.Generator().manual_seed(0)
        image = sar_image(surface, case.preset, 98.0, case.incidence, [case.polarisation], generator)
        simulated = image.intensity if not case.grid else image.grid.to_map(image.intensity, surface.terrain)
        for axis, values, title in ((left, real, case.name), (right, simulated[0].numpy(), "simulated")):
            side = min(SIDE, *values.shape)
            begin = [(length - side) // 2 for length in values.shape]
            decibels = 10 * np.log10(values[begin[0] : begin[0] + side, begin[1] : begin[1] + side] + 1e-9)
            low, high = np.nanquantile(decibels, (0.01, 0.995))
            axis.imshow(decibels, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
            axis.set(title=title, xticks=[], yticks=[])
    figure.tight_layout()
    figure.savefig(path, dpi=60)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real images (docs/training.md)")
    parser.add_argument("--picture", type=Path, help="also write real and simulated scenes side by side (PNG)")
    arguments = parser.parse_args()
    data = arguments.data
    print("| Image | blocks | KS of log intensity | ENL | lag 1 down | lag 1 right | lag 5 down | lag 5 right |")
    print("|---|---|---|---|---|---|---|---|")
    for case in CASES:
        print(row(case, data), flush=True)
    if arguments.picture:
        picture(data, arguments.picture)


if __name__ == "__main__":
    main()
