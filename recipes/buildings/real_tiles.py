"""Real X-band tiles with official footprints: SpaceNet 6, Rotterdam, as figures of public notebooks show them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage

from ...engine.inference.mirroring import mirrored
from .places import PIXEL, Place
from .sn6_figures import Figure, figures

FOLDS = (("mktrain", "amiel"), ("mkgeo", "sandhi"), ("mor4z", "tati"))
"""Sources of the tiles that are left out together: `mktrain` and `amiel`, `mkgeo` and `sandhi` show the same ground."""

_CUT = 3
"""Pixels along the edge of what is known that are not learnt from: figures blend them with their background."""

_INCIDENCE = 55.0
"""Degrees: all flights of SpaceNet 6 saw the ground at 53 to 57."""

_STRIP = 8
"""Metres beside a building in which its walls shine on the side of the radar, and its shadow lies on the other."""

_CLEAR = 0.15
"""Standard deviations of the image between both sides that tell on which one the radar was."""


def real_tiles(data: Path, sources: tuple[str, ...], pixel: float = PIXEL) -> list[Place]:
    """Return the tiles of some sources on pixels of `pixel` metres, grey values, with what is not known mirrored.

    The aeroplane flew along the rows, now north and now south of the town. Tiles are turned so that it was in the
    north; where the buildings do not show where it was, the look is not known.
    """
    return [_tile(figure, pixel) for figure in figures(data, sources)]


def _tile(figure: Figure, pixel: float) -> Place:
    known = ndimage.binary_erosion(figure.known, iterations=_CUT)
    whole = mirrored(figure.grey[None], known)
    image, valid, labels = (_resampled(each, figure.pixel / pixel) for each in (whole[0], known, figure.built))
    place = Place(
        name=f"sn6_sar/{figure.name}",
        pixel=pixel,
        image=image,
        labels=(labels > 0.5).int(),
        valid=valid > 0.99,
        incidence=_INCIDENCE,
        look_known=True,
        is_rendering=True,
    )
    north = _brighter_in_the_north(place)
    if abs(north) < _CLEAR:
        return replace(place, look_known=False)
    return place if north > 0 else _upside_down(place)


def without_look(places: Sequence[Place]) -> list[Place]:
    """Return places as if nothing told where the radar looked, and at which angle."""
    return [replace(place, look_known=False, incidence=None) for place in places]


def _brighter_in_the_north(place: Place) -> float:
    """Return how much brighter the ground is just north of buildings than just south, in deviations of the image."""
    built, values = place.labels[0].numpy() > 0, place.image[0].numpy()
    beside = []
    for side in (-1, 1):
        strip = np.zeros_like(built)
        for step in range(1, round(_STRIP / place.pixel) + 1):
            strip |= np.roll(built, side * step, 0)
        beside.append(values[strip & ~built & place.valid[0].numpy()])
    if not all(len(each) for each in beside):
        return 0.0
    return float((beside[0].mean() - beside[1].mean()) / values[place.valid[0].numpy()].std())


def _upside_down(place: Place) -> Place:
    image, labels, valid = (
        torch.rot90(each, 2, (-2, -1)).contiguous() for each in (place.image, place.labels, place.valid)
    )
    return replace(place, image=image, labels=labels, valid=valid)


def _resampled(image: np.ndarray, times: float) -> torch.Tensor:
    values = torch.from_numpy(image.astype(np.float32))[None, None]
    size = [round(side * times) for side in values.shape[-2:]]
    return torch.nn.functional.interpolate(values, size=size, mode="bilinear", antialias=True, align_corners=False)[0]
