"""What it costs and gains to keep freed memory, and to match in smaller batches, as a Markdown table.

    python benchmarks/kept_memory.py [--side 2048] [--rounds 3] [--training-steps 0]

The default matching job on a synthetic pair, on the CPU, in processes of their own that take turns: glibc as it comes
against `engine/compute/memory.keep_freed_memory`, batches of 32 and of 8. With training steps, the lesson of
BridgeMatch too. Ratios are of CPU time, user and system together, within a round; busy machines change it less than
wall time.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from ..contract.finished_file import scratch_folder
from ..contract.jobs import from_json, to_json
from ..engine.compute.memory import keep_freed_memory
from ..engine.matching.match_tie_points import run
from ..engine.matching.training.bridge_match_lesson import plan_of, train_bridge_match
from ..engine.reporting import NullReporter
from ..engine.training.pair import Pair
from .peak_memory import job_of, peak_of
from .synthetic_pair import synthetic_pair, write_pair
from .validation import DEFAULT_MODEL

WAYS = {
    "as it comes, batches of 32": (False, 32),
    "kept, batches of 32": (True, 32),
    "as it comes, batches of 8": (False, 8),
    "kept, batches of 8": (True, 8),
}


def main():
    """Print the tables, or, as a child, do one run and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=2048, help="pixels a side of the pair")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in which all ways take turns")
    parser.add_argument("--training-steps", type=int, default=0, help="steps of BridgeMatch's lesson")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(child(json.loads(arguments.child))))
        return
    with tempfile.TemporaryDirectory() as folder:
        pair = write_pair(Path(folder), arguments.side, (7.0, -4.0))
        jobs = {
            name: {"job": to_json(job_of(*pair, DEFAULT_MODEL, batch_size=batch)), "keep": keep}
            for name, (keep, batch) in WAYS.items()
        }
        print(table(f"Matching, {arguments.side} × {arguments.side} pixels", jobs, arguments.rounds), flush=True)
    if arguments.training_steps:
        lessons = {
            name: {"steps": arguments.training_steps, "keep": keep}
            for name, keep in (("as it comes", False), ("kept", True))
        }
        print(table(f"Training, {arguments.training_steps} steps of 16", lessons, arguments.rounds))


def child(task):
    """Do a job or a training; return its CPU seconds (user, system), page faults and peak memory in GB."""
    if task["keep"]:
        keep_freed_memory()
    torch.set_num_threads(2)
    if "job" in task:
        run(from_json(task["job"]), NullReporter())
    else:
        sar, optical = (torch.from_numpy(image)[None] for image in synthetic_pair(640))
        with scratch_folder(Path(tempfile.gettempdir()) / "lesson") as folder:
            sets, plan = [([Pair("synthetic", sar, optical)], 1.0)], plan_of(16 * task["steps"])
            train_bridge_match(sets, plan, folder / "c.safetensors", torch.device("cpu"), NullReporter())
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"user": used.ru_utime, "system": used.ru_stime, "faults": used.ru_minflt, "peak": peak_of("self")}


def table(title, tasks, rounds):
    """Return the Markdown table of tasks {name: what `child` takes}; ratios are to the first."""
    taken = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            command = [sys.executable, __file__, "--child", json.dumps(task)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            taken[name].append(json.loads(done.stdout.splitlines()[-1]))
    lines = [
        f"\n### {title}, median of {rounds} rounds\n",
        "| Memory | CPU s (user + system) | faster by | million page faults | peak memory GB |",
        "|---|---|---|---|---|",
    ]
    first = next(iter(taken.values()))
    for name, runs in taken.items():
        seconds = [each["user"] + each["system"] for each in runs]
        ratio = statistics.median((a["user"] + a["system"]) / b for a, b in zip(first, seconds))
        middle = {key: statistics.median(each[key] for each in runs) for key in runs[0]}
        lines.append(
            f"| {name} | {middle['user']:.1f} + {middle['system']:.1f} | × {ratio:.2f} | "
            f"{middle['faults'] / 1e6:.2f} | {middle['peak']:.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
