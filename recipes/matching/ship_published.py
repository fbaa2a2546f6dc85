"""The networks as published: `python recipes/run.py matching.ship_published --data DATA --work WORK --output FOLDER`.

DATA is the folder of training sets (see docs/training.md), WORK keeps checkpoints and re-aligned tiles: a run that was
cut off goes on where it was. FOLDER receives one model file, named after the network. The last line is the card's
validation record.

Published in L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation,
Technische Universität München, 2020 ("Hughes 2020"), §4.2, §4.5, §4.6 and §5.1.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import nn

from ...engine.compute.device import choose_device
from ...engine.matching.classical import NccMatcher
from ...engine.matching.matcher import TEMPLATE
from ...engine.matching.methods import METHODS
from ...engine.matching.training.curricula import CURRICULA, PAIR_RANGE, Curriculum, Given, corr_asl, psiam
from ...engine.matching.training.evaluation import scores_on
from ...engine.matching.training.filter_lesson import corr_asl_filters
from ...engine.matching.training.labelled_patches import LabelledSampler
from ...engine.matching.training.matching_lesson import NETWORK
from ...engine.matching.training.outcomes import corr_asl_outcomes
from ...engine.matching.training.ss_net_samples import SsNetSampler
from ...engine.reporting import ConsoleReporter
from ...engine.training.loop import train
from ...models.card import Card
from ...models.matching.corr_asl import ABLATIONS
from ...models.model_file import save_model
from ...models.networks import network_entries
from .. import pairs as tiles
from ..arguments import recipe_parser
from ..realigned import shipped_matcher
from .training_sets import all_sets

FILTERED = "CorrASL"
"""The network that goodness and ORN are published for."""

PSIAM_SIDES = 32, 64, 96
"""Pixels a side of the patches that PSiam is taught on beside the usual ones."""

SSNET_SHARES = 75, 50, 25, 5
"""Percent of the places that SSNet has labels of, beside all of them."""


class Published(NamedTuple):
    """A network to be taught. method: its row of `METHODS`. samples: about an hour's work of one processor core, for
    PSiam on its largest patches. arguments: those of the constructor."""

    method: str
    curriculum: Curriculum
    samples: int
    arguments: Mapping[str, Any] = {}


def _ablation(name: str) -> Published:
    row, choices = CURRICULA["corrasl"], ABLATIONS[name]
    arguments = {"attention": choices.attention, "softmax": choices.softmax}
    return Published("corrasl", row._replace(lesson=partial(corr_asl, ablation=name)), 5_600, arguments)


def _psiam(side: int) -> Published:
    sampler, lesson = partial(LabelledSampler, side=side), partial(psiam, side=side)
    return Published("psiam", CURRICULA["psiam"]._replace(sampler=sampler, lesson=lesson), 67_200, {"side": side})


def _ss_net(share: int) -> Published:
    sampler = partial(SsNetSampler, share=share / 100)
    return Published("ssnet", CURRICULA["ssnet"]._replace(sampler=sampler), 5_280)


NETWORKS = {
    **{name: _ablation(name) for name in ABLATIONS},
    "PSiam": _psiam(TEMPLATE),
    **{f"PSiam-{side}": _psiam(side) for side in PSIAM_SIDES},
    "DeepMatch": Published("deepmatch", CURRICULA["deepmatch"], 20_000),
    "SSNet": _ss_net(100),
    **{f"SSNet-{share}": _ss_net(share) for share in SSNET_SHARES},
}


def main() -> None:
    """Run all stages with the arguments of the command line."""
    arguments, reporter = _arguments(), ConsoleReporter()
    for folder in (arguments.work, arguments.output):
        folder.mkdir(parents=True, exist_ok=True)
    device = choose_device(arguments.device, reporter)
    # The same tiles as the shipped model's, which re-aligns those that WORK does not hold yet.
    sets = all_sets(arguments.data, arguments.work, shipped_matcher())
    name, row = arguments.network, NETWORKS[arguments.network]
    samples, stem = arguments.samples or row.samples, name.lower().replace("-", "_")
    plan = row.curriculum.plan(samples, 1, row.curriculum.batch)
    torch.manual_seed(plan.seed)  # random weights
    given = Given(row.curriculum.sampler(sets), (), row.curriculum.rate, None, plan.steps)
    lesson, checkpoint = row.curriculum.lesson(given), arguments.work / f"{stem}.safetensors"
    lesson.settings = {"samples": samples, "batch": plan.batch}
    networks = {NETWORK: train(lesson, plan, checkpoint, device, reporter).networks[NETWORK]}
    if name == FILTERED and arguments.filter_samples:
        outcomes = corr_asl_outcomes(networks[NETWORK], sets, arguments.filter_samples, 3, PAIR_RANGE, device)
        networks |= corr_asl_filters(*outcomes, arguments.work / "published", device, reporter)
    validation = {**_validated(row, networks[NETWORK].cpu(), arguments.data), "training samples": samples}
    save_model(arguments.output / f"{stem}_s1s2.safetensors", _card(name, networks, validation), networks)
    print(json.dumps({"network": name, "validation": validation}))


def _arguments():
    parser = recipe_parser(__doc__, output="folder for the model file")
    parser.add_argument("--network", choices=NETWORKS, default=FILTERED, help="which one to teach")
    parser.add_argument("--samples", type=int, help="samples to learn from, by default about an hour of one core")
    parser.add_argument(
        "--filter-samples", type=int, default=6000, help=f"matches that {FILTERED}'s goodness and ORN learn from, or 0"
    )
    return parser.parse_args()


def _validated(row: Published, network: nn.Module, data) -> dict[str, Any]:
    """Return the scores on the validation list, before any filter, beside those of cross-correlation."""
    most, max_shift = row.curriculum.validated
    pairs = tiles.los_angeles(data, "validation")
    matchers = {"all windows": METHODS[row.method].matcher(network, PAIR_RANGE), "cross-correlation": NccMatcher()}
    scores = {whose: scores_on(matcher, pairs, most, max_shift, batch=8) for whose, matcher in matchers.items()}
    return {
        "set": f"Los Angeles, aligned tiles of the eastern block, true offsets up to {max_shift} px",
        **{whose: each.on_card() for whose, each in scores.items()},
    }


def _card(name: str, networks: Mapping[str, nn.Module], validation: dict[str, Any]) -> Card:
    return Card(
        name=f"{name} Sentinel-1/2",
        task="match",
        summary="A published network for matching SAR and optical images, taught for a short time.",
        networks=network_entries(networks, {NETWORK: dict(NETWORKS[name].arguments)}),
        inputs={
            "sar": {
                "bands": 1,
                "unit": "8-bit rendering",
                "range": list(PAIR_RANGE),
                "polarisations": ["VV", "VH"],
            },
            "optical": {"bands": 1, "unit": "grey, mean of the bands", "range": [0, 1], "polarisations": []},
        },
        outputs={},
        tiling={},
        pixel_size_range=(6.0, 15.0),
        training_sets=(
            "Sentinel-1 GRD VH / Sentinel-2, western Los Angeles, aligned and re-aligned relief tiles",
            "SEN1-2 samples, VV: scenes fields, hills, desert (re-aligned)",
            "OMBRIA, flood areas on three continents (re-aligned)",
        ),
        validation=validation,
        # Where classifiers trained on balanced labels change sides; Hughes 2020 names no thresholds.
        operating_point={
            f"{filter_name}_threshold": 0.5
            for filter_name in ("goodness", "orn")
            if any(prefix.startswith(filter_name) for prefix in networks)
        },
        date=date.today().isoformat(),
        licence="GPL-2.0-or-later; trained on Copernicus data",
    )
