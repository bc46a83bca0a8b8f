"""Gates that are stuck open or shut, and units that never change."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch

from elman.inspection.anatomy import ANATOMY, CELL

if TYPE_CHECKING:
    from torch import Tensor

    from elman.inspection.unrolled import Lane

SHUT, OPEN = 0.05, 0.95
"""A gate below the one or above the other is saturated: its derivative is less than a fifth of its largest."""

STILL = 1e-3
"""A unit whose state has a smaller standard deviation over all tokens is dead."""


def gate_values(lane: Lane, inside: Tensor) -> dict[str, Tensor]:
    """The gates of a lane's steps.

    Args:
        lane: as it ran.
        inside: batch x time, which steps count.

    Returns:
        By gate, steps x hidden; nothing for a cell without gates.
    """
    opened = ANATOMY[type(lane.cell)].opened
    kept: dict[str, list[Tensor]] = {}
    with torch.no_grad():
        for time, (before, after) in enumerate(pairwise(lane.states)):
            for name, values in opened(lane.projected[:, time], before, after, lane.cell).items():
                if name != CELL:
                    kept.setdefault(name, []).append(values[inside[:, time]])
    return {name: torch.cat(values) for name, values in kept.items()}


def saturated(values: Tensor) -> dict[str, float]:
    """The shares of a gate's values that are shut and that are open."""
    return {"shut": float((values < SHUT).double().mean()), "open": float((values > OPEN).double().mean())}


def dead(hidden: Tensor) -> int:
    """How many units do not change from token to token: tokens x hidden."""
    return int((hidden.std(dim=0) < STILL).sum())
