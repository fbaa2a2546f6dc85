"""The engine process, run as the real thing: what goes over its pipes and when it ends."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ENGINE = Path(__file__).resolve().parents[2] / "engine"
TOY_WORKER = Path(__file__).with_name("toy_worker.py")


class Worker:
    def __init__(self, script=TOY_WORKER, idle_seconds=30, cwd=None):
        arguments = [sys.executable, str(script), "--idle-seconds", str(idle_seconds)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd)

    def send(self, code):
        self.send_line(json.dumps({"task": "check_engine", "model": code}).encode())

    def send_line(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def message(self):
        return json.loads(self.process.stdout.readline())

    def answer(self):
        """Return the next message that is no progress."""
        return next(message for message in iter(self.message, None) if message["kind"] != "progress")

    def ask(self, code):
        self.send(code)
        return self.answer()


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.process.kill()
    worker.process.communicate()


def test_progress_messages_and_result_in_order(worker):
    worker.send("reporter.progress(0.5); reporter.info('a'); reporter.warning('b'); values['n'] = 3")
    assert [worker.message() for _ in range(5)] == [
        {"kind": "progress", "fraction": 0.01},  # at once, before the task's modules are loaded
        {"kind": "progress", "fraction": 0.52},
        {"kind": "message", "level": "info", "text": "a"},
        {"kind": "message", "level": "warning", "text": "b"},
        {"kind": "result", "values": {"n": 3}},
    ]


def test_one_process_serves_job_after_job(worker):
    answers = [worker.ask("import os; values['pid'] = os.getpid()") for _ in range(3)]
    assert answers == [{"kind": "result", "values": {"pid": worker.process.pid}}] * 3


@pytest.mark.parametrize(
    "noise",
    [
        "print('noise')",
        "import os; os.write(1, b'noise\\n')",
        "import ctypes; libc = ctypes.CDLL(None); libc.puts(b'noise'); libc.fflush(None)",
        "import subprocess; subprocess.run(['echo', 'noise'])",
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="libc and echo")
def test_prints_of_libraries_go_to_stderr(worker, noise):
    assert worker.ask(f"{noise}; values['done'] = 1") == {"kind": "result", "values": {"done": 1}}
    assert worker.process.stderr.readline() == b"noise\n"


def test_a_task_cannot_eat_the_next_job(worker):
    worker.send("import sys; values['read'] = sys.stdin.read()")
    worker.send("values['second'] = True")
    assert worker.answer()["values"] == {"read": ""}
    assert worker.answer()["values"] == {"second": True}


def test_an_error_of_the_user_is_just_the_sentence(worker):
    answer = worker.ask("from sarbridge.contract.errors import UserError; raise UserError('Layer x is empty.')")
    assert answer == {"kind": "error", "user": True, "text": "Layer x is empty.", "traceback": ""}


def test_a_bug_comes_with_its_traceback_and_the_worker_lives_on(worker):
    answer = worker.ask("1 / 0")
    assert (answer["kind"], answer["user"]) == ("error", False)
    assert answer["text"] == "ZeroDivisionError: division by zero"
    assert "toy_worker.py" in answer["traceback"]
    assert worker.ask("values['a'] = 1")["values"] == {"a": 1}


@pytest.mark.parametrize("line", [b"not json", b"{}", b'{"task": "unknown"}', b"\xff\xfe"])
def test_a_line_that_is_no_job_is_an_error(worker, line):
    worker.send_line(line)
    assert (lambda answer: (answer["kind"], answer["user"]))(worker.answer()) == ("error", False)


def test_a_result_that_json_does_not_know_is_an_error(worker):
    assert "TypeError" in worker.ask("values['a'] = {1, 2}")["text"]


def test_a_job_longer_than_a_pipe(worker):
    assert worker.ask(f"values['length'] = len('{'x' * 1_000_000}')")["values"] == {"length": 1_000_000}


@pytest.mark.parametrize("code", ["raise MemoryError", "bytearray(1 << 62)"])
def test_out_of_memory_is_a_sentence(worker, code):
    answer = worker.ask(code)
    assert answer["user"] and "ran out of memory" in answer["text"]


@pytest.mark.parametrize(
    "code", ["raise torch.cuda.OutOfMemoryError('CUDA out of memory')", "torch.empty(1 << 50, device='cpu')"]
)
def test_out_of_memory_of_torch_is_a_sentence(worker, code):
    pytest.importorskip("torch")
    answer = worker.ask(f"import torch; {code}")
    assert answer["user"] and "ran out of memory" in answer["text"]


def test_an_interpreter_without_torch_is_a_sentence():
    """The real task, in an interpreter that finds no third-party modules (-S: without site-packages)."""
    command = [sys.executable, "-S", str(ENGINE / "worker.py"), "--idle-seconds", "0.1"]
    job = b'{"task": "check_engine"}\n'
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(job)
        process.stdin.flush()
        progress, answer = map(json.loads, process.stdout)
    assert progress["kind"] == "progress" and answer["user"]
    assert "has no module" in answer["text"] and "Set up the engine" in answer["text"]


def test_ends_after_the_idle_time():
    worker = Worker(idle_seconds=0.3)
    assert worker.ask("import time; time.sleep(1); values['a'] = 1")["values"] == {"a": 1}, "work is not idleness"
    start = time.monotonic()
    assert worker.process.wait(timeout=5) == 0
    assert 0.2 < time.monotonic() - start < 2
    worker.process.communicate()


@pytest.mark.parametrize("code", ["", "import time; reporter.info('started'); time.sleep(60)"])
def test_end_of_input_ends_the_process_idle_or_at_work(worker, code):
    if code:
        assert worker.ask(code)["text"] == "started"
    worker.process.stdin.close()
    start = time.monotonic()
    worker.process.wait(timeout=5)
    assert time.monotonic() - start < 2
    worker.process.stdin = None


def test_end_of_input_removes_what_was_being_written(worker, tmp_path):
    path = tmp_path / "result.tif"
    path.write_text("old")
    worker.send(f"""
import time
from sarbridge.contract.finished_file import finished_file
with finished_file({str(path)!r}) as temporary:
    temporary.write_text("half")
    reporter.info(str(temporary))
    time.sleep(60)
""")
    announced = worker.answer()
    assert announced["kind"] == "unfinished"
    assert worker.answer()["text"] == announced["path"]
    assert Path(announced["path"]).exists()
    worker.process.stdin.close()
    worker.process.wait(timeout=5)
    worker.process.stdin = None
    assert [path.name for path in tmp_path.iterdir()] == ["result.tif"]
    assert path.read_text() == "old"


def test_the_real_script_runs_from_anywhere_and_is_up_at_once(tmp_path):
    start = time.monotonic()
    worker = Worker(ENGINE / "worker.py", idle_seconds=0.2, cwd=tmp_path)
    worker.send_line(b"no json")
    assert worker.answer()["kind"] == "error"
    assert time.monotonic() - start < 1.5
    worker.process.communicate()


def test_start_does_not_import_what_tasks_need():
    code = (
        f"import sys; sys.path.insert(0, {str(ENGINE)!r}); from package import load_package; load_package(); "
        "import sarbridge.engine.worker; "
        "print(sorted({'torch', 'numpy', 'rasterio', 'scipy', 'qgis'} & set(sys.modules)), sys.path[-1])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.split() == ["[]", str(ENGINE)], "and files in engine/ hide no library"


@pytest.mark.parametrize(("own", "expected"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_libraries_find_their_environment_unless_the_user_set_it(own, expected, monkeypatch):
    if own is None:
        monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    else:
        monkeypatch.setenv("OMP_WAIT_POLICY", own)
    worker = Worker()
    code = "import os, sys; values['found'] = [os.environ['OMP_WAIT_POLICY'], 'torch' in sys.modules]"
    assert worker.ask(code)["values"]["found"] == [expected, False]  # in time: torch is not there yet
    worker.process.kill()
    worker.process.communicate()
