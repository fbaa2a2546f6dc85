"""The translator that ships: `recipes/run.py translation.ship_bridge_view --data DATA --work WORK --output MODEL`.

DATA is the folder of training sets (see docs/training.md), WORK keeps the checkpoint: a run that was cut off goes on
where it was.
"""

from argparse import Namespace
from collections.abc import Collection
from pathlib import Path

from ...engine.compute.device import choose_device
from ...engine.reporting import ConsoleReporter, Reporter
from ...engine.training.lesson import Plan, Record
from ...engine.training.loop import train
from ...engine.training.pair import Sets
from ...engine.training.schedules import cosine
from ...engine.translation.training.bridge_view_lesson import BridgeViewLesson
from ...engine.translation.training.samples import TranslationSampler, whole_pair
from ...models.translation.bridge_view import STRIDE, BridgeView
from .. import pairs as tiles
from ..arguments import recipe_parser

BATCH, SIDE = 12, 256
CROSS_POLARISED = ("s1s2_los_angeles",)
"""How the names of the sets begin that show VH; the others show VV."""


def main() -> None:
    """Run all stages with the arguments of the command line."""
    parser = recipe_parser(__doc__, output="the model file to write")
    parser.add_argument("--samples", type=int, default=160_000, help="training samples")
    parser.add_argument("--without", nargs="*", default=["town"], help="SEN1-2 scenes that are left out")
    arguments, reporter = parser.parse_args(), ConsoleReporter()
    taught(arguments.data, arguments.work / "bridge_view.safetensors", arguments, reporter)


def training_sets(data: Path, without: Collection[str]) -> Sets:
    """Return the sets that are trained on: Los Angeles, its relief, and SEN1-2 `without` some scenes."""
    scenes = [scene for scene in tiles.SEN12_SCENES if scene not in without]
    return [
        (tiles.los_angeles(data, "train"), 0.45),
        (tiles.los_angeles_relief(data), 0.15),
        (tiles.sen12(data, scenes), 0.4),
    ]


def taught(data: Path, checkpoint: Path, arguments: Namespace, reporter: Reporter) -> Record:
    """Return the record of the training."""
    sets = training_sets(data, arguments.without)
    # Neither trained on nor of the validation list: they only tell which weights are the best.
    validation = [whole_pair(pair, True, STRIDE) for pair in tiles.los_angeles_unreferenced(data)]
    lesson = BridgeViewLesson(BridgeView(), TranslationSampler(sets, SIDE, CROSS_POLARISED), validation)
    steps = arguments.samples // BATCH
    plan = Plan(
        steps, BATCH, schedule=cosine(warm_up=200), clip_norm=1.0, average=0.999, score_every=500, checkpoint_every=250
    )
    return train(lesson, plan, checkpoint, choose_device(arguments.device, reporter), reporter)


if __name__ == "__main__":
    main()
