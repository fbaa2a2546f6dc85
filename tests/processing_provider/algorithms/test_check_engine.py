"""`checkengine` through QGIS, with the real engine and without any."""

import html
import json
import platform
import re
import subprocess

import pytest

pytest.importorskip("qgis.core")

import processing  # noqa: E402
from qgis.core import Qgis, QgsProcessingFeedback  # noqa: E402
from sarbridge.processing_provider import settings
from sarbridge.processing_provider.algorithms.check_engine import engine_facts
from sarbridge.processing_provider.engine_process import interpreter  # noqa: E402
from sarbridge.tests.qgis_session import complaint  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application")

VERSIONS = "import json, torch, rasterio; print(json.dumps([torch.__version__, rasterio.__gdal_version__]))"


def run(feedback, **parameters):
    return processing.run("sarbridge:checkengine", parameters, feedback=feedback)


def facts_of_page(path):
    rows = re.findall("<tr><th>(.*?)</th><td>(.*?)</td></tr>", path.read_text(encoding="utf-8"))
    return {html.unescape(name): html.unescape(text) for name, text in rows}


def test_the_report_tells_both_sides(engine, tmp_path):
    page = tmp_path / "check.html"
    feedback = QgsProcessingFeedback(False)
    results = run(feedback, DEVICE="cpu", OUTPUT=str(page))
    torch, gdal = json.loads(subprocess.run([engine, "-c", VERSIONS], capture_output=True, check=True).stdout)
    assert results["TORCH_VERSION"] == torch
    assert results["ENGINE_PYTHON"] == engine
    assert results["DEVICE"] == "cpu"
    assert results["OUTPUT"] == str(page)
    facts = facts_of_page(page)
    assert facts["QGIS"] == Qgis.QGIS_VERSION
    assert facts["Python of QGIS"] == platform.python_version()
    assert facts["GDAL of the engine"] == gdal
    assert facts["Engine's Python"] == f"{engine} (named in the environment variable SARBRIDGE_PYTHON)"
    assert re.fullmatch(r"right, [\d.]+ ms, largest difference \d\.\de-\d\d", facts["Trial tile"])
    assert results["GPU_COUNT"] == sum(bool(re.fullmatch(r"GPU \d+", name)) for name in facts)
    log = feedback.textLog()
    assert all(f"{name}: {text}" in log for name, text in facts.items())


@pytest.mark.parametrize(
    ("differing", "is_environment", "text"),
    [
        ([], True, "as pinned"),
        (
            ["affine 3.0 (pinned 2.4.0)", "six 1 (pinned 2)"],
            True,
            "differs: affine 3.0 (pinned 2.4.0), six 1 (pinned 2)",
        ),
        (["six 1 (pinned 2)"], False, "the system's own, which may differ: six 1 (pinned 2)"),
    ],
)
def test_packages_are_compared_with_the_pins(differing, is_environment, text):
    trial = {"agrees": True, "milliseconds": 1.0, "largest_difference": 0.0}
    values = {"versions": {}, "gpus": [], "threads": 1, "device": "cpu", "device_reason": "", "bf16": False}
    values.update(trial=trial, differing_packages=differing, is_environment=is_environment)
    assert ("Packages", text) in engine_facts(values)


def test_without_an_engine_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("SARBRIDGE_PYTHON", raising=False)
    monkeypatch.setattr(settings, "own_environment_folder", lambda: tmp_path / "none")
    monkeypatch.setattr(interpreter, "NEEDED_MODULES", ("no_such_module",))
    page = tmp_path / "check.html"
    feedback = QgsProcessingFeedback(False)
    results = run(feedback, OUTPUT=str(page))
    assert results == {"ENGINE_PYTHON": "", "TORCH_VERSION": "", "DEVICE": "", "GPU_COUNT": 0, "OUTPUT": str(page)}
    assert "run 'Set up the engine'" in facts_of_page(page)["Engine's Python"]
    assert "run 'Set up the engine'" in feedback.textLog()


def test_a_device_that_does_not_exist_leaves_no_page(engine, tmp_path):
    assert "cuda:7" in complaint("sarbridge:checkengine", {"DEVICE": "cuda:7", "OUTPUT": str(tmp_path / "check.html")})
    assert list(tmp_path.iterdir()) == []


def test_an_interpreter_without_torch_is_named(monkeypatch, python_without_torch):
    monkeypatch.setenv("SARBRIDGE_PYTHON", str(python_without_torch))
    assert f"({python_without_torch}) has no module" in complaint("sarbridge:checkengine", {})
