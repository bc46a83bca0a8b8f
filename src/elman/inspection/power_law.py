"""A power law through scores at growing sizes of a training set, and what it says of sizes beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

RATES = np.geomspace(0.05, 2.0, 80)
"""The exponents that are tried."""

FEWEST = 4
"""Sizes that a curve of three numbers needs."""

RESAMPLES = 1000
"""Of the bootstrap."""


@dataclass(frozen=True)
class PowerLaw:
    """score(n) = ceiling - gap * n ** -rate, which never falls and never passes 1.

    Cortes, C., Jackel, L. D., Solla, S. A., Vapnik, V. & Denker, J. S. (1994). Learning curves: asymptotic values and
    rate of convergence. NIPS.

    Attributes:
        ceiling: what it tends to, at most 1.
        gap: at least 0.
        rate: out of ``RATES``.
    """

    ceiling: float
    gap: float
    rate: float

    def __call__(self, sizes: ArrayLike) -> NDArray[np.float64]:
        """Scores at these sizes."""
        scores: NDArray[np.float64] = self.ceiling - self.gap * np.asarray(sizes, np.float64) ** -self.rate
        return scores

    def size_for(self, score: float) -> float:
        """The size at which it reaches a score; infinite if it does not."""
        if score >= self.ceiling or self.gap == 0:
            return float("inf")
        return float((self.gap / (self.ceiling - score)) ** (1 / self.rate))


def fit(sizes: ArrayLike, scores: ArrayLike) -> PowerLaw:
    """The power law with the least squared error.

    For a given rate it is a line in n ** -rate, of which the best within the bounds is known in closed form; all
    ``RATES`` are tried.

    Args:
        sizes: of training sets, above 0; one for each run.
        scores: in [0, 1].

    Raises:
        UsageError: if there are fewer than ``FEWEST`` different sizes.
    """
    return _fit_all(np.asarray(sizes, np.float64), np.asarray(scores, np.float64)[None])[0]


def resampled(sizes: ArrayLike, scores: ArrayLike, seed: int = 1) -> list[PowerLaw]:
    """Power laws through scores as they might have come out: the bootstrap over runs.

    At each size as many runs as there are are drawn from those there; their distances from the mean are widened by
    sqrt(k / (k - 1)), as the spread of k runs is too small by that. What this does not hold: whether scores follow a
    power law at all.

    Args:
        sizes: one for each run; at each size at least two.
        scores: in [0, 1].
        seed: of the draws.

    Raises:
        UsageError: if there are too few sizes, or a size has only one run.
    """
    x, y = np.asarray(sizes, np.float64), np.asarray(scores, np.float64)
    rng = np.random.default_rng(seed)
    drawn = np.empty((RESAMPLES, len(y)))
    for size in np.unique(x):
        here = np.flatnonzero(x == size)
        if len(here) < 2:
            raise UsageError("an interval needs at least two runs at every size; give more seeds")
        mean, widened = y[here].mean(), np.sqrt(len(here) / (len(here) - 1))
        picks = rng.integers(0, len(here), (RESAMPLES, len(here)))
        drawn[:, here] = mean + widened * (y[here][picks] - mean)
    return _fit_all(x, drawn)


def _fit_all(x: NDArray[np.float64], scores: NDArray[np.float64]) -> list[PowerLaw]:
    """The best power law of each row of scores."""
    if len(np.unique(x)) < FEWEST:
        raise UsageError(f"a learning curve needs at least {FEWEST} different sizes, got {len(np.unique(x))}")
    best: list[Any] = [np.full(len(scores), np.inf)] + [np.zeros(len(scores)) for _ in range(3)]
    mean = scores.mean(1)
    for rate in RATES:
        shrunk = x**-rate
        away = shrunk - shrunk.mean()
        gap = np.maximum(0, -(scores - mean[:, None]) @ away / (away @ away))
        ceiling = mean + gap * shrunk.mean()
        # At the bound the best gap is that of a line through 1.
        bound = np.maximum(0, (1 - scores) @ shrunk / (shrunk @ shrunk))
        gap, ceiling = np.where(ceiling > 1, bound, gap), np.minimum(ceiling, 1)
        error = ((scores - ceiling[:, None] + gap[:, None] * shrunk) ** 2).sum(1)
        better = error < best[0]
        for kept, new in zip(best, (error, ceiling, gap, rate), strict=True):
            kept[better] = np.broadcast_to(new, len(scores))[better]
    return [PowerLaw(*map(float, row)) for row in zip(*best[1:], strict=True)]
