"""The translators as published, and BridgeView, at one small budget, as Markdown tables.

    python benchmarks/published_translators.py --data DATA --work WORK [--samples 800] [--sheet SHEET.png]

All learn from as many patches of 128 pixels of the same places, and are scored on patches of places that lie elsewhere:
Los Angeles in VH, and simulated mountains in VV and VH, where heights and distortion zones are known. WORK keeps the
places and the checkpoints: a run that was cut off goes on where it was. SHEET shows one place of the mountains in the
eyes of all. benchmarks/README.md says what the columns mean.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np
import torch
from torch import nn

from ..engine.compute.device import choose_device
from ..engine.compute.memory import keep_freed_memory
from ..engine.rasters.scene_scale import scene_scale
from ..engine.reporting import ConsoleReporter
from ..engine.training.lesson import Plan
from ..engine.training.loop import train
from ..engine.training.pair import Pair, Sets
from ..engine.translation.methods import METHODS, NETWORK, Method
from ..engine.translation.quality import ZONES, Quality, QualitySums
from ..engine.translation.scene_translator import SceneTranslator
from ..engine.translation.training.curricula import CURRICULA, Shapes
from ..engine.translation.training.samples import TranslationSampler
from ..recipes import pairs as tiles
from ..recipes.translation.mountains import POLARISATIONS, mountains
from .translation import Translator, fitted, trivial

SIDE, BATCH = 128, 8
RATE, RATES = 3e-4, {"bridgeview": 1.5e-3, "pix2pix": 2e-4, "cyclegan": 2e-4}
"""Learning rates of SARDINet and of others. At the published 1e-5, for a hundred epochs, so few steps teach nothing."""

SEEDS = {"sardinet": 3, "sardinet_late": 3, "sardinet_early": 3}
"""How often a network is trained; others are once."""


@dataclass(frozen=True)
class Contestant:
    """A method of the table of curricula, with heights or without, and what the tables call it."""

    name: str
    method: str
    with_heights: bool = False

    @property
    def how(self) -> Method:
        """How the network translates."""
        return METHODS[CURRICULA[self.method].network.__name__]


IN_LOS_ANGELES = (
    Contestant("SARDINet", "sardinet"),
    Contestant("pix2pix", "pix2pix"),
    Contestant("CycleGAN", "cyclegan"),
    Contestant("BridgeView", "bridgeview"),
)
IN_MOUNTAINS = (
    Contestant("SARDINet", "sardinet"),
    Contestant("SARDINet-L", "sardinet_late", True),
    Contestant("SARDINet-E", "sardinet_early", True),
    Contestant("SARDINet-I", "sardinet_intermediate", True),
    Contestant("pix2pix", "pix2pix", True),
    Contestant("CycleGAN", "cyclegan", True),
    Contestant("BridgeView", "bridgeview"),
    Contestant("BridgeView with heights", "bridgeview", True),
)


@dataclass(frozen=True)
class Ground:
    """Places to learn from, and places to be scored on (with zones where they are known) every `step` pixels."""

    name: str
    sets: Sets[Pair]
    places: Sequence[tuple[Pair, Optional[np.ndarray]]]
    polarisations: tuple[str, ...]
    contestants: Sequence[Contestant]
    step: int

    def windows(self, pair: Pair) -> Iterator[tuple[slice, slice]]:
        """Yield where the patches of a place lie that are scored."""
        height, width = pair.sar.shape[1:]
        for row in range(0, height - SIDE + 1, self.step):
            for col in range(0, width - SIDE + 1, self.step):
                yield slice(row, row + SIDE), slice(col, col + SIDE)


def main():
    """Train what is missing, print the tables and draw the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for places and checkpoints")
    parser.add_argument("--samples", type=int, default=800, help="samples of each training")
    parser.add_argument("--sheet", type=Path, help="a picture of one place in the eyes of all")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    keep_freed_memory()

    for ground in (los_angeles(arguments.data), simulated(arguments.data, arguments.work)):
        answers = {name: [answer] for name, answer in trivial(fitted(ground.sets)).items()}
        translators = answers | contest(ground, arguments.samples, arguments.work)
        print(f"\n### {ground.name}, {arguments.samples} samples\n")
        for line in table(ground, translators):
            print(line, flush=True)
    if arguments.sheet:
        from .translation_sheet import draw_sheet  # matplotlib is slow to load

        draw_sheet(arguments.sheet, ground.places[0][0], {name: each[0] for name, each in translators.items()})


def los_angeles(data: Path) -> Ground:
    """Return Los Angeles: western tiles to learn from, the ten eastern ones to be scored on."""
    sets = [(tiles.los_angeles(data, "train"), 0.75), (tiles.los_angeles_relief(data), 0.25)]
    places = [(pair, None) for pair in tiles.los_angeles(data, "validation")]
    return Ground("Los Angeles, VH", sets, places, ("VH",), IN_LOS_ANGELES, step=2 * SIDE)


def simulated(data: Path, work: Path) -> Ground:
    """Return the simulated mountains."""
    learnt = [mountain.pair for mountain in mountains(data, work, "training")]
    places = [(mountain.pair, mountain.zones.numpy()) for mountain in mountains(data, work, "test")]
    return Ground("Simulated mountains, VV and VH", [(learnt, 1.0)], places, POLARISATIONS, IN_MOUNTAINS, step=SIDE)


def contest(ground: Ground, samples: int, work: Path) -> dict[str, list[Translator]]:
    """Return the translators of all contestants, one for each seed."""
    return {
        contestant.name: [
            translator(ground, contestant, trained(ground, contestant, seed, samples, work))
            for seed in range(1, 1 + SEEDS.get(contestant.method, 1))
        ]
        for contestant in ground.contestants
    }


def trained(ground: Ground, contestant: Contestant, seed: int, samples: int, work: Path) -> nn.Module:
    """Return the network of a contestant after its lesson; the folder `work` keeps its checkpoint."""
    curriculum, bands = CURRICULA[contestant.method], len(ground.polarisations)
    torch.manual_seed(seed)
    network = curriculum.network(**curriculum.arguments(Shapes(bands, 3, contestant.with_heights, SIDE)))
    sets, crossed = ground.sets, None
    if contestant.how.one_by_one:
        sets, crossed = [(tiles.by_band(pairs, ground.polarisations), share) for pairs, share in sets], ("VH",)
    sampler = TranslationSampler(sets, SIDE, crossed, contestant.with_heights, contestant.how.full_height)
    lesson = curriculum.lesson(network, sampler, [], rate=RATES.get(contestant.method, RATE))
    plan = Plan(samples // BATCH, BATCH, seed, curriculum.schedule, curriculum.clip_norm, curriculum.average)
    name = f"{contestant.method}{'_heights' if contestant.with_heights else ''}_{bands}_{seed}_{samples}.safetensors"
    reporter = ConsoleReporter()
    print(f"{contestant.name}, seed {seed}:", flush=True)
    return train(lesson, plan, work / name, choose_device("auto", reporter), reporter).networks[NETWORK]


def translator(ground: Ground, contestant: Contestant, network: nn.Module) -> Translator:
    """Return what translates the patches of a place that are scored; elsewhere its image is 0."""

    @torch.inference_mode()
    def translate(pair: Pair) -> np.ndarray:
        sar, colours = pair.sar.float(), np.zeros(pair.optical.shape, np.float32)
        scales = [scene_scale(band.numpy(), is_rendering=True) for band in sar]
        images, highest = ((sar, pair.heights), pair.highest) if contestant.with_heights else ((sar,), 1.0)
        translated = SceneTranslator(network, contestant.how, scales, ground.polarisations, highest)
        windows = list(ground.windows(pair))
        shown = (torch.stack([image[(..., *window)] for window in windows]) for image in images)
        for window, given in zip(windows, translated(*shown)):
            colours[(..., *window)] = given[:3].numpy()
        return colours

    return translate


def table(ground: Ground, translators: Mapping[str, Sequence[Translator]]) -> Iterator[str]:
    """Yield the lines of a table: a row a translator, its means over seeds by zone."""
    zones = list(ZONES) if ground.places[0][1] is not None else ["all"]
    yield f"| translator | seeds | {' | '.join(zones)} |"
    yield "|---" * (len(zones) + 2) + "|"
    for name, seeds in translators.items():
        scores = [scored(ground, translate) for translate in seeds]
        yield f"| {name} | {len(seeds)} | {' | '.join(cell([each[zone] for each in scores]) for zone in zones)} |"


def scored(ground: Ground, translate: Translator) -> dict[str, Quality]:
    """Return the `Quality` by zone over all patches."""
    sums = QualitySums()
    for pair, zones in ground.places:
        colours, truth = translate(pair), pair.optical.numpy() / np.float32(255)
        for window in ground.windows(pair):
            sums.add_whole(colours[(..., *window)], truth[(..., *window)], None if zones is None else zones[window])
    return sums.qualities()


def cell(qualities: Sequence[Quality]) -> str:
    """Return error × 100, with its deviation from seed to seed, similarity and PSNR of a zone."""
    if not qualities[0].pixels:
        return "-"
    errors = [100 * each.mse for each in qualities]
    spread = f" ± {np.std(errors, ddof=1):.2f}" if len(errors) > 1 else ""
    ssim, psnrs = np.mean([each.ssim for each in qualities]), [each.psnr for each in qualities]
    psnr = "-" if None in psnrs else f"{np.mean(psnrs):.1f}"
    return f"{np.mean(errors):.2f}{spread} / {ssim:.3f} / {psnr}"


if __name__ == "__main__":
    main()
