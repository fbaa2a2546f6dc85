"""The Sentinel-1 model: `recipes/run.py buildings.ship_built_up --data DATA --work WORK --output MODEL`.

DATA is the folder of training sets (see docs/training.md); WORK keeps simulated places, re-aligned pairs and
checkpoints: a run that was cut off goes on where it was. A teacher learns from optical images what is built up. A
student of radar images learns from it what to see (the layers of both), then what to answer: the teacher's answers at
real pairs, and the truth at simulated places. The site that it is scored at it learns from in the end, after that.
"""

import json
from argparse import Namespace
from collections.abc import Sequence
from datetime import date
from itertools import chain

import torch

from ...engine.buildings.methods import NETWORK
from ...engine.buildings.training.building_lesson import BuildingLesson
from ...engine.buildings.training.optimisers import own
from ...engine.buildings.training.reconstruction_lesson import ReconstructionLesson
from ...engine.buildings.training.segmentation_lesson import SegmentationLesson
from ...engine.compute.device import choose_device
from ...engine.reporting import ConsoleReporter, Reporter
from ...engine.training.lesson import Plan
from ...engine.training.loop import train
from ...engine.training.pair import Pair, Sets
from ...engine.training.schedules import cosine
from ...models.buildings.bridge_build import BridgeBuild
from ...models.card import Card
from ...models.folded_unet import STRIDE
from ...models.model_file import save_model
from ...models.networks import network_entries
from ..arguments import recipe_parser
from ..translation.ship_bridge_view import training_sets
from .built_up_places import PIXEL, REACH, BuiltUpPlace, planet_mosaics, seen_by_eye, simulated_places
from .built_up_samples import OpticalSamples, PairSamples
from .built_up_scoring import SITE, SITES, answered, drawn_found, site_found, site_pairs, site_scores, with_truth
from .scoring import best_threshold

BATCH = 12
WIDTHS = (16, 32, 48, 64, 96)
_OF_TEACHER = 0.15, 0.3, 0.45, 0.1
"""Shares of samples that show Planet mosaics, simulated places, and tiles drawn by eye that are built up, and not."""

_OF_STUDENT, _OF_SITE = (0.1, 0.15, 0.3, 0.45), 0.1
"""Shares of samples that show Los Angeles, which is built up nearly everywhere, its relief, SEN1-2, and simulated
places; and, where it is learnt from, the site."""


def main() -> None:
    """Run all stages with the arguments of the command line."""
    parser = recipe_parser(__doc__, output="the model file to write")
    parser.add_argument("--places", type=int, default=38, help="simulated places to learn from")
    parser.add_argument("--teacher-samples", type=int, default=18_000, help="samples that the teacher learns from")
    parser.add_argument("--layer-samples", type=int, default=2_400, help="samples of the teacher's layers")
    parser.add_argument("--samples", type=int, default=60_000, help="samples of the teacher's answers")
    parser.add_argument("--layers", default="int", help="layers that the student learns: int, fin, mid_fin or mid")
    parser.add_argument("--site-samples", type=int, default=1_200, help=f"samples in the end, with site {SITE}; or 0")
    arguments, reporter = parser.parse_args(), ConsoleReporter()
    arguments.work.mkdir(parents=True, exist_ok=True)
    places = simulated_places(arguments.work, arguments.places)
    teacher = taught_teacher(places, arguments, reporter)
    sets = student_sets(teacher, places, arguments)
    student = taught_layers(teacher, PairSamples(sets), arguments, reporter)
    student = taught_answers(student, PairSamples(sets), arguments.samples, "student", arguments, reporter)
    threshold = best_threshold(drawn_found(student, arguments.data))
    validation = {
        f"site {name}, VV and VH in dB, not learnt from": site_scores(
            site_found(student, arguments.data, name), threshold
        )
        for name in SITES
    }
    print(json.dumps({"threshold": threshold, "validation": validation}), flush=True)
    if arguments.site_samples:
        sets = [*((pairs, share * (1 - _OF_SITE)) for pairs, share in sets), (site_pairs(arguments.data), _OF_SITE)]
        samples = PairSamples(sets)
        student = taught_answers(student, samples, arguments.site_samples, "with_site", arguments, reporter)
    card = card_of(student, threshold, validation, with_site=arguments.site_samples > 0)
    save_model(arguments.output, card, {NETWORK: student})


def taught_teacher(places: Sequence[BuiltUpPlace], arguments: Namespace, reporter: Reporter) -> BridgeBuild:
    """Return the network that knows in optical images what is built up (phase 1)."""
    drawn = seen_by_eye(arguments.data)
    parts = [[tile for tile in drawn if bool(tile.built_up.any()) == is_built] for is_built in (True, False)]
    sets = list(zip((planet_mosaics(arguments.data), places, *parts), _OF_TEACHER))
    lesson = SegmentationLesson(_network(), OpticalSamples(sets), [], own(2e-3), soft_iou=0.5)
    return _taught(lesson, arguments.teacher_samples, "teacher", arguments, reporter)


def student_sets(teacher: BridgeBuild, places: Sequence[BuiltUpPlace], arguments: Namespace) -> Sets[Pair]:
    """Return real pairs with the teacher's answers, and simulated ones with the truth."""
    real = [pairs for pairs, _ in training_sets(arguments.data, arguments.work, [])]
    sets = [*([answered(pair, teacher) for pair in pairs] for pairs in real), [*chain(*map(with_truth, places))]]
    return list(zip(sets, _OF_STUDENT))


def taught_layers(teacher: BridgeBuild, samples: PairSamples, arguments: Namespace, reporter: Reporter) -> BridgeBuild:
    """Return the network that sees in radar images what the teacher sees (phase 2)."""
    steps = arguments.layer_samples // BATCH
    lesson = ReconstructionLesson(_network(), teacher, samples, [], own(1e-3), steps, arguments.layers)
    return _taught(lesson, arguments.layer_samples, f"layers_{arguments.layers}", arguments, reporter)


def taught_answers(
    student: BridgeBuild, samples: PairSamples, count: int, name: str, arguments: Namespace, reporter: Reporter
) -> BridgeBuild:
    """Return a student that has learnt what to answer, from so many samples."""
    lesson = SegmentationLesson(student, samples, [], own(1e-3))
    return _taught(lesson, count, name, arguments, reporter)


def _network() -> BridgeBuild:
    torch.manual_seed(1)
    return BridgeBuild(widths=WIDTHS)


def _taught(lesson: BuildingLesson, samples: int, name: str, arguments: Namespace, reporter: Reporter) -> BridgeBuild:
    plan = Plan(samples // BATCH, BATCH, schedule=cosine(warm_up=50), clip_norm=1.0, average=0.99)
    checkpoint = arguments.work / f"{name}.safetensors"
    return train(lesson, plan, checkpoint, choose_device(arguments.device, reporter), reporter).networks[NETWORK]


def card_of(network: BridgeBuild, threshold: float, validation: dict, with_site: bool) -> Card:
    """Return the card of the shipped file."""
    site = f"; site {SITE} with its land cover (IBM, Apache-2.0), after it was scored" if with_site else ""
    return Card(
        name="BridgeBuild Sentinel-1",
        task=NETWORK,
        summary=f"Built-up areas, not single buildings, from Sentinel-1: ground within {REACH:g} m of buildings.",
        networks=network_entries({NETWORK: network}, {NETWORK: {"widths": list(WIDTHS)}}),
        inputs={"sar": {"bands": 1, "unit": "dB or 8-bit rendering", "range": None, "polarisations": ["VV", "VH"]}},
        outputs={"built_up": {"bands": 1, "unit": "probability", "range": [0.0, 1.0], "polarisations": []}},
        tiling={"side": 1024, "halo": 256, "step": STRIDE},
        pixel_size_range=(6.0, 20.0),
        training_sets=(
            "Teacher: SpaceNet 7 Planet mosaics (CC BY-SA 4.0), simulated Sentinel-2, 58 Sentinel-2 tiles drawn by eye",
            "Sentinel-1 GRD VH / Sentinel-2 RGB, western Los Angeles; SEN1-2 samples, VV: the teacher's answers",
            f"Simulated Sentinel-1, VV and VH{site}",
        ),
        validation=validation,
        operating_point={"threshold": threshold},
        date=date.today().isoformat(),
        licence="GPL-2.0-or-later; trained on SpaceNet 7 (CC BY-SA 4.0, SpaceNet Partners) and Copernicus data",
        working_pixel=PIXEL,
    )


if __name__ == "__main__":
    main()
