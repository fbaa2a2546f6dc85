"""Truth, texts, files, coordinate reference systems and outputs as they were given → as they are used, or a sentence.

Left to itself QGIS reads "maybe" as yes, and a coordinate reference system that it does not know as none.
"""

from pathlib import Path
from typing import Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFileUtils,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameters,
)

from .given import Given

_PICKLED = {".pth", ".pt", ".ckpt", ".bin", ".pkl", ".pickle"}
"""Endings of files of weights that are programs: reading one runs whatever stands in it."""

MODEL_FILES, WEIGHT_FILES = "SARbridge (*.safetensors)", "Weights (*.safetensors)"
"""What is asked for: the networks of a task with their card, or weights of one network, which carry none."""

_INSTEAD = {
    MODEL_FILES: "as safetensors it would be no model either, as it lacks a model card; choose a file that SARbridge"
    " wrote, with Train translator or a recipe of docs/training.md",
    WEIGHT_FILES: "save its tensors as safetensors.torch.save_file does and choose that file",
}
"""What to do with such weights, by the kind of file that is asked for."""

_TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def read_boolean(given: Given) -> bool:
    """Return whether it is so."""
    truth = _TRUTH.get(str(given.value).strip().lower()) if isinstance(given.value, (bool, int, str)) else None
    if truth is None:
        raise given.must_be("yes or no (true or false, 1 or 0)")
    return truth


def read_text(given: Given) -> str:
    """Return a text without blanks around it."""
    if not isinstance(given.value, str) or not given.value.isprintable():
        raise given.must_be("a text of one line")
    return given.value.strip()


def read_file(given: Given) -> str:
    """Return the path of a file, or of a folder where one is asked for, that is there."""
    definition, path = given.definition, given.value
    is_folder = definition.behavior() == QgsProcessingParameterFile.Behavior.Folder
    kind = "folder" if is_folder else "file"
    if not isinstance(path, str) or "\0" in path:
        raise given.must_be(f"the path of a {kind}")
    wanted = definition.fileFilter()
    if not is_folder and not QgsFileUtils.fileMatchesFilter(path, wanted):
        if wanted in _INSTEAD and Path(path).suffix.lower() in _PICKLED:
            raise given.refused(f"'{path}' can run anything when it is read, so that it never is; {_INSTEAD[wanted]}")
        raise given.must_be(f"a file of the kind {wanted}")
    if not (Path(path).is_dir() if is_folder else Path(path).is_file()):
        raise given.refused(f"'{path}' is no {kind}; choose another one")
    return path


def read_crs(given: Given) -> QgsCoordinateReferenceSystem:
    """Return the system that was named, or that of the layer that was."""
    key = given.definition.name()
    crs = QgsProcessingParameters.parameterAsCrs(given.definition, {key: given.value}, given.context)
    if not crs.isValid():
        raise given.must_be(
            "a coordinate reference system that QGIS knows, such as EPSG:32633, or a layer that has one"
        )
    return crs


def read_folder(given: Given) -> str:
    """Return the path of a folder to write as it was given; `outputs/destinations.py` judges it."""
    if not isinstance(given.value, str):
        raise given.must_be("the name of a folder")
    return given.value


def read_destination(given: Given) -> Union[str, QgsProcessingOutputLayerDefinition]:
    """Return an output as it was given; `outputs/destinations.py` judges its path."""
    if not isinstance(given.value, (str, QgsProcessingOutputLayerDefinition)):
        raise given.must_be("the name of a file")
    return given.value
