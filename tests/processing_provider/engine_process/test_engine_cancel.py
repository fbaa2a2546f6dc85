"""A cancel ends the engine process within 2 s, whatever it does, and leaves no file.

SARBRIDGE_KILL_TESTS=30 repeats the cancel at a random moment 30 times.
"""

import os
import random
import signal
import threading
import time

import pytest

pytest.importorskip("qgis.core")

from qgis.core import QgsProcessingException  # noqa: E402
from sarbridge.contract.engine_jobs import CheckEngineJob  # noqa: E402
from sarbridge.processing_provider.engine_process import worker_process  # noqa: E402
from sarbridge.processing_provider.engine_process.engine_client import run_job  # noqa: E402
from sarbridge.tests.qgis_session import ROOT  # noqa: E402
from sarbridge.tests.toy_engine import (
    AGAINST_TOY_ENGINE,
    PID,
    REPETITIONS,
    Feedback,
    run_code,
    use_interpreter,
    wait_until_gone,
    write_slowly,
)

pytestmark = AGAINST_TOY_ENGINE


def cancel_after(feedback, seconds):
    """Cancel later; return a list that holds the moment when it happened."""
    moment = []

    def cancel():
        moment.append(time.monotonic())
        feedback.cancel()

    threading.Timer(seconds, cancel).start()
    return moment


def assert_cancels_at_once(code, seconds):
    feedback = Feedback()
    moment = cancel_after(feedback, seconds)
    with pytest.raises(QgsProcessingException, match="^Cancelled"):
        run_code(code, feedback)
    assert time.monotonic() - moment[0] < 2


def test_cancel_in_mid_job_ends_the_process_and_leaves_nothing(tmp_path):
    path = tmp_path / "result.tif"
    pids = []
    feedback = Feedback()
    feedback.on_info = lambda pid: (pids.append(int(pid)), feedback.cancel())
    start = time.monotonic()
    with pytest.raises(QgsProcessingException, match="^Cancelled"):
        run_code(write_slowly(path), feedback, path)
    assert time.monotonic() - start < 3
    assert wait_until_gone(pids[0])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(60)",
        "import ctypes; ctypes.PyDLL(None).sleep(60)",  # holds the interpreter lock, as a slow import does
        "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (2, 15)]; time.sleep(60)",
        "import subprocess; subprocess.run(['sleep', '60'])",  # a child that holds the pipe of standard error
    ],
)
def test_cancel_works_whatever_the_engine_does(code):
    assert_cancels_at_once(code, 0.5)


def test_cancel_works_when_the_engine_does_not_even_read():
    pid = run_code(PID)["pid"]
    os.kill(pid, signal.SIGSTOP)
    assert_cancels_at_once("x" * 10_000_000, 0.3)
    assert wait_until_gone(pid)


def test_cancel_before_the_start():
    feedback = Feedback()
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="^Cancelled"):
        run_code("import time; time.sleep(60)", feedback)


def test_cancel_wins_over_a_result():
    feedback = Feedback()
    feedback.on_info = lambda text: (time.sleep(0.5), feedback.cancel())
    with pytest.raises(QgsProcessingException, match="^Cancelled"):
        run_code("reporter.info('nearly'); values['x'] = 1", feedback)


@pytest.mark.parametrize("repetition", range(REPETITIONS))
def test_cancel_while_the_real_engine_loads_torch(monkeypatch, engine, repetition):
    monkeypatch.setattr(worker_process, "WORKER_SCRIPT", ROOT / "engine" / "worker.py")
    use_interpreter(monkeypatch, engine)
    feedback = Feedback()
    moment = cancel_after(feedback, random.uniform(0.05, 1.0))
    with pytest.raises(QgsProcessingException, match="^Cancelled"):
        run_job(CheckEngineJob(), feedback)
    assert time.monotonic() - moment[0] < 2
