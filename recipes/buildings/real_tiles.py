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

_NORTHWARDS, _SOUTHWARDS = ([1], [1], [0]), ([0], [1], [1])
"""Structuring elements by which what is built grows by a row to one side."""


def real_tiles(data: Path, sources: tuple[str, ...], pixel: float = PIXEL) -> list[Place]:
    """Return the tiles of some sources on pixels of `pixel` metres, grey values, with what is not known mirrored.

    The aeroplane flew along the rows, now north and now south of the town. Tiles are turned so that it was in the
    north; where the buildings do not show where it was, the look is not known.
    """
    return [_tile(figure, pixel) for figure in figures(data, sources)]


def _tile(figure: Figure, pixel: float) -> Place:
    figure = figure._replace(known=ndimage.binary_erosion(figure.known, iterations=_CUT))
    north = _brighter_in_the_north(figure)
    layers = mirrored(figure.grey[None], figure.known)[0], figure.known, figure.built
    if north <= -_CLEAR:
        layers = [np.rot90(each, 2) for each in layers]
    image, valid, labels = (_resampled(each, figure.pixel / pixel) for each in layers)
    return Place(
        name=f"sn6_sar/{figure.name}",
        pixel=pixel,
        image=image,
        labels=(labels > 0.5).int(),
        valid=valid > 0.99,
        incidence=_INCIDENCE,
        look_known=abs(north) >= _CLEAR,
        is_rendering=True,
    )


def without_look(places: Sequence[Place]) -> list[Place]:
    """Return places as if nothing told where the radar looked, and at which angle."""
    return [replace(place, look_known=False, incidence=None) for place in places]


def _brighter_in_the_north(figure: Figure) -> float:
    """Return how much brighter the ground is just north of buildings than just south, in deviations of the image."""
    beside = []
    for towards in (_NORTHWARDS, _SOUTHWARDS):
        around = ndimage.binary_dilation(figure.built, towards, iterations=round(_STRIP / figure.pixel))
        beside.append(figure.grey[around & ~figure.built & figure.known])
    if not all(len(each) for each in beside):
        return 0.0
    return float((beside[0].mean() - beside[1].mean()) / figure.grey[figure.known].std())


def _resampled(image: np.ndarray, times: float) -> torch.Tensor:
    values = torch.from_numpy(image.astype(np.float32))[None, None]
    size = [round(side * times) for side in values.shape[-2:]]
    return torch.nn.functional.interpolate(values, size=size, mode="bilinear", antialias=True, align_corners=False)[0]
