"""The validation table, as Markdown: every matcher on the same planted windows, then the real pipeline on whole tiles.

    python benchmarks/validation.py --data DATA [--model MODEL] [--spacing 64]

DATA is the folder of training sets (see docs/training.md). The first part scores every method on the same windows,
before any filter, and the model after its filters. The second part falsifies the georeferencing of whole tiles and runs
the matching job on the files. benchmarks/README.md says what the columns mean.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
import torch

from ..contract.installation import SHIPPED_MODELS
from ..contract.report_page import number
from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.classical import MutualInformationMatcher, NccMatcher
from ..engine.matching.error_scores import Scores, scores_of
from ..engine.matching.matcher import Matcher
from ..engine.matching.orientation_matcher import OrientationMatcher
from ..engine.matching.training.evaluation import errors_on, planted_in, thinned
from ..engine.matching.training.operating_point import judged_windows
from ..engine.training.pair import Pair
from ..models.model_file import load_model
from ..recipes import pairs as tiles
from .whole_tiles import whole_tile_table

DEFAULT_MODEL = SHIPPED_MODELS / "bridgematch_s1s2.safetensors"

MAX_SHIFT = 32

MOST_SLOW_WINDOWS = 300
"""Mutual information is scored on so many windows of a set, drawn with a fixed seed."""

TABLE_HEAD = (
    "| Method | ≤ 1 px % | ≤ 3 px % | mean L2 px | mAP px | share kept % | windows |\n|---|---|---|---|---|---|---|"
)


class Set(NamedTuple):
    """Pairs that are scored together: windows every `spacing` pixels, planted offsets up to `max_shift`.

    `like_training`: 8-bit renderings and the offsets that the filters were trained for.
    """

    title: str
    pairs: list[Pair]
    spacing: int
    max_shift: int
    like_training: bool


class Contestant(NamedTuple):
    """A row of the table: a method under a name."""

    name: str
    matcher: Matcher
    slow: bool = False


def main():
    """Print both tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="BridgeMatch model file")
    parser.add_argument("--spacing", type=int, default=64, help="pixels between the windows of a tile")
    arguments = parser.parse_args()
    torch.set_grad_enabled(False)

    contestants = classical()
    bundle = None
    if arguments.model.exists():
        bundle = load_model(arguments.model, "match")
    else:
        print(f"There is no model file '{arguments.model}': its rows are left out.", file=sys.stderr)
    for scored in sets_of(arguments.data, arguments.spacing):
        print(f"\n### {scored.title}\n")
        print(TABLE_HEAD)
        for name, errors, kept in rows_of(scored, contestants, bundle):
            print(table_row(name, errors, kept), flush=True)
    if bundle:
        print(whole_tile_table(arguments.data, arguments.model))


def classical() -> list[Contestant]:
    """Return the `Contestant`s without a model file."""
    return [
        Contestant("NCC", NccMatcher()),
        Contestant("mutual information", MutualInformationMatcher(), slow=True),
        Contestant("orientations of gradients", OrientationMatcher()),
    ]


def sets_of(data, spacing):
    """Yield the `Set`s: the validation list, a scene that was not trained on, and other places in true units."""
    yield Set(
        "Validation list: Los Angeles, eastern block",
        tiles.los_angeles(data, "validation"),
        spacing,
        MAX_SHIFT,
        like_training=True,
    )
    yield Set(
        "SEN1-2, scene 'town', never trained on: one window a tile",
        tiles.sen12(data, ["town"]),
        spacing,
        MAX_SHIFT,
        like_training=True,
    )
    # Tiles of 224 pixels: ±16 is the largest reach at which windows fit, and they overlap.
    yield Set(
        "Three sites on other continents in true units (dB), VV and VH: offsets up to ±16 px only, windows every 16 px",
        sites_in_db(data),
        16,
        16,
        like_training=False,
    )


def sites_in_db(data):
    """Return the pairs of `s1_dem_s2_sites`, VV and VH apart: SAR float64 in dB."""
    folder = Path(data) / "s1_dem_s2_sites"
    pairs = []
    for path in sorted((folder / "s1_db").glob("*.tif")):
        with rasterio.open(path) as sar, rasterio.open(folder / "s2_rgb" / path.name) as optical:
            sar, optical = torch.from_numpy(sar.read()), torch.from_numpy(optical.read())
        pairs += [Pair(f"{path.stem} {band}", sar[i : i + 1], optical) for i, band in enumerate(("VV", "VH"))]
    return pairs


def rows_of(scored, contestants, bundle):
    """Yield (name, errors in pixels [N], share kept in percent) for each row of a `Set`'s table.

    `bundle` is (card, networks) of a BridgeMatch model file, or None.
    """
    windows = planted_in(scored.pairs, scored.spacing, scored.max_shift)
    for contestant in contestants:
        chosen = thinned(windows, MOST_SLOW_WINDOWS) if contestant.slow else windows
        yield contestant.name, errors_on(contestant.matcher, scored.pairs, chosen, scored.max_shift), 100.0
    if bundle:
        yield from _model_rows(scored, windows, *bundle)


def _model_rows(scored, windows, card, networks):
    matcher = BridgeMatcher(networks["match"], torch.device("cpu"))
    if not scored.like_training:
        yield f"{card.name}, all windows", errors_on(matcher, scored.pairs, windows, scored.max_shift), 100.0
        return
    goodness = networks["goodness.sar"], networks["goodness.optical"]
    # The windows of `judged_windows` are the ones of the other rows: same spacing, same seeds.
    judged = judged_windows(matcher, goodness, networks["orn"], scored.pairs, scored.spacing)
    promising = judged.goodness() >= card.operating_point["goodness_threshold"]
    likely = judged.score >= card.operating_point["orn_threshold"]
    for what, kept in (
        ("all windows", np.ones(len(judged.error), bool)),
        ("after goodness", promising),
        ("after ORN", likely),
        ("after goodness and ORN", promising & likely),
    ):
        yield f"{card.name}, {what}", judged.error[kept], 100 * kept.mean()


def table_row(name, errors, kept):
    """Return a Markdown row: scores of errors [N] and the share kept in percent."""
    if not len(errors):
        return f"| {name} | – | – | – | – | {kept:.1f} | 0 |"
    scores = scores_of(errors)
    return f"| {name} | {figures(scores)} | {kept:.1f} | {scores.count} |"


def figures(scores: Scores) -> str:
    """Return the cells that are the same in all tables of matches: both shares, the mean error and mAP."""
    return f"{scores.within_1:.1f} | {scores.within_3:.1f} | {scores.mean:.2f} | {number(scores.map)}"


if __name__ == "__main__":
    main()
