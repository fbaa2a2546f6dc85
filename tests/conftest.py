"""Make the checkout importable as package `sarbridge`, whatever its folder is called."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _load_sarbridge():
    spec = importlib.util.spec_from_file_location(
        "sarbridge", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["sarbridge"] = package
    spec.loader.exec_module(package)


if "sarbridge" not in sys.modules:
    _load_sarbridge()

from sarbridge.engine.process_environment import set_environment  # noqa: E402

set_environment()  # as in the engine's process, and before torch is imported: threads that spin take four times the CPU

# Taken over once, here: a session fixture imported by two conftest.py files is set up twice, and QGIS is not twice.
from sarbridge.tests.qgis_session import engine, qgis_application  # noqa: E402, F401


def pytest_sessionfinish(session, exitstatus):
    session.config.exit_status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """End at once where QGIS ran: layers that tests still hold would be freed after it has ended, which crashes."""
    if "qgis.core" in sys.modules and hasattr(config, "exit_status"):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.exit_status)


@pytest.fixture
def one_thread():
    """Torch on one thread: networks and images as small as those of tests take longer shared than alone."""
    import torch  # which QGIS's Python does not have

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def out(tmp_path):
    """An empty folder for results, beside what a test keeps in `tmp_path`."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def real_data():
    """The folder of real imagery beside the checkout; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real imagery (../shared/data) is not on this machine")
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.name == "nt" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
