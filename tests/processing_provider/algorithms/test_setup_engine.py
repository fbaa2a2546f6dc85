"""`setupengine` with real `venv` and `pip`, and one tiny wheel in place of torch and the others.

SARBRIDGE_SETUP_TEST=1 also runs it as users do, with a download of hundreds of megabytes.
"""

import base64
import functools
import hashlib
import http.server
import os
import socket
import subprocess
import threading
import time
import zipfile

import pytest

pytest.importorskip("qgis.core")

import processing  # noqa: E402
from qgis.core import QgsApplication, QgsProcessingException, QgsProcessingFeedback  # noqa: E402
from sarbridge.processing_provider import settings
from sarbridge.processing_provider.algorithms import setup_engine
from sarbridge.processing_provider.engine_process import own_environment, worker_process  # noqa: E402
from sarbridge.processing_provider.engine_process.interpreter import COMPLETE, environment_python, find_interpreter  # noqa: E402
from sarbridge.tests.qgis_session import complaint  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application")

WORKER = """
import json, sys
import tiny
sys.stdin.readline()
values = {
    "versions": {"torch": tiny.VERSION}, "differing_packages": [], "is_environment": True,
    "gpus": [], "threads": 1, "device": "cpu", "device_reason": "", "bf16": False,
    "trial": {"agrees": True, "milliseconds": 1.0, "largest_difference": 0.0},
}
print(json.dumps({"kind": "result", "values": values}), flush=True)
"""


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """The folder of the environment; the requirement is `tiny`, and the check is a worker that imports it."""
    requirements, constraints, worker = (tmp_path / name for name in ("required.txt", "pinned.txt", "worker.py"))
    requirements.write_text("tiny==1.0\n")
    constraints.touch()
    worker.write_text(WORKER)
    monkeypatch.setattr(own_environment, "REQUIREMENTS", requirements)
    monkeypatch.setattr(own_environment, "CONSTRAINTS", constraints)
    monkeypatch.setattr(worker_process, "WORKER_SCRIPT", worker)
    monkeypatch.setattr(settings, "own_environment_folder", lambda: tmp_path / "profile" / "engine")
    for name in ("SARBRIDGE_PYTHON", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return tmp_path / "profile" / "engine"


@pytest.fixture
def older(folder):
    """An environment made earlier, as far as anybody can see."""
    python = environment_python(folder)
    python.parent.mkdir(parents=True)
    python.write_text("older")
    (folder / COMPLETE).touch()
    return python


@pytest.fixture
def wheels(tmp_path):
    return write_wheel(tmp_path / "wheels", "1.0")


@pytest.fixture
def silent_index():
    """Address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple"


def write_wheel(folder, version):
    """Write the wheel of `tiny`, a module that knows its version (PEP 427)."""
    about = f"tiny-{version}.dist-info"
    contents = {
        "tiny.py": f"VERSION = {version!r}\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},"
        for name, text in contents.items()
    ]
    contents[f"{about}/RECORD"] = "\n".join([*record, f"{about}/RECORD,,"])
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"tiny-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in contents.items():
            wheel.writestr(name, text)
    return folder


def run(feedback=None, **parameters):
    return processing.run("sarbridge:setupengine", parameters, feedback=feedback or QgsProcessingFeedback(False))


def complaint_about(**parameters):
    return complaint("sarbridge:setupengine", parameters)


def processes_of(folder):
    """Command lines of running processes that name the folder."""
    listed = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


def test_from_a_folder_of_wheels(folder, wheels):
    percents = []
    feedback = QgsProcessingFeedback(False)
    feedback.progressChanged.connect(percents.append)
    results = run(feedback, WHEELS=str(wheels))
    python = str(environment_python(folder))
    assert results == {"ENGINE_PYTHON": python, "TORCH_VERSION": "1.0"}
    declared = QgsApplication.processingRegistry().algorithmById("sarbridge:setupengine").outputDefinitions()
    assert set(results) == {output.name() for output in declared}
    assert find_interpreter().path == python
    done = subprocess.run([python, "-c", "import tiny, sys; print(sys.prefix)"], capture_output=True, text=True)
    assert done.stdout.strip() == str(folder)
    assert percents == sorted(percents) and percents[-1] == 100 and len(set(percents)) > 3
    assert "Successfully installed tiny-1.0" in feedback.textLog()


def test_the_constraints_choose_among_versions(folder, wheels):
    write_wheel(wheels, "2.0")
    own_environment.REQUIREMENTS.write_text("tiny\n")
    own_environment.CONSTRAINTS.write_text("tiny==1.0\n")
    assert run(WHEELS=str(wheels))["TORCH_VERSION"] == "1.0"


def test_an_older_environment_is_replaced(folder, older, wheels):
    run(WHEELS=str(wheels))
    assert environment_python(folder).is_symlink() or environment_python(folder).read_bytes() != b"older"
    assert list(folder.parent.iterdir()) == [folder]


def test_from_an_index_and_torch_from_another(folder, tmp_path):
    """A local version such as 1.0+cpu is preferred, which is how PyTorch's own indexes name their builds."""
    write_wheel(tmp_path / "index" / "tiny", "1.0")
    write_wheel(tmp_path / "builds" / "tiny", "1.0+cpu")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        assert run(INDEX_URL=f"{address}/index")["TORCH_VERSION"] == "1.0"
        both = run(INDEX_URL=f"{address}/index", TORCH_INDEX_URL=f"{address}/builds")
        assert both["TORCH_VERSION"] == "1.0+cpu"
        server.shutdown()


def test_a_missing_wheel_keeps_the_older_environment(folder, older, tmp_path):
    log = complaint_about(WHEELS=str(write_wheel(tmp_path / "wheels", "2.0")))
    assert "pip could not install" in log and "tiny==1.0" in log
    assert older.read_text() == "older"
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("requirement", ["tiny==2.0", "tiny==1.0"])
def test_the_good_sentence_comes_last(folder, wheels, requirement):
    """Whether pip fails or what it installed: one line, after all that pip and the engine printed."""
    own_environment.REQUIREMENTS.write_text(f"{requirement}\n")
    worker_process.WORKER_SCRIPT.write_text("import sys; print('many\\nlines', file=sys.stderr); raise SystemExit(3)")
    feedback = QgsProcessingFeedback(False)
    with pytest.raises(QgsProcessingException) as raised:
        run(feedback, WHEELS=str(wheels))
    assert "\n" not in str(raised.value).strip()
    printed = "No matching distribution found" if requirement == "tiny==2.0" else "many"
    assert printed in feedback.textLog()


def test_packages_that_do_not_work_keep_the_older_environment(folder, older, wheels):
    worker_process.WORKER_SCRIPT.write_text("raise SystemExit('no such processor')")
    assert "no such processor" in complaint_about(WHEELS=str(wheels))
    assert older.read_text() == "older"


@pytest.mark.skipif(os.name == "nt", reason="ps")
def test_a_cancel_ends_pip_and_leaves_nothing(folder, silent_index):
    feedback = QgsProcessingFeedback(False)
    failed = []

    def set_up():
        try:
            run(feedback, INDEX_URL=silent_index)
        except QgsProcessingException:
            failed.append(True)

    thread = threading.Thread(target=set_up)
    thread.start()
    while thread.is_alive() and not any("pip install" in line for line in processes_of(folder)):
        time.sleep(0.1)
    time.sleep(1)
    begun = time.monotonic()
    feedback.cancel()
    thread.join(timeout=10)
    assert failed and time.monotonic() - begun < 2
    assert processes_of(folder) == []
    assert list(folder.parent.iterdir()) == []


def test_after_a_crash_the_complete_environment_comes_back(folder, older):
    """QGIS ended while it built a new one: what lies aside is the one that works."""
    folder.rename(folder.with_name("engine.previous"))
    folder.mkdir()
    with pytest.raises(ZeroDivisionError), own_environment.replaced(folder):
        assert not folder.exists()
        raise ZeroDivisionError
    assert older.read_text() == "older"
    assert list(folder.parent.iterdir()) == [folder]


def test_the_rest_of_an_interrupted_clean_up_does_not_come_back(folder, older):
    """QGIS ended while it deleted what was put aside: that is not complete any more."""
    rest = folder.with_name("engine.previous")
    rest.mkdir()
    (rest / "half").touch()
    with pytest.raises(ZeroDivisionError), own_environment.replaced(folder):
        raise ZeroDivisionError
    assert older.read_text() == "older"
    assert list(folder.parent.iterdir()) == [folder]


def test_what_is_half_made_is_not_used(folder):
    with own_environment.replaced(folder):
        python = environment_python(folder)
        python.parent.mkdir(parents=True)
        python.touch()
        assert find_interpreter().path is None
        assert "is being set up" in find_interpreter().why
    assert find_interpreter().path == str(python)


def test_running_jobs_are_not_disturbed(folder, older, wheels, monkeypatch):
    monkeypatch.setattr(own_environment, "is_at_work", lambda: True)
    assert "wait for them to end" in complaint_about(WHEELS=str(wheels))
    assert older.read_text() == "older"


def test_a_profile_that_cannot_be_written_is_named(folder, wheels):
    folder.parent.write_text("a file where a folder should be")
    assert f"'{folder}' cannot be made or replaced" in complaint_about(WHEELS=str(wheels))


def test_two_runs_do_not_meet(folder, older, wheels):
    with own_environment.replaced(folder):
        assert "already being set up" in complaint_about(WHEELS=str(wheels))
        folder.mkdir()
    assert not older.exists()


@pytest.mark.skipif(os.name == "nt", reason="shell script")
def test_a_python_without_ensurepip_is_named(folder, older, monkeypatch, tmp_path):
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\necho ensurepip is not available; exit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(own_environment, "qgis_python", lambda: python)
    log = complaint_about()
    assert "install the package python3-venv" in log and "ensurepip is not available" in log
    assert older.read_text() == "older"


def test_without_a_python_of_qgis_another_way_is_named(folder, monkeypatch):
    monkeypatch.setattr(setup_engine, "qgis_python", lambda: None)
    assert "name its interpreter in the SARbridge options" in complaint_about()


@pytest.mark.parametrize(
    "parameters, words",
    [
        ({"WHEELS": "here", "INDEX_URL": "http://127.0.0.1/simple"}, "not both"),
        ({"WHEELS": "here"}, "holds no wheels"),
        ({"WHEELS": "nowhere"}, "is no folder"),
    ],
)
def test_bad_input_gets_a_sentence(folder, older, tmp_path, parameters, words):
    (tmp_path / "here").mkdir()
    parameters = {**parameters, "WHEELS": str(tmp_path / parameters["WHEELS"])}
    assert words in complaint_about(**parameters)
    assert older.read_text() == "older"


@pytest.mark.skipif(not os.environ.get("SARBRIDGE_SETUP_TEST"), reason="downloads much: set SARBRIDGE_SETUP_TEST=1")
def test_the_real_requirements(monkeypatch, tmp_path):
    monkeypatch.delenv("SARBRIDGE_PYTHON", raising=False)
    monkeypatch.setattr(settings, "own_environment_folder", lambda: tmp_path / "engine")
    feedback = QgsProcessingFeedback(False)
    results = run(feedback)
    assert f"torch=={results['TORCH_VERSION'].partition('+')[0]} " in own_environment.REQUIREMENTS.read_text()
    assert "Packages: as pinned" in feedback.textLog()
    assert processing.run("sarbridge:checkengine", {})["ENGINE_PYTHON"] == results["ENGINE_PYTHON"]
