"""Parts of a batch side by side, each on one thread.

A recurrent network's matrix products are small, and two cores that share one of them mostly wait for each other. So
each core takes a part of the batch instead. torch lets go of Python's lock inside its kernels.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from elman.nn.noise import noise_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from torch import Tensor


SMALLEST_PART = 128
"""Fewer tokens than this are not worth a thread of their own."""


def parts_for(batch_tokens: int, device: torch.device) -> int:
    """How many parts a batch has; not a matter of the cores, so that they do not change a run's result."""
    return 2 if device.type == "cpu" and batch_tokens >= 2 * SMALLEST_PART else 1


class Loss(NamedTuple):
    """The losses of some examples.

    Attributes:
        task: the sum of the task's own losses, by which a run is judged.
        learned: what is minimised: it, and what is learned beside it.
    """

    task: Tensor
    learned: Tensor


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block torch has one thread: products are too small for more, and any number of cores rounds alike."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def workers(threads: int, parts: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """Within the block ``parts`` tasks run side by side on ``threads`` cores; the value maps over tasks in order.

    A task has one thread: where the cores are busy, torch's own threads wait for each other in a loop, and a step of
    this size was seen to take sixteen times as long.
    """
    with one_thread():
        if parts == 1 or threads == 1:
            yield map
        else:
            with ThreadPoolExecutor(parts, thread_name_prefix="elman") as pool:
                yield pool.map


def gradients(
    loss: Callable[[NDArray[Any]], Loss],
    parameters: Sequence[Tensor],
    parts: Sequence[NDArray[Any]],
    seeds: Sequence[int],
    run: Callable[..., Iterator[Any]],
) -> tuple[float, list[Tensor | None]]:
    """The sum of the parts' losses and its gradient.

    Args:
        loss: from a part to the sums of its losses.
        parameters: what to differentiate by.
        parts: of the batch, none of them empty.
        seeds: of the noise in each part.
        run: from ``workers``.

    Returns:
        The task's loss, and for each parameter the gradient of what is learned, or None if nothing depends on it.
    """

    def one(part: NDArray[Any], seed: int) -> tuple[float, tuple[Tensor | None, ...]]:
        with noise_from(seed):
            value = loss(part)
        return value.task.item(), torch.autograd.grad(value.learned, parameters, allow_unused=True)

    values, parted = zip(*run(one, parts, seeds), strict=True)
    summed: list[Tensor | None] = []
    for pieces in zip(*parted, strict=True):
        present = [piece for piece in pieces if piece is not None]
        summed.append(_total(present) if present else None)
    return sum(values), summed


def _total(pieces: list[Tensor]) -> Tensor:
    total = pieces[0]
    for piece in pieces[1:]:
        total = total + piece
    return total.coalesce() if total.is_sparse else total
