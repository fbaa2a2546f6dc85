"""How near translators come to the true colours, beside trivial answers, as Markdown tables.

    python benchmarks/translation.py --data DATA [--model FILE ...] [--scene town]

DATA is the folder of training sets (see docs/training.md), FILE a model file of the task "translate" or a checkpoint of
a training of BridgeView. Tables: the ten validation tiles of eastern Los Angeles, and a SEN1-2 scene left out of
training. benchmarks/README.md says what the columns mean.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open

from ..engine.training.checkpoint import load_checkpoint
from ..engine.training.pair import Pair, Sets
from ..engine.translation.quality import Quality, whole_quality
from ..engine.translation.training.samples import whole_pair
from ..engine.translation.trivial_answers import TrivialAnswers, TrivialFit, local_statistics
from ..models.card import METADATA_KEY
from ..models.folded_unet import STRIDE
from ..models.translation.bridge_view import BridgeView
from ..recipes import pairs as tiles
from ..recipes.translation.by_task import translated_by_task
from ..recipes.translation.ship_bridge_view import published_sets

Translator = Callable[[Pair], np.ndarray]
"""Gives the colours [3, H, W] of a place."""

MEAN_COLOUR, REGRESSION = "mean colour", "regression"


def main():
    """Print the tables for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--model", type=Path, nargs="*", default=[], help="model files, or checkpoints of BridgeView")
    parser.add_argument("--scene", default="town", choices=tiles.SEN12_SCENES, help="SEN1-2 scene that was left out")
    arguments = parser.parse_args()
    torch.set_grad_enabled(False)

    models = {path.stem: model(path) for path in arguments.model}
    *los_angeles, sen12 = sets = published_sets(arguments.data, [arguments.scene])
    everywhere = trivial(fitted(sets))[REGRESSION]
    for title, pairs, alike in (
        ("Los Angeles, eastern block", tiles.los_angeles(arguments.data, "validation"), los_angeles),
        (f"SEN1-2, scene '{arguments.scene}'", tiles.sen12(arguments.data, [arguments.scene]), [sen12]),
    ):
        print(f"\n### {title}: MSE × 100 / SSIM\n")
        contestants = {**trivial(fitted(alike)), "regression, all sets": everywhere, **models}
        for line in table(pairs, contestants):
            print(line, flush=True)


def fitted(sets: Sets[Pair]) -> TrivialAnswers:
    """Return the trivial answers for training sets; each counts by its share, however many pixels it has."""
    fit = TrivialFit(bands=3)
    for pairs, share in sets:
        for pair in pairs:
            colours = pair.optical.numpy() / 255
            fit.add(statistics_of(pair), colours, weight=share / len(pairs) / colours[0].size)
    return fit.answers()


def statistics_of(pair: Pair) -> np.ndarray:
    """Return the local statistics of a pair's radar image as it is, 8 bits as 0..1; of several bands their mean's.

    How bright a whole tile is says something of its colours: standardised by scene, as networks see it, the regression
    is worse.
    """
    return local_statistics(pair.sar.float().mean(0).numpy() / 255)


def trivial(answers: TrivialAnswers) -> dict[str, Translator]:
    """Return the trivial answers as contestants."""
    return {
        MEAN_COLOUR: lambda pair: answers.constant(*pair.sar.shape[1:]),
        REGRESSION: lambda pair: answers.regression(statistics_of(pair)),
    }


def model(path: Path) -> Translator:
    """Return the translator of a model file, or of the best weights so far of a checkpoint."""
    with safe_open(path, "pt") as file:
        is_model = METADATA_KEY in file.metadata()
    if is_model:
        return lambda pair: translated_by_task(path, pair)
    network, parts = BridgeView(), load_checkpoint(path)[0]
    network.load_state_dict(parts.get("best translate") or parts["average translate"])
    network.eval()
    return lambda pair: (
        network(whole_pair(pair, tiles.polarisation_of(pair) == "VH", STRIDE).sar)[0, :3].clamp(0, 1).numpy()
    )


def table(pairs: Sequence[Pair], contestants: Mapping[str, Translator]) -> Iterable[str]:
    """Yield the lines of a table: a row a tile, their mean, and how that stands beside the trivial answers."""
    yield f"| tile | {' | '.join(contestants)} | its own mean colour |"
    yield "|---" * (len(contestants) + 2) + "|"
    scores = []
    for pair in pairs:
        truth = pair.optical.numpy() / np.float32(255)
        images = [*(translate(pair) for translate in contestants.values()), own_mean_colour(truth)]
        scores.append([whole_quality(image, truth)["all"] for image in images])
        yield row(Path(pair.name).name, scores[-1])
    means = [Quality(0, *np.mean([score[1:] for score in column], axis=0)) for column in zip(*scores)]
    yield row(f"**mean of {len(pairs)}**", means)
    names = list(contestants)
    yield against_regression(means, names.index(REGRESSION))
    yield worst_tile(scores, names.index(MEAN_COLOUR))


def own_mean_colour(truth: np.ndarray) -> np.ndarray:
    """Return the mean colour of a tile as an image: the best even answer, which no method can know."""
    return np.broadcast_to(truth.mean((1, 2), keepdims=True), truth.shape)


def row(name: str, qualities: Sequence[Quality]) -> str:
    """Return a row of a table."""
    return f"| {name} | {' | '.join(f'{100 * each.mse:.2f} / {each.ssim:.3f}' for each in qualities)} |"


def against_regression(means: Sequence[Quality], regression: int) -> str:
    """Return the row that says what percentage of error is more or less than the regression's, and how similar."""
    by = means[regression]
    cells = (f"{100 * (each.mse / by.mse - 1):+.0f} % / {each.ssim - by.ssim:+.3f}" for each in means)
    return f"| against the regression | {' | '.join(cells)} |"


def worst_tile(scores: Sequence[Sequence[Quality]], mean_colour: int) -> str:
    """Return the row that says how much more error, in percent, than the mean colour's the worst tile has."""
    cells = (
        f"{100 * (max(each.mse / tile[mean_colour].mse for each, tile in zip(column, scores)) - 1):+.0f} %"
        for column in zip(*scores)
    )
    return f"| worst tile against the mean colour | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
