"""What MERLIN-Seg learns from on a user's layer: patches of a complex image, some of which show known buildings."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Optional

import numpy as np
import torch

from ....contract.building_training_jobs import BuildingLayers
from ....contract.errors import UserError
from ...despeckling.centred_reader import CentredReader
from ...despeckling.training.complex_places import ComplexImage, Place, complex_images, known_patches
from ...despeckling.training.merlin_seg_lesson import LabelledParts
from ...rasters.grid import Window
from ...rasters.image_place import image_place
from ...reporting import Reporter
from ...training.patches import TRAINING, VALIDATION, split_by_place
from ..footprints import on_image
from ..training.labels import Labels
from ..training.place_patches import BUILT, LEAST_KNOWN, check_shares
from .roofs import on_the_ground, roofs


class LabelledPlace(NamedTuple):
    """A patch, with the `labels` of its image where half of it or more is labelled, else None."""

    place: Place
    labels: Optional[Labels]

    def sample(self) -> LabelledParts:
        """Return the patch as a batch of one, labelled pixel by pixel."""
        parts = torch.from_numpy(self.place.parts())[None]
        if self.labels is None:
            nothing = torch.zeros_like(parts[:, :1])
            return LabelledParts(parts, nothing, nothing.bool())
        built, known = _labelled(self.labels, self.place.window)
        return LabelledParts(parts, torch.from_numpy(built)[None, None].float(), torch.from_numpy(known)[None, None])


@dataclass(frozen=True)
class LabelledPatches:
    """Patches to learn from, and those to validate with, all of them labelled; no pixel of which is learnt from.

    negatives: pixels without building for each one with, where training patches are labelled.
    """

    image: ComplexImage
    training: tuple[LabelledPlace, ...]
    validation: tuple[LabelledPlace, ...]
    negatives: float

    @property
    def labelled(self) -> tuple[LabelledPlace, ...]:
        """The training patches that are labelled."""
        return tuple(each for each in self.training if each.labels)


@contextmanager
def labelled_patches(layers: BuildingLayers, reporter: Reporter) -> Iterator[LabelledPatches]:
    """Yield the `LabelledPatches` of layers, whose files are open meanwhile.

    Those that are labelled are told apart by place: there may be few of them, all in one corner, and both parts need
    some. Of the others, which need no labels, all are learnt from that share no pixel with those to validate with.
    Raises `UserError` for layers that cannot be learnt from.
    """
    image, *more = complex_images(layers.sar, layers.sar_unit, reporter)
    if more:
        raise UserError(
            f"MERLIN-Seg learns from one complex image, and {1 + len(more)} bands of layer '{layers.sar.name}' are "
            "chosen: choose one of them."
        )
    labels = _labels(layers, image, reporter)
    with CentredReader(image.source, image.grid, image.survey.centring) as reader:
        yield _found(layers, image, reader, labels, reporter)


def _labels(layers: BuildingLayers, image: ComplexImage, reporter: Reporter) -> Labels:
    name, grid = layers.sar.name, image.grid
    place = image_place(layers.sar, grid)
    if not grid.crs:
        reporter.info(f"Footprints are brought to columns and rows of layer '{name}' by {place.told_by}.")
    buildings = on_image(roofs(layers, place, reporter), layers.footprints, name, grid).polygons
    area = layers.area and on_image(on_the_ground(layers.area, place, reporter), layers.area, name, grid).polygons
    return Labels(buildings, area, as_shares=False)


def _found(layers, image, reader, labels, reporter) -> LabelledPatches:
    side = layers.patch
    count, known = known_patches(reader, side, reporter)
    shares = {window: share for window in known if (share := _built_share(labels, window)) is not None}
    parts = dict(zip(shares, split_by_place(list(shares), layers.validation_share, layers.seed)))
    learnt, kept = ([window for window in parts if parts[window] == part] for part in (TRAINING, VALIDATION))
    called = f"layers '{layers.sar.name}' and '{layers.footprints.name}'"
    if not (learnt and kept):
        raise UserError(
            f"Of {len(known):,} patches of {side} pixels of layer '{layers.sar.name}' without no data {len(shares):,} "
            "lie half or more within the area where all buildings are known, too few for two parts that share no "
            f"pixel, one to learn from and one to validate with: give footprints of a larger area than those of layer "
            f"'{layers.footprints.name}', or choose smaller patches."
        )
    check_shares([shares[each] for each in learnt], [shares[each] for each in kept], called)
    unlabelled = _apart([each for each in known if each not in shares], kept)
    reporter.info(
        f"Of {len(learnt) + len(unlabelled):,} patches of {side} pixels for training {len(learnt):,} are labelled, as "
        f"{called} show them; the others teach despeckling alone. {len(kept):,} labelled ones, of other places, are "
        f"for validation; {count - len(known):,} of {count:,} hold no data and are left out."
    )
    training = [(window, labels) for window in learnt] + [(window, None) for window in unlabelled]
    built = float(np.mean([shares[each] for each in learnt]))
    return LabelledPatches(
        image,
        tuple(LabelledPlace(Place(image, reader, window), each) for window, each in training),
        tuple(LabelledPlace(Place(image, reader, window), labels) for window in kept),
        (1 - built) / built,
    )


def _built_share(labels: Labels, window: Window) -> Optional[float]:
    """Return the share of the known pixels of a patch that is built; None where it is not labelled."""
    built, known = _labelled(labels, window)
    return float(built[known].mean()) if known.mean() >= LEAST_KNOWN else None


def _labelled(labels: Labels, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Return (built, known), both bool [h, w]."""
    values, known = labels.read(window)
    return values >= BUILT, known


def _apart(windows: Sequence[Window], others: Sequence[Window]) -> list[Window]:
    """Return those of windows of one size, which begin every half side, that share no pixel with others."""
    steps = (-1, 0, 1)
    touched = {
        (each.col + col * each.width // 2, each.row + row * each.height // 2)
        for each in others
        for col in steps
        for row in steps
    }
    return [each for each in windows if (each.col, each.row) not in touched]
