"""What users get of a translator: pairs of the data sets, translated by the task."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Callable

import numpy as np
import rasterio
from rasterio.transform import Affine
from torch import nn

from ...contract.sources import RasterSource
from ...contract.translation_jobs import TranslateToOpticalJob
from ...engine.reporting import NullReporter
from ...engine.training.pair import Pair
from ...engine.translation.methods import NETWORK
from ...engine.translation.quality import whole_quality
from ...engine.translation.translate_to_optical import run
from ...models.card import Card
from ...models.model_file import save_model
from ..pairs import polarisation_of

SOMEWHERE = "EPSG:32633"
"""Tiles of SEN1-2 do not say where they lie."""


def translated_by_task(
    model: Path, pair: Pair, polarisations: Sequence[str] = (), with_heights: bool = False
) -> np.ndarray:
    """Return the colours, float32 [3, H, W] of 0..1 in steps of 8 bits, that a model file gives a pair's SAR image.

    polarisations: of its bands; empty: the one that its name tells. with_heights: whether the model takes heights.
    """
    with TemporaryDirectory() as folder:
        output = Path(folder) / "optical.tif"
        sar = _written(Path(folder) / "sar.tif", pair.sar.numpy())
        dem = _written(Path(folder) / "dem.tif", pair.heights.numpy()) if with_heights else None
        told = tuple(polarisations) or (polarisation_of(pair),)
        run(TranslateToOpticalJob(sar, str(model), str(output), told, dem=dem), NullReporter())
        with rasterio.open(output) as dataset:
            return dataset.read() / np.float32(255)


def quality_by_task(
    model: Path, pairs: Sequence[Pair], polarisations: Sequence[str] = (), with_heights: bool = False
) -> dict[str, float]:
    """Return what a card says of pairs: the mean over them of squared error and similarity, and how many there are."""
    qualities = [
        whole_quality(
            translated_by_task(model, pair, polarisations, with_heights), pair.optical.numpy() / np.float32(255)
        )["all"]
        for pair in pairs
    ]
    mse, ssim = (float(np.mean([getattr(each, name) for each in qualities])) for name in ("mse", "ssim"))
    return {"mse": round(mse, 5), "ssim": round(ssim, 4), "tiles": len(pairs)}


def write_validated(
    output: Path, network: nn.Module, card_of: Callable[[nn.Module, dict], Card], validated: Callable[[Path], dict]
) -> None:
    """Write a translator whose card says what users get of it, and print that.

    card_of(network, validation): the card. validated(path): what it says of validation, by a file that says nothing.
    """
    with TemporaryDirectory() as folder:
        unscored = Path(folder) / "unscored.safetensors"
        save_model(unscored, card_of(network, {}), {NETWORK: network})
        validation = validated(unscored)
    save_model(output, card_of(network, validation), {NETWORK: network})
    print(json.dumps(validation))


def _written(path: Path, bands: np.ndarray) -> RasterSource:
    """Write bands [C, H, W] on pixels of ten metres."""
    count, height, width = bands.shape
    place = {"crs": SOMEWHERE, "transform": Affine(10, 0, 500_000, 0, -10, 5_000_000)}
    shape = {"driver": "GTiff", "height": height, "width": width, "count": count, "dtype": bands.dtype}
    with rasterio.open(path, "w", **shape, **place) as dataset:
        dataset.write(bands)
    return RasterSource(path.stem, str(path), SOMEWHERE, bands=tuple(range(1, count + 1)))
