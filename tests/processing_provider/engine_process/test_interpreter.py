"""Which Python runs the engine, in which environment."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("qgis.core")

from sarbridge.processing_provider import settings
from sarbridge.processing_provider.engine_process import interpreter  # noqa: E402
from sarbridge.processing_provider.engine_process.interpreter import (
    COMPLETE,
    Interpreter,
    engine_environment,
    environment_python,
    find_interpreter,
    qgis_python,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def nothing_set_up(monkeypatch, tmp_path):
    """No variable, no setting, no environment of the plugin's own, and a QGIS Python without torch."""
    monkeypatch.delenv("SARBRIDGE_PYTHON", raising=False)
    monkeypatch.setattr(settings, "engine_python", lambda: "")
    monkeypatch.setattr(settings, "own_environment_folder", lambda: tmp_path / "own")
    monkeypatch.setattr(interpreter, "NEEDED_MODULES", ("json", "no_such_module"))


def make_python(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_without_anything_the_sentence_says_what_to_do():
    found = find_interpreter()
    assert found.path is None and not found.is_qgis_python
    assert "run 'Set up the engine'" in found.why and "options" in found.why


def test_the_order(monkeypatch, tmp_path):
    monkeypatch.setattr(interpreter, "NEEDED_MODULES", ("json", "wave"))
    found = find_interpreter()
    assert found == Interpreter(str(qgis_python()), "QGIS's own Python, which has json, wave", is_qgis_python=True)
    assert "wave" not in sys.modules, "looked for, not imported"

    own = make_python(environment_python(tmp_path / "own"))
    (tmp_path / "own" / COMPLETE).touch()
    assert find_interpreter() == Interpreter(str(own), "the plugin's own environment in the QGIS profile")

    chosen = make_python(tmp_path / "chosen" / "python")
    monkeypatch.setattr(settings, "engine_python", lambda: str(chosen))
    assert find_interpreter() == Interpreter(str(chosen), "named in the SARbridge options")

    variable = make_python(tmp_path / "variable" / "python")
    monkeypatch.setenv("SARBRIDGE_PYTHON", str(variable))
    assert find_interpreter().path == str(variable)
    assert "SARBRIDGE_PYTHON" in find_interpreter().why


def test_what_the_user_named_is_not_passed_over_in_silence(monkeypatch, tmp_path):
    make_python(environment_python(tmp_path / "own"))
    monkeypatch.setattr(settings, "engine_python", lambda: "/no/such/python")
    found = find_interpreter()
    assert found.path is None
    assert "'/no/such/python'" in found.why and "does not exist" in found.why


def test_qgis_python_is_the_one_that_runs_here(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/usr/bin/qgis")
    code = "import sys; print(sys.prefix, sys.version_info[:2])"
    answer = subprocess.run([str(qgis_python()), "-c", code], capture_output=True, text=True, check=True).stdout
    assert answer.split(maxsplit=1) == [sys.prefix, f"{sys.version_info[:2]}\n"]


@pytest.fixture
def windows(monkeypatch):
    """`interpreter` believes to be on Windows; paths stay those of this system."""
    monkeypatch.setattr(interpreter, "os", SimpleNamespace(name="nt", environ=os.environ))


@pytest.mark.parametrize(
    ("there", "chosen"), [(["python3.exe", "python.exe"], "python.exe"), (["python3.exe"], "python3.exe"), ([], None)]
)
def test_qgis_python_of_windows_lies_in_its_prefix(monkeypatch, tmp_path, windows, there, chosen):
    for name in there:
        make_python(tmp_path / "apps" / "Python312" / name)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "apps" / "Python312"))
    assert qgis_python() == (chosen and tmp_path / "apps" / "Python312" / chosen)


def test_environments_of_windows_have_their_python_in_scripts(monkeypatch, tmp_path, windows):
    own = make_python(tmp_path / "own" / "Scripts" / "python.exe")
    (tmp_path / "own" / COMPLETE).touch()
    assert find_interpreter() == Interpreter(str(own), "the plugin's own environment in the QGIS profile")


def test_qgis_python_of_macos_lies_in_its_bundle(monkeypatch, tmp_path):
    """A bundle without `bin` has none that could make an environment: then `setupengine` says what to do instead."""
    contents = tmp_path / "QGIS.app" / "Contents" / "MacOS"
    monkeypatch.setattr(sys, "prefix", str(contents))
    monkeypatch.setattr(sys, "executable", str(make_python(contents / "QGIS")))
    assert qgis_python() is None
    python = make_python(contents / "bin" / f"python3.{sys.version_info.minor}")
    make_python(contents / "bin" / "python3")
    assert qgis_python() == python


def test_qgis_python_chosen_by_the_user_is_recognised(monkeypatch):
    monkeypatch.setenv("SARBRIDGE_PYTHON", str(qgis_python()))
    assert find_interpreter().is_qgis_python


def test_an_environment_that_links_to_qgis_python_is_a_foreign_one(monkeypatch, tmp_path):
    link = environment_python(tmp_path / "venv")
    link.parent.mkdir(parents=True)
    link.symlink_to(qgis_python())
    monkeypatch.setenv("SARBRIDGE_PYTHON", str(link))
    assert find_interpreter() == Interpreter(str(link), "named in the environment variable SARBRIDGE_PYTHON")


def test_a_foreign_python_loses_what_would_mislead_it(monkeypatch):
    gone = ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH", "PYTHONHOME", "PYTHONPATH", "QT_PLUGIN_PATH")
    kept = ("HTTPS_PROXY", "GDAL_HTTP_PROXY", "GDAL_HTTP_USERPWD", "GDAL_CACHEMAX", "PATH", "CUDA_VISIBLE_DEVICES")
    for name in gone + kept:
        monkeypatch.setenv(name, os.environ.get(name, "value"))
    foreign = engine_environment(Interpreter("/usr/bin/other", ""))
    assert not set(gone) & set(foreign)
    others = {name for name in os.environ if name not in gone and not name.startswith(("QT_", "PROJ_"))}
    assert {name: os.environ[name] for name in others} == foreign
    assert set(kept) <= set(foreign)
    assert engine_environment(Interpreter("/usr/bin/python3", "", is_qgis_python=True)) == dict(os.environ)


def test_settings_are_kept_in_the_profile(tmp_path):
    """Written by one QGIS process, read by the next; nothing set: the documented defaults."""
    begin = f"""
import sys
sys.path.insert(0, {str(ROOT / "engine")!r})
from package import load_package
load_package()
from qgis.core import QgsApplication
application = QgsApplication([], False)
application.initQgis()
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.processing_provider import settings
"""
    write = "settings.set_engine_python('/a'); settings.set_device('cuda:1'); settings.set_model_folder('/m')"
    read = (
        "print(repr((settings.engine_python(), settings.device(), settings.model_folder()))); "
        "print(settings.own_environment_folder()); print(SHIPPED_MODELS)"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path)}
    lines = []
    for code in (read, write, read):
        command = [sys.executable, "-c", begin + code]
        result = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        lines += result.stdout.splitlines()
    own, shipped = str(tmp_path / "profiles" / "default" / "sarbridge" / "engine"), str(ROOT / "models" / "zoo")
    assert lines == ["('', 'auto', '')", own, shipped, "('/a', 'cuda:1', '/m')", own, shipped]
