"""How well predicted spans match gold ones: the result of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.data.document import ENTITIES
from elman.metrics.counts import Counts
from elman.metrics.intervals import Interval, Intervals, bootstrap, macro_f1
from elman.metrics.matching import count_exact

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.metrics.comparison import Comparison, Unit

SCHEMA = "elman.score/1"
"""The name and version of what ``Result.to_json`` gives."""


@dataclass(frozen=True, eq=False)
class Result:
    """How well predicted spans match gold spans, exactly: same start, end and label.

    Attributes:
        names: the labels.
        counts: units x labels x 3, int32: correct, predicted, support.
        unit: what the units are.
        layer: the layer of spans that was compared.
        ignored: predicted spans that were left out, as they overlap regions that nobody annotated.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int32]
    unit: Unit = "document"
    layer: str = ENTITIES
    ignored: int = 0

    @property
    def micro(self) -> Counts:
        """The counts of all labels together."""
        return Counts(*self.counts.sum(axis=(0, 1), dtype=np.int64).tolist())

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the labels that occur, in gold or predicted; 0.0 if none does."""
        return float(macro_f1(self.counts.sum(axis=0, dtype=np.int64)))

    @property
    def labels(self) -> dict[str, Counts]:
        """The counts of each label, over all units."""
        rows = self.counts.sum(axis=0, dtype=np.int64).tolist()
        return {name: Counts(*row) for name, row in zip(self.names, rows, strict=True)}

    @cached_property
    def intervals(self) -> Intervals | None:
        """95 % bootstrap intervals of F1 over the units; None of fewer than two units, or without labels."""
        return bootstrap(self.counts) if len(self.counts) > 1 and self.names else None

    def to_json(self) -> dict[str, Any]:
        """The result as plain values, ratios as fractions.

        Under ``micro`` and, for each label, under ``labels``: ``precision``, ``recall``, ``f1``,
        ``support``, ``predicted``, ``correct`` and ``interval``, the two ends of F1's. Under ``macro``:
        ``f1`` and ``interval``. Under ``matching``: ``mode``, ``layer``, ``ignored``. Under ``bootstrap``,
        how the intervals came about: ``level``, ``samples``, ``seed``, ``unit``, ``units``. Under
        ``schema`` its name and version. Without intervals ``bootstrap`` and each ``interval`` are None.
        """
        intervals = self.intervals
        by_label = intervals.labels if intervals else (None,) * len(self.names)
        return {
            "schema": SCHEMA,
            "matching": {"mode": "exact", "layer": self.layer, "ignored": self.ignored},
            "micro": _plain(self.micro, intervals.micro if intervals else None),
            "macro": {"f1": self.macro_f1, "interval": list(intervals.macro) if intervals else None},
            "labels": {
                name: _plain(counts, interval)
                for (name, counts), interval in zip(self.labels.items(), by_label, strict=True)
            },
            "bootstrap": None
            if intervals is None
            else {
                "level": intervals.level,
                "samples": intervals.samples,
                "seed": intervals.seed,
                "unit": self.unit,
                "units": intervals.units,
            },
        }


def score(comparison: Comparison) -> Result:
    """Count the spans that match exactly: same unit, start, end and label.

    A span that is given several times counts several times: if it is there g times in gold and p times among
    the predictions, min(g, p) are correct.
    """
    found = comparison
    counts = count_exact(found.gold, found.predicted, found.units, len(found.names))
    return Result(found.names, counts, found.unit, found.layer, found.ignored)


def _plain(counts: Counts, interval: Interval | None) -> dict[str, Any]:
    return {
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "support": counts.support,
        "predicted": counts.predicted,
        "correct": counts.correct,
        "interval": list(interval) if interval else None,
    }
