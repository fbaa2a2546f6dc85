"""`sarbridge:setupengine`: gives the plugin a Python environment of its own in the QGIS profile."""

import re
from pathlib import Path
from typing import Any, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...contract.engine_jobs import CheckEngineJob
from ...contract.errors import UserError
from ...contract.installation import CONSTRAINTS, REQUIREMENTS
from ...contract.jobs import to_json
from .. import settings
from ..algorithm import ENGINE, SarbridgeAlgorithm
from ..engine_process.interpreter import find_interpreter, qgis_python
from ..engine_process.own_environment import make_environment, replaced
from ..engine_process.user_errors import one_sentence
from ..engine_process.worker_process import EngineProcess
from ..parameters.given import named
from .check_engine import engine_facts

_STEPS = 8
"""The check is the last of as many equal steps; pip's progress ends at that."""


class SetupEngine(SarbridgeAlgorithm):
    """Environment → packages → check; an older environment comes back when one of them fails."""

    TITLE = "Set up the engine"
    GROUP = ENGINE
    SUMMARY = (
        "Makes a Python environment for the engine in the QGIS profile and installs PyTorch and the other libraries in"
        " it; QGIS's own Python stays as it is. Run it once, and again after an update of the plugin.</p><p>"
        "<b>What is downloaded:</b> about 220 MB on Windows and macOS and 1 GB of disk; on Linux about 3.1 GB and 6 to"
        " 7 GB of disk, because torch comes there with NVIDIA's libraries. For torch without them on Linux (about"
        " 300 MB, 1.4 GB of disk), or with them on Windows, see Additional package index (TORCH_INDEX_URL).</p><p>"
        "A cancelled or failed run leaves the environment that was there before."
    )
    TAGS = ("engine", "install", "torch", "pytorch", "python", "environment", "gpu", "cuda", "offline", "wheels")
    NEEDS_ENGINE = False

    WHEELS, INDEX_URL, TORCH_INDEX_URL = "WHEELS", "INDEX_URL", "TORCH_INDEX_URL"
    ENGINE_PYTHON, TORCH_VERSION = "ENGINE_PYTHON", "TORCH_VERSION"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self.add_parameter(
            QgsProcessingParameterFile(
                self.WHEELS,
                self.tr("Folder of wheels"),
                QgsProcessingParameterFile.Behavior.Folder,
                optional=True,
            ),
            "For machines without internet: only what lies in this folder is installed. Fill it on a machine with the"
            f" same system and Python: pip download --only-binary=:all: -r {REQUIREMENTS.name} -c {CONSTRAINTS.name}"
            " -d FOLDER",
        )
        self.add_parameter(
            QgsProcessingParameterString(self.INDEX_URL, self.tr("Package index"), optional=True),
            "Address of a package index of your own, used in place of the one pip is configured for.",
            advanced=True,
        )
        self.add_parameter(
            QgsProcessingParameterString(self.TORCH_INDEX_URL, self.tr("Additional package index"), optional=True),
            "Address of an index with another build of torch (CPU only, or a certain CUDA), preferred to the usual one;"
            " the page 'Get started locally' of PyTorch shows these addresses after --index-url.",
            advanced=True,
        )
        self.addOutput(QgsProcessingOutputString(self.ENGINE_PYTHON, self.tr("Interpreter of the engine")))
        self.addOutput(QgsProcessingOutputString(self.TORCH_VERSION, self.tr("Version of torch")))

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        wheels = self.parameterAsString(parameters, self.WHEELS, context)
        index, torch_index = (self._index(parameters, key, context) for key in (self.INDEX_URL, self.TORCH_INDEX_URL))
        self._pip_options = _pip_options(wheels, index, torch_index)
        if qgis_python() is None:
            raise UserError(
                "QGIS's own Python cannot be found: make an environment with the packages of"
                f" {REQUIREMENTS.name} yourself and name its interpreter in the SARbridge options."
            )

    def _index(self, parameters, key, context):
        address = self.parameterAsString(parameters, key, context)
        if address and not re.fullmatch(r"(https?|file)://\S+", address):
            label = named(self.parameterDefinition(key))
            raise UserError(f"{label} must be the address of a package index, such as https://host/simple.")
        return address

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        folder = settings.own_environment_folder()
        with replaced(folder):
            made = make_environment(folder, self._pip_options, feedback)
            values = _check(made, feedback)
        for name, text in engine_facts(values):
            feedback.pushInfo(f"{name}: {text}")
        chosen = find_interpreter()
        if chosen.path != made.path:
            feedback.pushWarning(
                f"The new environment is ready but not in use: the engine's Python is {chosen.why or chosen.path}."
            )
        feedback.setProgress(100)
        return {self.ENGINE_PYTHON: made.path, self.TORCH_VERSION: values["versions"]["torch"]}


def _pip_options(wheels, index, torch_index):
    if wheels:
        if index or torch_index:
            raise UserError("Give either a folder of wheels (WHEELS) or a package index, not both.")
        if not any(Path(wheels).glob("*.whl")):
            raise UserError(
                f"Folder of wheels (WHEELS): '{wheels}' holds no wheels (*.whl); choose the folder pip filled."
            )
        return ["--no-index", f"--find-links={wheels}"]
    options = [f"--index-url={index}"] if index else []
    return options + ([f"--extra-index-url={torch_index}"] if torch_index else [])


def _check(interpreter, feedback):
    """Run the engine's self-check with this very interpreter, whichever one algorithms would choose."""
    process = EngineProcess(interpreter)
    last_step = QgsProcessingMultiStepFeedback(_STEPS, feedback)
    last_step.setCurrentStep(_STEPS - 1)
    try:
        return process.run(to_json(CheckEngineJob()), last_step)
    finally:
        process.end()
