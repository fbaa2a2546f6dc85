"""Engine processes that are killed, and those whose QGIS ends: they are reported, gone, and leave no half file.

SARBRIDGE_KILL_TESTS=30 repeats the kill at a random moment 30 times.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("qgis.core")

from qgis.core import QgsProcessingException  # noqa: E402
from sarbridge.processing_provider.engine_process import process_tree  # noqa: E402
from sarbridge.processing_provider.engine_process.engine_client import shut_down  # noqa: E402
from sarbridge.tests.qgis_session import ROOT  # noqa: E402
from sarbridge.tests.toy_engine import (
    AGAINST_TOY_ENGINE,
    PID,
    REPETITIONS,
    TOY_WORKER,
    Feedback,
    is_running,
    run_code,
    wait_until_gone,
    write_slowly,
)

pytestmark = AGAINST_TOY_ENGINE


def test_a_killed_process_is_reported_with_its_last_lines_and_leaves_nothing(tmp_path):
    path = tmp_path / "result.tif"
    path.write_text("old")
    with pytest.raises(QgsProcessingException, match="(?s)SIGKILL.*memory.*half of it is written"):
        run_code(write_slowly(path), Feedback(on_info=lambda pid: os.kill(int(pid), signal.SIGKILL)), path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("result.tif", "old")]
    assert run_code("values['x'] = 1") == {"x": 1}


def test_a_full_disk_is_a_sentence(tmp_path):
    code = (
        "from sarbridge.contract.finished_file import finished_file\n"
        f"with finished_file({str(tmp_path / 'result.tif')!r}) as temporary, open('/dev/full', 'w') as full:\n"
        "    temporary.write_text('half')\n"
        "    full.write('text'); full.flush()\n"
    )
    with pytest.raises(QgsProcessingException, match=f"^The disk that holds the folder '{tmp_path}' is full"):
        run_code(code)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("repetition", range(REPETITIONS))
def test_kills_and_cancels_at_random_moments_leave_only_whole_files(tmp_path, repetition):
    """Files of 4 MB are written again and again, with a sidecar, over older ones; nothing ever is half there."""
    content = "new " * 1_000_000
    paths = [tmp_path / f"{number}.tif" for number in range(3)]
    paths[0].write_text("old")
    code = f"""
import os
from sarbridge.contract.finished_file import finished_file, scratch_folder
reporter.info(str(os.getpid()))
while True:
    for path in {[str(path) for path in paths]!r}:
        with scratch_folder(path) as folder, finished_file(path) as temporary:
            (folder / "scratch").write_text("scratch")
            temporary.write_text("new " * 1_000_000)
            temporary.with_name(temporary.name + ".aux.xml").write_text("new")
"""
    feedback = Feedback()
    kill = random.choice([lambda pid: os.kill(pid, signal.SIGKILL), lambda pid: feedback.cancel()])
    feedback.on_info = lambda pid: threading.Timer(random.uniform(0, 0.3), kill, [int(pid)]).start()
    with pytest.raises(QgsProcessingException, match="Cancelled|SIGKILL"):
        run_code(code, feedback, paths[0])
    left = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert set(left) <= {name for path in paths for name in (path.name, f"{path.name}.aux.xml")}
    assert all(left[path.name] in (content, "old") for path in paths if path.name in left)
    assert run_code("values['x'] = 1") == {"x": 1}


def test_only_temporary_files_beside_a_file_of_the_job_are_removed(tmp_path):
    """Whatever the engine says that it was about to make."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    kept = [tmp_path / "mine.tif", tmp_path / ".sarbridge-mine", elsewhere / (".sarbridge-" + 32 * "a")]
    removed = tmp_path / (".sarbridge-" + 32 * "a")
    for path in (*kept, removed):
        path.write_text("text")
    told = [*map(str, kept), str(removed), str(tmp_path), "/", "", "*", f"{tmp_path}/*", 7, None, ["/"]]
    code = f"""
for path in {told!r}:
    reporter._send({{"kind": "unfinished", "path": path}})
import os
os._exit(3)
"""
    with pytest.raises(QgsProcessingException, match="exit code 3"):
        run_code(code, output=tmp_path / "result.tif")
    assert all(path.exists() for path in kept) and not removed.exists()


def test_shut_down_ends_idle_processes_and_those_at_work(tmp_path):
    idle = run_code(PID)["pid"]
    run_code("import os; os.kill(os.getpid(), 0)")
    shut_down()
    assert wait_until_gone(idle)
    path = tmp_path / "result.tif"
    with pytest.raises(QgsProcessingException, match="shut down or reloaded"):
        run_code(write_slowly(path), Feedback(on_info=lambda pid: shut_down()), path)
    assert list(tmp_path.iterdir()) == []


def all_closed(pipes, seconds=2):
    end = time.monotonic() + seconds
    while not all(pipe.closed for pipe in pipes) and time.monotonic() < end:
        time.sleep(0.02)
    return all(pipe.closed for pipe in pipes)


def test_a_process_that_ended_leaves_no_pipe_open(monkeypatch):
    started, start = [], process_tree.start
    monkeypatch.setattr(
        process_tree, "start", lambda *command, **how: started.append(start(*command, **how)) or started[-1]
    )
    run_code(PID)
    shut_down()
    with pytest.raises(QgsProcessingException):
        run_code("import os; os._exit(3)")
    assert len(started) == 2
    assert all_closed([pipe for process in started for pipe in (process.stdin, process.stdout, process.stderr)])


CLIENT_PROCESS = f"""
import runpy, sys
sys.path.insert(0, {str(ROOT / "engine")!r})
from package import load_package
load_package()
from qgis.core import QgsProcessingFeedback
from sarbridge.contract.engine_jobs import CheckEngineJob
from sarbridge.processing_provider.engine_process import engine_client, worker_process
from sarbridge.processing_provider.engine_process.interpreter import Interpreter

class Feedback(QgsProcessingFeedback):
    def pushInfo(self, text):
        print(text, flush=True)

worker_process.WORKER_SCRIPT = {str(TOY_WORKER)!r}
engine_client.find_interpreter = lambda: Interpreter(sys.executable, "", True)
engine_client.run_job(CheckEngineJob(model=sys.argv[1]), Feedback())
"""


def test_when_qgis_dies_the_engine_dies_and_leaves_nothing(tmp_path):
    code = write_slowly(tmp_path / "result.tif")
    with subprocess.Popen([sys.executable, "-c", CLIENT_PROCESS, code], stdout=subprocess.PIPE) as qgis:
        pid = int(qgis.stdout.readline())
        assert is_running(pid)
        qgis.kill()
    assert wait_until_gone(pid)
    assert list(tmp_path.iterdir()) == []


def test_when_qgis_ends_its_idle_engine_ends():
    code = f"{PID}; reporter.info(str(values['pid']))"
    result = subprocess.run([sys.executable, "-c", CLIENT_PROCESS, code], capture_output=True, text=True, check=True)
    assert wait_until_gone(int(result.stdout))
    assert result.stderr == ""
