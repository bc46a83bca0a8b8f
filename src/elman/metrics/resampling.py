"""Drawing the units of a test set anew, and the intervals that follow: the bootstrap."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.errors import UsageError
from elman.metrics.student import t_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

Statistic = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]
"""From sums over units, n x k, to scores, n x columns; NaN where a score is not defined."""

_BLOCK = 4_000_000
"""Numbers that are held at a time."""

_NORMAL = NormalDist()


class Units(NamedTuple):
    """The units of a test set. Those with the same numbers are interchangeable, and are held once.

    Attributes:
        kinds: the different rows of numbers, kinds x k.
        times: how many units have each.
    """

    kinds: NDArray[np.float64]
    times: NDArray[np.intp]

    @property
    def number(self) -> int:
        """How many units there are."""
        return int(self.times.sum())

    @property
    def total(self) -> NDArray[np.float64]:
        """The sum over the units, 1 x k."""
        return np.asarray(self.times.astype(np.float64) @ self.kinds)[None]


def gather(rows: NDArray[np.integer[Any] | np.floating[Any]]) -> Units:
    """The units of a table with a row for each, units x k; whole numbers below 2**53, or fractions."""
    rows = np.ascontiguousarray(rows)
    if not rows.shape[1]:
        return Units(np.zeros((1, 0)), np.array([len(rows)]))
    # Rows as raw bytes, which NumPy sorts many times faster than rows of numbers.
    raw = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    _, first, times = np.unique(raw, return_index=True, return_counts=True)
    return Units(rows[first].astype(np.float64), times)


def resample(statistic: Statistic, units: Units, samples: int, seed: int) -> NDArray[np.float64]:
    """The statistic of samples of the units, samples x columns.

    Each sample draws as many units as there are, with replacement (Efron and Tibshirani 1993, An Introduction
    to the Bootstrap). The same seed gives the same samples.

    Raises:
        UsageError: if there are fewer than two units, or no sample is asked for.
    """
    if units.number < 2 or samples < 1:
        raise UsageError(
            f"drawing anew needs at least two units and one sample, got {units.number} and {samples}; give more text"
        )
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // max(units.number, units.kinds.shape[1]))
    return np.concatenate(
        [
            statistic(_weights(rng, units.times, min(block, samples - start)).astype(np.float64) @ units.kinds)
            for start in range(0, samples, block)
        ]
    )


def limits(values: NDArray[np.float64], statistic: Statistic, units: Units, level: float = 0.95) -> NDArray[np.float64]:
    """Percentile intervals, widened for what a sample does not show of the spread.

    Between the quantiles of the samples' values at (1 +- level) / 2 the truth lies too seldom: the spread is
    itself an estimate, and from few units, or where a few long documents decide, a poor one. So the quantiles are
    taken further out, by sqrt(n / (n - 1)) for n units, and as Student's t is wider than the normal distribution
    (Hesterberg 2015, What Teachers Should Know About the Bootstrap), here with as many degrees of freedom as the
    estimate of the spread is worth (``_freedom``). Samples in which the statistic is not defined are left out.

    Args:
        values: what ``resample`` gave, samples x columns.
        statistic: what gave it.
        units: that were drawn.
        level: how often an interval is to hold the truth.

    Returns:
        The ends; NaN where the statistic of all units is not defined.

    Raises:
        UsageError: if the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise UsageError(f"the level of an interval has to be between 0 and 1, got {level}")
    estimate = statistic(units.total)[0]
    defined = np.isfinite(values).sum(axis=0)
    freedom = _freedom(statistic, units, estimate)
    ordered = np.sort(values, axis=0)  # NaN last
    stretch = math.sqrt(units.number / (units.number - 1))
    ends = np.full((len(estimate), 2), np.nan)
    for column in np.flatnonzero(np.isfinite(estimate) & (defined > 0)).tolist():
        tail = _NORMAL.cdf(-stretch * t_quantile((1 + level) / 2, int(freedom[column])))
        for side, quantile in enumerate((tail, 1 - tail)):
            place = quantile * (int(defined[column]) - 1)
            one, other = ordered[math.floor(place), column], ordered[math.ceil(place), column]
            ends[column, side] = one + (other - one) * (place - math.floor(place))
    return ends


def _freedom(statistic: Statistic, units: Units, estimate: NDArray[np.float64]) -> NDArray[np.int64]:
    """The degrees of freedom of the spread of each column, between 1 and one less than there are units.

    A variance estimated from n values of kurtosis k itself has the relative variance (k - 1) / n, and a
    chi-square of v degrees of freedom, as a share of v, has 2 / v: they match for v = 2 n / (k - 1). The values
    are what the statistic loses by each unit (the jackknife).
    """
    sums = np.zeros((4, len(estimate)))
    total = units.total
    block = max(1, _BLOCK // max(1, units.kinds.shape[1] + len(estimate)))
    for start in range(0, len(units.times), block):
        piece = slice(start, start + block)
        without = np.nan_to_num(statistic(total - units.kinds[piece]) - estimate)
        times = units.times[piece].astype(np.float64)
        sums += [times @ without**power for power in (1, 2, 3, 4)]
    first, second, third, fourth = sums / units.number
    spread = second - first**2
    tails = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
    known = spread > 1e-12 * second
    kurtosis = np.divide(tails, spread**2, out=np.full_like(spread, 3.0), where=known & (spread**2 > 0))
    worth = 2 * units.number / np.maximum(kurtosis - 1, 1e-6)
    return np.asarray(np.clip(worth, 1, units.number - 1), dtype=np.int64)


def _weights(rng: np.random.Generator, times: NDArray[np.intp], samples: int) -> NDArray[np.int64]:
    """How often each kind of unit comes among as many draws as there are units, samples x kinds."""
    kinds, units = len(times), int(times.sum())
    if 4 * kinds < units:  # few kinds, such as sentences without entities: faster than draw by draw
        return rng.multinomial(units, times / units, size=samples)
    drawn = np.repeat(np.arange(kinds), times)[rng.integers(units, size=(samples, units))]
    shifted = drawn + kinds * np.arange(samples)[:, None]
    return np.bincount(shifted.ravel(), minlength=samples * kinds).reshape(samples, kinds)
