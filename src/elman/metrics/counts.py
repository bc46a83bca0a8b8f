"""What scores are made of: numbers that add up. Precision, recall and F follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Counts:
    """How many spans were right, predicted, and there to be found. Counts add up; ratios do not.

    In some modes of ``score`` these are not spans but tokens, characters or surface forms.

    Every ratio is in [0, 1], and 0.0 where it would divide by zero: precision where nothing was predicted,
    recall where there was nothing to find, F where there was neither. The shared-task scorers do the same.

    Attributes:
        correct: predicted spans that match a gold span, each gold span matched at most once. A number with
            halves where a span may be right in part.
        predicted: all predicted spans.
        support: all gold spans.

    Raises:
        UsageError: if more spans are correct than there are, or a number is negative.
    """

    correct: float = 0
    predicted: int = 0
    support: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.correct <= min(self.predicted, self.support):
            raise UsageError(f"correct spans have to be among both the predicted and the gold ones, got {self}")

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.correct + other.correct, self.predicted + other.predicted, self.support + other.support)

    def to_json(self) -> dict[str, float]:
        """The counts and their ratios, as fractions."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "support": self.support,
            "predicted": self.predicted,
            "correct": self.correct,
        }

    @property
    def precision(self) -> float:
        """The share of the predicted spans that are right."""
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """The share of the gold spans that were found."""
        return self.correct / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return self.f_beta(1.0)

    def f_beta(self, beta: float) -> float:
        """The weighted harmonic mean of precision and recall (van Rijsbergen 1979, chapter 7).

        Args:
            beta: how many times as much recall matters as precision; at least 0, and 0 is precision alone.

        Raises:
            UsageError: if beta is negative.
        """
        if not beta >= 0:
            raise UsageError(f"beta has to be at least 0, got {beta}")
        if self.correct == 0:
            return 0.0
        if beta > 1:  # the same number, and no overflow for a large beta
            weight = 1 / beta**2
            return (1 + weight) * self.correct / (weight * self.predicted + self.support)
        return (1 + beta**2) * self.correct / (self.predicted + beta**2 * self.support)


def f1(counts: NDArray[np.integer[Any] | np.floating[Any]]) -> NDArray[np.float64]:
    """F1 of many counts at once, as ``Counts.f1`` defines it.

    Args:
        counts: ... x 3: correct, predicted, support.
    """
    there = counts[..., 1] + counts[..., 2]
    # Where there is nothing, nothing is correct either, and any divisor gives 0.
    return np.asarray(2.0 * counts[..., 0] / np.maximum(there, 1), dtype=np.float64)
