"""Memory that was freed, given back to the system."""

import ctypes
import sys


def give_back_freed_memory():
    """Have the C library return to the system what is free within its heaps; nothing happens but on Linux with glibc.

    glibc keeps it: threads that take and free blocks of many sizes leave holes, and the process grows with each round
    of the same work, to twice what it ever needs at once.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
