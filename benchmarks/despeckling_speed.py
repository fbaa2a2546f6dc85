"""The speed of despeckling beside its network alone and beside a peer, as a Markdown table."""

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Optional

import numpy as np
import torch

from ..contract.despeckling_jobs import DespeckleJob
from ..engine.despeckling.band_despeckler import AtLevel
from ..engine.despeckling.despeckle import run
from ..engine.despeckling.methods import NETWORK, method_of
from ..engine.inference.chosen_tiles import TileWish, chosen_tiles
from ..engine.rasters.grid import Window
from ..engine.rasters.own_pixels import own_grid
from ..engine.reporting import NullReporter
from ..models.model_file import load_model
from .despeckling_ways import Peer, gain_to, written
from .translator_speed import bare_loop, in_turns

_LEVEL = 5.0
"""Mean logarithm of the amplitude; the peer takes as long at any."""


def speed_table(sensor: str, model: Path, peer: Optional[Peer], side: int, rounds: int) -> str:
    """Return the Markdown table of the seconds of CPU time for a complex image of `side` × `side` pixels."""
    card, networks = load_model(str(model), NETWORK)
    image, told, pixels = speckled(side), [], side**2 / 1e6
    with TemporaryDirectory() as folder:
        source = written(folder, image)
        grid = own_grid(source)
        tiling, _ = chosen_tiles(TileWish(), card.tiling, True, Window(0, 0, side, side), AtLevel.REACH)
        count = tiling.count(grid)
        job = DespeckleJob(source, str(Path(folder) / "clean.tif"), "model", str(model), device="cpu")
        ways = [
            lambda: bare_loop(networks[NETWORK], method_of(card).channels, tiling.side, count),
            lambda: run(job, NullReporter()),
        ]
        if peer:
            ways.append(lambda: told.append(peer.clean([image], sensor, "own")[1]))
        bare, whole, *_ = in_turns(ways, rounds, time.process_time)
    share = 100 * statistics.median(alone / together for alone, together in zip(bare, whole))
    cells = [sensor, str(tiling.side), str(count), f"{statistics.median(bare):.2f}", f"{statistics.median(whole):.2f}"]
    cells += [f"{share:.0f}", f"{statistics.median(whole) / pixels:.2f}"]
    if peer:
        theirs = told[1:]  # the first one warms up
        gain = statistics.median(their / our for their, our in zip(theirs, whole))
        cells += [f"{statistics.median(theirs):.1f}", f"{statistics.median(theirs) / pixels:.1f}", f"{gain:.1f}"]
    else:
        cells += ["–"] * 3
    lines = [
        f"\n### Despeckling {side} × {side} complex pixels, {rounds} rounds\n",
        f"{torch.get_num_threads()} threads of torch; seconds of CPU time.\n",
        "| sensor | tile | tiles | bare loop s | all s | share % | s/Mpx | peer s | peer s/Mpx | peer ÷ ours |",
        "|---|---|---|---|---|---|---|---|---|---|",
        f"| {' | '.join(cells)} |",
    ]
    return "\n".join(lines)


def speckled(side: int) -> np.ndarray:
    """Return speckle of one look, complex64 [side, side], at the level of `_LEVEL`."""
    generator = np.random.default_rng(0)
    image = generator.standard_normal((2, side, side), dtype=np.float32)
    image = (image[0] + 1j * image[1]).astype(np.complex64)
    return image * np.float32(gain_to(_LEVEL, image))
