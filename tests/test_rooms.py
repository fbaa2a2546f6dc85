"""The rooms' import rules, seen in the `sys.modules` of fresh processes and not in the text."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from sarbridge.tests.qgis_session import ENGINE_PYTHON, ROOT

PROBE = """
import importlib, importlib.util, json, sys
root, before, names = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
for name in before:
    importlib.import_module(name)
spec = importlib.util.spec_from_file_location("sarbridge", root + "/__init__.py", submodule_search_locations=[root])
sys.modules["sarbridge"] = importlib.util.module_from_spec(spec)
brought = {}
for name in names:
    known = set(sys.modules)
    importlib.import_module(name)
    for module in {module.partition(".")[0] for module in set(sys.modules) - known}:
        brought.setdefault(module, name)
print(json.dumps(brought))
"""


SHARED = (
    *("engine.jobs", "engine.errors", "engine.protocol", "engine.finished_file", "engine.package"),
    *("engine.matching.tie_points", "engine.reports.page", "engine.simulation.jobs", "models.card"),
)
"""What both sides import."""


def modules_of(*rooms):
    files = [path.relative_to(ROOT) for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    return ["sarbridge." + ".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]


def brought_in(interpreter, names, before=()):
    """Return {top-level module: the module of ours that brought it in}, beyond what `before` brings in anyway."""
    arguments = [str(ROOT), json.dumps(before), json.dumps(names)]
    done = subprocess.run([interpreter, "-B", "-c", PROBE, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(find_spec("qgis") is None, reason="this Python has no QGIS")
def test_what_runs_in_qgis_does_without_the_engines_libraries():
    names = modules_of("plugin", "processing_provider")
    brought = brought_in(sys.executable, names, before=["qgis.core", "qgis.gui", "osgeo.gdal"])
    assert brought["sarbridge"] in names
    unwanted = ("torch", "rasterio", "scipy", "numpy", "safetensors", "matplotlib")
    assert {module: brought[module] for module in unwanted if module in brought} == {}


def test_what_both_sides_import_is_standard_library_only():
    brought = brought_in(sys.executable, [f"sarbridge.{name}" for name in SHARED])
    assert brought.pop("sarbridge") == "sarbridge.engine.jobs"
    assert {module: brought[module] for module in brought if module not in sys.stdlib_module_names} == {}


@pytest.mark.skipif(not Path(ENGINE_PYTHON).is_file(), reason="no interpreter for the engine: set SARBRIDGE_PYTHON")
def test_the_engine_and_the_networks_do_without_qgis():
    names = modules_of("engine", "models")
    brought = brought_in(ENGINE_PYTHON, names)
    assert {"torch", "rasterio"} <= set(brought)
    assert {module: brought[module] for module in ("qgis", "PyQt5", "PyQt6") if module in brought} == {}


@pytest.mark.skipif(not Path(ENGINE_PYTHON).is_file(), reason="no interpreter for the engine: set SARBRIDGE_PYTHON")
def test_networks_know_nothing_of_the_engine_but_its_errors():
    brought = brought_in(ENGINE_PYTHON, modules_of("models"))
    assert {module: brought[module] for module in ("rasterio", "scipy", "matplotlib") if module in brought} == {}
