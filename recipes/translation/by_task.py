"""What users get of a translator: pairs of the data sets, translated by the task."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import rasterio
from rasterio.transform import Affine

from ...contract.sources import RasterSource
from ...contract.translation_jobs import TranslateToOpticalJob
from ...engine.reporting import NullReporter
from ...engine.training.pair import Pair
from ...engine.translation.translate_to_optical import run
from ..pairs import polarisation_of

SOMEWHERE = "EPSG:32633"
"""Tiles of SEN1-2 do not say where they lie."""


def translated_by_task(model: Path, pair: Pair) -> np.ndarray:
    """Return the colours, float32 [3, H, W] of 0..1 in steps of 8 bits, that a model file gives a pair's SAR image."""
    with TemporaryDirectory() as folder:
        sar, output = Path(folder) / "sar.tif", Path(folder) / "optical.tif"
        height, width = pair.sar.shape[1:]
        place = {"crs": SOMEWHERE, "transform": Affine(10, 0, 500_000, 0, -10, 5_000_000)}
        shape = {"driver": "GTiff", "height": height, "width": width, "count": 1, "dtype": "uint8"}
        with rasterio.open(sar, "w", **shape, **place) as dataset:
            dataset.write(pair.sar.numpy())
        source = RasterSource("SAR", str(sar), SOMEWHERE)
        run(TranslateToOpticalJob(source, str(model), str(output), (polarisation_of(pair),)), NullReporter())
        with rasterio.open(output) as dataset:
            return dataset.read() / np.float32(255)
