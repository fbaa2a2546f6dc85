"""The next item is read while this one is worked on."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Read = TypeVar("Read")


def read_ahead(read: Callable[[Item], Read], items: Iterable[Item]) -> Generator[Read, None, None]:
    """Yield read(item) for each of the items, in order; one thread reads one item ahead of the caller.

    An exception of `read` comes where its result would have. Items are asked for one by one, so that they may be
    endless. The thread ends with the generator: who may leave it early, while files that it reads are about to be
    closed, closes it first (`contextlib.closing`).
    """
    with ThreadPoolExecutor(1) as thread:
        upcoming = (thread.submit(read, item) for item in items)
        following = next(upcoming, None)
        while following is not None:
            result = following.result()
            following = next(upcoming, None)
            yield result
