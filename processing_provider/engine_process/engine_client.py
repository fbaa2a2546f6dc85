"""Runs jobs in engine processes (`engine/worker.py`), keeps those warm for the next job, and never waits for one.

Each job has a process of its own while it runs: an idle one of this QGIS session, else a new one. Algorithms that run
at the same time thus do not wait for one another; idle processes end by themselves after two minutes. A cancel kills
the process, which is the only thing that works at any moment, and removes the files that it was writing.
"""

import atexit
import threading
from contextlib import suppress
from typing import Any

from qgis.core import QgsProcessingException, QgsProcessingFeedback

from ...contract.jobs import to_json
from .interpreter import find_interpreter
from .worker_process import EngineProcess, IdleExitError

_processes = []
_lock = threading.Lock()


def run_job(job: Any, feedback: QgsProcessingFeedback) -> dict[str, Any]:
    """Run a job of `contract/jobs.py`; return the values of its result. May be called from any thread.

    Progress and messages go to `feedback`. Raises QgsProcessingException when there is no engine, when the user
    cancels, with just the sentence when the engine finds something the user can put right, with the traceback when the
    engine has a bug, and with its last words when the engine process was ended from outside.
    """
    interpreter = find_interpreter()
    if interpreter.path is None:
        raise QgsProcessingException(interpreter.why)
    while True:
        process = _take(interpreter)
        try:
            return process.run(to_json(job), feedback)
        except IdleExitError:
            continue
        finally:
            _give_back(process)


def is_at_work() -> bool:
    """Return whether any job is running."""
    with _lock:
        return any(process.at_work for process in _processes)


def shut_down() -> None:
    """End all engine processes, those at work too: when the plugin is unloaded, and before its environment changes."""
    with _lock:
        processes = list(_processes)
        _processes.clear()
    for process in processes:
        process.end()


atexit.register(shut_down)


def _take(interpreter):
    """Return a process that is at nobody else's disposal; processes that ended or of another interpreter go."""
    with _lock:
        for process in [process for process in _processes if not process.at_work]:
            if process.is_alive() and process.interpreter == interpreter:
                break
            _processes.remove(process)
            process.end()
        else:
            process = EngineProcess(interpreter)
            _processes.append(process)
        process.at_work = True
        return process


def _give_back(process):
    """Keep the process for the next job when it has answered this one, else end it."""
    with _lock:
        if process.has_answered and process in _processes:
            process.at_work = False
            return
        with suppress(ValueError):
            _processes.remove(process)
    process.end()
