"""What is wrong among the surest: risk against coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import UsageError
from elman.metrics.calibration import checked

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """The share of errors among spans with at least some probability, against how many of all spans those are.

    A point for each distinct probability, descending; spans with equal ones come together.

    Attributes:
        threshold: the probability from which on spans are kept.
        coverage: the share of all spans that is kept, in (0, 1], ascending.
        risk: the share of errors among the kept, in [0, 1].
        area: the mean risk over all coverages 1/n, 2/n, ..., 1; of equals, as if in random order. Lower is better
            (El-Yaniv and Wiener 2010; Geifman, Uziel and El-Yaniv 2019).
    """

    threshold: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    area: float

    def coverage_at(self, risk: float) -> float:
        """The greatest coverage whose risk is at most this; 0.0 where there is none."""
        fitting = self.coverage[self.risk <= risk]
        return float(fitting[-1]) if len(fitting) else 0.0

    def to_json(self) -> dict[str, Any]:
        """As plain values: ``area``, and ``points``, each with ``threshold``, ``coverage`` and ``risk``."""
        rows = zip(self.threshold.tolist(), self.coverage.tolist(), self.risk.tolist(), strict=True)
        return {"area": self.area, "points": [{"threshold": t, "coverage": c, "risk": r} for t, c, r in rows]}


def risk_coverage(probabilities: ArrayLike, correct: ArrayLike) -> RiskCoverage:
    """Risk against coverage of spans that are kept by their probability.

    Args:
        probabilities: n, each in [0, 1].
        correct: n, whether each span is right.

    Raises:
        UsageError: if the lengths differ, a probability is outside [0, 1], or there is none.
    """
    said, true = checked(probabilities, correct)
    if not len(said):
        raise UsageError("risk against coverage needs at least one span, got none")
    values, which, times = np.unique(-said, return_inverse=True, return_counts=True)
    wrong = np.bincount(which, weights=1 - true)
    kept, errors = np.cumsum(times), np.cumsum(wrong)
    # Within a run of equals, each next one is wrong with the probability that one of the run is.
    steps = np.repeat(wrong / times, times)
    area = float((np.cumsum(steps) / np.arange(1, len(said) + 1)).mean())
    return RiskCoverage(-values, kept / len(said), errors / kept, area)
