"""One item is read ahead, in another thread, and nothing goes on after the caller has left."""

import itertools
import threading
from contextlib import closing

import pytest
from sarbridge.engine.compute.read_ahead import read_ahead

SECONDS = 20
"""After which a test that waits for another thread has failed."""


def test_results_come_in_order_and_from_one_other_thread():
    threads = set()

    def read(item):
        threads.add(threading.get_ident())
        return 10 * item

    assert list(read_ahead(read, range(5))) == [0, 10, 20, 30, 40]
    assert list(read_ahead(read, [])) == []
    assert len(threads) == 1 and threading.get_ident() not in threads


def test_the_next_item_is_read_while_the_caller_works():
    begun = [threading.Event() for _ in range(5)]

    def read(item):
        begun[item].set()
        return item

    for item in read_ahead(read, range(3)):
        if item < 2:
            assert begun[item + 1].wait(SECONDS)
        assert not begun[item + 2].is_set(), "one item ahead, no more"


def test_an_exception_comes_where_its_result_would_have():
    def read(item):
        if item == 2:
            raise OSError("gone")
        return item

    got, read_items = [], []
    with pytest.raises(OSError, match="gone"):
        for item in read_ahead(lambda item: read_items.append(item) or read(item), range(9)):
            got.append(item)
    assert got == [0, 1] and read_items == [0, 1, 2]


def test_the_thread_ends_when_the_caller_leaves_early():
    read_items, before = [], threading.active_count()
    with closing(read_ahead(read_items.append, itertools.count())) as endless:
        next(endless)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
    assert read_items == [0, 1]
