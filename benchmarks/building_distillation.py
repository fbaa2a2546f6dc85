"""How much a teacher that sees optical images helps to find buildings in radar images, as Markdown tables.

    python benchmarks/building_distillation.py --work WORK [--steps 300] [--networks …] [--rows …] [--seeds …]

The first is Table 2 of R. Narayanan Nair and R. Hänsch, "Let me show you how it's done", CVPRW 2024, at a small budget
on simulated cities; the second has few of the radar images labelled. WORK keeps scenes, networks and results: a run
that was cut off goes on where it was, and the tables show all that there is. `--rows` without a name only prints them.
benchmarks/README.md says what is compared.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np
import torch

from ..contract.building_training_jobs import ARCHITECTURES
from ..contract.finished_file import finished_file
from ..engine.buildings.methods import NETWORK
from ..engine.buildings.training.curricula import CURRICULA
from ..engine.buildings.training.samples import BuildingSample
from ..engine.buildings.training.thresholds import counted
from ..engine.compute.device import choose_device
from ..engine.compute.memory import keep_freed_memory
from ..engine.reporting import ConsoleReporter
from ..engine.training.lesson import Plan, Record
from ..engine.training.loop import train
from ..engine.training.schedules import warm_cosine
from .distillation_rows import (
    BEGUN_WITH,
    CONTESTANTS,
    FEW,
    FINE_TUNED,
    HFD,
    INT,
    OPTICAL,
    ROWS,
    SAR,
    TABLE_2,
    with_few,
)
from .paired_scenes import COLOURS, POLARISATIONS, PatchSamples, in_colour, scenes

COUNTS = {"training": 100, "validation": 8, "test": 24}
"""Scenes of each set: of those that are learnt from, one is a percent."""

REPORTS = 20
FALL = 0.05
"""A training has not converged if its mean loss in the last quarter is lower than in the second by this share: if more
than twice the steps still changed something. Neighbouring quarters do not tell, as the rate falls to 0."""


class Budget(NamedTuple):
    """How much a network learns alone: steps, patches a step, and pixels a side of a patch."""

    steps: int
    batch: int
    side: int

    def __str__(self) -> str:
        return f"{self.steps} steps of {self.batch} patches of {self.side} px"


class Result(NamedTuple):
    """What a row came to: pooled IoU of the test scenes at the threshold that is best for the validation scenes.

    falls: whether the loss was still falling.
    """

    iou: float
    threshold: float
    falls: bool


Results = Mapping[tuple[str, str], Sequence[Result]]
"""(network, row) -> a result for each seed."""


@dataclass(frozen=True)
class Bench:
    """Trains and scores rows on sets of scenes; the folder keeps networks and results."""

    folder: Path
    sets: Mapping[str, Sequence[BuildingSample]]
    budget: Budget
    device: torch.device

    def run(self, network: str, seed: int, row: str) -> None:
        """Find the result of a row where there is none yet."""
        if self.result(network, seed, row) is not None:
            return
        record = self._taught(network, seed, row)
        learnt = record.networks[NETWORK].to(self.device)
        threshold = counted(learnt, self._scenes("validation", row)).best().threshold
        iou = counted(learnt, self._scenes("test", row)).at(threshold).iou
        result = Result(iou, threshold, still_falls(record.figures))
        with finished_file(self._file(network, seed, row, "json")) as temporary:
            Path(temporary).write_text(json.dumps(result._asdict()), encoding="utf-8")
        if row not in BEGUN_WITH:
            self._file(network, seed, row, "safetensors").unlink()
        print(f"{ARCHITECTURES[network]}, seed {seed}, {row}: intersection over union {100 * iou:.1f} %.", flush=True)

    def result(self, network: str, seed: int, row: str) -> Optional[Result]:
        """Return the result of a row, if there is one."""
        path = self._file(network, seed, row, "json")
        return Result(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None

    def results(self) -> Results:
        """Return all results that there are."""
        found = {
            (network, row): [self.result(network, seed, row) for seed in contestant.seeds]
            for network, contestant in CONTESTANTS.items()
            for row in ROWS
        }
        return {place: [each for each in results if each is not None] for place, results in found.items()}

    def _taught(self, network: str, seed: int, name: str) -> Record:
        """Return what becomes of the training of a row, after that of the row before it where it is not over yet."""
        row = ROWS[name]
        before = self._taught(network, seed, row.after).networks[NETWORK] if row.after else None
        torch.manual_seed(seed)
        new = CURRICULA[network].made(COLOURS if name == OPTICAL else len(POLARISATIONS))
        known = self._scenes("training", name)
        chosen = torch.randperm(len(known), generator=torch.Generator().manual_seed(seed))
        labelled = [known[i] for i in chosen[: max(1, len(known) * row.labelled // 100)].tolist()]
        steps = round(self.budget.steps * row.share)
        lesson = row.taught(new, before, PatchSamples(labelled, self.budget.side), steps)
        plan = Plan(steps, self.budget.batch, seed, warm_cosine, clip_norm=1.0, report_every=max(1, steps // REPORTS))
        checkpoint = self._file(network, seed, name, "safetensors")
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        print(f"{ARCHITECTURES[network]}, seed {seed}, {name}:", flush=True)
        return train(lesson, plan, checkpoint, self.device, ConsoleReporter())

    def _scenes(self, part: str, row: str) -> Sequence[BuildingSample]:
        return [in_colour(scene) if row == OPTICAL else scene for scene in self.sets[part]]

    def _file(self, network: str, seed: int, row: str, suffix: str) -> Path:
        folder = self.folder / "_".join(map(str, self.budget)) / f"{network}_{seed}"
        return folder / f"{re.sub(r'[^a-z0-9]+', '_', row.lower()).strip('_')}.{suffix}"


def still_falls(figures: Mapping[int, Mapping[str, float]]) -> bool:
    """Return whether a training has not converged (`FALL`), by its parts of the loss that were reported by step.

    Of one in several turns it is about the last, whose parts have other names.
    """
    reports = [figures[step] for step in sorted(figures)]
    losses = [sum(parts.values()) for parts in reports if parts.keys() == reports[-1].keys()]
    quarter = max(1, len(losses) // 4)
    return sum(losses[-quarter:]) < (1 - FALL) * sum(losses[quarter : 2 * quarter])


def main() -> None:
    """Train and score what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for scenes, networks and results")
    parser.add_argument("--networks", nargs="*", choices=CONTESTANTS, help="train these only")
    parser.add_argument("--rows", nargs="*", choices=ROWS, help="train these only, and what they begin with")
    parser.add_argument("--seeds", nargs="*", type=int, help="train with these only")
    parser.add_argument("--steps", type=int, default=300, help="steps of a network that learns alone")
    parser.add_argument("--batch", type=int, default=8, help="patches a step")
    parser.add_argument("--side", type=int, default=128, help="pixels a side of a patch, a multiple of 32")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    arguments = parser.parse_args()
    keep_freed_memory()
    device = choose_device(arguments.device, ConsoleReporter())
    sets = {part: scenes(arguments.work, part, count) for part, count in COUNTS.items()}
    bench = Bench(arguments.work, sets, Budget(arguments.steps, arguments.batch, arguments.side), device)
    for network, contestant in CONTESTANTS.items():
        for seed in contestant.seeds:
            for row in contestant.rows:
                asked = ((arguments.networks, network), (arguments.seeds, seed), (arguments.rows, row))
                if all(chosen is None or each in chosen for chosen, each in asked):
                    bench.run(network, seed, row)
    built = torch.cat([scene.built for scene in sets["test"]]).mean()
    print(f"\n{bench.budget}; {100 * built:.1f} % of the test scenes are built.\n")
    for table in (table_2, few_labels):
        print("\n".join(table(bench.results())) + "\n", flush=True)


def table_2(results: Results) -> Iterator[str]:
    """Yield the lines of Table 2: a row for each way to learn, a column for each network."""
    yield "| IoU, % | " + " | ".join(ARCHITECTURES[network] for network in CONTESTANTS) + " |"
    yield "|---" * (1 + len(CONTESTANTS)) + "|"
    for row in (*TABLE_2, HFD):
        yield f"| {row} | " + " | ".join(cell(results, network, row) for network in CONTESTANTS) + " |"


def few_labels(results: Results) -> Iterator[str]:
    """Yield the lines of the second table: a column for each percentage of labelled radar images."""
    yield "| IoU, % | " + " | ".join(f"{percent} % labelled" for percent in (100, *FEW, 0)) + " |"
    yield "|---" * (3 + len(FEW)) + "|"
    for network, contestant in CONTESTANTS.items():
        if with_few(SAR, FEW[0]) not in contestant.rows:
            continue
        for row, without in ((SAR, None), (FINE_TUNED, INT)):
            rows = [*(with_few(row, percent) for percent in (100, *FEW)), without]
            cells = " | ".join(cell(results, network, each) for each in rows)
            yield f"| {ARCHITECTURES[network]}: {row} | {cells} |"


def cell(results: Results, network: str, row: Optional[str]) -> str:
    """Return mean and deviation over the seeds, and a star where the loss of any was still falling."""
    found = results.get((network, row), [])
    if not found:
        return "–"
    values = [100 * each.iou for each in found]
    spread = f" ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
    return f"{np.mean(values):.1f}{spread}{' *' if any(each.falls for each in found) else ''}"


if __name__ == "__main__":
    main()
