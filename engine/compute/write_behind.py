"""What is finished is written while the next is worked on."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def write_behind(write: Callable[..., None], most: int) -> Iterator[Callable[..., None]]:
    """Yield a function that has `write` called with its arguments by one thread, in order, and returns at once.

    While `most` calls wait for the thread, the function waits too, so that memory stays bounded. When the block ends,
    all is written. An exception of `write` comes out of a later call or of the block's end; what still waits then, or
    when the block itself fails, is not written.
    """
    with ThreadPoolExecutor(1) as thread:
        waiting = deque()

        def hand_over(*arguments):
            while waiting and (waiting[0].done() or len(waiting) >= most):
                waiting.popleft().result()
            waiting.append(thread.submit(write, *arguments))

        try:
            yield hand_over
            while waiting:
                waiting.popleft().result()
        finally:
            for call in waiting:
                call.cancel()
