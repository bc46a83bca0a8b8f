"""Work on several threads."""

import os
import sys
from threading import Event, get_ident

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.runtime.threads import in_order, threads_for


@given(st.lists(st.integers(), max_size=30), st.integers(1, 4))
def test_it_is_map(items, threads):
    assert list(in_order(lambda item: item + 1, items, threads)) == [item + 1 for item in items]


def test_several_items_are_worked_on_at_once():
    turns = [Event(), Event()]

    def work(at):
        turns[at].set()
        assert turns[1 - at].wait(10)
        return get_ident()

    assert len({get_ident(), *in_order(work, [0, 1], 2)}) == 3


@pytest.mark.parametrize(("items", "threads"), [(1, 4), (5, 1)])
def test_one_item_or_one_thread_stays_on_the_callers(items, threads):
    assert set(in_order(lambda _: get_ident(), range(items), threads)) == {get_ident()}


@given(st.integers(0, 6), st.integers(1, 3))
def test_what_fails_fails_in_its_turn(good, threads):
    def items():
        yield from range(good)
        raise ValueError("the next item")

    results = in_order(lambda item: item, items(), threads)
    assert [next(results) for _ in range(good)] == list(range(good))
    with pytest.raises(ValueError, match="the next item"):
        next(results)


def test_work_that_fails_fails_in_its_turn():
    results = in_order(lambda item: 1 // item, [2, 1, 0, 1], 2)
    assert (next(results), next(results)) == (0, 1)
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_items_are_not_read_far_ahead():
    read = []
    results = in_order(lambda item: item, (read.append(at) or at for at in range(100)), 2)
    assert next(results) == 0
    assert len(read) == 3
    results.close()
    assert len(read) == 3


def test_as_many_threads_as_processors_or_as_asked_for():
    assert threads_for(None) in (os.cpu_count(), len(os.sched_getaffinity(0)))
    assert threads_for(3) == 3
    with pytest.raises(UsageError, match="at least 1 thread, got 0"):
        threads_for(0)


def test_threads_take_turns_more_often_while_there_are_several():
    before = sys.getswitchinterval()
    outer = in_order(lambda _: sys.getswitchinterval(), range(9), 2)
    inner = in_order(lambda _: None, range(9), 2)
    next(inner)
    assert list(outer)[-1] < before
    assert sys.getswitchinterval() < before
    inner.close()
    assert sys.getswitchinterval() == before
