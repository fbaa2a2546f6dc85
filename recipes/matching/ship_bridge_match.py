"""The model that ships: `python recipes/run.py matching.ship_bridge_match --data DATA --work WORK --output MODEL`.

DATA is the folder of training sets (see docs/training.md), WORK keeps checkpoints and re-aligned tiles: a run that was
cut off goes on where it was. The last line is the card's validation record.
"""

import argparse
import json
from datetime import date
from pathlib import Path

import torch

from ...engine.matching.matchers import BridgeMatcher
from ...engine.matching.training.evaluation import scores_of
from ...engine.matching.training.operating_point import choose_operating_point, judged_windows
from ...engine.matching.training.train_filters import collect_outcomes, train_goodness, train_orn
from ...engine.matching.training.train_matcher import train_matcher
from ...models.card import Card
from ...models.model_file import save_model
from . import pairs as tiles
from .training_sets import all_sets, calibration_pairs, first_sets, with_simulation


def main():
    """Run all stages with the arguments of the command line."""
    arguments = _arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    first = train_matcher(first_sets(arguments.data), arguments.first_samples, arguments.work / "first.safetensors")
    sets = all_sets(arguments.data, arguments.work, first)
    second = train_matcher(sets, arguments.samples, arguments.work / "matcher.safetensors", seed=2, start_from=first)
    network = train_matcher(
        with_simulation(sets, arguments.work),
        arguments.last_samples,
        arguments.work / "last.safetensors",
        seed=3,
        start_from=second,
    )
    goodness, orn = _filters(network, sets, arguments.filter_samples)
    matcher = BridgeMatcher(network, torch.device("cpu"))
    point = choose_operating_point(*judged_windows(matcher, goodness, orn, calibration_pairs(arguments.data)))
    validation = _validation(matcher, goodness, orn, point, arguments.data)
    networks = {"match": network, "goodness.sar": goodness[0], "goodness.optical": goodness[1], "orn": orn}
    save_model(arguments.output, _card(networks, point, validation), networks)
    print(json.dumps({"operating_point": point, "validation": validation}))


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--output", type=Path, required=True, help="the model file to write")
    parser.add_argument("--first-samples", type=int, default=8000, help="samples of the round on aligned tiles only")
    parser.add_argument("--samples", type=int, default=26000, help="samples of the round on all tiles")
    parser.add_argument("--last-samples", type=int, default=10000, help="samples of the round with simulated pairs")
    parser.add_argument("--filter-samples", type=int, default=6000, help="matches that goodness and ORN learn from")
    return parser.parse_args()


def _filters(network, sets, count):
    outcomes = collect_outcomes(network, sets, count, seed=3)
    orn = train_orn(outcomes.heat, outcomes.error, seed=4)
    goodness = tuple(train_goodness(patches, outcomes.error, seed=5) for patches in (outcomes.sar, outcomes.optical))
    return goodness, orn


def _validation(matcher, goodness, orn, point, data):
    """Scores on the validation list: all windows, and those that pass both thresholds."""
    error, promise, probability = judged_windows(matcher, goodness, orn, tiles.los_angeles(data, "validation"))
    kept = (promise >= point["goodness_threshold"]) & (probability >= point["orn_threshold"])
    return {
        "set": "Los Angeles, 10 aligned tiles of the eastern block, true offsets up to 32 px",
        "all windows": _rounded(scores_of(error)),
        "after goodness and ORN": {
            **_rounded(scores_of(error[kept])),
            "share_kept": round(100 * float(kept.mean()), 1),
        },
    }


def _rounded(scores):
    return {name: round(value, 2) for name, value in scores._asdict().items()}


def _card(networks, point, validation):
    return Card(
        name="BridgeMatch Sentinel-1/2",
        task="match",
        summary="Tie points between Sentinel-1-like SAR and Sentinel-2-like optical images.",
        networks={prefix: {"class": type(network).__name__, "arguments": {}} for prefix, network in networks.items()},
        sar_input={
            "bands": 1,
            "polarisations": ["VV", "VH"],
            "unit": "dB or 8-bit rendering",
            "value_range": "any: local contrast is normalised",
        },
        optical_input={
            "bands": 1,
            "polarisations": [],
            "unit": "grey, mean of the chosen bands",
            "value_range": "any: local contrast is normalised",
        },
        pixel_size_range=(6.0, 15.0),
        training_sets=(
            "Sentinel-1 GRD VH / Sentinel-2, western Los Angeles: 18 aligned and 14 re-aligned relief tiles",
            "SEN1-2 samples, VV: scenes fields, hills, desert (re-aligned)",
            "OMBRIA, flood areas on three continents (re-aligned, two of 800 tiles in fifteen left out)",
            "150 simulated Sentinel-1/2 places (engine/simulation), VV, VH, HH, HV",
        ),
        validation=validation,
        operating_point=point,
        date=date.today().isoformat(),
        licence="GPL-2.0-or-later; trained on Copernicus data",
    )
