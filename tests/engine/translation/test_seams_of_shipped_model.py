"""The translators that ship show no seams."""

import numpy as np
import pytest
import rasterio
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.contract.translation_jobs import TranslateToOpticalJob
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.translation import translate_to_optical
from sarbridge.models.card import list_models
from sarbridge.models.folded_unet import STRIDE
from sarbridge.tests.engine.geometry.surfaces import write_surface
from sarbridge.tests.engine.translation.sar_images import LEFT, PIXEL, TOP, backscatter, write_sar

SHIPPED = dict(list_models([SHIPPED_MODELS], "translate"))


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("enhance", ["none", "wiener"])
@pytest.mark.parametrize("model", SHIPPED, ids=lambda path: path.stem)
def test_moving_the_tiles_by_the_stride_changes_no_pixel_by_more_than_a_level(model, enhance, tmp_path, out):
    """A place is once in the middle of a tile, and once at the edge of its core."""
    sar = write_sar(tmp_path / "sar.tif", backscatter(192, 320))
    heights = 400 + 300 * np.sin(np.arange(320) / 30) + np.arange(192)[:, None]
    takes_heights = "dem" in SHIPPED[model].inputs
    dem = write_surface(tmp_path / "dem.tif", heights, cell=PIXEL) if takes_heights else None
    images = []
    for moved in (0, STRIDE):
        west, north, east, south = LEFT + moved * PIXEL, TOP - moved * PIXEL, LEFT + 3200, TOP - 1920
        extent = (west, south, east, north) if moved else ()
        job = TranslateToOpticalJob(
            sar,
            str(model),
            str(out / "optical.tif"),
            dem=dem,
            extent=extent,
            enhance=enhance,
            tile=704,
            device="cpu",
        )
        translate_to_optical.run(job, NullReporter())
        with rasterio.open(out / "optical.tif") as image:
            images.append(image.read().astype(int))
    whole, part = images
    assert part.shape == (3, 192 - STRIDE, 320 - STRIDE)
    assert np.abs(part - whole[:, STRIDE:, STRIDE:]).max() <= 1
    assert whole.std(axis=(1, 2)).min() > 1
