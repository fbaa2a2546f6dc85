"""The translator that ships: `recipes/run.py translation.ship_bridge_view --data DATA --work WORK --output MODEL`.

DATA is the folder of training sets (see docs/training.md), WORK keeps the checkpoint: a run that was cut off goes on
where it was. The last line is the card's validation record.
"""

from argparse import Namespace
from collections.abc import Collection
from datetime import date
from functools import partial
from pathlib import Path

import torch

from ...engine.compute.device import choose_device
from ...engine.reporting import ConsoleReporter, Reporter
from ...engine.training.lesson import Plan
from ...engine.training.loop import train
from ...engine.training.pair import Pair, Sets
from ...engine.training.schedules import cosine
from ...engine.translation.methods import NETWORK
from ...engine.translation.training.bridge_view_lesson import BridgeViewLesson
from ...engine.translation.training.samples import TranslationSampler
from ...models.card import Card
from ...models.folded_unet import STRIDE, WIDTHS
from ...models.networks import network_entries
from ...models.translation.bridge_view import BridgeView
from .. import pairs as tiles
from ..arguments import recipe_parser
from ..realigned import realigned_pairs, shipped_matcher
from .by_task import quality_by_task, write_validated
from .levels import put_levels_right

BATCH, SIDE = 8, 256


def main() -> None:
    """Run all stages with the arguments of the command line."""
    parser = recipe_parser(__doc__, output="the model file to write")
    parser.add_argument("--samples", type=int, default=60_000, help="training samples")
    parser.add_argument("--without", nargs="*", default=["town"], help="SEN1-2 scenes that are left out")
    arguments, reporter = parser.parse_args(), ConsoleReporter()
    arguments.work.mkdir(parents=True, exist_ok=True)
    sets = training_sets(arguments.data, arguments.work, arguments.without)
    sampler = TranslationSampler(sets, SIDE, tiles.CROSS_POLARISED)
    network = taught(sampler, arguments.work / "bridge_view.safetensors", arguments, reporter)
    write_validated(
        arguments.output,
        network,
        partial(card_of, without=arguments.without),
        partial(validated, data=arguments.data, without=arguments.without),
    )


def published_sets(data: Path, without: Collection[str]) -> Sets[Pair]:
    """Return the places that are trained on: Los Angeles, its relief, and SEN1-2 `without` some scenes."""
    scenes = [scene for scene in tiles.SEN12_SCENES if scene not in without]
    return [
        (tiles.los_angeles(data, "train"), 0.5),
        (tiles.los_angeles_relief(data), 0.15),
        (tiles.sen12(data, scenes), 0.35),
    ]


def training_sets(data: Path, work: Path, without: Collection[str]) -> Sets[Pair]:
    """Return the `published_sets`, those that lie a pixel or more beside each other re-aligned by the shipped matcher.

    The folder `work` keeps the re-aligned ones.
    """
    aligned, (relief, of_relief), (sen12, of_sen12) = published_sets(data, without)
    matcher = shipped_matcher()
    left_out = "_".join(["sen12", *(f"without_{scene}" for scene in sorted(without))])
    return [
        aligned,
        (realigned_pairs(work / "realigned_relief.safetensors", relief, matcher), of_relief),
        (realigned_pairs(work / f"realigned_{left_out}.safetensors", sen12, matcher), of_sen12),
    ]


def taught(
    sampler: TranslationSampler, checkpoint: Path, arguments: Namespace, reporter: Reporter, with_dem: bool = False
) -> BridgeView:
    """Return a network as it is after all steps, with its levels put right.

    No weights are preferred for their error elsewhere: it is mostly one of levels, and least before anything is learnt.
    """
    torch.manual_seed(1)
    lesson = BridgeViewLesson(BridgeView(widths=WIDTHS, with_dem=with_dem), sampler, [])
    plan = Plan(arguments.samples // BATCH, BATCH, schedule=cosine(warm_up=200), clip_norm=1.0, average=0.999)
    device = choose_device(arguments.device, reporter)
    network = train(lesson, plan, checkpoint, device, reporter).networks[NETWORK]
    put_levels_right(network, tiles.los_angeles_unreferenced(arguments.data))
    return network


def validated(model: Path, data: Path, without: Collection[str]) -> dict:
    """Return what the card says of places that were not trained on: what users get of the model file."""
    return {
        "Los Angeles, 10 tiles of the eastern block, VH": quality_by_task(model, tiles.los_angeles(data, "validation")),
        **{f"SEN1-2, scene {scene}, VV": quality_by_task(model, tiles.sen12(data, [scene])) for scene in without},
    }


def card_of(network: BridgeView, validation: dict, without: Collection[str]) -> Card:
    """Return the card of the shipped file."""
    scenes = ", ".join(scene for scene in tiles.SEN12_SCENES if scene not in without)
    return translator_card(
        network,
        "BridgeView Sentinel-1/2",
        "Optical images from Sentinel-1-like SAR, VV or VH, with the error to expect.",
        (
            "Sentinel-1 GRD VH / Sentinel-2 RGB, western Los Angeles: 18 aligned and 14 re-aligned relief tiles",
            f"SEN1-2 samples, VV, re-aligned: scenes {scenes}",
        ),
        validation,
    )


def translator_card(
    network: BridgeView, name: str, summary: str, training_sets: tuple[str, ...], validation: dict
) -> Card:
    """Return the card of a BridgeView for Sentinel-1-like images, with heights where the network takes them."""
    inputs = {"sar": {"bands": 1, "unit": "dB or 8-bit rendering", "range": None, "polarisations": ["VV", "VH"]}}
    arguments = {"widths": list(WIDTHS)}
    if network.with_dem:
        inputs["dem"] = {"bands": 1, "unit": "m", "range": None, "polarisations": []}
        arguments["with_dem"] = True
    return Card(
        name=name,
        task=NETWORK,
        summary=summary,
        networks=network_entries({NETWORK: network}, {NETWORK: arguments}),
        inputs=inputs,
        outputs={"optical": {"bands": 3, "unit": "8-bit rendering", "range": [0.0, 1.0], "polarisations": []}},
        tiling={"side": 1536, "halo": 256, "step": STRIDE},
        pixel_size_range=(6.0, 15.0),
        training_sets=training_sets,
        validation=validation,
        operating_point={},
        date=date.today().isoformat(),
        licence="GPL-2.0-or-later; trained on Copernicus data",
    )


if __name__ == "__main__":
    main()
