"""How well labels are told, any number for each example: micro F1, and precision, recall and F1 of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.classes import counts_of, mean_f1, rows_of, table_of
from elman.metrics.counts import Counts
from elman.metrics.figure import Figure
from elman.metrics.ratio import ratio_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.metrics.intervals import Interval

SCHEMA = "elman.label-sets/1"
"""The name and version of what ``LabelSetScores.to_json`` gives."""


@dataclass(frozen=True)
class LabelSetScores:
    """Any number of labels, told for some examples.

    Attributes:
        gold: the labels of each example.
        predicted: what was told.
    """

    gold: Sequence[Sequence[str]]
    predicted: Sequence[Sequence[str]]

    @cached_property
    def labels(self) -> dict[str, Counts]:
        """The counts of each label that occurs, in gold or predicted."""
        return counts_of(self.gold, self.predicted)

    @cached_property
    def micro(self) -> Counts:
        """The counts of all labels together."""
        correct, predicted, support = self._sizes.sum(axis=0).tolist()
        return Counts(correct, predicted, support)

    @cached_property
    def interval(self) -> Interval | None:
        """The 95 % bootstrap interval of micro F1, over examples."""
        correct, predicted, support = self._sizes.T
        return ratio_interval(np.column_stack((2 * correct, predicted + support)))

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the labels that occur."""
        return mean_f1(self.labels)

    @property
    def exact(self) -> float:
        """The share of examples whose labels were told, all of them and no others."""
        right = sum(set(one) == set(other) for one, other in zip(self.gold, self.predicted, strict=True))
        return right / max(len(self.gold), 1)

    @property
    def figure(self) -> Figure:
        """Micro F1."""
        return Figure("micro F1", self.micro.f1, f"{self.micro.f1:.2%}")

    @property
    def curves(self) -> dict[str, float]:
        """The F1 of each label."""
        return {f"{label}/F1": counts.f1 for label, counts in self.labels.items()}

    def to_json(self) -> dict[str, Any]:
        """As plain values, ratios as fractions; ``interval`` holds the ends of micro F1's."""
        return {
            "schema": SCHEMA,
            "figure": self.figure._asdict(),
            "interval": self.interval,
            "macro_f1": self.macro_f1,
            "exact": self.exact,
            "examples": len(self.gold),
            "labels": rows_of(self.labels),
        }

    def lines(self) -> Iterator[str]:
        """Micro F1, and a row for each label."""
        within = "" if self.interval is None else f" (95 %: {self.interval.low:.2%} to {self.interval.high:.2%})"
        yield f"micro F1 {self.micro.f1:.2%}{within} of {len(self.gold):,} examples; macro F1 {self.macro_f1:.2%}"
        yield f"all labels right, and no others: {self.exact:.2%} of the examples"
        yield ""
        yield from table_of(self.labels)

    @cached_property
    def _sizes(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Of each example how many labels are right, told, and there: examples x 3."""
        pairs = zip(map(set, self.gold), map(set, self.predicted), strict=True)
        rows = [(len(one & other), len(other), len(one)) for one, other in pairs]
        return np.array(rows, np.int64).reshape(-1, 3)
