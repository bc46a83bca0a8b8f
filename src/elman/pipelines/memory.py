"""Many attempts at the tasks that measure memory, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from elman.inspection.memory_attempt import attempt
from elman.pipelines.side_by_side import check_stop, side_by_side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elman.inspection.memory_attempt import Attempt


class Order(NamedTuple):
    """What is to be tried."""

    task: str
    cell: str
    length: int
    seed: int


def attempts(orders: Iterable[Order], *, steps: int | None = None, jobs: int = 1) -> Iterator[Attempt]:
    """Make attempts, and yield each as it ends.

    Args:
        orders: what to try; each is taken when there is a process free for it.
        steps: updates at most; None for the task's.
        jobs: attempts at a time, a process and a thread each.

    Raises:
        UsageError: if there is no such task or cell, or a length is too small.
    """
    return side_by_side(_attempt, steps, orders, jobs)


def _attempt(steps: int | None, order: Order) -> Attempt:
    return attempt(*order, steps=steps, progress=lambda step, mean: check_stop())  # noqa: ARG005
