"""Freed memory is kept for what comes next, and goes back to the system when asked for."""

import platform
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sarbridge.engine.compute import memory
from sarbridge.engine.compute.memory import give_back_freed_memory


def resident_megabytes():
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1000


glibc_only = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is asked")

FAULTS = """
import resource, sys
sys.path.append(sys.argv[1])
from package import load_package
load_package()
from sarbridge.engine.compute.memory import keep_freed_memory
if sys.argv[2] == "kept":
    keep_freed_memory()
for _ in range(2):
    b"x" * 60_000_000  # the first of them makes the heap grow
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    b"x" * 60_000_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@glibc_only
def test_large_blocks_that_were_freed_are_used_again():
    """Page faults of ten blocks of 60 MB, one after the other, in fresh processes."""
    engine = str(Path(__file__).resolve().parents[3] / "engine")
    kept, mapped = (
        int(subprocess.run([sys.executable, "-c", FAULTS, engine, way], capture_output=True, check=True).stdout)
        for way in ("kept", "as it comes")
    )
    assert mapped > 200
    assert kept < 0.1 * mapped


@glibc_only
def test_holes_between_what_is_kept_are_given_back():
    """Pieces of 64 kB, of which every other one is freed."""
    pieces = [np.ones(2**16, np.uint8) for _ in range(4000)]
    kept = pieces[::2]
    del pieces
    before = resident_megabytes()
    give_back_freed_memory()
    assert before - resident_megabytes() > 60
    assert sum(int(piece[0]) for piece in kept) == 2000


def test_only_growth_has_what_is_free_given_back(monkeypatch):
    """The second round holds more than the first, as things are read ahead; 5 % more than that is too much."""
    held, given_back = iter([800, 1000, 1049, 1051, 600, 1040, 1100]), []
    monkeypatch.setattr(memory, "_resident", lambda: next(held))
    monkeypatch.setattr(memory, "give_back_freed_memory", lambda: given_back.append(True))
    process, after = memory.HeldMemory(), []
    for _ in range(7):
        process.end_round()
        after.append(len(given_back))
    assert after == [0, 0, 0, 1, 1, 1, 2]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells")
def test_what_a_process_holds_is_what_the_system_says():
    assert memory._resident() * resource.getpagesize() / 1e6 == pytest.approx(resident_megabytes() * 1.024, rel=0.1)
