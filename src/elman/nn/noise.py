"""Where dropout draws its numbers from.

Every training step computes the parts of its batch on threads of their own. So that the result depends on the seed and
the step alone, and neither on the threads' timing nor on what ran before, each part draws from a generator of its own.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import torch

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

_generator: ContextVar[torch.Generator | None] = ContextVar("generator", default=None)


@contextmanager
def drawn_from(generator: torch.Generator) -> Iterator[None]:
    """Within the block, in this thread, noise comes from this generator; elsewhere from torch's own."""
    token = _generator.set(generator)
    try:
        yield
    finally:
        _generator.reset(token)


def keep_mask(like: Tensor, shape: tuple[int, ...], p: float) -> Tensor:
    """A mask that is 0 with probability p and else 1 / (1 - p), of the given shape, dtype and device as ``like``."""
    return like.new_empty(shape).bernoulli_(1 - p, generator=_generator.get()).div_(1 - p)


def random_mask(like: Tensor, p: float) -> Tensor:
    """A boolean mask of the shape of ``like``, true with probability p."""
    return torch.empty(like.shape, device=like.device).uniform_(generator=_generator.get()) < p


def check_share(p: float, name: str) -> float:
    """Return p if it lies in [0, 1).

    Raises:
        UsageError: if it does not.
    """
    if not 0 <= p < 1:
        raise UsageError(f"{name} has to lie in [0, 1); got {p}")
    return p
