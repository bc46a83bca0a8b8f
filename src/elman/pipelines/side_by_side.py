"""Pieces of work in processes of their own, as many at a time as the caller says.

Two cores that share one training mostly wait for each other; two trainings of one thread each do not.
"""

from __future__ import annotations

import signal
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from multiprocessing.synchronize import Event

Argument = TypeVar("Argument")
Result = TypeVar("Result")

_shared: Any = None
_stop: Event | None = None


def check_stop() -> None:
    """In a piece of work: end it if the caller was interrupted.

    Raises:
        KeyboardInterrupt: if so.
    """
    if _stop is not None and _stop.is_set():
        raise KeyboardInterrupt


def side_by_side(
    work: Callable[[Any, Argument], Result], shared: Any, arguments: Iterable[Argument], jobs: int
) -> Iterator[Result]:
    """Results of pieces of work, as they are ready.

    An argument is taken from ``arguments`` only when a process is free for it, so that a generator of them can look
    at what came before. Interrupted, it has the work under way end at its next ``check_stop``, and waits for that.

    Args:
        work: a function of a module, of what is shared and an argument; with one job it runs in this process.
        shared: what every piece needs; it goes to each process once.
        arguments: of the pieces.
        jobs: how many at a time, at least 1.
    """
    if jobs == 1:
        for argument in arguments:
            yield work(shared, argument)
        return
    # Forked, a process with threads, and torch has some, can stand still for ever.
    context = get_context("spawn")
    stop = context.Event()
    waiting = iter(arguments)
    with ProcessPoolExecutor(jobs, context, _begin, (shared, stop)) as pool:
        running: set[Future[Result]] = set()
        try:
            while True:
                while len(running) < jobs and (found := next(waiting, _NO_MORE)) is not _NO_MORE:
                    running.add(pool.submit(_work, work, found))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


_NO_MORE: Any = object()


def _begin(shared: Any, stop: Event) -> None:
    global _shared, _stop
    # Ctrl-C reaches all processes; only the first one acts on it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shared, _stop = shared, stop


def _work(work: Callable[[Any, Any], Any], argument: Any) -> Any:
    return work(_shared, argument)
