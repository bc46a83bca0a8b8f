"""How well utterances are understood: their slots, their intent, and the whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.figure import Figure
from elman.metrics.ratio import ratio, ratio_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.metrics.classes import ClassScores
    from elman.metrics.intervals import Interval
    from elman.metrics.score import Result

SCHEMA = "elman.slots/1"
"""The name and version of what ``SlotScores.to_json`` gives."""


@dataclass(frozen=True)
class SlotScores:
    """Slots and intents of some utterances.

    Attributes:
        slots: how well spans were found.
        intents: how well intents were told.
        whole: of each utterance whether its intent is right and its slots are just those of gold.
    """

    slots: Result
    intents: ClassScores
    whole: tuple[bool, ...]

    @property
    def sentence_accuracy(self) -> float:
        """The share of the utterances of which all is right: of which what a program would do is right."""
        return ratio(self._units)

    @cached_property
    def interval(self) -> Interval | None:
        """The 95 % bootstrap interval of the sentence accuracy."""
        return ratio_interval(self._units)

    @property
    def figure(self) -> Figure:
        """The mean of slot F1, intent accuracy and sentence accuracy.

        The last alone is what counts in the end, but on a small dev set it stands still while the other two grow.
        """
        mean = (self.slots.micro.f1 + self.intents.accuracy + self.sentence_accuracy) / 3
        return Figure("mean score", mean, f"{mean:.2%}")

    @property
    def curves(self) -> dict[str, float]:
        """The three that the figure is the mean of."""
        return {
            "slots/F1": self.slots.micro.f1,
            "intent/accuracy": self.intents.accuracy,
            "sentence/accuracy": self.sentence_accuracy,
        }

    def to_json(self) -> dict[str, Any]:
        """As plain values: ``slots`` as spans are scored, ``intents`` as classes are."""
        return {
            "schema": SCHEMA,
            "figure": self.figure._asdict(),
            "sentence_accuracy": self.sentence_accuracy,
            "interval": self.interval,
            "examples": len(self.whole),
            "slots": self.slots.to_json(),
            "intents": self.intents.to_json(),
        }

    def lines(self) -> Iterator[str]:
        """The three figures, and a table each of slots and intents."""
        within = "" if self.interval is None else f" (95 %: {self.interval.low:.2%} to {self.interval.high:.2%})"
        yield f"all right: {self.sentence_accuracy:.2%}{within} of {len(self.whole):,} sentences"
        yield f"slots: F1 {self.slots.micro.f1:.2%}"
        yield ""
        yield from self.slots.lines()
        yield ""
        yield f"intents: {next(self.intents.lines())}"
        yield from list(self.intents.lines())[1:]

    @cached_property
    def _units(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.array([[int(right), 1] for right in self.whole], np.int64).reshape(-1, 2)
