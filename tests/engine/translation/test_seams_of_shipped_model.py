"""The translator that ships shows no seams; until it is there, its network with random weights."""

import numpy as np
import pytest
import rasterio
import torch
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.contract.translation_jobs import TranslateToOpticalJob
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.translation import translate_to_optical
from sarbridge.models.card import list_models
from sarbridge.models.translation.bridge_view import STRIDE
from sarbridge.tests.engine.translation.sar_images import LEFT, PIXEL, TOP, backscatter, write_sar
from sarbridge.tests.toy_translator import write_translator

SHIPPED = [path for path, _ in list_models([SHIPPED_MODELS], "translate")]


@pytest.fixture(scope="module", params=SHIPPED or [None], ids=lambda path: path.stem if path else "random")
def model(request, tmp_path_factory):
    if request.param:
        return str(request.param)
    path = tmp_path_factory.mktemp("random") / "bridge_view.safetensors"
    widths = {"widths": [32, 48, 72, 112, 160]}
    return write_translator(path, arguments=widths, tiling={"side": 1024, "halo": 256, "step": STRIDE})


@pytest.mark.parametrize("enhance", ["none", "wiener"])
def test_moving_the_tiles_by_the_stride_changes_no_pixel_by_more_than_a_level(enhance, model, tmp_path, out):
    """A place is once in the middle of a tile, and once at the edge of its core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    sar = write_sar(tmp_path / "sar.tif", backscatter(192, 320))
    images = []
    for moved in (0, STRIDE):
        west, north, east, south = LEFT + moved * PIXEL, TOP - moved * PIXEL, LEFT + 3200, TOP - 1920
        extent = (west, south, east, north) if moved else ()
        job = TranslateToOpticalJob(
            sar, model, str(out / "optical.tif"), extent=extent, enhance=enhance, tile=704, device="cpu"
        )
        translate_to_optical.run(job, NullReporter())
        with rasterio.open(out / "optical.tif") as image:
            images.append(image.read().astype(int))
    torch.set_num_threads(threads)
    whole, part = images
    assert part.shape == (3, 192 - STRIDE, 320 - STRIDE)
    assert np.abs(part - whole[:, STRIDE:, STRIDE:]).max() <= 1
    assert whole.std(axis=(1, 2)).min() > 1
