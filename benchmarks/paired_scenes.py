"""Simulated cities that a radar of four polarisations and a camera see, and training samples cut out of them.

Half-metre pixels, as those of SpaceNet 6. All cities are turned until the radar looks down the columns.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Generator, Tensor

from ..engine.buildings.training.samples import BuildingSample, joined
from ..engine.rasters.scene_scale import scene_scale
from ..engine.simulation.cities import City, city
from ..engine.simulation.radar.sar_presets import XBAND_HALF_METRE
from ..recipes.kept import Kept, kept

SIDE, PIXEL = 384, 0.5
"""Pixels of a scene, and metres of a pixel."""

POLARISATIONS = ("HH", "HV", "VH", "VV")
COLOURS = 3

FIRST_SEEDS = {"training": 500_000, "validation": 510_000, "test": 520_000}
"""Of the scenes of a set, whose seeds follow one another; no other training or benchmark draws these."""


def scenes(work: Path, part: str, count: int) -> list[BuildingSample]:
    """Return so many scenes of a set, each a whole sample; the folder `work` keeps them."""
    first = FIRST_SEEDS[part]
    return [_kept_scene(work / "scenes" / f"{seed}.safetensors", seed) for seed in range(first, first + count)]


def _kept_scene(path: Path, seed: int) -> BuildingSample:
    tensors, _ = kept(path, lambda: _simulated(seed))
    images = {name: image[None].float() for name, image in tensors.items()}
    return BuildingSample(
        **images, valid=torch.ones_like(images["labels"], dtype=torch.bool), look_known=torch.tensor([True])
    )


def _simulated(seed: int) -> Kept:
    found = city(seed, SIDE, PIXEL, XBAND_HALF_METRE, len(POLARISATIONS), with_optical=True)
    print(f"Scene {seed} ({found.landscape}) is simulated.", flush=True)
    return Kept(_images(found))


def _images(found: City) -> dict[str, Tensor]:
    """Return what is kept of a city: bands in standard deviations from their means in the scene, and labels."""
    order = [found.polarisations.index(polarisation) for polarisation in POLARISATIONS]
    images = {
        "planes": _standardised(found.sar[order]),
        "optical": _standardised(found.optical),
        "labels": found.building[None],
    }
    quarters = round(found.look_azimuth / 90) - 2  # counter-clockwise, until what looks south looks down
    return {name: torch.rot90(image, quarters, (1, 2)) for name, image in images.items()}


def _standardised(bands: Tensor) -> Tensor:
    return torch.stack([scene_scale(band.numpy(), False).standardised(band) for band in bands]).half()


def in_colour(sample: BuildingSample) -> BuildingSample:
    """Return a sample in which the network that learns is shown the optical image."""
    return replace(sample, planes=sample.optical, optical=None)


class PatchSamples:
    """Square patches of `side` pixels, drawn anywhere in any of the scenes."""

    def __init__(self, scenes: Sequence[BuildingSample], side: int) -> None:
        self._scenes, self._side = scenes, side

    def draw(self, step: int, count: int, generator: Generator) -> BuildingSample:
        """Return the batch of a step; which step it is makes no difference."""
        return joined([self._patch(generator) for _ in range(count)])

    def _patch(self, generator: Generator) -> BuildingSample:
        scene = self._scenes[int(torch.randint(len(self._scenes), (), generator=generator))]
        highest = scene.labels.shape[-1] - self._side
        top, left = torch.randint(highest + 1, (2,), generator=generator).tolist()
        rows, cols = slice(top, top + self._side), slice(left, left + self._side)
        return scene.with_images(lambda images: images[..., rows, cols])
