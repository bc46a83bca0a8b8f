"""Ratios of sums over units, such as an accuracy or an error rate, with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.intervals import Interval
from elman.metrics.resampling import gather, limits, resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLES = 2000
"""How often units are drawn."""


def ratio(units: NDArray[np.integer[Any] | np.floating[Any]]) -> float:
    """The sum of the first column over the sum of the second; 0.0 if that is 0.

    Args:
        units: units x 2.
    """
    above, below = units.sum(axis=0, dtype=np.float64).tolist()
    return above / below if below else 0.0


def ratio_interval(
    units: NDArray[np.integer[Any] | np.floating[Any]], level: float = 0.95, seed: int = 1
) -> Interval | None:
    """The bootstrap interval of ``ratio`` over the units; None of fewer than two units, or where it is not defined."""
    if len(units) < 2 or not units[:, 1].any():
        return None
    gathered = gather(units)
    low, high = limits(resample(_statistic, gathered, SAMPLES, seed), _statistic, gathered, level)[0].tolist()
    return Interval(low, high)


def _statistic(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float64] = sums[:, :1] / sums[:, 1:]
    return found
