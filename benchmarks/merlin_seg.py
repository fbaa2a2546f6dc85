"""How few labels MERLIN-Seg needs, beside networks that learn from labels alone, as Markdown tables.

    python benchmarks/merlin_seg.py --work WORK [--steps 1500] [--rows …] [--seeds …]

Tables 1 and 3 to 5 of E. Dalsasso et al., "MERLIN-Seg", CVIU 2024, at a small budget on simulated cities. WORK keeps
patches, networks and results: a run that was cut off goes on where it was, and the tables show all that there is.
`--rows` without a name only prints them. benchmarks/README.md says what is compared.
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
from statistics import mean
from typing import NamedTuple, Optional

import torch

from ..contract.finished_file import finished_file
from ..engine.compute.device import choose_device
from ..engine.compute.memory import keep_freed_memory
from ..engine.despeckling.training.merlin_seg_lesson import NETWORK, LabelledParts, SegmentingLesson
from ..engine.reporting import ConsoleReporter
from ..engine.training.lesson import Plan
from ..engine.training.loop import train
from ..engine.training.schedules import warm_cosine
from ..recipes.despeckling.labelled_cities import (
    Crops,
    labelled_cities,
    labelled_only,
    negatives_per_positive,
    with_few_labels,
)
from .merlin_seg_rows import AS_PUBLISHED, DEEPLAB, DESPECKLING, FEW, JOINED, LABELS, OFTEN, ROWS, SEQUENTIAL, with_few

SETS = {"training": (20_000, 1_024), "validation": (30_000, 24), "test": (40_000, 96)}
"""First seed of the cities, and how many patches: of those that are learnt from, ten are a percent."""

SCORES = 5


class Budget(NamedTuple):
    """How much a network learns: steps, crops a step, and pixels a side of a crop."""

    steps: int
    batch: int
    side: int

    def __str__(self) -> str:
        return f"{self.steps} steps of {self.batch} crops of {self.side} px"


class Result(NamedTuple):
    """What a row came to on the test patches at a probability of one half, as means over patches as published."""

    iou: float
    f1: float
    accuracy: float


Results = Mapping[str, Sequence[Result]]
"""Row → a result for each seed."""


@dataclass(frozen=True)
class Bench:
    """Trains and scores rows; the folder keeps networks and results."""

    folder: Path
    sets: Mapping[str, LabelledParts]
    budget: Budget
    device: torch.device

    def run(self, name: str, seed: int) -> None:
        """Find the result of a row where there is none yet."""
        if self.result(name, seed) is not None:
            return
        lesson = self._taught(name, seed)
        result = scored(lesson, self.sets["test"])
        with finished_file(self._file(name, seed, "json")) as temporary:
            Path(temporary).write_text(json.dumps(result._asdict()), encoding="utf-8")
        print(f"{name}, seed {seed}: {result}", flush=True)

    def result(self, name: str, seed: int) -> Optional[Result]:
        """Return the result of a row, if there is one."""
        path = self._file(name, seed, "json")
        return Result(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None

    def results(self) -> Results:
        """Return all results that there are."""
        found = {name: [self.result(name, seed) for seed in row.seeds] for name, row in ROWS.items()}
        return {name: [each for each in results if each is not None] for name, results in found.items()}

    def _taught(self, name: str, seed: int) -> SegmentingLesson:
        """Return the lesson of a row with the network that it gave."""
        row = ROWS[name]
        before = self._taught(row.after, seed) if row.after else None
        known = with_few_labels(self.sets["training"], row.labelled, seed)
        negatives = negatives_per_positive(known)
        learnt = known if row.sees_all else labelled_only(known)
        torch.manual_seed(seed)
        validation = list(_batches(self.sets["validation"]))
        lesson = row.lesson(before, Crops(learnt, self.budget.side, row.labelled_crops), validation, negatives)
        checkpoint = self._file(name, seed, "safetensors")
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        steps = row.passes * len(learnt.parts) // self.budget.batch if row.passes else self.budget.steps
        plan = Plan(
            steps,
            self.budget.batch,
            seed,
            warm_cosine,
            clip_norm=1.0,
            score_every=max(1, steps // SCORES),
            report_every=max(1, steps // 10),
        )
        print(f"{name}, seed {seed}:", flush=True)
        record = train(lesson, plan, checkpoint, self.device, ConsoleReporter())
        lesson.networks[NETWORK].load_state_dict(record.networks[NETWORK].state_dict())
        lesson.networks[NETWORK].to(self.device).eval()
        return lesson

    def _file(self, name: str, seed: int, suffix: str) -> Path:
        folder = self.folder / "merlin_seg" / "_".join(map(str, self.budget))
        return folder / f"{re.sub(r'[^a-z0-9.]+', '_', name.lower()).strip('_')}_{seed}.{suffix}"


@torch.inference_mode()
def scored(lesson: SegmentingLesson, patches: LabelledParts) -> Result:
    """Return the `Result` of the lesson's network on patches [N, …]; of those without roofs only the accuracy."""
    rows = []
    for batch in _batches(patches):
        for found, there in zip(lesson.logits(batch.parts) > 0, batch.labels > 0.5):
            both, either = int((found & there).sum()), int((found | there).sum())
            overlap = (both / either, 2 * both / (both + either)) if there.any() else (None, None)
            rows.append((*overlap, float((found == there).float().mean())))
    return Result(*(mean(each for each in column if each is not None) for column in zip(*rows)))


def _batches(patches: LabelledParts, size: int = 8) -> Iterator[LabelledParts]:
    for start in range(0, len(patches.parts), size):
        yield LabelledParts(*(each[start : start + size] for each in patches))


def main() -> None:
    """Train and score what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for patches, networks and results")
    parser.add_argument("--rows", nargs="*", choices=ROWS, help="train these only, and what they begin with")
    parser.add_argument("--seeds", nargs="*", type=int, help="train with these only")
    parser.add_argument("--steps", type=int, default=1500, help="steps of a network")
    parser.add_argument("--batch", type=int, default=8, help="crops a step")
    parser.add_argument("--side", type=int, default=128, help="pixels a side of a crop, a multiple of 32")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    arguments = parser.parse_args()
    keep_freed_memory()
    device = choose_device(arguments.device, ConsoleReporter())
    sets = {name: labelled_cities(arguments.work, *which) for name, which in SETS.items()}
    bench = Bench(arguments.work, sets, Budget(arguments.steps, arguments.batch, arguments.side), device)
    for seed in sorted({seed for row in ROWS.values() for seed in row.seeds}):
        for name, row in ROWS.items():
            asked = (arguments.seeds is None or seed in arguments.seeds) and seed in row.seeds
            if asked and (arguments.rows is None or name in arguments.rows):
                bench.run(name, seed)
    built = float(sets["test"].labels.mean())
    print(f"\n{bench.budget}; roofs are {100 * built:.1f} % of the test patches.\n")
    for table in (few_labels, variants):
        print("\n".join(table(bench.results())) + "\n", flush=True)


def few_labels(results: Results) -> Iterator[str]:
    """Yield the lines of Table 1: IoU, F1 and accuracy of each network by percent of labelled patches."""
    yield "| IoU / F1 / accuracy | " + " | ".join(f"{percent} %" for percent in LABELS) + " |"
    yield "|---" * (1 + len(LABELS)) + "|"
    for network in (*FEW, DEEPLAB):
        yield f"| {network} | " + " | ".join(cell(results, with_few(network, percent)) for percent in LABELS) + " |"


def variants(results: Results) -> Iterator[str]:
    """Yield the lines of Tables 3 to 5: how both parts are joined, the weight of despeckling, one task first."""
    yield "| Variant | IoU / F1 / accuracy |"
    yield "|---|---|"
    for name in (AS_PUBLISHED, *JOINED, *DESPECKLING, OFTEN, SEQUENTIAL):
        yield f"| {name} | {cell(results, name)} |"


def cell(results: Results, name: str) -> str:
    """Return what a cell says: means over seeds, and of several the lowest and highest IoU."""
    found = results.get(name, [])
    if not found:
        return "–"
    text = " / ".join(f"{mean(getattr(each, field) for each in found):.3f}" for field in Result._fields)
    if len(found) == 1:
        return text
    ious = [each.iou for each in found]
    return f"{text} ({min(ious):.3f}–{max(ious):.3f})"


if __name__ == "__main__":
    main()
