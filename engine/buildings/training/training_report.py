"""The report of a training: what was learnt, how it went, and what the model finds at places that it never saw."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Optional, Protocol

import numpy as np
import torch

from ....contract.building_training_jobs import (
    ARCHITECTURES,
    FINE_TUNING,
    FOOTPRINTS,
    LAYERS,
    METHODS,
    PHASES,
    RECONSTRUCTION,
    BuildingLayers,
    TrainBuildingsJob,
)
from ....contract.report_page import (
    key_figures,
    notice,
    number,
    page,
    paragraph,
    picture,
    properties,
    section,
    side_by_side,
    table,
)
from ....models.card import Card
from ...rasters.grid import Grid, part
from ...reports.figures import colour_map, grey_map, learning_curves
from ...training.patches import TRAINING, VALIDATION
from .phases import Taught
from .setting import Setting
from .validated import Found

_HOW_SCORED = (
    "Of all pixels of the validation area together: blocks of their own, of which no pixel was learnt from in any "
    "phase. The threshold and the best weights were chosen there, so that figures are a little better than they would "
    "be elsewhere; another city, season or sensor can be much worse. The trivial answer is the threshold of the "
    "brightness that is best on the training area."
)
_NOT_SCORED = (
    "No buildings are known, so that nothing tells how good the model is: compare what it finds with footprints of "
    "another place (Evaluate buildings)."
)
_HOW_DESPECKLED = (
    "The MERLIN loss says how likely one part of the complex image is there, given the reflectivity that the network "
    "finds in the other one (½ log R + b² / R, relative to the level of the image); less is better."
)
_LEARNT = (
    "Losses are means over the steps before. The score on the validation area, of which smaller is better, is one "
    "minus the intersection over union where footprints are learnt, else the loss; it is that of the weights at that "
    "step. Where it rises while losses fall, the network learns the training area by heart."
)


class Steps(Protocol):
    """What the settings of trainings have in common."""

    job: TrainBuildingsJob
    device: torch.device
    batch: int
    rate: float


class Reported(NamedTuple):
    """What a page shows of a training beside its phases and scores.

    grid: that patches are windows of; along: a sentence on how the image lies there, or "". patches: (training,
    validation) of each phase. settings: by what people call them. findings: sentences on the layers.
    """

    layers: BuildingLayers
    grid: Grid
    patches: Mapping[str, tuple[int, int]]
    settings: Mapping[str, str]
    along: str = ""
    findings: tuple[str, ...] = ()


def write_training_report(
    path: Path,
    training: Reported,
    phases: Sequence[Taught],
    card: Card,
    found: Sequence[Found],
    numbers: Mapping[str, Optional[float]],
) -> None:
    """Write the page to `path`; found: validation patches; numbers: result of `train_buildings.run`."""
    layers = training.layers
    shown = ", ".join(each.name for each in (layers.sar, layers.optical, layers.footprints) if each)
    stopped = [
        notice(f"{PHASES[each.phase]}: the training stopped early: {each.record.stopped}.")
        for each in phases
        if each.record.stopped
    ]
    is_scored = "IOU" in numbers
    validation = (paragraph(_HOW_SCORED), _scores(numbers)) if is_scored else (paragraph(_NOT_SCORED),)
    html = page(
        f"Training of {card.name}",
        shown,
        _summary(numbers, is_scored),
        *stopped,
        section("Validation", *validation),
        section("Places", *_places(training, found)),
        section("Training", paragraph(_LEARNT), *_curves(phases)),
        section("Phases", _phases(training, phases)),
        *([section("Layers", *map(paragraph, training.findings))] if training.findings else []),
        section("Settings", properties(training.settings)),
        chapter="trainbuildings",
    )
    path.write_text(html, encoding="utf-8")


def _summary(numbers, is_scored):
    learnt = ("Learnt from", f"{numbers['TRAINING_PATCHES']:,}", f"patches, in {numbers['STEPS']:,} steps")
    if not is_scored:
        return key_figures([learnt])
    return key_figures(
        [
            ("Overlap", number(numbers["IOU"], digits=3), "intersection over union, pixels of the validation area"),
            ("F1", number(numbers["F1"], digits=3), "pixels of the validation area"),
            ("Threshold", number(numbers["THRESHOLD"], digits=3), "of the probability, best on the validation area"),
            learnt,
        ]
    )


def _scores(numbers):
    rows = [
        [called, number(numbers[key], digits=3)]
        for called, key in (
            ("This model", "IOU"),
            ("The student before its fine-tuning", "STUDENT_IOU"),
            ("Its teacher, in the optical image", "TEACHER_IOU"),
            ("Best threshold of the brightness", "BRIGHTNESS_IOU"),
        )
        if key in numbers
    ]
    found = table(["Found by", "Intersection over union"], rows, numeric=(1,))
    if "MERLIN_LOSS" not in numbers:
        return found
    return found + paragraph(_HOW_DESPECKLED + f" It is {number(numbers['MERLIN_LOSS'], digits=4)}.")


def _places(training, found) -> Iterator[str]:
    for place, each in enumerate(found, 1):
        grid = part(training.grid, each.window)
        images = [(grey_map(grid, each.image, each.valid), "What the network sees")]
        shares = {"Probability of a building, from black (0) to white (1)": each.probability, "Buildings": each.labels}
        images += [
            (colour_map(grid, np.minimum(share, 1)[None], each.valid), kind)
            for kind, share in shares.items()
            if share is not None
        ]
        yield side_by_side(
            *(
                picture(png, f"{kind} of place {place}", f"Place {place}: {kind}.{training.along}")
                for png, kind in images
            ),
            small=True,
        )


def _curves(phases) -> Iterator[str]:
    for each in phases:
        record, called = each.record, PHASES[each.phase]
        yield picture(
            learning_curves(record.figures, record.scores, "validation score"),
            f"losses and validation score over the steps: {called}",
            f"{called}: losses and score.",
        )


def _phases(training, phases):
    rows = [
        [
            PHASES[each.phase],
            *(f"{count:,}" for count in training.patches[each.phase]),
            f"{each.record.step:,} of {each.steps:,}",
            number(each.record.score, digits=3),
        ]
        for each in phases
    ]
    return table(["Phase", "Training", "Validation", "Steps", "Best score"], rows, numeric=(1, 2, 3, 4))


def reported(setting: Setting) -> Reported:
    """Return what a page shows of a training on backscatter."""
    place, patches = setting.patches.place, setting.patches
    counts = {phase: tuple(len(patches.of(phase, part)) for part in (TRAINING, VALIDATION)) for phase in PHASES}
    along = " The line of sight runs down the pictures." if place.is_along_look else ""
    return Reported(setting.layers, place.grid, counts, _settings(setting), along)


def _settings(setting):
    job, layers, place = setting.job, setting.layers, setting.patches.place
    rows = {
        "Architecture": ARCHITECTURES[job.architecture],
        "Method": METHODS[job.method] if layers.sar else "a teacher: footprints in the optical image",
        "Begun with": Path(job.teacher or job.student).name if job.teacher or job.student else "nothing",
        "Layers reconstructed": LAYERS[job.distilled] if RECONSTRUCTION in job.phases else None,
        "Fine-tuned": FINE_TUNING[job.fine_tuning] if job.phases[-1] == FOOTPRINTS and len(job.phases) > 1 else None,
        "Polarisations": ", ".join(each or "not known" for each in layers.polarisations) or None,
        "SAR unit": place.radiometry and place.radiometry.unit_out,
        **view_settings(layers),
        "Pixels": f"{place.pixel_size:.3g} m"
        + (f", seen at {place.working_pixel:.3g} m" if place.working_pixel else ""),
        **step_settings(setting, "epochs of learning footprints"),
    }
    return {name: value for name, value in rows.items() if value is not None}


def view_settings(layers: BuildingLayers) -> dict[str, str]:
    """Return how the radar looks, as pages show it."""
    angles = {"Look azimuth": layers.look_azimuth, "Incidence": layers.incidence}
    return {called: "not known" if angle is None else f"{angle:g}°" for called, angle in angles.items()}


def step_settings(setting: Steps, epochs: str) -> dict[str, str]:
    """Return how long is learnt in which steps, as pages show it; epochs: what they are."""
    job, layers = setting.job, setting.job.layers
    return {
        "Patches": f"{layers.patch} pixels, every {layers.patch // 2}",
        "Length": f"about {job.minutes:g} min" if job.minutes else f"{job.epochs} {epochs}",
        "Batch": f"{setting.batch} samples",
        "Learning rate": f"{setting.rate:g}",
        "Seed": str(layers.seed),
        "Device": str(setting.device),
    }
