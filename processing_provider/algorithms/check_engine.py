"""`sarbridge:checkengine`: what QGIS and the engine are made of, which Python was chosen and why, and a trial tile."""

import configparser
import platform
from datetime import datetime

from qgis.core import (
    Qgis,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
)
from qgis.PyQt.QtCore import QT_VERSION_STR

from ...contract.engine_jobs import CheckEngineJob
from ...contract.finished_file import finished_file
from ...contract.installation import PLUGIN_FOLDER
from ...contract.report_page import page, properties
from ..algorithm import ENGINE, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.interpreter import find_interpreter
from ..engine_process.user_errors import one_sentence
from ..outputs.destinations import HTML, destination


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

    def initAlgorithm(self, configuration=None):
        self.add_device_parameter()
        self.add_parameter(
            QgsProcessingParameterFileDestination(
                self.OUTPUT, self.tr("Report"), self.tr("HTML files (*.html)"), None, True, False
            ),
            "The same report as a page.",
        )
        self.addOutput(QgsProcessingOutputString(self.ENGINE_PYTHON, self.tr("Interpreter of the engine")))
        self.addOutput(QgsProcessingOutputString(self.TORCH_VERSION, self.tr("Version of torch")))
        self.addOutput(QgsProcessingOutputString(self.DEVICE, self.tr("Device that was chosen")))
        self.addOutput(QgsProcessingOutputNumber(self.GPU_COUNT, self.tr("Number of graphics cards")))

    @one_sentence
    def prepareAlgorithm(self, parameters, context, feedback):
        self._device = self.chosen_device(parameters, context)
        self._output = destination(self, parameters, self.OUTPUT, context, HTML)
        return True

    @one_sentence
    def processAlgorithm(self, parameters, context, feedback):
        interpreter = find_interpreter()
        chosen = f"{interpreter.path} ({interpreter.why})" if interpreter.path else interpreter.why
        facts = [*qgis_facts(), ("Engine's Python", chosen)]
        _log(facts, feedback)
        results = {self.ENGINE_PYTHON: "", self.TORCH_VERSION: "", self.DEVICE: "", self.GPU_COUNT: 0}
        if interpreter.path:
            values = run_job(CheckEngineJob(device=self._device), feedback)
            found = engine_facts(values)
            _log(found, feedback)
            facts += found
            results = {
                self.ENGINE_PYTHON: interpreter.path,
                self.TORCH_VERSION: values["versions"]["torch"],
                self.DEVICE: values["device"],
                self.GPU_COUNT: len(values["gpus"]),
            }
        if self._output:
            now = f"{datetime.now().astimezone():%d %B %Y, %H:%M %Z}"
            html = page("SARbridge engine", now, properties(dict(facts)))
            with finished_file(self._output) as path:
                path.write_text(html, encoding="utf-8")
            results[self.OUTPUT] = self._output
        return results


def qgis_facts():
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


def engine_facts(values):
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
