"""`sarbridge:checkengine`: what QGIS and the engine are made of, which Python was chosen and why, and a trial tile."""

import configparser
import platform
from pathlib import Path
from typing import Any, Optional

from qgis.core import Qgis, QgsProcessingContext, QgsProcessingFeedback, QgsProcessingOutputString
from qgis.PyQt.QtCore import QT_VERSION_STR

from ...contract.engine_jobs import CheckEngineJob
from ...contract.installation import PLUGIN_FOLDER
from ...contract.report_page import page, properties
from ..algorithm import ENGINE, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.interpreter import find_interpreter
from ..engine_process.user_errors import one_sentence
from ..outputs.destinations import HTML, add_report, finished_outputs
from ..outputs.number_outputs import add_numbers
from ..parameters.device import DEVICE, add_device, chosen_device


class CheckEngine(SarbridgeAlgorithm):
    """Facts of the QGIS side, then those of the engine when there is one; as log lines, HTML page and outputs."""

    TITLE = "Check the engine"
    GROUP = ENGINE
    SUMMARY = (
        "Reports the versions of QGIS and of the engine's libraries, the graphics cards with their memory, which Python"
        " interpreter was chosen and why, and runs a trial tile on the device. Add its report to a question or a bug"
        " report. It also works without an engine, and then says what to do."
    )
    TAGS = ("engine", "versions", "torch", "gpu", "cuda", "diagnostics", "support")
    NEEDS_ENGINE = False

    OUTPUT = "OUTPUT"
    ENGINE_PYTHON, TORCH_VERSION, GPU_COUNT = "ENGINE_PYTHON", "TORCH_VERSION", "GPU_COUNT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        add_device(self)
        add_report(self, self.OUTPUT, "The same report as a page.")
        self.addOutput(QgsProcessingOutputString(self.ENGINE_PYTHON, self.tr("Interpreter of the engine")))
        self.addOutput(QgsProcessingOutputString(self.TORCH_VERSION, self.tr("Version of torch")))
        self.addOutput(QgsProcessingOutputString(DEVICE, self.tr("Device that was chosen")))
        add_numbers(self, {self.GPU_COUNT: "Number of graphics cards"})

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._device = chosen_device(self, parameters, context)

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        with finished_outputs(self, parameters, context, {self.OUTPUT: HTML}) as (new, paths):
            facts, results = self._look(feedback)
            for report in new.values():
                html = page("SARbridge engine", "", properties(dict(facts)), chapter="checkengine")
                Path(report).write_text(html, encoding="utf-8")
        return {**results, **paths}

    def _look(self, feedback):
        """Return (facts, results) of both sides, or of QGIS's alone where there is no engine; log the facts."""
        interpreter = find_interpreter()
        chosen = f"{interpreter.path} ({interpreter.why})" if interpreter.path else interpreter.why
        facts = [*qgis_facts(), ("Engine's Python", chosen)]
        _log(facts, feedback)
        if not interpreter.path:
            return facts, {self.ENGINE_PYTHON: "", self.TORCH_VERSION: "", DEVICE: "", self.GPU_COUNT: 0}
        values = run_job(CheckEngineJob(device=self._device), feedback)
        found = engine_facts(values)
        _log(found, feedback)
        return facts + found, {
            self.ENGINE_PYTHON: interpreter.path,
            self.TORCH_VERSION: values["versions"]["torch"],
            DEVICE: values["device"],
            self.GPU_COUNT: len(values["gpus"]),
        }


def qgis_facts() -> list[tuple[str, str]]:
    """Return (name, text) pairs about the process that QGIS runs in."""
    from osgeo import gdal  # not at the top: QGIS starts without it

    metadata = configparser.ConfigParser()
    metadata.read(PLUGIN_FOLDER / "metadata.txt", encoding="utf-8")
    return [
        ("SARbridge", metadata["general"]["version"]),
        ("Plugin folder", str(PLUGIN_FOLDER)),
        ("System", platform.platform()),
        ("QGIS", Qgis.QGIS_VERSION),
        ("Qt of QGIS", QT_VERSION_STR),
        ("Python of QGIS", platform.python_version()),
        ("GDAL of QGIS", gdal.__version__),
    ]


def engine_facts(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (name, text) pairs for what the task `check_engine` found, see `engine/check_engine.py`."""
    trial = values["trial"]
    outcome = "right" if trial["agrees"] else "WRONG"
    gpus = [f"{gpu['name']}, {gpu['memory_gib']} GiB" for gpu in values["gpus"]]
    return [
        *((f"{name} of the engine", version) for name, version in values["versions"].items()),
        ("Packages", _packages(values)),
        *((f"GPU {number}", gpu) for number, gpu in enumerate(gpus)),
        *([] if gpus else [("GPU", "none that torch can use")]),
        ("Threads", str(values["threads"])),
        ("Device", f"{values['device']} ({values['device_reason']})"),
        ("16-bit arithmetic (bf16)", "yes" if values["bf16"] else "no"),
        (
            "Trial tile",
            f"{outcome}, {trial['milliseconds']} ms, largest difference {trial['largest_difference']:.1e}",
        ),
    ]


def _packages(values):
    if not values["differing_packages"]:
        return "as pinned"
    which = "differs" if values["is_environment"] else "the system's own, which may differ"
    return f"{which}: {', '.join(values['differing_packages'])}"


def _log(facts, feedback):
    for name, text in facts:
        feedback.pushInfo(f"{name}: {text}")
