"""Work on several threads, given out and taken back in order."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
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
