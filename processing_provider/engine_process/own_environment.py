"""Makes the plugin's own Python environment: `venv` of QGIS's Python, then `pip install` of pinned requirements.

A virtual environment cannot be moved once it is made, so it is built where it stays; an older one is put aside
meanwhile and comes back when anything goes wrong.
"""

import queue
import shutil
import subprocess
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Optional

from qgis.core import QgsProcessingException, QgsProcessingFeedback
from qgis.PyQt.QtCore import QLockFile

from ...contract.errors import UserError
from ...contract.installation import CONSTRAINTS, REQUIREMENTS
from . import process_tree
from .engine_client import is_at_work, shut_down
from .interpreter import COMPLETE, Interpreter, engine_environment, environment_python, is_complete, qgis_python
from .pip_progress import PipProgress
from .worker_process import let_qgis_notice_signals

POLL_SECONDS = 0.1
LAST_LINES = 12


@contextmanager
def replaced(folder: Path) -> Iterator[None]:
    """Put what is in `folder` aside while the block makes a new one; a block that fails leaves it as it was.

    Raises UserError when somebody else is at it, in this QGIS or another one, when jobs are running, and when the QGIS
    profile cannot be written.
    """
    aside = folder.with_name(folder.name + ".previous")
    with _unwritable(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(folder.with_name(folder.name + ".lock")))
    lock.setStaleLockTime(0)  # only the death of its owner makes it stale: a download may take hours
    if not lock.tryLock(0):
        if lock.error() == QLockFile.LockError.LockFailedError:
            raise UserError("The engine is already being set up: wait for that run to end.")
        raise UserError(f"The folder '{folder.parent}' of the QGIS profile cannot be written: see to its permissions.")
    try:
        if is_at_work():
            raise UserError("Algorithms of SARbridge are running: wait for them to end, or cancel them.")
        shut_down()  # idle engine processes hold files of the environment
        with _unwritable(folder):
            _put_aside(folder, aside)
        try:
            yield
            with _unwritable(folder):
                (folder / COMPLETE).touch()
        except BaseException:
            _discard(folder)
            if aside.exists():
                with _unwritable(folder):
                    aside.rename(folder)
            raise
        _discard(aside)
    finally:
        lock.unlock()


def make_environment(folder: Path, pip_options: Sequence[str], feedback: QgsProcessingFeedback) -> Interpreter:
    """Make a virtual environment in `folder` with the engine's requirements; return its `Interpreter`.

    `pip_options` say where packages come from. Progress goes up to 90 %. Raises UserError when QGIS's Python cannot
    make environments or pip cannot install, QgsProcessingException when cancelled.
    """
    base = Interpreter(str(qgis_python()), "QGIS's own Python", is_qgis_python=True)
    feedback.pushInfo(f"Making a Python environment in {folder}")
    code, lines = run_command(base, ["-m", "venv", str(folder)], feedback)
    if code != 0:
        raise UserError(
            f"QGIS's Python ({base.path}) cannot make an environment in '{folder}': see that there is room on the disk"
            f" and, on Debian and Ubuntu, install the package python3-venv{_last_word(lines)}."
        )
    made = Interpreter(str(environment_python(folder)), "the plugin's own environment in the QGIS profile")
    install = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    install += ["--only-binary=:all:", *pip_options, "-r", str(REQUIREMENTS), "-c", str(CONSTRAINTS)]
    downloads = folder / "downloads"
    downloads.mkdir()
    progress = PipProgress(feedback, folder)
    there = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(downloads))
    code, lines = run_command(made, install, feedback, progress.on_line, progress.on_silence, there)
    shutil.rmtree(downloads, ignore_errors=True)
    if code != 0:
        raise UserError(
            "pip could not install what the engine needs: see that this machine reaches the package index and that"
            f" there is room on the disk, or name a folder of wheels{_last_word(lines)}."
        )
    return made


def run_command(
    interpreter: Interpreter,
    arguments: Sequence[str],
    feedback: QgsProcessingFeedback,
    on_line: Optional[Callable[[str], None]] = None,
    on_silence: Callable[[], None] = lambda: None,
    variables: Optional[dict[str, str]] = None,
) -> tuple[int, list[str]]:
    """Run `interpreter` with arguments and further environment variables; return its exit code and its last lines.

    `on_line` gets each line it prints, else they are logged; `on_silence` is called now and then while there is none.
    A cancel kills it and raises.
    """
    on_line = on_line or feedback.pushInfo
    process = process_tree.start(
        [interpreter.path, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**engine_environment(interpreter), **(variables or {})},
        text=True,
        errors="replace",
    )
    lines = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    last_lines = deque(maxlen=LAST_LINES)
    try:
        while True:
            let_qgis_notice_signals()
            if feedback.isCanceled():
                raise QgsProcessingException("Cancelled.")
            try:
                line = lines.get(timeout=POLL_SECONDS)
            except queue.Empty:
                on_silence()
                continue
            if line is None:
                return process.wait(), list(last_lines)
            last_lines.append(line)
            on_line(line)
    finally:
        process_tree.kill(process)
        process.wait()


def _last_word(lines):
    """Return what a program said of its failure, for the middle of a sentence; all of its lines are in the log."""
    errors = [line for line in lines if line.startswith("ERROR")] or lines
    return f" (it said: {errors[-1].rstrip('.')})" if errors else ""


def _read(stream, lines):
    with stream:
        for line in stream:
            if line.strip():
                lines.put(line.rstrip())
    lines.put(None)


def _put_aside(folder, aside):
    """Have the complete environment, if there is one, in `aside`, and nothing in `folder`."""
    for trash in folder.parent.glob(f"{folder.name}.trash-*"):
        shutil.rmtree(trash, ignore_errors=True)
    if is_complete(folder):
        _discard(aside)
        folder.rename(aside)
    else:  # QGIS itself ended in the middle of an earlier run
        _discard(folder)
        if not is_complete(aside):
            _discard(aside)


def _discard(folder):
    """Delete a folder; what of it cannot be deleted now has another name, and goes with the next run."""
    if folder.exists():
        trash = folder.with_name(f"{folder.name}.trash-{uuid.uuid4().hex[:8]}")
        with suppress(OSError):
            folder.rename(trash)
        shutil.rmtree(trash if trash.exists() else folder, ignore_errors=True)


@contextmanager
def _unwritable(folder):
    """Turn what the disk refuses into a `UserError`."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"The engine's environment '{folder}' cannot be made or replaced ({error.strerror}): close other QGIS"
            " windows, see to room and permissions in the QGIS profile, and run again."
        ) from error
