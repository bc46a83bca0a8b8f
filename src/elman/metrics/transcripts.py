"""How well speech is transcribed: the rates of wrong characters and words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.edits import edit_distance
from elman.metrics.figure import Figure
from elman.metrics.ratio import ratio, ratio_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.metrics.intervals import Interval

SCHEMA = "elman.transcripts/1"
"""The name and version of what ``TranscriptScores.to_json`` gives."""

_RATES = {"characters": "CER", "words": "WER", "recordings": "recordings with an error"}


@dataclass(frozen=True)
class TranscriptScores:
    """Texts, and what was heard in their place.

    A rate is the number of insertions, deletions and substitutions of all recordings together over the number of
    characters, or words, that were said. It can be above 1.

    Attributes:
        gold: what was said in each recording.
        predicted: what was heard.
    """

    gold: Sequence[str]
    predicted: Sequence[str]

    @property
    def cer(self) -> float:
        """The character error rate; blanks between words are characters."""
        return ratio(self._units["characters"])

    @property
    def wer(self) -> float:
        """The word error rate; words are what stands between blanks."""
        return ratio(self._units["words"])

    @property
    def wrong(self) -> float:
        """The share of the recordings with at least one error."""
        return ratio(self._units["recordings"])

    @cached_property
    def intervals(self) -> dict[str, Interval | None]:
        """The 95 % bootstrap intervals of the rates, by ``characters``, ``words`` and ``recordings``."""
        return {name: ratio_interval(units) for name, units in self._units.items()}

    @property
    def figure(self) -> Figure:
        """The character error rate."""
        return Figure("CER", -self.cer, f"{self.cer:.2%}")

    @property
    def curves(self) -> dict[str, float]:
        """The rates."""
        return {"CER": self.cer, "WER": self.wer}

    def to_json(self) -> dict[str, Any]:
        """As plain values, ratios as fractions; ``intervals`` holds their ends."""
        return {
            "schema": SCHEMA,
            "figure": self.figure._asdict(),
            "cer": self.cer,
            "wer": self.wer,
            "wrong": self.wrong,
            "intervals": self.intervals,
            "recordings": len(self.gold),
            "characters": int(self._units["characters"][:, 1].sum()),
            "words": int(self._units["words"][:, 1].sum()),
        }

    def lines(self) -> Iterator[str]:
        """A line for each rate."""
        width = max(map(len, _RATES.values()))
        for name, units in self._units.items():
            interval, below = self.intervals[name], int(units[:, 1].sum())
            within = "" if interval is None else f" (95 %: {interval.low:.2%} to {interval.high:.2%})"
            yield f"{_RATES[name]:{width}}  {ratio(units):.2%}{within} of {below:,} {name}"

    @cached_property
    def _units(self) -> dict[str, NDArray[np.int64]]:
        """Of each recording how many errors, and out of how many."""
        pairs = list(zip(self.gold, self.predicted, strict=True))

        def counted(parts: Callable[[str], Sequence[str]]) -> NDArray[np.int64]:
            rows = [(edit_distance(parts(heard), parts(said)), len(parts(said))) for said, heard in pairs]
            return np.array(rows, np.int64).reshape(-1, 2)

        wrong = [(int(said != heard), 1) for said, heard in pairs]
        return {
            "characters": counted(str),
            "words": counted(str.split),
            "recordings": np.array(wrong, np.int64).reshape(-1, 2),
        }
