"""How well classes are told, one for each example: accuracy, and precision, recall and F1 of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.counts import Counts
from elman.metrics.figure import Figure
from elman.metrics.ratio import ratio, ratio_interval
from elman.metrics.report import aligned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from elman.metrics.intervals import Interval

SCHEMA = "elman.classes/1"
"""The name and version of what ``ClassScores.to_json`` gives."""


LARGEST = 12
"""Of so many classes at most the whole table of confusions is shown; of more, the most frequent ones."""


@dataclass(frozen=True)
class ClassScores:
    """One class each, told for some examples.

    Attributes:
        gold: the class of each example.
        predicted: what was told.
    """

    gold: Sequence[str]
    predicted: Sequence[str]

    @property
    def accuracy(self) -> float:
        """The share of examples whose class was told."""
        return ratio(self._units)

    @cached_property
    def interval(self) -> Interval | None:
        """The 95 % bootstrap interval of the accuracy."""
        return ratio_interval(self._units)

    @cached_property
    def labels(self) -> dict[str, Counts]:
        """The counts of each class that occurs, in gold or predicted."""
        return counts_of([(one,) for one in self.gold], [(one,) for one in self.predicted])

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the classes that occur."""
        return mean_f1(self.labels)

    @cached_property
    def confusions(self) -> Counter[tuple[str, str]]:
        """How often each class, first, was told to be each class, second."""
        return Counter(zip(self.gold, self.predicted, strict=True))

    @property
    def figure(self) -> Figure:
        """The accuracy."""
        return Figure("accuracy", self.accuracy, f"{self.accuracy:.2%}")

    @property
    def curves(self) -> dict[str, float]:
        """The F1 of each class."""
        return {f"{label}/F1": counts.f1 for label, counts in self.labels.items()}

    def to_json(self) -> dict[str, Any]:
        """As plain values, ratios as fractions; ``interval`` holds the ends of the accuracy's."""
        return {
            "schema": SCHEMA,
            "figure": self.figure._asdict(),
            "accuracy": self.accuracy,
            "interval": self.interval,
            "macro_f1": self.macro_f1,
            "examples": len(self.gold),
            "labels": rows_of(self.labels),
            "confusions": [[*pair, times] for pair, times in sorted(self.confusions.items())],
        }

    def lines(self) -> Iterator[str]:
        """The accuracy, a row for each class, and what was taken for what."""
        within = "" if self.interval is None else f" (95 %: {self.interval.low:.2%} to {self.interval.high:.2%})"
        yield f"accuracy {self.accuracy:.2%}{within} of {len(self.gold):,} examples; macro F1 {self.macro_f1:.2%}"
        yield ""
        yield from table_of(self.labels)
        if len(self.confusions) > sum(one == other for one, other in self.confusions):
            yield ""
            yield from self._matrix() if len(self.labels) <= LARGEST else self._frequent()

    def _matrix(self) -> Iterator[str]:
        yield "confusions: a row for each class, a column for what was told"
        rows = [
            (gold, *(f"{self.confusions[gold, told]:,}" for told in self.labels))
            for gold, counts in self.labels.items()
            if counts.support
        ]
        yield from aligned([("", *self.labels), *rows])

    def _frequent(self) -> Iterator[str]:
        wrong = Counter({pair: times for pair, times in self.confusions.items() if pair[0] != pair[1]})
        yield f"confusions: the most frequent of {len(wrong):,}"
        rows = [(gold, told, f"{times:,}") for (gold, told), times in wrong.most_common(LARGEST)]
        yield from aligned([("class", "told", "times"), *rows])

    @cached_property
    def _units(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        right = [one == other for one, other in zip(self.gold, self.predicted, strict=True)]
        return np.array([[int(one), 1] for one in right], np.int64).reshape(-1, 2)


def counts_of(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, Counts]:
    """The counts of each label that occurs, in gold or predicted.

    Args:
        gold: of each example its labels.
        predicted: likewise, what was told.
    """
    correct, told, there = Counter[str](), Counter[str](), Counter[str]()
    for one, other in zip(map(set, gold), map(set, predicted), strict=True):
        correct.update(one & other)
        told.update(other)
        there.update(one)
    return {label: Counts(correct[label], told[label], there[label]) for label in sorted({*told, *there})}


def mean_f1(labels: Mapping[str, Counts]) -> float:
    """The mean F1 of labels; 0.0 of none."""
    return sum(counts.f1 for counts in labels.values()) / max(len(labels), 1)


def rows_of(labels: Mapping[str, Counts]) -> dict[str, dict[str, float]]:
    """The counts of labels as plain values, ratios as fractions."""
    return {label: counts.to_json() for label, counts in labels.items()}


def table_of(labels: Mapping[str, Counts]) -> Iterator[str]:
    """The counts of labels as a table."""
    rows = []
    for label, counts in labels.items():
        ratios = (counts.precision, counts.recall, counts.f1)
        rows.append((label, *(f"{100 * value:.2f}" for value in ratios), f"{counts.support:,}"))
    yield from aligned([("", "precision", "recall", "F1", "support"), *rows])
