"""How well classes are told: accuracy, and precision, recall and F1 of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.counts import Counts
from elman.metrics.figure import Figure
from elman.metrics.ratio import ratio, ratio_interval
from elman.metrics.report import aligned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.metrics.intervals import Interval

SCHEMA = "elman.classes/1"
"""The name and version of what ``ClassScores.to_json`` gives."""


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

    @property
    def labels(self) -> dict[str, Counts]:
        """The counts of each class that occurs, in gold or predicted."""
        pairs = list(zip(self.gold, self.predicted, strict=True))
        return {
            label: Counts(
                sum(one == other == label for one, other in pairs),
                sum(other == label for _, other in pairs),
                sum(one == label for one, _ in pairs),
            )
            for label in sorted({*self.gold, *self.predicted})
        }

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
            "examples": len(self.gold),
            "labels": {
                label: {
                    "precision": counts.precision,
                    "recall": counts.recall,
                    "f1": counts.f1,
                    "support": counts.support,
                    "predicted": counts.predicted,
                    "correct": counts.correct,
                }
                for label, counts in self.labels.items()
            },
        }

    def lines(self) -> Iterator[str]:
        """The accuracy, and a row for each class."""
        within = "" if self.interval is None else f" (95 %: {self.interval.low:.2%} to {self.interval.high:.2%})"
        yield f"accuracy {self.accuracy:.2%}{within} of {len(self.gold):,} examples"
        yield ""
        rows = []
        for label, counts in self.labels.items():
            ratios = (counts.precision, counts.recall, counts.f1)
            rows.append((label, *(f"{100 * value:.2f}" for value in ratios), f"{counts.support:,}"))
        yield from aligned([("", "precision", "recall", "F1", "support"), *rows])

    @cached_property
    def _units(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        right = [one == other for one, other in zip(self.gold, self.predicted, strict=True)]
        return np.array([[int(one), 1] for one in right], np.int64).reshape(-1, 2)
