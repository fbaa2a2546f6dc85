"""Does translation help matching? The planted windows of the validation table, matched with and without, as Markdown.

    python benchmarks/translate_and_match.py --data DATA [--translator FILE] [--model FILE] [--spacing 64]

DATA is the folder of training sets (see docs/training.md). Cross-correlation of the SAR images with the optical ones,
the same of the translated images, in greys as the engine reads them, and BridgeMatch on the SAR images.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..contract.installation import SHIPPED_MODELS
from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.classical import NccMatcher
from ..engine.matching.training.evaluation import errors_on, planted_in
from ..engine.training.pair import Pair
from ..models.model_file import load_model
from ..recipes.translation.by_task import translated_by_task
from .validation import DEFAULT_MODEL, TABLE_HEAD, Set, sets_of, table_row


def main():
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shipped = SHIPPED_MODELS / "bridgeview_s1s2.safetensors"
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--translator", type=Path, default=shipped, help="model file that translates")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="BridgeMatch model file")
    parser.add_argument("--spacing", type=int, default=64, help="pixels between the windows of a tile")
    arguments = parser.parse_args()
    torch.set_grad_enabled(False)

    for scored in sets_of(arguments.data, arguments.spacing):
        if scored.like_training:  # 8 bits of one band, which is what was learnt from
            print(f"\n### {scored.title}\n\n{TABLE_HEAD}")
            for name, errors in rows_of(scored, arguments.translator, arguments.model):
                print(table_row(name, errors, 100.0), flush=True)


def rows_of(scored: Set, translator: Path, model: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (name, errors in pixels [N]) for each row of a `Set`'s table."""
    windows = planted_in(scored.pairs, scored.spacing, scored.max_shift)
    translations = [translation_of(pair, translator) for pair in scored.pairs]
    card, networks = load_model(str(model), "match")
    for name, matcher, pairs in (
        ("NCC, SAR image", NccMatcher(), scored.pairs),
        ("NCC, translated image", NccMatcher(), translations),
        (f"{card.name}, SAR image", BridgeMatcher(networks["match"], torch.device("cpu")), scored.pairs),
    ):
        yield name, errors_on(matcher, pairs, windows, scored.max_shift)


def translation_of(pair: Pair, translator: Path) -> Pair:
    """Return a pair whose SAR image is its translation in greys, as users would match it."""
    colours = torch.from_numpy(translated_by_task(translator, pair))
    return replace(pair, sar=colours.mean(0, keepdim=True))


if __name__ == "__main__":
    main()
