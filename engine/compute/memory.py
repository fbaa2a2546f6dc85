"""How the C library handles memory that was freed; all of it concerns Linux with glibc, elsewhere nothing happens."""

import ctypes
import sys
from pathlib import Path

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h
_LARGEST_KEPT, _LARGEST_OF_OLD_GLIBC = 2**27, 2**25
"""Bytes of a block from which on it is mapped alone; before 2.35 glibc took no larger limit than the second. Larger
limits are hardly faster and leave larger holes: 1 GiB took 47 % more memory where this takes 14 %."""

_KEPT_ON_TOP = 2**29
"""Bytes of free memory at the top of the heap from which on glibc gives it back by itself."""

_TOP_PAD = 2**24
"""Bytes that are asked for beyond what is needed, so that the heap grows in few steps."""

_FIRST_ROUNDS, _GROWN = 2, 1.05
"""How many times as much as after so many rounds a process may hold before what is free is given back."""


def keep_freed_memory() -> None:
    """Have all but the very largest tensors taken from a heap that stays, for a process that computes with them.

    Left alone, glibc maps each large block afresh and unmaps it when it is freed: the kernel then clears every page
    anew, which takes a large part of the time of a network on the CPU (`benchmarks/kept_memory.py`). To be called
    before the first tensor is made.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is not None:
        if not mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT):
            mallopt(_M_MMAP_THRESHOLD, _LARGEST_OF_OLD_GLIBC)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_ON_TOP)
        mallopt(_M_TOP_PAD, _TOP_PAD)


def give_back_freed_memory() -> None:
    """Return to the system what is free within the heaps.

    glibc keeps it: threads that take and free blocks of many sizes leave holes, and the process grows with each round
    of the same work, to twice what it ever needs at once. For rounds of seconds, such as blocks of matching and of
    range lines: beside these the kernel clears pages in no time, and waiting for growth (`HeldMemory`) took 13 % more
    memory.
    """
    malloc_trim = _of_glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


class HeldMemory:
    """What a process holds between rounds of the same work.

    For short rounds, such as batches of tiles. To give back what is free after each of them would cost much time: the
    kernel clears each page anew that the next one takes. So that is done only where holes have made the process grow.
    """

    def __init__(self) -> None:
        self._rounds, self._usual = 0, 0

    def end_round(self) -> None:
        """Give back what is free, where the process holds a twentieth more than after the first two rounds.

        In the second, what is read ahead and written behind is there too.
        """
        held = _resident()
        self._rounds += 1
        if self._rounds <= _FIRST_ROUNDS:
            self._usual = max(self._usual, held)
        elif held > _GROWN * self._usual:
            give_back_freed_memory()


def _resident() -> int:
    """Return the pages of the process that are in memory, 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0


def _of_glibc(name: str):
    """Return a function of the C library, None where it has none of that name."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
