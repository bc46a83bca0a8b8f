"""How well the frames of series are labelled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.classes import ClassScores
from elman.metrics.ratio import ratio_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.metrics.figure import Figure
    from elman.metrics.intervals import Interval

SCHEMA = "elman.frames/1"
"""The name and version of what ``FrameScores.to_json`` gives."""


@dataclass(frozen=True)
class FrameScores:
    """A label for each frame of some series.

    Attributes:
        gold: of each series its labels.
        predicted: of each series what was told.
    """

    gold: Sequence[Sequence[str]]
    predicted: Sequence[Sequence[str]]

    @cached_property
    def classes(self) -> ClassScores:
        """The frames of all series together."""
        gold, predicted = ([label for series in side for label in series] for side in (self.gold, self.predicted))
        return ClassScores(gold, predicted)

    @cached_property
    def interval(self) -> Interval | None:
        """The 95 % bootstrap interval of the accuracy over series, whose frames are alike; None of a single series."""
        rows = [
            (sum(one == other for one, other in zip(gold, told, strict=True)), len(gold))
            for gold, told in zip(self.gold, self.predicted, strict=True)
        ]
        return ratio_interval(np.array(rows, np.int64).reshape(-1, 2))

    @cached_property
    def macro_f1(self) -> float:
        """The mean F1 of the classes that occur."""
        found = [counts.f1 for counts in self.classes.labels.values()]
        return sum(found) / len(found) if found else 0.0

    @property
    def figure(self) -> Figure:
        """The accuracy over all frames."""
        return self.classes.figure

    @property
    def curves(self) -> dict[str, float]:
        """The F1 of each class."""
        return self.classes.curves

    def to_json(self) -> dict[str, Any]:
        """As plain values, ratios as fractions; ``interval`` is over series."""
        return self.classes.to_json() | {
            "schema": SCHEMA,
            "interval": self.interval,
            "macro_f1": self.macro_f1,
            "examples": len(self.gold),
            "frames": len(self.classes.gold),
        }

    def lines(self) -> Iterator[str]:
        """The accuracy, the classes' mean F1, and a row for each class."""
        within = "" if self.interval is None else f" (95 %: {self.interval.low:.2%} to {self.interval.high:.2%})"
        accuracy = self.classes.accuracy
        yield f"accuracy {accuracy:.2%}{within} of {len(self.classes.gold):,} frames in {len(self.gold):,} series"
        yield f"mean F1 of the classes {self.macro_f1:.2%}"
        yield from list(self.classes.lines())[1:]
