"""How a matcher does on sensors and places that it was not taught, and whether its predicted errors are true there.

    python benchmarks/sensors.py --data DATA --work WORK [--models MODEL …] [--sets "simulated l_band"]

Planted windows as in `validation.py`, offsets up to ±16 px as in the second stage of matching, before any filter and
after the card's largest predicted error; shares with their 95 % interval (bootstrap over tiles). Simulated places are
others than those of the training, and the folder WORK keeps them. Real pairs of metre-class radars are aligned to some
pixels only: columns "of the median", and those of sigma, count from the tile's own median offset.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.first_stage import FINE_REACH
from ..engine.matching.judgement import neighbourhoods
from ..engine.matching.orientation_matcher import OrientationMatcher
from ..engine.matching.peaks import find_peaks
from ..engine.matching.training.evaluation import heat_maps, planted_windows
from ..engine.matching.windows import middle
from ..engine.training.pair import Pair
from ..models.matching.match_error_net import AROUND
from ..models.model_file import load_model
from ..recipes import pairs as tiles
from ..recipes.matching.simulated_pairs import SENSORS, simulated_cities, simulated_pairs
from .bootstrap import interval
from .validation import DEFAULT_MODEL

TEST_SEED, TEST_PLACES = 4242, 12

REAL_METRE_CLASS = ("dfc25_0", "dfc25_2", "ex_0", "ex_4", "ex_8")

_HEAD = (
    "| Set | windows | ≤ 1 px % | ≤ 3 px % | ≤ 1 px of the median % | ≤ 3 px % | kept % | kept: ≤ 1 px % | ≤ 3 px % "
    "| within sigma % (39) | within 2 sigma % (86) |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def main():
    """Print a table for each model, and one for the yardstick."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps simulated places")
    parser.add_argument("--models", type=Path, nargs="+", default=[DEFAULT_MODEL], help="BridgeMatch model files")
    parser.add_argument("--sets", nargs="+", help="these only")
    arguments = parser.parse_args()
    sets = test_sets(arguments.data, arguments.work)
    for name in arguments.sets or ():
        if name not in sets:
            parser.error(f"unknown set '{name}', there are: {', '.join(sets)}")
    sets = {name: pairs for name, pairs in sets.items() if not arguments.sets or name in arguments.sets}
    for path in arguments.models:
        card, networks = load_model(path, "match")
        matcher = BridgeMatcher(networks["match"], torch.device("cpu"))
        _print_table(path.stem, sets, matcher, networks.get("match_error"), card.operating_point.get("largest_sigma"))
    _print_table("yardstick", sets, OrientationMatcher(), None, None)


def test_sets(data, work):
    """Return {name: pairs} of the sets that no shipped matcher was taught."""
    sets = {
        "Los Angeles, eastern block": tiles.los_angeles(data, "validation"),
        "SEN1-2 town": tiles.sen12(data, ["town"]),
        "sites in dB": tiles.by_band(tiles.dem_sites(data), ("VV", "VH")),
        "Umbra, 0.3 to 1.2 m": metre_class(data),
    }
    for name, sensors in SENSORS.items():
        path = work / f"test_{name}.safetensors"
        sets[f"simulated {name}"] = simulated_pairs(path, sensors, TEST_PLACES, TEST_SEED)
    for name in ("half_metre", "metre", "three_metres"):
        path = work / f"test_{name}_cities.safetensors"
        sets[f"simulated {name}, cities"] = simulated_cities(path, SENSORS[name], TEST_PLACES, TEST_SEED)
    return sets


def metre_class(data):
    """Return the real pairs of metre-class radars and colours."""
    pairs = []
    for name in REAL_METRE_CLASS:
        sar, optical = (
            torch.from_numpy(np.array(Image.open(data / "buildings" / "oem_sar" / f"{name}_{part}.png").convert(mode)))
            for part, mode in (("sar", "L"), ("rgb", "RGB"))
        )
        pairs.append(Pair(f"oem_sar/{name}", sar[None], optical.permute(2, 0, 1).contiguous()))
    return pairs


def _print_table(name, sets, matcher, match_error, largest_sigma):
    print(f"\n### {name}\n\n{_HEAD}")
    for title, pairs in sets.items():
        print(
            _row(
                title,
                [outcomes(matcher, match_error, pair, number) for number, pair in enumerate(pairs)],
                largest_sigma,
            ),
            flush=True,
        )


@torch.inference_mode()
def outcomes(matcher, match_error, pair, number):
    """Return (found minus planted offsets [N, 2], predicted sigmas [N]) of a pair's windows; NaN without a network."""
    sar, optical = pair.sar[0].float(), pair.grey()
    height, width = (side // 8 * 8 for side in sar.shape)
    sar, optical = sar[:height, :width], optical[:height, :width]
    windows = planted_windows(width, height, spacing=32 if width < 512 else 64, max_shift=FINE_REACH, seed=number)
    off, sigmas, start = [np.empty((0, 2))], [np.empty(0)], 0
    for heat in heat_maps(matcher, sar, optical, windows, FINE_REACH, known=FINE_REACH + AROUND):
        peaks = find_peaks(middle(heat, 2 * FINE_REACH + 1))
        truths = windows.truths[start : start + len(heat)]
        off.append((torch.stack((peaks.dx, peaks.dy), 1) - truths).double().numpy())
        sigma = torch.full((len(heat),), torch.nan)
        if match_error is not None:
            sigma = match_error(neighbourhoods(heat, peaks, AROUND))
        sigmas.append(sigma.double().numpy())
        start += len(heat)
    return np.concatenate(off), np.concatenate(sigmas)


def _row(title, found, largest_sigma):
    errors = [np.hypot(*off.T) for off, _ in found]
    around = [np.hypot(*(off - np.median(off, 0)).T) if len(off) else np.empty(0) for off, _ in found]
    cells = [interval([e <= limit for e in errors], 100) for limit in (1, 3)]
    cells += [interval([e <= limit for e in around], 100) for limit in (1, 3)]
    if largest_sigma is None:
        cells += ["–"] * 5
    else:
        kept = [sigma <= largest_sigma for _, sigma in found]
        cells.append(interval(kept, 100))
        cells += [interval([e[k] <= limit for e, k in zip(errors, kept)], 100) for limit in (1, 3)]
        cells += [interval([e <= times * sigma for e, (_, sigma) in zip(around, found)], 100) for times in (1, 2)]
    return f"| {title} | {sum(map(len, errors))} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
