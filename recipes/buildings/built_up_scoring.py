"""What teacher and student answer: at pairs that are learnt from, and at the sites whose land cover is known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
import torch
from torch import Tensor

from ...engine.buildings.building_network import BuildingNetwork
from ...engine.buildings.counts import pixel_counts
from ...engine.buildings.methods import METHODS
from ...engine.rasters.scene_scale import scene_scale
from ...engine.training.pair import Pair
from ...models.buildings.bridge_build import BridgeBuild
from .. import pairs as tiles
from .built_up_places import BuiltUpPlace, seen_by_eye
from .built_up_samples import coloured_alike
from .scoring import Found, padded

SITE = "433D_629L_3_1"
"""The only site with built area, 23 % of its pixels."""

SITES = tiles.DEM_SITES
_BUILT_AREA = 5
"""Its class in the land cover of the sites."""


@torch.inference_mode()
def seen_by_teacher(teacher: BridgeBuild, optical: Tensor) -> Tensor:
    """Return what a teacher makes of an optical image uint8 [3, H, W]: probability of built-up area, [1, H, W]."""
    height, width = optical.shape[-2:]
    colours = coloured_alike(optical[None].float() / 255)
    return teacher.eval()(padded(colours, teacher.stride))[0, :1, :height, :width].sigmoid()


@torch.inference_mode()
def seen_by_student(student: BridgeBuild, bands: Tensor, is_rendering: bool) -> Tensor:
    """Return what the extraction makes of bands [C, H, W] without a known look: probability of built-up area [H, W]."""
    height, width = bands.shape[-2:]
    scales = [scene_scale(band.numpy(), is_rendering) for band in bands]
    network = BuildingNetwork(student.eval(), METHODS["BridgeBuild"], scales)
    return network(padded(bands[None].float(), student.stride))[0, 0, :height, :width]


def answered(pair: Pair, teacher: BridgeBuild) -> Pair:
    """Return a pair whose optical image has the teacher's answer as its fourth band."""
    return _with_share(pair, pair.sar, seen_by_teacher(teacher, pair.optical))


def with_truth(place: BuiltUpPlace) -> list[Pair]:
    """Return VV, VH and their mean in decibels of a place, as pairs whose fourth optical band is what is built up."""
    bands = place.pair.sar.float().clamp_min(1)
    both = torch.cat([bands, bands.log().mean(0, keepdim=True).exp()]).round().byte()
    return [_with_share(place.pair, band, place.built_up) for band in both.split(1)]


def _with_share(pair: Pair, sar: Tensor, share: Tensor) -> Pair:
    return Pair(pair.name, sar, torch.cat([pair.optical, (255 * share).round().byte()]))


def site_pairs(data: Path) -> list[Pair]:
    """Return the pairs of `SITE`, with its built area."""
    (pair,) = tiles.dem_sites(data, [SITE])
    built = torch.from_numpy(built_area(data, SITE))[None]
    flat = Pair(pair.name, pair.sar, pair.optical)
    return with_truth(BuiltUpPlace(flat, built.float(), torch.ones_like(built)))


def built_area(data: Path, name: str) -> np.ndarray:
    """Return where a site's land cover says built area, bool [H, W]."""
    with rasterio.open(data / "buildings" / "s1_built" / f"{name}.tif") as cover:
        return cover.read(1) == _BUILT_AREA


def site_found(student: BridgeBuild, data: Path, name: str, bands: Sequence[int] = (0, 1)) -> Found:
    """Return what a student finds at a site, of which it is shown some bands of VV and VH in decibels."""
    (pair,) = tiles.dem_sites(data, [name], in_decibels=True)
    probability = seen_by_student(student, pair.sar[list(bands)], is_rendering=False).numpy()
    return Found(name, probability, built_area(data, name), np.ones_like(probability, bool))


def site_scores(found: Found, threshold: float) -> dict[str, float]:
    """Return what the card says of a site: overlap, or where nothing is built, the share that is found nevertheless."""
    counts = pixel_counts(found.probability >= threshold, found.built, found.known)
    if not found.built.any():
        return {"false_alarms": round(counts.false_positives / sum(counts), 3)}
    return {
        "iou": round(counts.iou, 3),
        "precision": round(counts.precision or 0, 3),
        "recall": round(counts.recall, 3),
    }


def drawn_found(student: BridgeBuild, data: Path) -> list[Found]:
    """Return what a student finds in the radar images of the SEN1-2 tiles that are drawn by eye.

    Those of Los Angeles are built up nearly everywhere: the threshold that suits them best finds everything.
    """
    return [
        Found(
            place.pair.name,
            seen_by_student(student, place.pair.sar, True).numpy(),
            place.built_up[0].numpy() > 0.5,
            place.known[0].numpy(),
        )
        for place in seen_by_eye(data)
        if place.pair.name.startswith("s1s2_sen12")
    ]
