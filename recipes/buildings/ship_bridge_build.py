"""The X-band model that ships: `recipes/run.py buildings.ship_bridge_build --data DATA --work WORK --output MODEL`.

DATA is the folder of training sets (see docs/training.md); WORK keeps simulated cities and checkpoints: a run that was
cut off goes on where it was. First simulated cities are learnt from, then these and real tiles. Every third of the real
tiles is left out once, for what the card says of real images; the model that ships has seen them all. It was taught in
rounds, the first of which had cities of a former simulator (docs/training_buildings.md): here is one in their place.
"""

from argparse import Namespace
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import torch

from ...engine.buildings.line_of_sight import LOOK_CONFIDENCE
from ...engine.buildings.methods import NETWORK
from ...engine.buildings.training.optimisers import own
from ...engine.buildings.training.segmentation_lesson import SegmentationLesson
from ...engine.compute.device import choose_device
from ...engine.reporting import ConsoleReporter, Reporter
from ...engine.training.lesson import Plan
from ...engine.training.loop import train
from ...engine.training.pair import Sets
from ...engine.training.schedules import cosine
from ...models.buildings.bridge_build import BridgeBuild
from ...models.card import Card
from ...models.folded_unet import STRIDE
from ...models.model_file import save_model
from ...models.networks import network_entries
from ..arguments import recipe_parser
from .cities import cities
from .place_samples import PlaceSamples
from .places import PIXEL, Place
from .real_layouts import towns
from .real_tiles import FOLDS, real_tiles, without_look
from .scoring import Found, best_threshold, found, scored

BATCH = 12
VALIDATION_CITIES = 12
_SHARES = 0.2, 0.2, 0.6
"""Of simulated cities, simulated towns and real tiles among the samples of the second part."""

_COARSE = 2.5
"""Metres: on such pixels what others reach on SpaceNet 6 is told."""

_BORDER = 0.25
"""Probability from which a pixel is a border: of 0.15 to 0.5 the best for the buildings of validation cities."""

_REMEMBERED = 0.4
"""Share of the weights of simulation in a network that went on with real tiles, so that 18 tiles do not make it forget
all other cities: of 0, 0.2, 0.4 and 0.6 the best for left-out tiles and simulated cities together. Averaged as by
M. Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022."""

_LOOK = 0.9
"""Confidence from which a look is believed that the image tells: of 16 left-out real tiles four had it, and 24 of 36
simulated cities, and none of them was more than 40° astray."""


def main() -> None:
    """Run all stages with the arguments of the command line."""
    parser = recipe_parser(__doc__, output="the model file to write")
    parser.add_argument("--cities", type=int, default=320, help="simulated cities to learn from")
    parser.add_argument("--towns", type=int, default=4, help="simulated images of each real tile")
    parser.add_argument("--samples", type=int, default=85_200, help="samples of simulated cities")
    parser.add_argument("--real-samples", type=int, default=10_800, help="samples of simulated and real places")
    arguments, reporter = parser.parse_args(), ConsoleReporter()
    known = cities(arguments.work, arguments.cities, first=VALIDATION_CITIES)
    unseen = cities(arguments.work, VALIDATION_CITIES)
    simulated = taught([(known, 1.0)], arguments.samples, None, "simulated", arguments, reporter)
    _tell("simulated cities", found(simulated, unseen))
    every = _tiles(arguments, FOLDS)
    _tell("real tiles, learnt from simulation alone", found(simulated, every))
    _tell("real tiles, learnt from simulation alone, without look", found(simulated, without_look(every)))
    left_out = defaultdict(list)
    for fold in FOLDS:
        others = _tiles(arguments, [other for other in FOLDS if other != fold])
        name = f"without_{'_'.join(fold)}"
        network = _with_real(mixed(known, others, arguments), simulated, name, arguments, reporter)
        for pixel in (PIXEL, _COARSE):
            tiles = _tiles(arguments, [fold], pixel)
            left_out[f"look known, {pixel:g} m"] += found(network, tiles)
            left_out[f"look not known, {pixel:g} m"] += found(network, without_look(tiles))
    threshold = _tell("real tiles, each left out", [each for results in left_out.values() for each in results])
    network = _with_real(mixed(known, every, arguments), simulated, "all", arguments, reporter)
    validation = {"simulated cities, look known": scored(found(network, unseen), threshold)}
    for view, results in left_out.items():
        validation[f"SpaceNet 6, tiles left out of another training, {view}"] = scored(results, threshold)
    save_model(arguments.output, card_of(network, threshold, validation), {NETWORK: network})
    print(validation)


def _with_real(
    sets: Sets[Place], simulated: BridgeBuild, name: str, arguments: Namespace, reporter: Reporter
) -> BridgeBuild:
    """Return a network that goes on from what simulation taught, and keeps a part of that."""
    network = taught(sets, arguments.real_samples, simulated, name, arguments, reporter)
    weights, before = network.state_dict(), simulated.state_dict()  # with the statistics of the batches
    kept = {name: each.lerp(before[name], _REMEMBERED) for name, each in weights.items() if each.is_floating_point()}
    network.load_state_dict({**weights, **kept})
    return network


def mixed(known: Sequence[Place], tiles: Sequence[Place], arguments: Namespace) -> Sets[Place]:
    """Return what the second part learns from: simulated cities, and real tiles as they are and as simulated towns."""
    drawn = [known, towns(arguments.work, tiles, arguments.towns), tiles]
    return list(zip(drawn, _SHARES))


def _tiles(arguments: Namespace, folds: Sequence[tuple[str, ...]], pixel: float = PIXEL) -> list[Place]:
    return [tile for fold in folds for tile in real_tiles(arguments.data, fold, pixel)]


def _tell(what: str, results: Sequence[Found]) -> float:
    """Print what is reached at the best threshold, and return that."""
    threshold = best_threshold(results)
    print(f"{what}, at {threshold:.2f}: {scored(results, threshold)}", flush=True)
    return threshold


def taught(
    sets: Sets[Place], samples: int, start: BridgeBuild, name: str, arguments: Namespace, reporter: Reporter
) -> BridgeBuild:
    """Return a network that has learnt from sets of places, from the weights of `start` on where there is one."""
    torch.manual_seed(1)
    network = BridgeBuild()
    if start is not None:
        network.load_state_dict(start.state_dict())
    lesson = SegmentationLesson(network, PlaceSamples(sets), [], own(1.5e-3 if start is None else 1e-3), soft_iou=0.5)
    plan = Plan(samples // BATCH, BATCH, schedule=cosine(warm_up=100), clip_norm=1.0, average=0.999)
    device = choose_device(arguments.device, reporter)
    checkpoint = arguments.work / f"{name}.safetensors"
    return train(lesson, plan, checkpoint, device, reporter).networks[NETWORK]


def card_of(network: BridgeBuild, threshold: float, validation: dict) -> Card:
    """Return the card of the shipped file."""
    return Card(
        name="BridgeBuild X-band",
        task=NETWORK,
        summary="Building footprints from SAR images of the metre class, best where the line of sight is given.",
        networks=network_entries({NETWORK: network}),
        inputs={"sar": {"bands": 1, "unit": "dB or 8-bit rendering", "range": None, "polarisations": ["HH", "VV"]}},
        outputs={"footprint": {"bands": 1, "unit": "probability", "range": [0.0, 1.0], "polarisations": []}},
        tiling={"side": 1024, "halo": 256, "step": STRIDE},
        pixel_size_range=(0.5, 3.0),
        training_sets=(
            "Simulated cities, 0.5 to 2.5 m, 20° to 60°, HH and VV",
            "SpaceNet 6 SAR, Rotterdam, 18 tiles with official footprints (CC BY-SA 4.0)",
        ),
        validation=validation,
        operating_point={"threshold": threshold, "border_threshold": _BORDER, LOOK_CONFIDENCE: _LOOK},
        date=date.today().isoformat(),
        licence="GPL-2.0-or-later; trained on SpaceNet 6, CC BY-SA 4.0, SpaceNet Partners",
        working_pixel=PIXEL,
    )


if __name__ == "__main__":
    main()
