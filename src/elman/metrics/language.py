"""How well a language model foretells text: bits per character, perplexity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.metrics.figure import Figure
from elman.metrics.ratio import ratio, ratio_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from elman.metrics.intervals import Interval

SCHEMA = "elman.language/1"
"""The name and version of what ``LanguageScores.to_json`` gives."""


@dataclass(frozen=True)
class LanguageScores:
    """What some texts cost, each with its end as one more symbol and one more character.

    Attributes:
        bits: of each text minus the binary logarithm of its probability.
        symbols: of each text how many were foretold.
        characters: likewise its characters.
        unknown: how many symbols of all are none that the model knows, and were foretold as unknown.
        words: whether symbols are words, and the figure perplexity; if not, it is bits per character.
    """

    bits: Sequence[float]
    symbols: Sequence[int]
    characters: Sequence[int]
    unknown: int
    words: bool

    @property
    def bits_per_character(self) -> float:
        """Of all texts together. Of words it leaves out how an unknown one is spelt."""
        return ratio(self._units(self.characters))

    @property
    def perplexity(self) -> float:
        """2 to the bits per symbol."""
        return float(2.0 ** ratio(self._units(self.symbols)))

    @cached_property
    def interval(self) -> Interval | None:
        """The 95 % bootstrap interval of the bits per symbol, over texts; of characters it is that of the figure."""
        return ratio_interval(self._units(self.symbols))

    @property
    def figure(self) -> Figure:
        """Bits per character, or of words the perplexity; the larger the worse, so the value is minus that."""
        if self.words:
            return Figure("perplexity", -self.perplexity, f"{self.perplexity:.2f}")
        return Figure("bits per character", -self.bits_per_character, f"{self.bits_per_character:.4f}")

    @property
    def curves(self) -> dict[str, float]:
        """Bits per character."""
        return {"bits per character": self.bits_per_character}

    def to_json(self) -> dict[str, Any]:
        """As plain values; ``interval`` holds the ends of that of the bits per symbol."""
        return {
            "schema": SCHEMA,
            "figure": self.figure._asdict(),
            "bits_per_character": self.bits_per_character,
            "bits_per_symbol": ratio(self._units(self.symbols)),
            "interval": self.interval,
            "perplexity": self.perplexity,
            "texts": len(self.bits),
            "symbols": sum(self.symbols),
            "characters": sum(self.characters),
            "unknown": self.unknown,
        }

    def lines(self) -> Iterator[str]:
        """The figure with its interval, and what it was counted on."""
        kind = "words" if self.words else "characters"
        ends = self.interval
        if self.words:
            within = "" if ends is None else f" (95 %: {2**ends.low:.2f} to {2**ends.high:.2f})"
            yield f"perplexity {self.perplexity:.2f}{within} per word, {self.bits_per_character:.4f} bits per character"
        else:
            within = "" if ends is None else f" (95 %: {ends.low:.4f} to {ends.high:.4f})"
            yield f"{self.bits_per_character:.4f} bits per character{within}, perplexity {self.perplexity:.3f}"
        yield f"{len(self.bits):,} texts, {sum(self.symbols):,} {kind} with an end for each text"
        if self.unknown:
            yield f"{self.unknown:,} {kind} are unknown to the model; how they are spelt is not counted"

    def _units(self, below: Sequence[int]) -> NDArray[np.float64]:
        return np.column_stack((np.asarray(self.bits, np.float64), np.asarray(below, np.float64)))
