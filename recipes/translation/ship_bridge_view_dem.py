"""The translator with heights.

    recipes/run.py translation.ship_bridge_view_dem --data DATA --work WORK --output MODEL

It learns what relief does to radar images from simulated mountains and two real sites, and colours from the places that
`ship_bridge_view` learns from too, which count as flat. DATA and WORK as for that; the last line is the card's
validation record.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from ...engine.reporting import ConsoleReporter
from ...engine.training.pair import Pair, Sets
from ...engine.translation.methods import METHODS
from ...engine.translation.training.samples import TranslationSampler
from ...models.card import Card
from ...models.translation.bridge_view import BridgeView
from .. import pairs as tiles
from ..arguments import recipe_parser
from .by_task import quality_by_task, write_validated
from .mountains import POLARISATIONS, mountains
from .ship_bridge_view import taught, translator_card
from .ship_bridge_view import training_sets as flat_sets

SIDE = 192
"""Pixels of a patch: less than a real site has."""

LEFT_OUT = "433D_629L_3_1"
"""The real site with the most relief, which is not learnt from."""

_SIMULATED, _SITES = 0.4, 0.1
"""Shares of samples that show simulated mountains and real sites; the others show flat land."""


def main() -> None:
    """Run all stages with the arguments of the command line."""
    parser = recipe_parser(__doc__, output="the model file to write")
    parser.add_argument("--samples", type=int, default=40_000, help="training samples")
    arguments, reporter = parser.parse_args(), ConsoleReporter()
    arguments.work.mkdir(parents=True, exist_ok=True)
    sets, crossed = training_sets(arguments.data, arguments.work), ("VH", *tiles.CROSS_POLARISED)
    full_height = METHODS["BridgeView"].full_height
    sampler = TranslationSampler(sets, SIDE, crossed, with_heights=True, full_height=full_height)
    network = taught(sampler, arguments.work / "bridge_view_dem.safetensors", arguments, reporter, with_dem=True)
    write_validated(arguments.output, network, card_of, partial(validated, data=arguments.data, work=arguments.work))


def training_sets(data: Path, work: Path) -> Sets[Pair]:
    """Return the sets that are trained on; places with both polarisations as a pair for each."""
    simulated = [mountain.pair for mountain in mountains(data, work, "training")]
    sites = tiles.dem_sites(data, [name for name in tiles.DEM_SITES if name != LEFT_OUT])
    return [
        (tiles.by_band(simulated, POLARISATIONS), _SIMULATED),
        (tiles.by_band(sites, POLARISATIONS), _SITES),
        *((pairs, (1 - _SIMULATED - _SITES) * share) for pairs, share in flat_sets(data, work, ["town"])),
    ]


def validated(model: Path, data: Path, work: Path) -> dict:
    """Return what the card says of places that were not trained on: what users get of the model file."""
    simulated = [mountain.pair for mountain in mountains(data, work, "test")]
    site = tiles.dem_sites(data, [LEFT_OUT], in_decibels=True)
    return {
        "simulated mountains elsewhere, VV and VH": quality_by_task(model, simulated, POLARISATIONS, True),
        f"site {LEFT_OUT}, VV and VH in dB": quality_by_task(model, site, POLARISATIONS, True),
        "Los Angeles, 10 tiles of the eastern block, VH, as a plain": quality_by_task(
            model, as_plains(tiles.los_angeles(data, "validation")), with_heights=True
        ),
        "SEN1-2, scene town, VV, as a plain": quality_by_task(
            model, as_plains(tiles.sen12(data, ["town"])), with_heights=True
        ),
    }


def as_plains(pairs: Iterable[Pair]) -> list[Pair]:
    """Return pairs whose heights are not known as plains a hundred metres high."""
    return [replace(pair, heights=torch.full((1, *pair.sar.shape[1:]), 100.0)) for pair in pairs]


def card_of(network: BridgeView, validation: dict) -> Card:
    """Return the card of the file."""
    return translator_card(
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


if __name__ == "__main__":
    main()
