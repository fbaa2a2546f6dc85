"""The despecklers that ship: `recipes/run.py despeckling.ship_despecklers --work WORK --output FOLDER`.

WORK keeps simulated places and checkpoints: a run that was cut off goes on where it was. FOLDER gets one model file for
each sensor. What all radars have in common is learnt first, on all of them; each sensor goes on from there.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Callable, NamedTuple, Optional, Union

import numpy as np
import torch
from torch import Generator

from ...engine.compute.device import choose_device
from ...engine.despeckling.band_despeckler import AtLevel
from ...engine.despeckling.methods import NETWORK, tiling_of
from ...engine.despeckling.speckled_scene import band_of
from ...engine.despeckling.training.despeckling_lesson import DespecklingLesson, Halves
from ...engine.reporting import ConsoleReporter, Reporter
from ...engine.training.lesson import Plan
from ...engine.training.loop import train
from ...engine.training.schedules import cosine
from ...models.card import Card
from ...models.despeckling.bridge_clear import BridgeClear
from ...models.despeckling.levels import HIGHEST, LOWEST
from ...models.despeckling.merlin import Merlin
from ...models.model_file import save_model
from ...models.networks import network_entries
from .fidelity import decibel_range, fidelity
from .invented import VALIDATION_PLACES, invented
from .reflectivities import RADARS, reflectivities
from .speckled import Scenes, Speckled

LEVELS = 5

WIDTH = 30
"""Of the networks that ship: three to four times as fast as a peer then (docs/training_despeckling.md)."""

BATCH, SIDE = 4, 160

_VALIDATION_STEPS = 10

_SCORED = 6
"""Places of each radar that the card tells of."""

Despeckler = Union[Merlin, BridgeClear]


class Product(NamedTuple):
    """A model file: its network, the radars it learns from, the looks of detected images, and its share of samples.

    sampling: factor that resolutions vary by: products are resampled now and then, which widens their speckle.
    """

    file: str
    name: str
    summary: str
    network: Callable[[int, int], Despeckler]
    radars: tuple[str, ...]
    looks: Optional[tuple[float, float]]
    sampling: float
    share: float
    pixel_sizes: tuple[float, float]
    polarisations: tuple[str, ...]


class Drawn(NamedTuple):
    """What samples are drawn of: radars of `RADARS`, and `looks` and `sampling` as of `Speckled`."""

    radars: Sequence[str]
    looks: Optional[tuple[float, float]] = None
    sampling: float = 1.25

    def from_places(self, work: Path, count: int, first: int) -> Speckled:
        """Return what draws from so many simulated places of each radar, whose seeds begin at `first`."""
        scenes = [Scenes(reflectivities(work, radar, count, first), RADARS[radar].preset) for radar in self.radars]
        return Speckled(scenes, SIDE, self.looks, self.sampling)


PRODUCTS = (
    Product(
        "merlin_s1_iw_slc",
        "MERLIN Sentinel-1 IW SLC",
        "Takes speckle out of single-look complex images of Sentinel-1, interferometric wide swath.",
        Merlin,
        ("sentinel1_slc",),
        None,
        1.25,
        0.4,
        (2.3, 14.1),
        ("VV", "VH", "HH", "HV"),
    ),
    Product(
        "merlin_spotlight",
        "MERLIN X-band spotlight",
        "Takes speckle out of single-look complex images of the metre class, spotlight and sliding spotlight.",
        Merlin,
        ("spotlight",),
        None,
        1.25,
        0.8,
        (0.2, 1.2),
        ("HH", "VV"),
    ),
    Product(
        "merlin_stripmap",
        "MERLIN X-band stripmap",
        "Takes speckle out of single-look complex stripmap images of two to three metres.",
        Merlin,
        ("stripmap",),
        None,
        1.25,
        1.4,
        (0.9, 3.0),
        ("HH", "VV", "HV", "VH"),
    ),
    Product(
        "bridgeclear",
        "BridgeClear",
        "Takes speckle out of detected images of one to eight looks, from Sentinel-1 GRD to metre-class quick looks.",
        BridgeClear,
        tuple(RADARS),
        (1.0, 8.0),
        1.9,
        0.7,
        (0.5, 15.0),
        ("VV", "VH", "HH", "HV"),
    ),
)

FILES = tuple(product.file for product in PRODUCTS)


def main() -> None:
    """Run all stages with the arguments of the command line."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for simulated places and checkpoints")
    parser.add_argument("--output", type=Path, required=True, help="folder of the model files to write")
    parser.add_argument("--places", type=int, default=150, help="simulated places of each radar")
    parser.add_argument("--samples", type=int, default=40_000, help="samples that all radars are learnt from")
    parser.add_argument("--products", nargs="+", choices=FILES, default=FILES, help="which files to write")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    arguments, reporter = parser.parse_args(), ConsoleReporter()
    complex_radars = [radar for product in PRODUCTS if product.network is Merlin for radar in product.radars]
    general = Merlin(LEVELS, WIDTH)
    general = taught(general, "general", Drawn(complex_radars), arguments.samples, arguments, reporter)
    for product in (each for each in PRODUCTS if each.file in arguments.products):
        network = product.network(LEVELS, WIDTH)
        network.load_state_dict(general.state_dict())
        samples = round(product.share * arguments.samples)
        drawn = Drawn(product.radars, product.looks, product.sampling)
        network = taught(network, product.file, drawn, samples, arguments, reporter)
        card = card_of(product, network, validated(product, network, arguments.work))
        save_model(arguments.output / f"{product.file}.safetensors", card, {NETWORK: network})


def taught(
    network: Despeckler,
    name: str,
    drawn: Drawn,
    samples: int,
    arguments: Namespace,
    reporter: Reporter,
) -> Despeckler:
    """Return a network that goes on learning from simulated radars."""
    checkpoint = arguments.work / f"{name}.safetensors"
    device = choose_device(arguments.device, reporter)
    known = drawn.from_places(arguments.work, arguments.places, VALIDATION_PLACES)
    unseen = drawn.from_places(arguments.work, VALIDATION_PLACES, 0)
    lesson = DespecklingLesson(network, known, validation_of(unseen))
    lesson.settings = {"samples": samples, "batch": BATCH, "places": arguments.places}
    steps = samples // BATCH
    plan = Plan(
        steps, BATCH, schedule=cosine(warm_up=100), clip_norm=1.0, average=0.999, score_every=max(steps // 4, 1)
    )
    return train(lesson, plan, checkpoint, device, reporter).networks[NETWORK]


def validation_of(unseen: Speckled) -> list[Halves]:
    """Return batches of places that are not trained on, the same at each call."""
    return [unseen.draw(step, BATCH, Generator().manual_seed(step)) for step in range(_VALIDATION_STEPS)]


@torch.inference_mode()
def validated(product: Product, network: Despeckler, work: Path) -> dict[str, dict[str, float]]:
    """Return what the card says of simulated places that were not trained on, as the task despeckles them."""
    channels, found = 2 if product.looks is None else 1, {}
    for radar in product.radars:
        scenes = invented(work, radar, _SCORED)
        step = network.unet.stride
        rows, cols = (side // step * step for side in scenes.expected.shape[1:])
        inner = slice(None), slice(rows), slice(cols)
        images = scenes.samples if channels == 2 else scenes.intensity
        clean = [_clean(network, image[:rows, :cols], channels) for image in images]
        expected = scenes.expected[inner]
        within = decibel_range(expected)
        before = fidelity(scenes.intensity[inner], expected, within)
        after = fidelity(np.stack(clean), expected, within)
        found[f"{RADARS[radar].title}, simulated, {_SCORED} places"] = {
            "psnr": after.psnr,
            "psnr_before": before.psnr,
            "ssim": after.ssim,
        }
    return found


def _clean(network: Despeckler, image: np.ndarray, channels: int) -> np.ndarray:
    """Return linear power [h, w] of a complex image or of power [h, w]."""
    shown = torch.from_numpy(np.stack([image.real, image.imag]) if channels == 2 else image[None])[None].float()
    despeckler = AtLevel(network, band_of(np.abs(image[None]) ** channels), channels)
    return 10 ** (despeckler(shown)[0, 0].numpy() / 10)


def card_of(product: Product, network: Despeckler, validation: dict[str, dict[str, float]]) -> Card:
    """Return the card of a shipped file."""
    is_complex = product.looks is None
    arguments = {"levels": LEVELS, "width": WIDTH}
    return Card(
        name=product.name,
        task=NETWORK,
        summary=product.summary,
        networks=network_entries({NETWORK: network}, {NETWORK: arguments}),
        inputs={
            "sar": {
                "bands": 1,
                "unit": "complex" if is_complex else "power",
                "range": [LOWEST, HIGHEST],
                "polarisations": list(product.polarisations),
            }
        },
        outputs={"reflectivity": {"bands": 1, "unit": "dB", "range": [LOWEST, HIGHEST], "polarisations": []}},
        tiling=tiling_of(network.unet),
        pixel_size_range=product.pixel_sizes,
        training_sets=tuple(f"Simulated places, {RADARS[radar].title}" for radar in product.radars),
        validation=validation,
        operating_point={},
        date=date.today().isoformat(),
        licence="GPL-2.0-or-later; trained on simulation alone",
    )


if __name__ == "__main__":
    main()
