"""Where dropout draws its numbers from.

Every training step computes the parts of its batch on threads of their own. So that the result depends on the seed and
the step alone, and neither on the threads' timing nor on what ran before, each part draws from a generator of its own.
NumPy's generators make the numbers, several times as fast as torch's on a processor, and the same on every device.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import numpy as np
import torch

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor

_generator: ContextVar[np.random.Generator | None] = ContextVar("generator", default=None)


@contextmanager
def noise_from(seed: int) -> Iterator[None]:
    """Within the block, in this thread, noise follows from this seed; elsewhere from the state of torch's generator."""
    token = _generator.set(np.random.Generator(np.random.SFC64(seed)))
    try:
        yield
    finally:
        _generator.reset(token)


def keep_mask(like: Tensor, shape: tuple[int, ...], p: float) -> Tensor:
    """A mask that is 0 with probability p and else 1 / (1 - p), of the given shape, dtype and device as ``like``."""
    kept = torch.from_numpy(_draw().random(shape, np.float32) >= p)
    return kept.to(like.device, like.dtype).mul_(1 / (1 - p))


def random_mask(like: Tensor, p: float | NDArray[np.float32]) -> Tensor:
    """A boolean mask of the shape of ``like``, true with probability p, or each with its own."""
    return torch.from_numpy(_draw().random(tuple(like.shape), np.float32) < p).to(like.device)


def normal(like: Tensor) -> Tensor:
    """Numbers of mean 0 and deviation 1, of the shape, dtype and device of ``like``."""
    drawn = torch.from_numpy(_draw().standard_normal(tuple(like.shape), np.float32))
    return drawn.to(like.device, like.dtype)


def check_share(p: float, name: str) -> float:
    """Return p if it lies in [0, 1).

    Raises:
        UsageError: if it does not.
    """
    if not 0 <= p < 1:
        raise UsageError(f"{name} has to lie in [0, 1); got {p}")
    return p


def _draw() -> np.random.Generator:
    generator = _generator.get()
    if generator is None:
        return np.random.Generator(np.random.SFC64(int(torch.randint(2**62, ()))))
    return generator
