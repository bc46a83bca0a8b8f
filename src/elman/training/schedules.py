"""Schedules: the share of the full step size at each point of a run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Schedule = Literal["cosine", "linear", "constant"]

SCHEDULES: dict[str, Callable[[float], float]] = {
    # Loshchilov, I. & Hutter, F. (2017). SGDR: stochastic gradient descent with warm restarts. ICLR. One cycle.
    "cosine": lambda progress: (1 + math.cos(math.pi * progress)) / 2,
    "linear": lambda progress: 1 - progress,
    "constant": lambda _: 1.0,
}
"""From progress in [0, 1] to a share in [0, 1]."""


def share(schedule: Schedule, warmup: float, progress: float) -> float:
    """The share of the full step size.

    Args:
        schedule: how it falls.
        warmup: the share of the run over which it first rises, linearly.
        progress: the share of the run that is done, in [0, 1].
    """
    rise = min(1.0, progress / warmup) if warmup else 1.0
    return rise * SCHEDULES[schedule](progress)
