"""What simulation and real tiles are each worth: `python benchmarks/real_buildings.py --data DATA --work WORK`.

Every third of the real SpaceNet 6 tiles is left out once, by source. Printed is, for all of them together and at their
best threshold, the intersection over union of what BridgeBuild finds that learnt from the other tiles alone, with that
of brightness alone. What simulation adds is printed by the recipe `buildings.ship_bridge_build`.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from collections import defaultdict
from pathlib import Path

from ..engine.compute.memory import keep_freed_memory
from ..engine.process_environment import set_environment
from ..engine.reporting import ConsoleReporter
from ..recipes.buildings.places import PIXEL
from ..recipes.buildings.real_tiles import FOLDS, real_tiles, without_look
from ..recipes.buildings.scoring import best_threshold, brightness, found, scored
from ..recipes.buildings.ship_bridge_build import taught

_PIXELS = PIXEL, 2.5
"""Metres of the pixels on which the tiles are scored."""


def main():
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real images (docs/training.md)")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--samples", type=int, default=6_000, help="of each of the three trainings")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    arguments, reporter = parser.parse_args(), ConsoleReporter()
    tiles = {(fold, pixel): real_tiles(arguments.data, fold, pixel) for fold in FOLDS for pixel in _PIXELS}
    for pixel in _PIXELS:
        every = [tile for fold in FOLDS for tile in tiles[fold, pixel]]
        print(f"brightness alone, pixels of {pixel:g} m:", _best(brightness(every)), flush=True)
    left_out = defaultdict(list)
    for fold in FOLDS:
        others = [tile for other in FOLDS if other != fold for tile in tiles[other, PIXEL]]
        name = f"real_without_{'_'.join(fold)}"
        network = taught([(others, 1.0)], arguments.samples, None, name, arguments, reporter)
        for pixel in _PIXELS:
            left_out[f"look known, {pixel:g} m"] += found(network, tiles[fold, pixel])
            left_out[f"look not known, {pixel:g} m"] += found(network, without_look(tiles[fold, pixel]))
    for view, results in left_out.items():
        print(f"real tiles alone, {view}:", _best(results))


def _best(results):
    threshold = best_threshold(results)
    return f"at {threshold:.2f}: {scored(results, threshold)}"


if __name__ == "__main__":
    set_environment()
    keep_freed_memory()
    main()
