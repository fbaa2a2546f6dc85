"""Another thread writes, in order; no more than so many writes wait, and a failed one ends the work."""

import threading

import pytest
from sarbridge.engine.compute.write_behind import write_behind
from sarbridge.tests.engine.compute.test_read_ahead import SECONDS


def test_all_is_written_in_order_by_one_other_thread():
    written, threads = [], set()

    def write(*values):
        threads.add(threading.get_ident())
        written.append(values)

    with write_behind(write, 2) as hand_over:
        for number in range(9):
            hand_over(number, -number)
    assert written == [(number, -number) for number in range(9)]
    assert len(threads) == 1 and threading.get_ident() not in threads


def test_the_caller_goes_on_while_it_is_written_but_not_for_ever():
    """The first write waits until three calls are handed over; the fourth call waits for the first write."""
    handed_over, written = threading.Event(), []

    def write(number):
        assert handed_over.wait(SECONDS)
        written.append(number)

    with write_behind(write, 3) as hand_over:
        for number in range(3):
            hand_over(number)
        assert written == []
        threading.Timer(0.05, handed_over.set).start()
        hand_over(3)
        assert 0 in written
    assert written == [0, 1, 2, 3]


def test_a_failed_write_ends_the_work():
    written, failed = [], threading.Event()

    def write(number):
        if number == 1:
            failed.set()
            raise OSError("disk gone")
        written.append(number)

    with pytest.raises(OSError, match="disk gone"), write_behind(write, 3) as hand_over:
        for number in range(99):
            hand_over(number)
            if number == 1:
                assert failed.wait(SECONDS)
    assert len(written) < 5

    with pytest.raises(OSError, match="disk gone"), write_behind(write, 3) as hand_over:
        hand_over(1)


def test_when_the_work_fails_what_waits_is_not_written():
    written, going_on = [], threading.Event()

    def write(number):
        going_on.wait(SECONDS)
        written.append(number)

    with pytest.raises(ZeroDivisionError), write_behind(write, 9) as hand_over:
        for number in range(5):
            hand_over(number)
        threading.Timer(0.05, going_on.set).start()
        raise ZeroDivisionError
    assert written in ([], [0])
