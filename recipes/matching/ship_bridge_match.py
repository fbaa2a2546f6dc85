"""The model that ships: `python recipes/run.py matching.ship_bridge_match --data DATA --work WORK --output MODEL`.

DATA is the folder of training sets (see docs/training.md), WORK keeps checkpoints and re-aligned tiles: a run that was
cut off goes on where it was. The last line is the card's validation record.
"""

import json
from datetime import date
from pathlib import Path

import torch

from ...engine.compute.device import choose_device
from ...engine.matching.bridge_matcher import BridgeMatcher
from ...engine.matching.training.bridge_match_lesson import plan_of, train_bridge_match
from ...engine.matching.training.calibration import calibrate
from ...engine.matching.training.evaluation import scores_of
from ...engine.matching.training.filter_lesson import bridge_match_filters
from ...engine.matching.training.operating_point import choose_operating_point, judged_windows
from ...engine.matching.training.outcomes import bridge_match_outcomes
from ...engine.reporting import ConsoleReporter
from ...models.card import Card
from ...models.model_file import load_model, save_model
from ...models.networks import network_entries
from .. import pairs as tiles
from ..arguments import recipe_parser
from .training_sets import all_sets, calibration_pairs, first_sets, with_simulation


def main() -> None:
    """Run all stages with the arguments of the command line."""
    arguments, reporter = _arguments(), ConsoleReporter()
    arguments.work.mkdir(parents=True, exist_ok=True)
    if arguments.trained:
        networks = load_model(arguments.trained, "match")[1]
    else:
        networks = _taught(arguments, choose_device(arguments.device, reporter), reporter)
    goodness, orn = (networks["goodness.sar"], networks["goodness.optical"]), networks["orn"]
    matcher = BridgeMatcher(networks["match"].cpu(), torch.device("cpu"))
    pairs = calibration_pairs(arguments.data)
    error, _, logit = judged_windows(matcher, goodness, orn.logits, pairs)
    judged = logit != 0  # what rivals speak against has no score of the ORN
    calibrate(orn, logit[judged], error[judged])
    point = choose_operating_point(*judged_windows(matcher, goodness, orn, pairs))
    validation = _validation(matcher, goodness, orn, point, arguments.data)
    save_model(arguments.output, _card(networks, point, validation), networks)
    print(json.dumps({"operating_point": point, "validation": validation}))


def _taught(arguments, device, reporter):
    """Networks by their prefix on the card, from nothing."""
    work, data = arguments.work, arguments.data

    def round_of(sets, samples, seed, name, start_from=None):
        plan, checkpoint = plan_of(samples, seed), work / f"{name}.safetensors"
        return train_bridge_match(sets, plan, checkpoint, device, reporter, start_from)

    first = round_of(first_sets(data), arguments.first_samples, 1, "first")
    sets = all_sets(data, work, first)
    second = round_of(sets, arguments.samples, 2, "matcher", first)
    network = round_of(with_simulation(sets, work), arguments.last_samples, 3, "last", second)
    outcomes = bridge_match_outcomes(network, sets, arguments.filter_samples, 3, device)
    return {"match": network, **bridge_match_filters(outcomes, work, device, reporter)}


def _arguments():
    parser = recipe_parser(__doc__, output="the model file to write")
    parser.add_argument("--first-samples", type=int, default=8000, help="samples of the round on aligned tiles only")
    parser.add_argument("--samples", type=int, default=26000, help="samples of the round on all tiles")
    parser.add_argument("--last-samples", type=int, default=10000, help="samples of the round with simulated pairs")
    parser.add_argument("--filter-samples", type=int, default=6000, help="matches that goodness and ORN learn from")
    parser.add_argument(
        "--trained",
        type=Path,
        help="model file whose networks are taken: only its scores and thresholds are chosen again",
    )
    return parser.parse_args()


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
        networks=network_entries(networks),
        # Any range: the network takes out local contrast itself.
        inputs={
            "sar": {"bands": 1, "unit": "dB or 8-bit rendering", "range": None, "polarisations": ["VV", "VH"]},
            "optical": {"bands": 1, "unit": "grey, mean of the chosen bands", "range": None, "polarisations": []},
        },
        outputs={},
        tiling={},
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
