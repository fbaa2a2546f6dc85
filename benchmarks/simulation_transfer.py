"""What simulated pairs teach the matcher about real ones, as a Markdown table.

    python benchmarks/simulation_transfer.py --data DATA --work WORK [--samples 3200] [--places 150]

BridgeMatch is trained three times from nothing, with one budget: on real pairs (the sets of the first round), on
simulated ones alone, and on both, half each. All are scored on the validation list: every second window, before any
filter. WORK keeps the simulated pairs and checkpoints: a run that was cut off goes on where it was.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import torch

from ..engine.compute.device import choose_device
from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.training.evaluation import errors_on, planted_in
from ..engine.reporting import ConsoleReporter
from ..recipes import pairs as tiles
from ..recipes.matching.simulated_pairs import SENTINEL, simulated_pairs
from ..recipes.matching.training_sets import first_sets
from .small_trainings import trained, training_parser
from .validation import table_row

SPACING = 128
MAX_SHIFT = 32


def main():
    """Simulate, train and score what is missing, print the table."""
    parser = training_parser(__doc__, samples=3200)
    parser.add_argument("--places", type=int, default=150, help="simulated places of 288 pixels")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    device = choose_device("auto", ConsoleReporter())
    real = first_sets(arguments.data)
    simulated = simulated_pairs(
        arguments.work / f"simulated_{arguments.places}.safetensors", SENTINEL, arguments.places
    )
    print(f"{arguments.samples} samples, {arguments.places} simulated places\n")
    print("| Trained on | ≤ 1 px % | ≤ 3 px % | mean L2 px | mAP px | share kept % | windows |")
    print("|---|---|---|---|---|---|---|")
    for name, sets in (
        ("real", real),
        ("simulated", [(simulated, 1.0)]),
        ("both", [*((pairs, share / 2) for pairs, share in real), (simulated, 0.5)]),
    ):
        network = trained(name, sets, arguments, device)
        print(table_row(name, validation_errors(network, arguments.data), 100.0), flush=True)


@torch.inference_mode()
def validation_errors(network, data):
    """Return the errors in pixels [N] of a BridgeMatch network on the validation list."""
    pairs = tiles.los_angeles(data, "validation")
    windows = planted_in(pairs, SPACING, MAX_SHIFT)
    return errors_on(BridgeMatcher(network, torch.device("cpu")), pairs, windows, MAX_SHIFT)


if __name__ == "__main__":
    main()
