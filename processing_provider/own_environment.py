"""Makes the plugin's own Python environment: `venv` of QGIS's Python, then `pip install` of pinned requirements.

A virtual environment cannot be moved once it is made, so it is built where it stays; an older one is put aside
meanwhile and comes back when anything goes wrong.
"""

import queue
import shutil
import subprocess
import threading
from collections import deque
from contextlib import contextmanager

from qgis.core import QgsProcessingException

from ..engine.errors import UserError
from ..engine.package import PLUGIN_FOLDER
from . import process_tree
from .engine_client import shut_down
from .interpreter import Interpreter, engine_environment, environment_python, qgis_python

REQUIREMENTS = PLUGIN_FOLDER / "requirements-engine.txt"
POLL_SECONDS = 0.1
LAST_LINES = 12

_being_made = threading.Lock()


@contextmanager
def replaced(folder):
    """Put what is in `folder` aside while the block makes a new one; a block that fails leaves it as it was.

    Raises UserError when somebody else is at it or uses the environment.
    """
    aside = folder.with_name(folder.name + ".previous")
    if not _being_made.acquire(blocking=False):
        raise UserError("The engine is already being set up: wait for that run to end.")
    try:
        shut_down()  # running engine processes hold files of the environment
        _put_aside(folder, aside)
        try:
            yield
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            if aside.exists():
                aside.rename(folder)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    finally:
        _being_made.release()


def make_environment(folder, pip_options, feedback):
    """Make a virtual environment in `folder` with the engine's requirements; return its `Interpreter`.

    `pip_options` say where packages come from. Progress goes up to 90 %. Raises UserError when QGIS's Python cannot
    make environments or pip cannot install, QgsProcessingException when cancelled.
    """
    base = Interpreter(str(qgis_python()), "QGIS's own Python", is_qgis_python=True)
    feedback.pushInfo(f"Making a Python environment in {folder}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    code, lines = run_command(base, ["-m", "venv", str(folder)], feedback)
    if code != 0:
        raise UserError(
            f"QGIS's Python ({base.path}) cannot make an environment in '{folder}': see that there is room on the disk"
            f" and, on Debian and Ubuntu, install the package python3-venv. Its last lines:\n{lines}"
        )
    feedback.setProgress(5)
    made = Interpreter(str(environment_python(folder)), "the plugin's own environment in the QGIS profile")
    install = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    install += ["--only-binary=:all:", *pip_options, "-r", str(REQUIREMENTS)]
    code, lines = run_command(made, install, feedback, PipProgress(feedback))
    if code != 0:
        raise UserError(
            "pip could not install what the engine needs: see that this machine reaches the package index and that"
            f" there is room on the disk, or name a folder of wheels. Its last lines:\n{lines}"
        )
    return made


class PipProgress:
    """Pip's lines → log and progress. How many packages there will be is unknown: steps of 1.5 % up to 80 %."""

    def __init__(self, feedback):
        self._feedback = feedback
        self._percent = 5.0

    def __call__(self, line):
        if line.startswith("Collecting "):
            self._percent = min(80.0, self._percent + 1.5)
        elif line.startswith("Installing collected packages"):
            self._percent = 80.0
        elif line.startswith("Successfully installed"):
            self._percent = 90.0
        self._feedback.pushInfo(line)
        self._feedback.setProgress(self._percent)


def run_command(interpreter, arguments, feedback, on_line=None):
    """Run `interpreter` with arguments; return its exit code and its last lines. A cancel kills it and raises."""
    on_line = on_line or feedback.pushInfo
    process = process_tree.start(
        [interpreter.path, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=engine_environment(interpreter),
        text=True,
        errors="replace",
    )
    lines = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    last_lines = deque(maxlen=LAST_LINES)
    try:
        while True:
            if feedback.isCanceled():
                raise QgsProcessingException("Cancelled.")
            try:
                line = lines.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                return process.wait(), "\n".join(last_lines)
            last_lines.append(line)
            on_line(line)
    finally:
        process_tree.kill(process)
        process.wait()


def _read(stream, lines):
    with stream:
        for line in stream:
            if line.strip():
                lines.put(line.rstrip())
    lines.put(None)


def _put_aside(folder, aside):
    try:
        if aside.exists():  # QGIS itself ended in the middle of an earlier run: what is aside is the complete one
            shutil.rmtree(folder, ignore_errors=True)
            aside.rename(folder)
        if folder.exists():
            folder.rename(aside)
    except OSError as error:
        raise UserError(
            f"The engine's environment '{folder}' cannot be replaced ({error.strerror}): close other QGIS windows and"
            " run again."
        ) from error
