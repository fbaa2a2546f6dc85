"""Reading the next thing while the last one is worked on."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, TypeVar

Item = TypeVar("Item")
Read = TypeVar("Read")


def read_ahead(read: Callable[[Item], Read], items: Iterable[Item]) -> Iterator[Read]:
    """Yield `read(item)` of each item in turn; one thread is one item ahead of whoever takes them.

    What `read` raises is raised where its result would have come. Who stops early waits for the reading under way.
    """
    with ThreadPoolExecutor(1) as ahead:
        upcoming = None
        for item in items:
            following = ahead.submit(read, item)
            if upcoming is not None:
                yield upcoming.result()
            upcoming = following
        if upcoming is not None:
            yield upcoming.result()
