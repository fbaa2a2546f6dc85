"""The client and its engine processes: what a job hears of them, and which process runs it."""

import sys
import threading

import pytest

pytest.importorskip("qgis.core")

from qgis.core import QgsProcessingException  # noqa: E402
from sarbridge.processing_provider.engine_process import engine_client, worker_process  # noqa: E402
from sarbridge.processing_provider.engine_process.interpreter import Interpreter  # noqa: E402
from sarbridge.tests.toy_engine import (
    AGAINST_TOY_ENGINE,
    PID,
    TOY_WORKER,
    Feedback,
    run_code,
    use_interpreter,
    wait_until_gone,
)

pytestmark = AGAINST_TOY_ENGINE


def test_values_progress_and_messages_arrive():
    feedback = Feedback()
    values = run_code(
        "reporter.progress(0.4); reporter.info('a'); reporter.warning('b'); values['x'] = [1.5]", feedback
    )
    assert values == {"x": [1.5]}
    assert 40 < feedback.progress() < 45  # of the part that comes after loading the task
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
        run_code("from sarbridge.contract.errors import UserError; raise UserError('Layer x is empty.')")
    assert str(caught.value) == "Layer x is empty."
    assert run_code(PID)["pid"] == pid


def test_a_bug_is_shown_with_its_traceback_and_the_process_goes():
    pid = run_code(PID)["pid"]
    with pytest.raises(QgsProcessingException, match="(?s)bug.*ZeroDivisionError.*Traceback.*toy_worker.py"):
        run_code("1 / 0")
    assert wait_until_gone(pid)
    assert run_code(PID)["pid"] != pid


def test_an_exit_in_mid_job_is_reported():
    with pytest.raises(QgsProcessingException, match="exit code 3"):
        run_code("import os; os._exit(3)")


@pytest.fixture
def soon_idle_engine(monkeypatch, tmp_path):
    script = tmp_path / "soon_idle.py"
    script.write_text(f"""
import runpy, sys
sys.argv += ["--idle-seconds", "0.3"]
runpy.run_path({str(TOY_WORKER)!r}, run_name="__main__")
""")
    monkeypatch.setattr(worker_process, "WORKER_SCRIPT", script)


def test_a_process_that_ended_of_idleness_is_replaced(soon_idle_engine):
    first = run_code(PID)["pid"]
    assert wait_until_gone(first)
    assert run_code(PID)["pid"] != first


def test_a_job_that_meets_a_process_ending_of_idleness_runs_in_another(soon_idle_engine, monkeypatch):
    first = run_code(PID)["pid"]
    assert wait_until_gone(first)
    monkeypatch.setattr(worker_process.EngineProcess, "is_alive", lambda process: True)  # as it was an instant ago
    assert run_code(PID)["pid"] != first


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


@pytest.mark.parametrize(
    "line",
    [
        b"music",
        b"{}",
        b'{"kind": "result"}',
        b'{"kind": "progress", "fraction": NaN}',
        b'{"kind": "message", "level": "info"}',
        b"x" * 100_000_000,
    ],
    ids=["text", "nothing", "no values", "no fraction", "no text", "100 MB"],
)
def test_an_answer_that_is_none_is_one_sentence_and_the_process_goes(monkeypatch, tmp_path, line):
    """An engine of another version, or a program that is none: it would go on for a minute."""
    worker, text = tmp_path / "worker.py", tmp_path / "line"
    text.write_bytes(line + b"\n")
    worker.write_text(
        "import os, pathlib, sys, time\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
        f"sys.stdout.buffer.write(pathlib.Path({str(text)!r}).read_bytes())\n"
        "sys.stdout.flush()\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(worker_process, "WORKER_SCRIPT", worker)
    with pytest.raises(QgsProcessingException) as error:
        run_code("")
    assert "gave an answer that is none of SARbridge's engine" in str(error.value)
    assert len(str(error.value)) < 500 and len(str(error.value).splitlines()) == 1
    assert wait_until_gone(int((tmp_path / "pid").read_text()))
