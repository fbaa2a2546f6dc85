"""The networks as published: `python recipes/run.py matching.ship_published --data DATA --work WORK --output FOLDER`.

DATA is the folder of training sets (see docs/training.md), WORK keeps checkpoints and re-aligned tiles: a run that was
cut off goes on where it was. FOLDER receives one model file, named after the ablation. The last line is the card's
validation record.

Published in L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation,
Technische Universität München, 2020 ("Hughes 2020"), §4.6.
"""

import json
from datetime import date

from ...engine.compute.device import choose_device
from ...engine.matching.corr_asl_matcher import CorrAslMatcher
from ...engine.matching.training.corr_asl_lesson import BATCH, plan_of, train_corr_asl
from ...engine.matching.training.evaluation import scores_on
from ...engine.matching.training.filter_lesson import corr_asl_filters
from ...engine.matching.training.outcomes import corr_asl_outcomes
from ...engine.matching.training.published_samples import sar_range
from ...engine.reporting import ConsoleReporter
from ...models.card import Card
from ...models.matching.corr_asl import ABLATIONS
from ...models.model_file import save_model
from ...models.networks import network_entries
from .. import pairs as tiles
from ..arguments import recipe_parser
from ..realigned import shipped_matcher
from .training_sets import all_sets


def main() -> None:
    """Run all stages with the arguments of the command line."""
    arguments, reporter = _arguments(), ConsoleReporter()
    for folder in (arguments.work, arguments.output):
        folder.mkdir(parents=True, exist_ok=True)
    device = choose_device(arguments.device, reporter)
    # The same tiles as the shipped model's, which re-aligns those that WORK does not hold yet.
    sets = all_sets(arguments.data, arguments.work, shipped_matcher())
    value_range, name = sar_range(sets), arguments.ablation
    checkpoint, plan = arguments.work / f"{name.lower()}.safetensors", plan_of(arguments.samples)
    network = train_corr_asl(sets, plan, checkpoint, device, reporter, name, value_range)
    networks = {"match": network}
    if name == "CorrASL":
        outcomes = corr_asl_outcomes(network, sets, arguments.filter_samples, 3, value_range, device)
        networks |= corr_asl_filters(*outcomes, arguments.work / "published", device, reporter)
    matcher = CorrAslMatcher(network.cpu(), value_range)
    scores = scores_on(matcher, tiles.los_angeles(arguments.data, "validation"), count=300, batch=BATCH)
    validation = {
        "set": "Los Angeles, aligned tiles of the eastern block, true offsets up to 32 px, before any filter",
        "all windows": {key: round(value, 2) for key, value in scores._asdict().items()},
        "training samples": arguments.samples,
    }
    save_model(
        arguments.output / f"{name.lower()}_s1s2.safetensors", _card(name, networks, value_range, validation), networks
    )
    print(json.dumps({"ablation": name, "validation": validation}))


def _arguments():
    parser = recipe_parser(__doc__, output="folder for the model file")
    parser.add_argument("--ablation", choices=ABLATIONS, default="CorrASL", help="row of Hughes 2020, §4.6, table 5")
    parser.add_argument("--samples", type=int, default=26000, help="samples that the matcher sees")
    parser.add_argument("--filter-samples", type=int, default=6000, help="matches that goodness and ORN learn from")
    return parser.parse_args()


def _card(name, networks, value_range, validation):
    choices = {"attention": ABLATIONS[name].attention, "softmax": ABLATIONS[name].softmax}
    return Card(
        name=f"{name} Sentinel-1/2",
        task="match",
        summary="The published correspondence network, which compares patch by patch.",
        networks=network_entries(networks, {"match": choices}),
        inputs={
            "sar": {"bands": 1, "unit": "8-bit rendering", "range": list(value_range), "polarisations": ["VV", "VH"]},
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
