"""One engine process (`engine/worker.py`): what it is told and answers, and how it ends."""

import queue
import signal
import subprocess
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingException, QgsProcessingFeedback
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QThread

from ...contract import protocol
from ...contract.finished_file import is_temporary, remove_unfinished
from ...contract.installation import WORKER_SCRIPT
from ...contract.secrets import without_secrets
from . import process_tree
from .interpreter import Interpreter, engine_environment
from .timed_progress import TimedProgress

POLL_SECONDS = 0.1
STDERR_LINES_KEPT = 20
_PATIENCE = 5  # seconds that a killed process may take to end, and its last lines to arrive, on a busy machine
_SENT = 0.5  # percent of a job that is done when it is on its way to the engine, which may have to start first


def let_qgis_notice_signals() -> None:
    """`qgis_process` runs algorithms on its main thread and sees Ctrl-C only when that thread processes its events."""
    application = QCoreApplication.instance()
    if application is not None and QThread.currentThread() == application.thread():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)


class IdleExitError(Exception):
    """The process had been idle for so long that it ended just when the job arrived: another one must run it."""


class EngineProcess:
    """One engine process and three threads, each of which owns one of its pipes and closes it."""

    def __init__(self, interpreter: Interpreter):
        self.interpreter = interpreter
        self.at_work = False
        self.has_answered = False
        self._is_warm = False
        self._was_ended = False
        self._jobs, self._answers = queue.Queue(), queue.Queue()
        self._unfinished, self._folders = [], set()
        self._malformed = ""
        self._last_words = deque(maxlen=STDERR_LINES_KEPT)
        try:
            self._process = process_tree.start(
                [interpreter.path, str(WORKER_SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=engine_environment(interpreter),
            )
        except OSError as error:
            raise QgsProcessingException(
                f"The engine's Python '{interpreter.path}' cannot be started ({error.strerror}): set another "
                "interpreter in the SARbridge options."
            ) from error
        _start_thread(self._write_jobs)
        self._answer_reader = _start_thread(self._read_answers)
        self._stderr_reader = _start_thread(self._read_stderr)

    def run(self, message: dict[str, Any], feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """Send one job and follow it to its result; see `run_job` of `engine_client.py`.

        Raises `IdleExitError` as well.
        """
        self.has_answered = False
        was_warm, self._is_warm = self._is_warm, True
        if was_warm:  # what a new process said before its first job may be all that it ever says
            self._last_words.clear()
        self._unfinished.clear()
        self._folders = {str(Path(text).absolute().parent) for text in _texts(message)}
        self._jobs.put(protocol.encode(message))
        progress = TimedProgress(feedback)
        progress.report(_SENT)
        heard_of = False
        while True:
            answer = self._next_answer(feedback)
            if answer is None:
                if was_warm and not heard_of and self._exit_code() == 0:
                    raise IdleExitError
                if self._malformed:
                    raise QgsProcessingException(self._malformed)
                if self._was_ended:
                    raise QgsProcessingException("SARbridge was shut down or reloaded: the job did not end.")
                raise QgsProcessingException(self._obituary(feedback))
            heard_of = True
            if answer["kind"] == "progress":
                progress.report(100 * answer["fraction"])
            elif answer["kind"] == "message":
                push = feedback.pushWarning if answer["level"] == "warning" else feedback.pushInfo
                push(answer["text"])
            elif answer["kind"] == "result":
                self.has_answered = True
                return answer["values"]
            elif answer["user"]:
                self.has_answered = True
                raise QgsProcessingException(answer["text"])
            else:  # a process that met a bug (a broken CUDA context, say) is not used again
                raise QgsProcessingException(
                    f"The engine failed, which is a bug of SARbridge: {answer['text']}\n{answer['traceback']}"
                )

    def _next_answer(self, feedback):
        """Wait for the next answer, None when the process has ended; a cancel wins over any answer."""
        nothing_yet = object()
        while True:
            try:
                answer = self._answers.get(timeout=POLL_SECONDS)
            except queue.Empty:
                answer = nothing_yet
            let_qgis_notice_signals()
            if feedback.isCanceled():
                raise QgsProcessingException("Cancelled.")
            if answer is not nothing_yet:
                return answer

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Kill the process at once and remove the files that it was writing."""
        self._was_ended = True
        process_tree.kill(self._process)
        self._jobs.put(None)
        self._exit_code()
        self._answer_reader.join(timeout=_PATIENCE)
        for path in self._unfinished:
            remove_unfinished(path)

    def _exit_code(self):
        """The exit code, or None when the process does not even end when killed (it hangs in a driver)."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=_PATIENCE)

    def _obituary(self, feedback):
        """Log the last words of the process and return a sentence, which thus comes after them."""
        code = self._exit_code()
        self._stderr_reader.join(timeout=_PATIENCE)  # its last lines may still be on the way
        if code is None:
            how = "is no engine of SARbridge and was left"
        elif code < 0:
            how = f"was ended by signal {signal.Signals(-code).name}"
        else:
            how = f"ended with exit code {code}"
        hint = " (often because memory ran out)" if code == -9 else ""
        last_words = [without_secrets(line) for line in self._last_words if line]
        for line in last_words:
            feedback.pushConsoleInfo(line)
        said = f" (its last line: {last_words[-1]})" if last_words else ""
        remedy = f"run again, and check '{self.interpreter.path}' in the SARbridge options if it ends again"
        return f"The engine process {how}{hint} before the job was done{said}: {remedy}."

    def _write_jobs(self):
        """In a thread: a process that does not read must not keep anybody from cancelling."""
        with suppress(OSError), self._process.stdin as pipe:  # it ended; whoever reads its answers finds out
            for line in iter(self._jobs.get, None):
                pipe.write(line)
                pipe.flush()

    def _read_answers(self):
        try:
            with self._process.stdout as pipe:
                for line in iter(lambda: pipe.readline(protocol.LONGEST_LINE), b""):
                    if not line.endswith(b"\n") and len(line) < protocol.LONGEST_LINE:
                        break  # killed while it wrote this line
                    answer = protocol.decode_answer(line)
                    if answer["kind"] == "unfinished":
                        self._note_unfinished(answer["path"])
                    else:
                        self._answers.put(answer)
        except ValueError:
            self._malformed = (
                f"'{self.interpreter.path}' gave an answer that is none of SARbridge's engine ({line[:60]!r}) and was "
                "ended: check the interpreter in the SARbridge options, or install the plugin again."
            )
        finally:
            self._answers.put(None)

    def _note_unfinished(self, path):
        """Remember what to remove, if it can be what it is said to be: temporary, and beside a file of the job."""
        if isinstance(path, str) and is_temporary(path) and str(Path(path).parent) in self._folders:
            self._unfinished.append(path)

    def _read_stderr(self):
        with self._process.stderr as pipe:
            for line in pipe:
                self._last_words.append(line.decode("utf-8", "replace").rstrip())


def _texts(value):
    """Yield the texts in what JSON can hold."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _start_thread(target):
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread
