"""The model that ships: `python recipes/run.py matching.ship_bridge_match --data DATA --work WORK --output MODEL`.

DATA is the folder of training sets (see docs/training.md), WORK keeps checkpoints and re-aligned tiles: a run that was
cut off goes on where it was. The last line is the card's validation record.
"""

import json
from datetime import date
from pathlib import Path

import numpy as np
import torch

from ...engine.compute.device import choose_device
from ...engine.matching.bridge_matcher import BridgeMatcher
from ...engine.matching.error_scores import scores_of
from ...engine.matching.training.bridge_match_lesson import plan_of, train_bridge_match
from ...engine.matching.training.calibration import calibrate
from ...engine.matching.training.filter_lesson import bridge_match_filters
from ...engine.matching.training.match_error_lesson import calibrate_errors, train_match_error
from ...engine.matching.training.operating_point import (
    LARGEST_SIGMA,
    choose_operating_point,
    judged_windows,
    predicted_errors,
)
from ...engine.matching.training.outcomes import bridge_match_errors, bridge_match_outcomes
from ...engine.reporting import ConsoleReporter
from ...models.card import Card
from ...models.model_file import load_model, save_model
from ...models.networks import network_entries
from .. import pairs as tiles
from ..arguments import recipe_parser
from .training_sets import (
    all_sets,
    calibration_pairs,
    error_calibration_pairs,
    every_sensor,
    first_sets,
    with_simulation,
)


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
    windows = judged_windows(matcher, goodness, orn.logits, pairs)
    judged = windows.score != 0  # what rivals speak against has no score of the ORN
    calibrate(orn, windows.score[judged], windows.error[judged])
    point = choose_operating_point(judged_windows(matcher, goodness, orn, pairs))
    if "match_error" not in networks:
        networks["match_error"] = _taught_errors(arguments, networks["match"], reporter)
    point["largest_sigma"] = LARGEST_SIGMA
    _calibrate_errors(networks["match_error"], matcher, arguments)
    validation = _validation(matcher, networks, point, arguments.data)
    save_model(arguments.output, _card(networks, point, validation), networks)
    print(json.dumps({"operating_point": point, "validation": validation}))


def _taught(arguments, device, reporter):
    """Networks by their prefix on the card, from nothing."""
    work, data = arguments.work, arguments.data

    def round_of(sets, samples, seed, name, start_from=None, rate=2e-3):
        plan, checkpoint = plan_of(samples, seed), work / f"{name}.safetensors"
        return train_bridge_match(sets, plan, checkpoint, device, reporter, start_from, rate)

    first = round_of(first_sets(data), arguments.first_samples, 1, "first")
    sets = all_sets(data, work, first)
    second = round_of(sets, arguments.samples, 2, "matcher", first)
    third = round_of(with_simulation(sets, work), arguments.third_samples, 3, "third", second)
    sensors = every_sensor(data, work, third)
    fourth = round_of(sensors, arguments.fourth_samples, 4, "fourth", third, rate=8e-4)
    network = round_of(sensors, arguments.fifth_samples, 6, "fifth", fourth, rate=6e-4)
    outcomes = bridge_match_outcomes(network, sets, arguments.filter_samples, 3, device)
    return {"match": network, **bridge_match_filters(outcomes, work, device, reporter)}


def _arguments():
    parser = recipe_parser(__doc__, output="the model file to write")
    parser.add_argument("--first-samples", type=int, default=8000, help="samples of the round on aligned tiles only")
    parser.add_argument("--samples", type=int, default=26000, help="samples of the round on all tiles")
    parser.add_argument("--third-samples", type=int, default=10000, help="samples of the round with simulated pairs")
    parser.add_argument("--fourth-samples", type=int, default=28800, help="samples of the first round on all sensors")
    parser.add_argument("--fifth-samples", type=int, default=24000, help="samples of the second round on all sensors")
    parser.add_argument("--filter-samples", type=int, default=6000, help="matches that goodness and ORN learn from")
    parser.add_argument("--error-samples", type=int, default=6000, help="matches that the errors are learnt from")
    parser.add_argument(
        "--trained",
        type=Path,
        help="model file whose networks are taken: only thresholds are chosen again, and errors learnt if it has none",
    )
    return parser.parse_args()


def _taught_errors(arguments, network, reporter):
    """What predicts the errors of a BridgeMatch `network`, on all sensors at their own pixels."""
    sets = every_sensor(arguments.data, arguments.work, network, coarse_factors=())
    device = choose_device(arguments.device, reporter)
    sample = bridge_match_errors(network, sets, arguments.error_samples, 7, device)
    return train_match_error(*sample, arguments.work / "match_error.safetensors", device, reporter).cpu()


def _calibrate_errors(match_error, matcher, arguments):
    """Make predicted errors true on places of all sensors that taught nothing."""
    real, simulated = tiles.los_angeles_unreferenced(arguments.data), error_calibration_pairs(arguments.work)
    found = predicted_errors(matcher, match_error, real), predicted_errors(matcher, match_error, simulated, spacing=32)
    error, sigma = (np.concatenate(part) for part in zip(*found))
    calibrate_errors(match_error, sigma, error)


def _validation(matcher, networks, point, data):
    """Scores on the validation list: all windows, those that pass both thresholds, those whose predicted error does."""
    pairs = tiles.los_angeles(data, "validation")
    goodness = networks["goodness.sar"], networks["goodness.optical"]
    windows = judged_windows(matcher, goodness, networks["orn"], pairs)
    judged = (windows.goodness() >= point["goodness_threshold"]) & (windows.score >= point["orn_threshold"])
    near, sigma = predicted_errors(matcher, networks["match_error"], pairs)
    sure = sigma <= point["largest_sigma"]
    return {
        "set": "Los Angeles, 10 aligned tiles of the eastern block, true offsets up to 32 px (by predicted error: "
        "up to 16 px, and less the median of the tile)",
        "all windows": scores_of(windows.error).on_card(),
        "after goodness and ORN": _kept(windows.error, judged),
        "by predicted error": _kept(near, sure),
    }


def _kept(error, kept):
    return {**scores_of(error[kept]).on_card(), "share_kept": round(100 * float(kept.mean()), 1)}


def _card(networks, point, validation):
    return Card(
        name="BridgeMatch Sentinel-1/2",  # models and commands name it
        task="match",
        summary="Tie points between SAR and optical images, from Sentinel-1 and Sentinel-2 to radars of half a metre.",
        networks=network_entries(networks),
        # Any range: the network takes out local contrast itself.
        inputs={
            "sar": {"bands": 1, "unit": "dB or 8-bit rendering", "range": None, "polarisations": ["VV", "VH"]},
            "optical": {"bands": 1, "unit": "grey, mean of the chosen bands", "range": None, "polarisations": []},
        },
        outputs={},
        tiling={},
        pixel_size_range=(0.5, 15.0),
        training_sets=(
            "Sentinel-1 GRD VH / Sentinel-2, western Los Angeles: 18 aligned and 14 re-aligned relief tiles",
            "SEN1-2 samples, VV: scenes fields, hills, desert (re-aligned)",
            "OMBRIA, flood areas on three continents (re-aligned, two of 800 tiles in fifteen left out)",
            "150 simulated Sentinel-1/2 places (engine/simulation), VV, VH, HH, HV, and simulated mountains",
            "360 simulated places and 600 cities of X-band radars of 0.5 to 3 m and an L-band radar of 12.5 m",
            "the western Los Angeles tiles at 20 and 40 m, for the first stage",
        ),
        validation=validation,
        operating_point=point,
        date=date.today().isoformat(),
        licence="GPL-2.0-or-later; trained on Copernicus data",
    )
