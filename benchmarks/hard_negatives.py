"""What PSiam learns from random, nearest, mined and generated negatives, at one budget, as Markdown.

    python benchmarks/hard_negatives.py --data DATA --work WORK [--side 64] [--steps 1000] [--faster 1]
        [--vae-steps 3000] [--vae-width 128]

DATA is the folder of training sets (see docs/training.md), WORK one for checkpoints: what is cut off goes on. Rows and
columns are those of table 3.1 of L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery",
dissertation, Technische Universität München, 2020 ("Hughes 2020"), and the four ways of including generated negatives
that §4.4, section 3.4 compares.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from scipy import stats

from ..engine.compute.device import choose_device
from ..engine.matching.pixel_matcher import scale_sar
from ..engine.matching.training.curricula import PAIR_RANGE
from ..engine.matching.training.matching_lesson import NETWORK
from ..engine.matching.training.negatives import INCLUSIONS, PoolSampler, generated_negatives, random_negatives
from ..engine.matching.training.patch_cells import PatchPool
from ..engine.matching.training.psiam_lesson import plan_of as plan_of_psiam
from ..engine.matching.training.psiam_strategies import PooledPSiam
from ..engine.matching.training.vae_gan_lesson import VAE, VaeGanLesson
from ..engine.matching.training.vae_gan_lesson import plan_of as plan_of_vae
from ..engine.reporting import ConsoleReporter, Reporter
from ..engine.training.lesson import Lesson, Plan
from ..engine.training.loop import train
from ..engine.training.pair import Pair
from ..models.matching.psiam import PSiam, log_odds
from ..recipes import pairs as tiles

RATE = 5e-5
"""Of the trainings from random weights (Hughes 2020, §4.4, section 3.3 of the paper there)."""

TABLE_HEAD = (
    "| Negatives | precision | recall | accuracy (5 % FPR) | best accuracy | its FPR | AUC |\n"
    "|---|---|---|---|---|---|---|"
)

_MOST_FALSE, _SEED, _SCORES = 0.05, 1, 10


class Budget(NamedTuple):
    """Pixels a side of the patches, steps and batch of PSiam, what its published rates are multiplied by; side, steps,
    batch and most channels of the VAE-GAN."""

    side: int
    steps: int
    batch: int
    faster: float
    vae_side: int
    vae_steps: int
    vae_batch: int
    vae_width: int


class Judged(NamedTuple):
    """Scores of pairs [N], the higher the likelier they correspond, and whether they do."""

    scores: np.ndarray
    matches: np.ndarray


class Rates(NamedTuple):
    """A row of the table: shares in 0..1. Precision and recall are those of the threshold of the best accuracy."""

    precision: float
    recall: float
    at_few_false: float
    best: float
    its_false: float
    area: float


def main() -> None:
    """Print the table for the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--side", type=int, default=64, help="pixels a side of the patches, 128 as published")
    parser.add_argument("--steps", type=int, default=1000, help="steps of PSiam")
    parser.add_argument("--faster", type=float, default=1, help="what PSiam's published rates are multiplied by")
    parser.add_argument("--vae-steps", type=int, default=3000, help="steps of the VAE-GAN")
    parser.add_argument("--vae-width", type=int, default=128, help="its most channels, 512 as published")
    arguments = parser.parse_args()
    reporter = ConsoleReporter()
    device = choose_device("auto", reporter)
    side, of_vae = arguments.side, (arguments.side, arguments.vae_steps, 128, arguments.vae_width)
    budget = Budget(side, arguments.steps, 64, arguments.faster, *of_vae)
    learnt, (tuned, tested) = tiles.los_angeles(arguments.data, "train"), halves(arguments.data)
    rows = compare(learnt, tuned, tested, budget, arguments.work, device, reporter)
    print(TABLE_HEAD)
    for name, rates in rows.items():
        print(f"| {name} | " + " | ".join(f"{each:.3f}" for each in rates) + " |")


def halves(data: Path) -> tuple[list[Pair], list[Pair]]:
    """Return every other tile of the validation list, for thresholds, and the others, to be tested on."""
    pairs = tiles.los_angeles(data, "validation")
    return pairs[::2], pairs[1::2]


def compare(
    learnt: Sequence[Pair],
    tuned: Sequence[Pair],
    tested: Sequence[Pair],
    budget: Budget,
    work: Path,
    device: torch.device,
    reporter: Reporter,
) -> dict[str, Rates]:
    """Return the `Rates` of all strategies and inclusions: of networks taught on `learnt`, judged on `tested` with
    thresholds from `tuned`. Fine-tuning begins with the network of random negatives."""
    pool = PatchPool([(learnt, 1.0)], budget.side)
    seen = PatchPool([(tuned, 1.0)], budget.side)
    validation = [PoolSampler(seen, [random_negatives(seen, _SEED)]).draw(64, torch.Generator().manual_seed(_SEED))]

    def taught(name: str, lesson: Lesson, plan: Plan) -> dict[str, torch.nn.Module]:
        reporter.info(f"{name}:")
        return train(lesson, plan, work / f"{name}.safetensors", device, reporter).networks

    def psiam(name: str, kinds: Sequence[str], start: PSiam, rate: float) -> PSiam:
        lesson = pooled.lesson(kinds, start, validation, rate * budget.faster)
        plan = plan_of_psiam(budget.steps * budget.batch, batch=budget.batch)
        return taught(name, lesson, replace(plan, score_every=-(-budget.steps // _SCORES)))[NETWORK]

    def untaught() -> PSiam:
        torch.manual_seed(_SEED)
        return PSiam(budget.side)

    torch.manual_seed(_SEED)
    vae_lesson = VaeGanLesson(pool, budget.vae_side, PAIR_RANGE, budget.vae_steps, budget.vae_width)
    vae_plan = replace(plan_of_vae(budget.vae_side, batch=budget.vae_batch), steps=budget.vae_steps)
    vae = taught("vae_gan", vae_lesson, vae_plan)[VAE]
    generated = generated_negatives(pool, vae, PAIR_RANGE, _SEED, device)
    pooled = PooledPSiam(pool, PAIR_RANGE, budget.batch, _SEED, generated)
    networks = {
        name: psiam(name, (kind,), untaught(), RATE)
        for name, kind in (("random", "random"), ("nearest", "nearest"), ("traditional_hard", "hard"))
    }
    for name, inclusion in INCLUSIONS.items():
        start = deepcopy(networks["random"]) if inclusion.is_fine_tuned else untaught()
        networks[name] = psiam(name, inclusion.negatives, start, inclusion.rate)
    pools = seen, PatchPool([(tested, 1.0)], budget.side)
    return {
        name: rates_of(*(judged(network.to(device).eval(), each, device) for each in pools))
        for name, network in networks.items()
    }


@torch.inference_mode()
def judged(network: PSiam, pool: PatchPool, device: torch.device) -> Judged:
    """Return what a network says of all patches of a pool, each with its own SAR patch and with a random one."""
    others, scores = random_negatives(pool, _SEED), []
    for sar_of in (pool.sar, others):
        for numbers in torch.arange(len(pool)).split(64):
            sar, optical = scale_sar(sar_of(numbers), PAIR_RANGE), pool.optical(numbers)
            scores.append(log_odds(network(sar.to(device), optical.to(device))).float().cpu())
    return Judged(torch.cat(scores).numpy(), np.repeat([True, False], len(pool)))


def rates_of(tuned: Judged, tested: Judged) -> Rates:
    """Return the `Rates` of `tested` pairs, at thresholds that suit `tuned` ones: one above all but 5 % of those that
    do not correspond, and the one of the best accuracy."""
    others = np.sort(tuned.scores[~tuned.matches])[::-1]
    few = others[int(_MOST_FALSE * len(others))]
    candidates = np.unique(np.append(tuned.scores, -np.inf))
    accuracies = [((tuned.scores > each) == tuned.matches).mean() for each in candidates]
    called = tested.scores > candidates[int(np.argmax(accuracies))]
    true, false = (called & tested.matches).sum(), (called & ~tested.matches).sum()
    ranks, count = stats.rankdata(tested.scores)[tested.matches], tested.matches.sum()
    return Rates(
        precision=true / max(1, true + false),
        recall=true / count,
        at_few_false=((tested.scores > few) == tested.matches).mean(),
        best=(called == tested.matches).mean(),
        its_false=false / (~tested.matches).sum(),
        area=(ranks.sum() - count * (count + 1) / 2) / (count * (~tested.matches).sum()),
    )


if __name__ == "__main__":
    main()
