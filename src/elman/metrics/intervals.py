"""How far a score would move on other text of the same kind: bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.errors import UsageError
from elman.metrics.counts import f1
from elman.metrics.resampling import gather, limits, resample

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Interval(NamedTuple):
    """A range of scores, both ends included, as fractions."""

    low: float
    high: float


class Ranges(NamedTuple):
    """Intervals of one ratio.

    Attributes:
        micro: over all spans.
        labels: of each label.
    """

    micro: Interval
    labels: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of scores, and how they came about.

    Attributes:
        micro: of F1 over all spans.
        macro: of the mean of the labels' F1.
        labels: of each label's F1.
        precision: of the precision over all spans, and of each label.
        recall: of the recall over all spans, and of each label.
        level: how often such an interval holds the truth, as a fraction.
        samples: how often the units were drawn.
        seed: where the random numbers started.
        units: how many units there were to draw from.
    """

    micro: Interval
    macro: Interval
    labels: tuple[Interval, ...]
    precision: Ranges
    recall: Ranges
    level: float
    samples: int
    seed: int
    units: int


def bootstrap(
    counts: NDArray[np.integer[Any] | np.floating[Any]], samples: int = 2000, level: float = 0.95, seed: int = 1
) -> Intervals:
    """Bootstrap intervals of F1, precision and recall: percentiles, widened for few and uneven units.

    Each sample draws as many units as there are, with replacement; ``resampling.limits`` says what becomes of
    the samples. Whole units are drawn because spans of one document are not independent of each other. An
    interval speaks of units of the same kind. It cannot know of errors that no unit shows: where all is right,
    its ends are both 1. From few units, below some twenty, intervals are too narrow.

    Args:
        counts: units x labels x 3: correct, predicted, support.
        samples: how often to draw.
        level: how often the interval should hold the truth, in (0, 1).
        seed: the same seed gives the same intervals.

    Raises:
        UsageError: if there are fewer than two units, no label, no sample, or the level is no fraction.
    """
    number, labels, _ = counts.shape
    if number < 2 or labels < 1 or samples < 1 or not 0 < level < 1:
        raise UsageError(
            "an interval needs at least two units, one label, one sample, and a level between 0 and 1, "
            f"got {number}, {labels}, {samples} and {level}"
        )
    units = gather(counts.reshape(number, -1))
    ends = limits(resample(_scores, units, samples, seed), _scores, units, level)
    macro, *rest = (Interval(*pair) for pair in ends.tolist())
    f, precision, recall = (
        Ranges(rest[at], tuple(rest[at + 1 : at + 1 + labels])) for at in range(0, len(rest), labels + 1)
    )
    return Intervals(f.micro, macro, f.labels, precision, recall, level, samples, seed, number)


def macro_f1(counts: NDArray[np.integer[Any] | np.floating[Any]]) -> NDArray[np.float64]:
    """The mean F1 of the labels that occur, in gold or predicted; 0.0 where none does.

    Args:
        counts: ... x labels x 3: correct, predicted, support.
    """
    occurring = (counts[..., 1] + counts[..., 2] > 0).sum(axis=-1)
    # A label that does not occur has an F1 of 0 and adds nothing to the sum.
    return np.asarray(f1(counts).sum(axis=-1) / np.maximum(occurring, 1), dtype=np.float64)


def _scores(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Macro F1; micro F1 and each label's F1; the same of precision, and of recall; n x (4 + 3 labels)."""
    counts = sums.reshape(len(sums), -1, 3)
    each = np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)  # n x (1 + labels) x 3
    # Where there is nothing, nothing is correct either, and any divisor gives 0.
    shares = [each[..., 0] / np.maximum(each[..., at], 1) for at in (1, 2)]
    return np.column_stack([macro_f1(counts), f1(each), *shares])
