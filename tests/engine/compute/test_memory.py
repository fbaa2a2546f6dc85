"""Freed memory is kept for what comes next, and goes back to the system when asked for."""

import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
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
