"""The engine process: `python <plugin>/engine/worker.py` reads jobs from standard input and answers on standard output.

The protocol owns the descriptors that the process was started with: libraries that print find standard error under
descriptor 1, and nothing under descriptor 0. Tasks import torch and the like when first asked for, so that the process
is up at once. The process ends by itself after `--idle-seconds` without a job, and within an instant when its input
ends, which also happens when QGIS dies, in whatever way.
"""

if not __package__:  # run as a script
    from package import load_package

    __package__ = load_package()

import argparse
import os
import queue
import sys
import threading

from ..contract import finished_file, protocol
from .compute.memory import keep_freed_memory
from .process_environment import set_environment
from .run_task import run_task


def main() -> None:
    """Answer jobs until none comes for the idle time."""
    parser = argparse.ArgumentParser(description="SARbridge engine: JSON jobs on stdin, JSON answers on stdout.")
    parser.add_argument("--idle-seconds", type=float, default=120, help="end after this time without a job")
    idle_seconds = parser.parse_args().idle_seconds

    set_environment()  # in time: libraries come with the first task
    keep_freed_memory()
    jobs_in, answers_out = _take_over_pipes()
    send = _Sender(answers_out)
    finished_file.announce_to(lambda path: send(protocol.unfinished(path)))
    lines = queue.Queue()
    threading.Thread(target=_read_lines, args=(jobs_in, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=idle_seconds)
        except queue.Empty:
            return
        run_task(line, send)


def _take_over_pipes():
    """Return private duplicates of descriptors 0 and 1; what is left under 0 is empty, and under 1 standard error."""
    jobs_in, answers_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stderr.reconfigure(encoding="utf-8")
    sys.stdout = sys.stderr
    return jobs_in, answers_out


def _read_lines(descriptor, lines):
    """Queue the lines of input; when the input ends, nobody waits for an answer any more: exit in mid-job."""
    pending = b""
    while True:
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            finished_file.remove_all_unfinished()
            os._exit(0)
        *complete, pending = (pending + chunk).split(b"\n")
        for line in complete:
            lines.put(line)


class _Sender:
    """Writes whole messages from any thread."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def __call__(self, message):
        data = protocol.encode(message)
        with self._lock:
            while data:
                data = data[os.write(self._descriptor, data) :]


if __name__ == "__main__":
    main()
