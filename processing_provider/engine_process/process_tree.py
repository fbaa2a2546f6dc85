"""Processes that are started apart from QGIS's own and can be killed together with those that they start."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any


def start(command: Sequence[str], **options: Any) -> subprocess.Popen:
    """Return the `Popen` of `command`, a list, with further options of Popen.

    It gets no window on Windows, and Ctrl-C in a terminal reaches QGIS only, which then cancels. Raises OSError when
    the program cannot be started.
    """
    if os.name == "nt":
        options["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
    return subprocess.Popen(command, **options)


def kill(process: subprocess.Popen) -> None:
    """Kill a process of `start`, and on Unix those that it started; nothing happens to one that has ended.

    It does not wait: a process that hangs in a driver does not even end when it is killed.
    """
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
