"""Drawing one of many by their scores: temperature, the k most probable, the nucleus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Sampling:
    """How one is drawn. The order: temperature, then the k most probable, then the nucleus of what is left.

    Attributes:
        temperature: scores are divided by it; below 1 the probable becomes more so; 0 always takes the most probable.
        top_k: only so many of the most probable may be drawn; 0 for all.
        top_p: only the fewest of the most probable that have this probability together; 1 for all. Holtzman, A. et
            al. (2020). The curious case of neural text degeneration. ICLR.

    Raises:
        UsageError: if a number is out of its range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise UsageError(f"expected a temperature of 0 or more, got {self.temperature:g}")
        if self.top_k < 0:
            raise UsageError(f"expected top_k of 0, which is all, or more; got {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise UsageError(f"expected top_p above 0 and at most 1, got {self.top_p:g}")

    def probabilities(self, scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """With which probability each is drawn; of equals the first ones go before the others.

        Args:
            scores: before the softmax, n; -inf for what must not be drawn.
        """
        found = np.zeros(len(scores))
        if not self.temperature:
            found[int(np.argmax(scores))] = 1.0
            return found
        powers = np.exp((scores - scores.max()).astype(np.float64) / self.temperature)
        if not self.top_k and self.top_p == 1:
            return np.asarray(powers / powers.sum())
        order = np.argsort(-powers, kind="stable")[: self.top_k or None]
        kept = powers[order] / powers[order].sum()
        if self.top_p < 1:
            # The one with which the share is reached is in it; a sum that rounds to less than 1 is no reason for more.
            size = int(np.searchsorted(np.cumsum(kept), self.top_p * (1 - 1e-12))) + 1
            order, kept = order[:size], kept[:size]
        found[order] = kept / kept.sum()
        return found

    def draw(self, scores: NDArray[np.floating[Any]], rng: np.random.Generator) -> int:
        """The index of one of them."""
        cumulated = np.cumsum(self.probabilities(scores))
        # The last one that has a probability, where rounding leaves the sum below the number drawn.
        return int(np.searchsorted(cumulated, rng.random() * cumulated[-1], side="right").clip(max=len(scores) - 1))
