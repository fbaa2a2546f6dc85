"""The client against real engine processes: reuse, cancels, kills and what they leave behind.

SARBRIDGE_KILL_TESTS=30 repeats the kill at a random moment 30 times.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("qgis.core")

from qgis.core import QgsProcessingException, QgsProcessingFeedback  # noqa: E402
from sarbridge.engine.jobs import CheckEngineJob  # noqa: E402
from sarbridge.processing_provider import engine_client  # noqa: E402
from sarbridge.processing_provider.engine_client import run_job, shut_down  # noqa: E402
from sarbridge.processing_provider.interpreter import Interpreter, environment_python  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TOY_WORKER = ROOT / "tests" / "engine" / "toy_worker.py"
REPETITIONS = int(os.environ.get("SARBRIDGE_KILL_TESTS", "4"))
PID = "import os; values['pid'] = os.getpid()"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals")


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


@pytest.fixture(autouse=True)
def toy_engine(monkeypatch):
    monkeypatch.setattr(engine_client, "WORKER_SCRIPT", TOY_WORKER)
    use_interpreter(monkeypatch, sys.executable)
    yield
    shut_down()


def use_interpreter(monkeypatch, path):
    interpreter = Interpreter(str(path), "for the test", is_qgis_python=str(path) == sys.executable)
    monkeypatch.setattr(engine_client, "find_interpreter", lambda: interpreter)


def run_code(code, feedback=None):
    return run_job(CheckEngineJob(model=code), feedback or Feedback())


def write_slowly(path):
    """Code that writes half a file, says who it is, and goes on for a minute."""
    return f"""
import os, sys, time
from sarbridge.engine.finished_file import finished_file
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


def test_values_progress_and_messages_arrive():
    feedback = Feedback()
    values = run_code(
        "reporter.progress(0.4); reporter.info('a'); reporter.warning('b'); values['x'] = [1.5]", feedback
    )
    assert values == {"x": [1.5]}
    assert feedback.progress() == pytest.approx(40)
    assert (feedback.infos, feedback.warnings) == (["a"], ["b"])


def test_the_next_job_finds_the_process_warm():
    assert run_code(PID) == run_code(PID)


def test_another_interpreter_gets_a_process_of_its_own(monkeypatch, tmp_path):
    first = run_code(PID)["pid"]
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    use_interpreter(monkeypatch, link)
    assert run_code(PID)["pid"] != first
    assert wait_until_gone(first)


def test_jobs_at_the_same_time_do_not_wait_for_one_another():
    pids = []
    barrier = threading.Barrier(3, timeout=20)
    code = f"import time; {PID}; reporter.info('here'); time.sleep(0.3)"

    def work():
        pids.append(run_code(code, Feedback(on_info=lambda text: barrier.wait()))["pid"])

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(set(pids)) == 3


def test_an_error_of_the_user_is_just_the_sentence_and_the_process_stays():
    pid = run_code(PID)["pid"]
    with pytest.raises(QgsProcessingException) as caught:
        run_code("from sarbridge.engine.errors import UserError; raise UserError('Layer x is empty.')")
    assert str(caught.value) == "Layer x is empty."
    assert run_code(PID)["pid"] == pid


def test_a_bug_is_shown_with_its_traceback_and_the_process_goes():
    pid = run_code(PID)["pid"]
    with pytest.raises(QgsProcessingException, match="(?s)bug.*ZeroDivisionError.*Traceback.*toy_worker.py"):
        run_code("1 / 0")
    assert wait_until_gone(pid)
    assert run_code(PID)["pid"] != pid


def test_a_killed_process_is_reported_with_its_last_lines_and_leaves_nothing(tmp_path):
    path = tmp_path / "result.tif"
    path.write_text("old")
    with pytest.raises(QgsProcessingException, match="(?s)SIGKILL.*memory.*half of it is written"):
        run_code(write_slowly(path), Feedback(on_info=lambda pid: os.kill(int(pid), signal.SIGKILL)))
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("result.tif", "old")]
    assert run_code("values['x'] = 1") == {"x": 1}


def test_an_exit_in_mid_job_is_reported():
    with pytest.raises(QgsProcessingException, match="exit code 3"):
        run_code("import os; os._exit(3)")


def test_a_full_disk_is_a_sentence(tmp_path):
    code = (
        "from sarbridge.engine.finished_file import finished_file\n"
        f"with finished_file({str(tmp_path / 'result.tif')!r}) as temporary, open('/dev/full', 'w') as full:\n"
        "    temporary.write_text('half')\n"
        "    full.write('text'); full.flush()\n"
    )
    with pytest.raises(QgsProcessingException, match=f"^The disk that holds the folder '{tmp_path}' is full"):
        run_code(code)
    assert list(tmp_path.iterdir()) == []


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
        run_code(write_slowly(path), feedback)
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
def test_cancel_while_the_real_engine_loads_torch(monkeypatch, repetition):
    python = environment_python(ROOT / ".venv")
    if not python.exists():
        pytest.skip("needs an environment with torch in .venv")
    monkeypatch.setattr(engine_client, "WORKER_SCRIPT", ROOT / "engine" / "worker.py")
    use_interpreter(monkeypatch, python)
    feedback = Feedback()
    moment = cancel_after(feedback, random.uniform(0.05, 1.0))
    with pytest.raises(QgsProcessingException, match="^Cancelled"):
        run_job(CheckEngineJob(), feedback)
    assert time.monotonic() - moment[0] < 2


@pytest.mark.parametrize("repetition", range(REPETITIONS))
def test_kills_and_cancels_at_random_moments_leave_only_whole_files(tmp_path, repetition):
    """Files of 4 MB are written again and again, with a sidecar, over older ones; nothing ever is half there."""
    content = "new " * 1_000_000
    paths = [tmp_path / f"{number}.tif" for number in range(3)]
    paths[0].write_text("old")
    code = f"""
import os
from sarbridge.engine.finished_file import finished_file, scratch_folder
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
        run_code(code, feedback)
    left = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert set(left) <= {name for path in paths for name in (path.name, f"{path.name}.aux.xml")}
    assert all(left[path.name] in (content, "old") for path in paths if path.name in left)
    assert run_code("values['x'] = 1") == {"x": 1}


@pytest.fixture
def soon_idle_engine(monkeypatch, tmp_path):
    script = tmp_path / "soon_idle.py"
    script.write_text(f"""
import runpy, sys
sys.argv += ["--idle-seconds", "0.3"]
runpy.run_path({str(TOY_WORKER)!r}, run_name="__main__")
""")
    monkeypatch.setattr(engine_client, "WORKER_SCRIPT", script)


def test_a_process_that_ended_of_idleness_is_replaced(soon_idle_engine):
    first = run_code(PID)["pid"]
    assert wait_until_gone(first)
    assert run_code(PID)["pid"] != first


def test_a_job_that_meets_a_process_ending_of_idleness_runs_in_another(soon_idle_engine, monkeypatch):
    first = run_code(PID)["pid"]
    assert wait_until_gone(first)
    monkeypatch.setattr(engine_client.EngineProcess, "is_alive", lambda process: True)  # as it was an instant ago
    monkeypatch.setattr(engine_client.os, "killpg", lambda pid, number: None)
    assert run_code(PID)["pid"] != first


def test_shut_down_ends_idle_processes_and_those_at_work(tmp_path):
    idle = run_code(PID)["pid"]
    run_code("import os; os.kill(os.getpid(), 0)")
    shut_down()
    assert wait_until_gone(idle)
    with pytest.raises(QgsProcessingException, match="SIGKILL"):
        run_code(write_slowly(tmp_path / "result.tif"), Feedback(on_info=lambda pid: shut_down()))
    assert list(tmp_path.iterdir()) == []


CLIENT_PROCESS = f"""
import runpy, sys
sys.path.insert(0, {str(ROOT / "engine")!r})
from package import load_package
load_package()
from qgis.core import QgsProcessingFeedback
from sarbridge.engine.jobs import CheckEngineJob
from sarbridge.processing_provider import engine_client
from sarbridge.processing_provider.interpreter import Interpreter

class Feedback(QgsProcessingFeedback):
    def pushInfo(self, text):
        print(text, flush=True)

engine_client.WORKER_SCRIPT = {str(TOY_WORKER)!r}
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


def test_without_an_engine_the_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setattr(engine_client, "find_interpreter", lambda: Interpreter(None, "Do this."))
    with pytest.raises(QgsProcessingException, match="^Do this.$"):
        run_code("")


@pytest.mark.parametrize("mode", [0o644, 0o755])
def test_an_interpreter_that_is_none_is_reported(monkeypatch, tmp_path, mode):
    path = tmp_path / "python"
    path.write_text("#!/no/such/program\n")
    path.chmod(mode)
    use_interpreter(monkeypatch, path)
    with pytest.raises(QgsProcessingException, match=f"'{path}' cannot be started.*options"):
        run_code("")
