"""Patches of a place: cut from the files when they are asked for, and what each of them can be used for."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, Optional

import numpy as np

from ....contract.building_training_jobs import FOOTPRINTS, HETEROGENEOUS, RECONSTRUCTION, TEACHER
from ....contract.errors import UserError
from ...rasters.grid import Window
from ...rasters.grid_reader import GridReader
from ...reporting import Reporter
from ...training.patches import TRAINING, VALIDATION, lattice, split_by_place
from .learning_place import LearningPlace

SAR, OPTICAL, LABELS = "sar", "optical", "labels"

NEEDS = {
    TEACHER: (OPTICAL, LABELS),
    RECONSTRUCTION: (SAR, OPTICAL),
    HETEROGENEOUS: (SAR, OPTICAL, LABELS),
    FOOTPRINTS: (SAR, LABELS),
}
"""What of a place each phase is taught with."""

LEAST_KNOWN = 0.5
"""Share of the pixels of a patch on which all that a phase needs is known."""

BUILT = 0.5
"""Share of a pixel from which on it counts as built."""


class PatchImages(NamedTuple):
    """What there is of a place, by `SAR`, `OPTICAL` and `LABELS`: `values` [C, h, w] and where they are `known` [h, w].

    SAR values are in standard deviations from the mean of the scene, optical ones 0..1, labels as in `BuildingSample`.
    """

    values: dict[str, np.ndarray]
    known: dict[str, np.ndarray]

    def valid(self, phase: str) -> np.ndarray:
        """Return on which pixels all is known that a phase needs: bool [h, w]."""
        return reduce(np.logical_and, (self.known[each] for each in NEEDS[phase]))


class PatchReader:
    """Cuts patches out of the layers of a `LearningPlace`; a context manager, for one thread at a time."""

    def __init__(self, place: LearningPlace) -> None:
        self.place = place

    def __enter__(self) -> "PatchReader":
        place, layers = self.place, self.place.layers
        given = {SAR: (layers.sar, place.radiometry), OPTICAL: (layers.optical, place.stretch)}
        with ExitStack() as stack:
            self._readers = {
                name: stack.enter_context(GridReader(source, place.grid, radiometry))
                for name, (source, radiometry) in given.items()
                if source
            }
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> Optional[bool]:
        return self._stack.__exit__(*exception)

    def read(self, window: Window) -> PatchImages:
        """Return what there is of a window of the grid."""
        values, known = {}, {}
        for name, reader in self._readers.items():
            values[name], known[name] = reader.read_bands(window)
        if SAR in values:
            scaled = (scale.standardised(band) for scale, band in zip(self.place.scales, values[SAR]))
            values[SAR] = np.stack(list(scaled)).astype(np.float32)
        if self.place.labels:
            labels, known[LABELS] = self.place.labels.read(window)
            values[LABELS] = labels[None]
        return PatchImages(values, known)


class Patch(NamedTuple):
    """A `window` of the grid, its `part` (`TRAINING`, `VALIDATION` or "" between both), and the `phases` that can use
    it."""

    window: Window
    part: str
    phases: frozenset[str]


@dataclass(frozen=True)
class Patches:
    """The `patches` that a `reader` cuts out of a place; no phase learns from a pixel of a validation patch."""

    reader: PatchReader
    patches: tuple[Patch, ...]

    @property
    def place(self) -> LearningPlace:
        """The place that they show."""
        return self.reader.place

    def of(self, phase: str, part: str) -> list[Window]:
        """Return the windows of a part that a phase can use."""
        return [each.window for each in self.patches if each.part == part and phase in each.phases]


def found_patches(reader: PatchReader, phases: tuple[str, ...], reporter: Reporter) -> Patches:
    """Return the patches of a place; raises `UserError` where they are too few, or show nothing to be told apart."""
    place = reader.place
    side = place.layers.patch
    windows = lattice(Window(0, 0, place.grid.width, place.grid.height), side)
    usable: dict[Window, frozenset[str]] = {}
    built: dict[Window, float] = {}
    for done, window in enumerate(windows):
        reporter.progress(done / len(windows))
        images = reader.read(window)
        able = frozenset(each for each in phases if images.valid(each).mean() >= LEAST_KNOWN)
        if able:
            usable[window] = able
            if LABELS in images.values:
                seen = images.values[LABELS][0][images.known[LABELS]]
                built[window] = float((seen >= BUILT).mean()) if len(seen) else 0.0
    split = split_by_place(list(usable), place.layers.validation_share, place.layers.seed)
    patches = Patches(reader, tuple(Patch(window, part, usable[window]) for window, part in zip(usable, split)))
    for phase in phases:
        _check(patches, phase, len(windows), built)
    _tell(patches, phases, reporter)
    return patches


def _names(place: LearningPlace, phase: str) -> str:
    layers = place.layers
    sources = {SAR: layers.sar, OPTICAL: layers.optical, LABELS: layers.footprints}
    *most, last = (f"'{sources[each].name}'" for each in NEEDS[phase])
    return f"layers {', '.join(most)} and {last}"


def _check(patches: Patches, phase: str, count: int, built: Mapping[Window, float]) -> None:
    learnt, kept = (patches.of(phase, part) for part in (TRAINING, VALIDATION))
    called, side = _names(patches.place, phase), patches.place.layers.patch
    if not (learnt and kept):
        usable = sum(phase in each.phases for each in patches.patches)
        raise UserError(
            f"Of {count:,} patches of {side} pixels {usable:,} are half or more within what {called} show together, "
            "too few for two parts that share no pixel, one to learn from and one to validate with: choose larger "
            "layers or a larger area, or smaller patches."
        )
    if LABELS not in NEEDS[phase]:
        return
    check_shares([built[each] for each in learnt], [built[each] for each in kept], called)


def check_shares(learnt: Sequence[float], kept: Sequence[float], called: str) -> None:
    """Raise `UserError` where patches show no building, or nothing else, by the share of each that is built.

    learnt, kept: of those to learn from and of those to validate with; called: the layers that they show.
    """
    for shares, doing in ((learnt, "learn from"), (kept, "validate with")):
        remedy = "choose a larger area, another seed or other footprints"
        if max(shares) == 0:
            raise UserError(
                f"None of the {len(shares):,} patches of {called} to {doing} shows a building, and nothing can be "
                f"told from nothing: {remedy}."
            )
        if min(shares) == 1:
            raise UserError(
                f"All of the {len(shares):,} patches of {called} to {doing} are built up all over, so that nothing "
                f"shows what is no building: {remedy}."
            )


def _tell(patches: Patches, phases: tuple[str, ...], reporter: Reporter) -> None:
    side = patches.place.layers.patch
    for phase in phases:
        learnt, kept = (len(patches.of(phase, part)) for part in (TRAINING, VALIDATION))
        reporter.info(
            f"{learnt:,} patches of {side} pixels of {_names(patches.place, phase)} are for training and {kept:,}, of "
            "other places, for validation."
        )
