"""Leave-one-scene-out on the SEN1-2 samples, as a Markdown table.

    python benchmarks/leave_one_scene_out.py --data DATA --work WORK [--samples 4000]

For each of the four scenes BridgeMatch is trained from nothing on the aligned western Los Angeles tiles and the other
three scenes, and scored on the one left out, before any filter. WORK keeps checkpoints: a run that was cut off goes on
where it was. The budget is small, so that four trainings are affordable: it shows what an unseen scene costs, not what
the shipped model reaches.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import torch

from ..engine.compute.device import choose_device
from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.error_scores import scores_of
from ..engine.matching.peaks import find_peaks
from ..engine.matching.training.evaluation import heat_maps, planted_windows
from ..engine.reporting import ConsoleReporter
from ..recipes import pairs as tiles
from ..recipes.matching.training_sets import first_sets
from .small_trainings import trained, training_parser

MAX_SHIFT = 32
OFFSETS_PER_TILE = 4
"""A tile of 256 pixels has room for one window at this reach: it is matched with so many planted offsets."""


def main():
    """Train and score what is missing, print the table."""
    arguments = training_parser(__doc__, samples=4000).parse_args()
    device = choose_device("auto", ConsoleReporter())
    print(f"{arguments.samples} samples a scene\n")
    print("| Scene left out | ≤ 1 px % | ≤ 3 px % | mean px | median shift px | ≤ 1 px of the median % | tiles |")
    print("|---|---|---|---|---|---|---|")
    for scene in tiles.SEN12_SCENES:
        others = tuple(other for other in tiles.SEN12_SCENES if other != scene)
        network = trained(f"without_{scene}", first_sets(arguments.data, others), arguments, device)
        print(scene_row(scene, residuals(network, tiles.sen12(arguments.data, [scene]))), flush=True)


def residuals(network, pairs):
    """Return found minus planted offsets (right, down), pixels [N, 2], of a BridgeMatch network on SEN1-2 pairs."""
    matcher, parts = BridgeMatcher(network, torch.device("cpu")), []
    for number, pair in enumerate(pairs):
        for repetition in range(OFFSETS_PER_TILE):
            windows = planted_windows(
                *pair.sar.shape[:0:-1], max_shift=MAX_SHIFT, seed=number * OFFSETS_PER_TILE + repetition
            )
            heat = torch.cat(list(heat_maps(matcher, pair.sar[0].float(), pair.grey(), windows, MAX_SHIFT)))
            peaks = find_peaks(heat)
            parts.append(torch.stack((peaks.dx, peaks.dy), 1) - windows.truths)
    return torch.cat(parts)


def scene_row(scene, found):
    """Return a Markdown row for the residuals [N, 2] of a scene.

    Scenes as published may be off by a common shift; the last share is counted from the median of the residuals.
    """
    scores, median = scores_of(found.norm(dim=1)), found.median(0).values
    around = 100 * float(((found - median).norm(dim=1) <= 1).float().mean())
    return (
        f"| {scene} | {scores.within_1:.1f} | {scores.within_3:.1f} | {scores.mean:.2f} | "
        f"({median[0]:.1f}, {median[1]:.1f}) | {around:.1f} | {len(tiles.SEN12_SCENES[scene])} |"
    )


if __name__ == "__main__":
    main()
