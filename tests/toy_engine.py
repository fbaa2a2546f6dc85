"""The engine client over `tests/engine/toy_worker.py`, an engine that runs whatever code a test sends it."""

import os
import sys
import time
from pathlib import Path

import pytest
from qgis.core import QgsProcessingFeedback
from sarbridge.contract.engine_jobs import CheckEngineJob
from sarbridge.processing_provider.engine_process import engine_client, worker_process
from sarbridge.processing_provider.engine_process.engine_client import run_job, shut_down
from sarbridge.processing_provider.engine_process.interpreter import Interpreter
from sarbridge.tests.qgis_session import ROOT

TOY_WORKER = ROOT / "tests" / "engine" / "toy_worker.py"
REPETITIONS = int(os.environ.get("SARBRIDGE_KILL_TESTS", "4"))
"""How often tests at random moments are repeated."""
PID = "import os; values['pid'] = os.getpid()"
"""Code whose result tells the process that ran it."""


class Feedback(QgsProcessingFeedback):
    """Remembers what was pushed, and calls `on_info` when an info arrives."""

    def __init__(self, on_info=None):
        super().__init__()
        self.infos, self.warnings = [], []
        self.on_info = on_info

    def pushInfo(self, text):
        self.infos.append(text)
        if self.on_info:
            self.on_info(text)

    def pushWarning(self, text):
        self.warnings.append(text)


AGAINST_TOY_ENGINE = [
    pytest.mark.skipif(os.name == "nt", reason="signals"),
    pytest.mark.usefixtures("toy_engine"),
]
"""What a file of such tests marks itself with."""


@pytest.fixture
def toy_engine(monkeypatch):
    """Jobs go to the toy engine, in the Python of the test; its processes end with the test."""
    monkeypatch.setattr(worker_process, "WORKER_SCRIPT", TOY_WORKER)
    use_interpreter(monkeypatch, sys.executable)
    yield
    shut_down()


def use_interpreter(monkeypatch, path):
    interpreter = Interpreter(str(path), "for the test", is_qgis_python=str(path) == sys.executable)
    monkeypatch.setattr(engine_client, "find_interpreter", lambda: interpreter)


def run_code(code, feedback=None, output=""):
    """Run code; output: the path of a file that it writes, as jobs name theirs."""
    return run_job(CheckEngineJob(device=str(output), model=code), feedback or Feedback())


def write_slowly(path):
    """Code that writes half a file, says who it is, and goes on for a minute."""
    return f"""
import os, sys, time
from sarbridge.contract.finished_file import finished_file
with finished_file({str(path)!r}) as temporary:
    temporary.write_text("half")
    temporary.with_name(temporary.name + ".aux.xml").write_text("half")
    print("half of it is written", file=sys.stderr)
    reporter.info(str(os.getpid()))
    time.sleep(60)
"""


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid, seconds=2):
    end = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)
