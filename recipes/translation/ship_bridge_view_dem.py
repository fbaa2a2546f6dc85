"""The translator with heights.

    recipes/run.py translation.ship_bridge_view_dem --data DATA --work WORK --output MODEL

It learns what relief does to radar images from simulated mountains and two real sites, and colours from the places that
`ship_bridge_view` learns from too, which count as flat. DATA and WORK as for that; the last line is the card's
validation record.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from ...engine.compute.device import choose_device
from ...engine.reporting import ConsoleReporter
from ...engine.training.loop import train
from ...engine.training.pair import Pair, Sets
from ...engine.translation.methods import METHODS, NETWORK
from ...engine.translation.quality import QualitySums
from ...engine.translation.scene_scale import scene_scale
from ...engine.translation.scene_translator import SceneTranslator
from ...engine.translation.training.bridge_view_lesson import BridgeViewLesson
from ...engine.translation.training.samples import TranslationSampler
from ...models.model_file import save_model
from ...models.translation.bridge_view import STRIDE, BridgeView
from .. import pairs as tiles
from ..arguments import recipe_parser
from . import ship_bridge_view
from .mountains import POLARISATIONS, mountains
from .ship_bridge_view import WIDTHS, plan_of, translator_card

SIDE = 192
"""Pixels of a patch: less than a real site has."""

LEFT_OUT = "433D_629L_3_1"
"""The real site with the most relief, which is not learnt from."""

_SIMULATED, _SITES = 0.4, 0.1
"""Shares of samples that show simulated mountains and real sites; the others show flat land."""


def main() -> None:
    """Run all stages with the arguments of the command line."""
    parser = recipe_parser(__doc__, output="the model file to write")
    parser.add_argument("--samples", type=int, default=24_000, help="training samples")
    arguments, reporter = parser.parse_args(), ConsoleReporter()
    arguments.work.mkdir(parents=True, exist_ok=True)
    sets, crossed = training_sets(arguments.data, arguments.work), ("VH", *tiles.CROSS_POLARISED)
    sampler = TranslationSampler(sets, SIDE, crossed, with_heights=True)
    torch.manual_seed(1)
    lesson = BridgeViewLesson(BridgeView(widths=WIDTHS, with_dem=True), sampler, [])
    checkpoint, device = arguments.work / "bridge_view_dem.safetensors", choose_device(arguments.device, reporter)
    network = train(lesson, plan_of(arguments.samples), checkpoint, device, reporter).networks[NETWORK]
    validation = {
        "simulated mountains elsewhere, 16 places, VV and VH": scored(
            network, (mountain.pair for mountain in mountains(arguments.data, arguments.work, "test"))
        ),
        f"site {LEFT_OUT}, VV and VH": scored(network, tiles.dem_sites(arguments.data, [LEFT_OUT])),
    }
    card = translator_card(
        network,
        "BridgeView Sentinel-1/2 with heights",
        "Optical images from Sentinel-1-like SAR and heights; it knows mountains from simulation.",
        (
            "simulated Sentinel-1/2 mountains, VV and VH: 36 places, relief of the San Gabriel Mountains and invented",
            "two sites with Sentinel-1 RTC, Sentinel-2 and Copernicus DEM (IBM, Apache-2.0)",
            "as flat land: Sentinel-1 GRD VH / Sentinel-2 RGB of western Los Angeles, SEN1-2 without the scene town",
        ),
        validation,
    )
    save_model(arguments.output, card, {NETWORK: network})
    print(json.dumps(validation))


def training_sets(data: Path, work: Path) -> Sets:
    """Return the sets that are trained on; places with both polarisations as a pair for each."""
    simulated = [mountain.pair for mountain in mountains(data, work, "training")]
    sites = tiles.dem_sites(data, [name for name in tiles.DEM_SITES if name != LEFT_OUT])
    flat = ship_bridge_view.training_sets(data, work, ["town"])
    return [
        (tiles.by_band(simulated, POLARISATIONS), _SIMULATED),
        (tiles.by_band(sites, POLARISATIONS), _SITES),
        *((pairs, (1 - _SIMULATED - _SITES) * share) for pairs, share in flat),
    ]


@torch.inference_mode()
def scored(network: BridgeView, pairs: Iterable[Pair]) -> dict[str, float]:
    """Return what the card says of places with both polarisations, joined as the task joins them."""
    sums = QualitySums()
    for pair in pairs:
        height, width = (size // STRIDE * STRIDE for size in pair.sar.shape[1:])
        scales = [scene_scale(band.numpy(), is_rendering=True) for band in pair.sar.float()]
        translate = SceneTranslator(network, METHODS["BridgeView"], scales, POLARISATIONS, pair.highest)
        sar, heights, optical = (each[:, :height, :width] for each in (pair.sar.float(), pair.heights, pair.optical))
        sums.add_whole(translate(sar[None], heights[None])[0, :3].numpy(), optical.numpy() / np.float32(255))
    quality = sums.qualities()["all"]
    return {"mse": round(quality.mse, 5), "ssim": round(quality.ssim, 4)}


if __name__ == "__main__":
    main()
