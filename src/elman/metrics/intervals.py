"""How far a score would move on other text of the same kind: bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.errors import UsageError
from elman.metrics.counts import f1

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_BLOCK = 4_000_000
"""Draws that are held at a time."""


class Interval(NamedTuple):
    """A range of scores, both ends included, as fractions."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of F1, and how they came about.

    Attributes:
        micro: of F1 over all spans.
        macro: of the mean of the labels' F1.
        labels: of each label's F1.
        level: how often such an interval holds the truth, as a fraction.
        samples: how often the units were drawn.
        seed: where the random numbers started.
        units: how many units there were to draw from.
    """

    micro: Interval
    macro: Interval
    labels: tuple[Interval, ...]
    level: float
    samples: int
    seed: int
    units: int


def bootstrap(counts: NDArray[np.integer[Any]], samples: int = 2000, level: float = 0.95, seed: int = 1) -> Intervals:
    """Percentile bootstrap intervals of F1.

    Each sample draws as many units as there are, with replacement; the interval is what lies between the
    quantiles of the samples' F1 (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13).
    Whole units are drawn because spans of one document are not independent of each other. From few units,
    below some twenty, intervals are too narrow.

    Args:
        counts: units x labels x 3: correct, predicted, support.
        samples: how often to draw.
        level: how often the interval should hold the truth, in (0, 1).
        seed: the same seed gives the same intervals.

    Raises:
        UsageError: if there are fewer than two units, no label, no sample, or the level is no fraction.
    """
    units, labels, _ = counts.shape
    if units < 2 or labels < 1 or samples < 1 or not 0 < level < 1:
        raise UsageError(
            "an interval needs at least two units, one label, one sample, and a level between 0 and 1, "
            f"got {units}, {labels}, {samples} and {level}"
        )
    scores = np.concatenate([_scores(drawn.reshape(-1, labels, 3)) for drawn in _draws(counts, samples, seed)])
    tails = (1 - level) / 2
    micro, macro, *rest = (Interval(*ends) for ends in np.quantile(scores, (tails, 1 - tails), axis=0).T.tolist())
    return Intervals(micro, macro, tuple(rest), level, samples, seed, units)


def macro_f1(counts: NDArray[np.integer[Any] | np.floating[Any]]) -> NDArray[np.float64]:
    """The mean F1 of the labels that occur, in gold or predicted; 0.0 where none does.

    Args:
        counts: ... x labels x 3: correct, predicted, support.
    """
    occurring = (counts[..., 1] + counts[..., 2] > 0).sum(axis=-1)
    # A label that does not occur has an F1 of 0 and adds nothing to the sum.
    return np.asarray(f1(counts).sum(axis=-1) / np.maximum(occurring, 1), dtype=np.float64)


def _scores(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Micro F1, macro F1 and each label's F1, samples x (2 + labels)."""
    return np.column_stack([f1(counts.sum(axis=1)), macro_f1(counts), f1(counts)])


def _draws(counts: NDArray[np.integer[Any]], samples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Summed counts of samples of the units, block by block, samples x (labels * 3).

    Units with the same counts are interchangeable, so what is drawn is how often each kind of unit comes.
    """
    rows = np.ascontiguousarray(counts.reshape(len(counts), -1))
    # Rows as raw bytes, which NumPy sorts many times faster than rows of numbers.
    raw = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    _, first, times = np.unique(raw, return_index=True, return_counts=True)
    kinds = rows[first].astype(np.float64)  # for the faster product; exact below 2**53
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // len(rows))
    for start in range(0, samples, block):
        yield _weights(rng, times, min(block, samples - start)).astype(np.float64) @ kinds


def _weights(rng: np.random.Generator, times: NDArray[np.intp], samples: int) -> NDArray[np.int64]:
    """How often each kind of unit comes among as many draws as there are units, samples x kinds."""
    kinds, units = len(times), int(times.sum())
    if 4 * kinds < units:  # few kinds, such as sentences without entities: faster than draw by draw
        return rng.multinomial(units, times / units, size=samples)
    drawn = np.repeat(np.arange(kinds), times)[rng.integers(units, size=(samples, units))]
    shifted = drawn + kinds * np.arange(samples)[:, None]
    return np.bincount(shifted.ravel(), minlength=samples * kinds).reshape(samples, kinds)
