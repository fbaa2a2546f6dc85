"""Peak memory of whole matching runs in fresh engine processes, for images of two sizes."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Union

from ..contract import protocol
from ..contract.installation import WORKER_SCRIPT
from ..contract.jobs import to_json
from ..contract.matching_jobs import MatchTiePointsJob
from ..contract.sources import RasterSource
from .synthetic_pair import CRS, write_pair

SIDES = (5_000, 10_000)
PLANTED = (7.0, -4.0)
"""Pixels (right, down) by which the optical image is displaced: a run that measures memory must also find that."""


def memory_table(model, sides=SIDES):
    """Return the Markdown table for the default job with a model file, or with NCC on a grid when `model` is None."""
    lines = [
        f"\n### Peak memory of an engine process, {'default job' if model else 'NCC'}\n",
        "| Pair | peak memory GB | seconds | accepted points | mean shift px (planted: -7, +4) |",
        "|---|---|---|---|---|",
    ]
    peaks = []
    for side in sides:
        with tempfile.TemporaryDirectory() as folder:
            job = job_of(*write_pair(Path(folder), side, PLANTED), model)
            began = time.monotonic()
            peak, numbers = measured(job)
            seconds = time.monotonic() - began
        peaks.append(peak)
        shift = "{}, {}".format(*(_rounded(numbers[f"MEAN_SHIFT_{axis}_PX"]) for axis in "XY"))
        lines.append(f"| {side} × {side} | {peak:.2f} | {seconds:.0f} | {numbers['ACCEPTED_COUNT']} | {shift} |")
    lines.append(f"\nThe largest pair takes {growth(peaks)} of the smallest one's memory.")
    return "\n".join(lines)


def growth(peaks):
    """Return by how much the last of some peaks exceeds the first, as text in percent."""
    return f"{100 * (peaks[-1] / peaks[0] - 1):+.1f} %"


def job_of(sar, optical, model, **changes):
    """Return the default `MatchTiePointsJob`, but for changes, for two files on the CPU."""
    method = {"model": str(model)} if model else {"method": "ncc", "candidates": "grid"}
    sources = (RasterSource(path.stem, str(path), CRS) for path in (sar, optical))
    return MatchTiePointsJob(*sources, device="cpu", **method, **changes)


def measured(job):
    """Run a job in an engine process of its own; return (peak memory in GB, the result's numbers).

    The kernel's own record (VmHWM) is read while the process waits for another job: `ru_maxrss` would count what the
    process that started it held as well. Linux only.
    """
    command = [sys.executable, str(WORKER_SCRIPT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        worker.stdin.write(protocol.encode(to_json(job)))
        worker.stdin.flush()
        for line in worker.stdout:
            answer = json.loads(line)
            if answer["kind"] == "error":
                raise RuntimeError(answer["text"])
            if answer["kind"] == "result":
                return peak_of(worker.pid), answer["values"]["numbers"]
    raise RuntimeError("The engine process ended without a result.")


def peak_of(process: Union[int, str]) -> float:
    """Return the peak memory in GB (VmHWM) of a running process, by its number or "self"; Linux only."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) * 1024 / 1e9


def _rounded(value):
    return "–" if value is None else f"{value:.2f}"
