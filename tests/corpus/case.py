"""What hostile input is tried, and what must come of it.

A kind of input is a module with a list `CASES`. Most cases are one line:

    Case("a text called .tif", lambda folder: elevation(write_text(folder / "a.tif")), refused="'a' cannot be read")
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional, Union

import processing
from qgis.core import QgsApplication, QgsProcessingFeedback
from sarbridge.tests.exact_tie_points import tie_point_rows, write_points
from sarbridge.tests.image_pair import matching, write_image_pair
from sarbridge.tests.processing_provider.algorithms.small_runs import SMALL_RUNS, complex_houses, complex_town


@dataclass(frozen=True)
class Run:
    """A run of an algorithm; every output that `parameters` leave open is written into an empty folder."""

    algorithm: str
    parameters: Mapping[str, Any]

    def __call__(self, out: Path, feedback: QgsProcessingFeedback) -> Mapping[str, Any]:
        name = f"sarbridge:{self.algorithm}"
        definitions = QgsApplication.processingRegistry().algorithmById(name).destinationParameterDefinitions()
        outputs = {each.name(): str(out / f"{each.name()}.{each.defaultFileExtension()}") for each in definitions}
        return processing.run(name, {**outputs, **self.parameters}, feedback=feedback)


Act = Union[Run, Callable[[Path, QgsProcessingFeedback], Any]]
"""What is done with the input: an algorithm, or a call with the folder for results and the feedback."""


@dataclass(frozen=True)
class Case:
    """One input: `make(folder)` writes it into an empty folder and returns what is to be done with it.

    refused: the sentence (a regular expression that is searched for in it) with which it must be refused. Without one
    it must be taken, and then warned: the one warning that must be given; right(results): whether they are right.
    """

    name: str
    make: Callable[[Path], Act]
    refused: str = ""
    warned: str = ""
    right: Optional[Callable[[Any], bool]] = None


def match(folder: Path, **hostile: Any) -> Run:
    """Return a run of matching on a small good pair (`sar.tif`, `optical.tif`), but for what is `hostile`."""
    return Run("matchtiepoints", {**matching(write_image_pair(folder, size=256), folder.parent / "out"), **hostile})


def coregister(folder: Path, **hostile: Any) -> Run:
    """Return a run of co-registration with true tie points of the small pair, but for what is `hostile`."""
    _, optical = write_image_pair(folder, size=256)
    points = write_points(folder / "points.gpkg", tie_point_rows())
    return Run("coregister", {"INPUT": optical, "POINTS": points, "TRANSFORM": "shift", **hostile})


def align(folder: Path, **hostile: Any) -> Run:
    """Return a run of aligning the small pair, but for what is `hostile`; a shift too small for a first stage."""
    sar, optical = write_image_pair(folder, size=256)
    by_correlation = {"METHOD": "ncc", "CANDIDATES": "grid", "SPACING": 32, "MAX_SHIFT": 16}
    return Run("alignimages", {"SAR": sar, "OPTICAL": optical, **by_correlation, **hostile})


def small(algorithm: str) -> Callable[..., Run]:
    """Return a function (folder, **hostile) that gives the small run of another algorithm, but for what is hostile."""
    return lambda folder, **hostile: Run(algorithm, {**SMALL_RUNS[algorithm](folder), **hostile})


distortions, visibility = small("sardistortions"), small("jointvisibility")
simulation, check = small("simulatescene"), small("checkengine")
translation, evaluation = small("translatetooptical"), small("evaluatetranslation")
matcher_training = small("trainmatcher")
training, patches = small("traintranslator"), small("buildpatches")
extraction, building_evaluation = small("extractbuildings"), small("evaluatebuildings")
building_training = small("trainbuildings")
despeckling, despeckler_training = small("despeckle"), small("traindespeckler")


def complex_building_training(folder: Path, **hostile: Any) -> Run:
    """Return a run of the training on a complex layer in radar geometry, but for what is `hostile`."""
    return Run("trainbuildings", {**complex_town(folder), **hostile})


def complex_extraction(folder: Path, **hostile: Any) -> Run:
    """Return a run of the extraction from a complex layer in radar geometry, but for what is `hostile`."""
    return Run("extractbuildings", {**complex_houses(folder), **hostile})
