"""Work on several threads, given out and taken back in order."""

from __future__ import annotations

import os
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def threads_for(threads: int | None) -> int:
    """The number of threads that somebody asked for; None: one for each processor that this process may use.

    Raises:
        UsageError: if it is not positive.
    """
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if threads < 1:
        raise UsageError(f"expected at least 1 thread, got {threads}")
    return threads


class _TakingTurns:
    """While any such block is entered, Python's lock changes hands ten times as often as it does by default.

    A thread that comes back from compiled code, which lets go of the lock, waits for whoever runs Python to give it up:
    5 ms, longer than most of those calls take. Two threads were seen to tag a quarter more words in a second.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._before = 0.0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = sys.getswitchinterval()
                sys.setswitchinterval(min(self._before, _TURN))
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                sys.setswitchinterval(self._before)


_TURN = 0.0005  # seconds
_taking_turns = _TakingTurns()


def in_order(function: Callable[[_Item], _Result], items: Iterable[_Item], threads: int) -> Iterator[_Result]:
    """``map``, on some threads; items are read ahead by one for each.

    A single item, or a single thread, needs no thread of its own. Where ``items`` fails, the results before come first.
    """
    items = iter(items)
    if threads == 1:
        yield from map(function, items)
        return
    waiting: deque[Callable[[], _Result]] = deque()
    failed: Exception | None = None
    with ExitStack() as stack:
        pool: ThreadPoolExecutor | None = None
        while failed is None:
            try:
                item = next(items)
            except StopIteration:
                break
            except Exception as error:  # whatever it is, it is raised in its turn
                failed = error
                break
            if not waiting and pool is None:
                waiting.append(partial(function, item))  # which may be the only one
                continue
            if pool is None:
                stack.enter_context(_taking_turns)
                pool = stack.enter_context(ThreadPoolExecutor(threads, thread_name_prefix="elman"))
                stack.callback(pool.shutdown, wait=False, cancel_futures=True)  # where the caller wants no more
                waiting = deque(pool.submit(result).result for result in waiting)
            waiting.append(pool.submit(function, item).result)
            if len(waiting) > threads:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()
    if failed is not None:
        raise failed
