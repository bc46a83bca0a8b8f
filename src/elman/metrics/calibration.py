"""Whether probabilities are what they say: of all spans with 0.9, nine in ten should be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

Mass = Literal["equal", "width"]
"""How bins are cut: equally many probabilities in each, or equally wide ranges of [0, 1]."""

BINS = 10
"""How many bins, unless the caller says otherwise."""

TEMPERATURES = (0.2, 5.0)
"""The range in which a temperature is looked for."""

_CERTAIN = 1e-12
# A probability of 0 or 1 that was wrong would outweigh all others together.


@dataclass(frozen=True, eq=False)
class Reliability:
    """Probabilities in bins, and how often what they were said of was true (a reliability diagram).

    Bins without a probability are left out.

    Attributes:
        counts: how many probabilities each bin holds, int64.
        probability: the mean of the probabilities in each bin.
        accuracy: the share in each bin that was right.
        low: the least probability in each bin.
        high: the greatest.
        mass: how the bins were cut.
    """

    counts: NDArray[np.int64]
    probability: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mass: Mass

    @property
    def expected_error(self) -> float:
        """The mean distance of accuracy and probability, each bin by its size; in [0, 1], and 0 of nothing.

        The expected calibration error of Naeini, Cooper and Hauskrecht (2015). Of a perfectly calibrated model, too,
        it is above 0, the more so the fewer spans a bin has.
        """
        gaps = np.abs(self.accuracy - self.probability)
        return float((self.counts * gaps).sum() / max(int(self.counts.sum()), 1))

    @property
    def maximum_error(self) -> float:
        """The greatest distance in any bin; 0 of nothing."""
        return float(np.abs(self.accuracy - self.probability).max(initial=0.0))

    def to_json(self) -> dict[str, Any]:
        """The diagram as plain values: ``bins``, a list, and the two errors."""
        columns = (self.low, self.high, self.probability, self.accuracy, self.counts)
        names = ("low", "high", "probability", "accuracy", "count")
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return {
            "mass": self.mass,
            "expected_error": self.expected_error,
            "maximum_error": self.maximum_error,
            "bins": [dict(zip(names, row, strict=True)) for row in rows],
        }


@dataclass(frozen=True, slots=True)
class Brier:
    """The mean squared distance of probability and truth, and what it is made of.

    ``score = reliability - resolution + uncertainty + within``. The first three are from Murphy (1973); they add up
    where all probabilities of a bin are equal, and what is left over where they are not is ``within`` (Stephenson,
    Coelho and Jolliffe 2008).

    Attributes:
        score: in [0, 1], lower is better.
        reliability: the mean squared distance of a bin's accuracy from its probability, at least 0; lower is better.
        resolution: how far the bins' accuracies lie apart, at least 0; higher is better.
        uncertainty: of the task alone: the score of always saying the share that is right.
        within: of differences inside the bins.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


def reliability(probabilities: ArrayLike, correct: ArrayLike, bins: int = BINS, mass: Mass = "equal") -> Reliability:
    """Put probabilities into bins.

    Equal probabilities are always in one bin, so that the order in which they come changes nothing; there may
    therefore be fewer bins than asked for, and not quite equally many probabilities in each.

    Args:
        probabilities: n, each in [0, 1].
        correct: n, whether what each was said of was true.
        bins: at least 1.
        mass: ``equal``: equally many in each; ``width``: equally wide, the upper end included.

    Raises:
        UsageError: if the lengths differ, a probability is outside [0, 1], or there is no bin.
    """
    said, true = checked(probabilities, correct)
    if bins < 1:
        raise UsageError(f"expected at least 1 bin, got {bins}")
    if mass not in ("equal", "width"):
        raise UsageError(f"bins have equal mass ('equal') or equal width ('width'), got {mass!r}")
    values, which, times = np.unique(said, return_inverse=True, return_counts=True)
    if mass == "equal":
        # A value goes where the middle of its run lies among all.
        middle = np.cumsum(times) - times / 2
        of_value = np.minimum(middle * bins / max(len(said), 1), bins - 1).astype(np.int64)
    else:
        of_value = np.clip(np.ceil(values * bins).astype(np.int64) - 1, 0, bins - 1)
    place = of_value[which]
    counts = np.bincount(place, minlength=bins)
    filled = np.flatnonzero(counts)
    first = np.searchsorted(of_value, filled)
    last = np.searchsorted(of_value, filled, side="right") - 1
    # By value: sums over what comes in any order would differ in the last bit.
    sums = np.bincount(of_value, weights=values * times, minlength=bins)[filled]
    right = np.bincount(place, weights=true, minlength=bins)[filled]
    counts = counts[filled]
    return Reliability(counts, sums / counts, right / counts, values[first], values[last], mass)


def expected_calibration_error(
    probabilities: ArrayLike, correct: ArrayLike, bins: int = BINS, mass: Mass = "equal"
) -> float:
    """``Reliability.expected_error``; arguments as for ``reliability``."""
    return reliability(probabilities, correct, bins, mass).expected_error


def brier(probabilities: ArrayLike, correct: ArrayLike, bins: int = BINS, mass: Mass = "equal") -> Brier:
    """The Brier score (1950) and its parts; arguments as for ``reliability``.

    Raises:
        UsageError: as ``reliability`` does, and if there is no probability.
    """
    said, true = checked(probabilities, correct)
    if not len(said):
        raise UsageError("a Brier score needs at least one probability, got none")
    diagram = reliability(said, true, bins, mass)
    shares = diagram.counts / len(said)
    rate = float(true.mean())
    score = float(((said - true) ** 2).mean())
    off = float((shares * (diagram.probability - diagram.accuracy) ** 2).sum())
    apart = float((shares * (diagram.accuracy - rate) ** 2).sum())
    uncertainty = rate * (1 - rate)
    return Brier(score, off, apart, uncertainty, score - off + apart - uncertainty)


def log_loss(probabilities: ArrayLike, correct: ArrayLike, *, smoothed: bool = False) -> float:
    """The sum of ``-log`` of the probability that was given to the truth; a certainty that is wrong costs 27.6.

    Args:
        probabilities: n, each in [0, 1].
        correct: n, whether what each was said of was true.
        smoothed: whether the truth counts as not quite certain: as ``(r + 1) / (r + 2)`` where r of the n were right,
            and ``1 / (w + 2)`` where w were wrong (Platt 1999). So a fit to few answers, all of them right, does not
            end at certainty.

    Raises:
        UsageError: if the lengths differ or a probability is outside [0, 1].
    """
    said, true = checked(probabilities, correct)
    if smoothed:
        right = float(true.sum())
        true = np.where(true > 0, (right + 1) / (right + 2), 1 / (len(true) - right + 2))
    yes, no = (np.log(np.maximum(one, _CERTAIN)) for one in (said, 1 - said))
    return float(-(true * yes + (1 - true) * no).sum())


def fit_temperature(loss: Callable[[float], float], tolerance: float = 0.005) -> float:
    """The temperature with the least loss (Guo, Pleiss, Sun and Weinberger 2017).

    On a logarithmic scale: a coarse grid, and in it, beside the best, a golden-section search. So it is found also
    where the loss has more than one valley, if they are wide.

    Args:
        loss: of a temperature in ``TEMPERATURES``; the negative log-likelihood of the truth, for one.
        tolerance: how far off the result may be, as a fraction of it.

    Returns:
        The temperature, rounded to a thousandth. 1.0 where nothing is better: an equal loss does not move it.

    Raises:
        UsageError: if a loss is not finite.
    """
    seen: dict[float, float] = {}

    def value(at: float) -> float:
        seen[at] = loss(float(np.exp(at)))
        if not np.isfinite(seen[at]):
            raise UsageError(f"the loss at temperature {np.exp(at):g} is {seen[at]}; expected a finite number")
        return seen[at]

    low, high = np.log(TEMPERATURES)
    grid = np.linspace(low, high, 7).tolist()  # its middle is a temperature of 1
    best = min(range(len(grid)), key=lambda at: (value(grid[at]), abs(grid[at])))
    left, right = (grid[min(max(at, 0), len(grid) - 1)] for at in (best - 1, best + 1))
    golden = (5**0.5 - 1) / 2
    first, second = right - golden * (right - left), left + golden * (right - left)
    at_first, at_second = value(first), value(second)
    while right - left > tolerance:
        if at_first <= at_second:
            right, second, at_second = second, first, at_first
            first = right - golden * (right - left)
            at_first = value(first)
        else:
            left, first, at_first = first, second, at_second
            second = left + golden * (right - left)
            at_second = value(second)
    found = min(seen, key=lambda at: (seen[at], abs(at)))
    return round(float(np.exp(found)), 3)


def refine_temperature(loss: Callable[[float], float], near: float) -> float:
    """The temperature with the least loss beside one that is known to be near it, by three looks at the loss.

    Through the losses at that temperature, a tenth below and a tenth above goes a parabola, on a logarithmic scale;
    its lowest point is taken, but nothing further away than two tenths.

    Raises:
        UsageError: if a loss is not finite.
    """
    step = 0.1
    below, here, above = (loss(near * float(np.exp(off))) for off in (-step, 0.0, step))
    if not np.isfinite((below, here, above)).all():
        raise UsageError(
            f"the losses near temperature {near:g} are {below}, {here} and {above}; expected finite numbers"
        )
    bend = above - 2 * here + below
    off = step * (below - above) / (2 * bend) if bend > 0 else step * float(np.sign(below - above))
    return round(near * float(np.exp(np.clip(off, -2 * step, 2 * step))), 3)


def fit_binary_temperature(logits: ArrayLike, correct: ArrayLike) -> float:
    """The temperature of the logits of yes-or-no questions, by likelihood.

    Args:
        logits: n, finite; ``log(p / (1 - p))`` of a probability p.
        correct: n, whether each was true.

    Raises:
        UsageError: if the lengths differ, there is none, or a logit is not finite.
    """
    scores, true = np.asarray(logits, np.float64), np.asarray(correct, np.float64)
    if scores.shape != true.shape or scores.ndim != 1 or not len(scores) or not np.isfinite(scores).all():
        raise UsageError(
            f"expected a finite logit and a truth of each question, got arrays of {scores.shape} and {true.shape}"
        )
    signed = np.where(true > 0, -scores, scores)
    return fit_temperature(lambda temperature: float(np.logaddexp(0.0, signed / temperature).sum()))


def checked(probabilities: ArrayLike, correct: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as arrays of float64.

    Raises:
        UsageError: if the lengths differ, a probability is outside [0, 1], or a truth is neither true nor false.
    """
    said, true = np.asarray(probabilities, np.float64), np.asarray(correct, np.float64)
    if said.shape != true.shape or said.ndim != 1:
        raise UsageError(
            f"expected as many probabilities as truths, in a row each, got arrays of {said.shape} and {true.shape}"
        )
    if not ((said >= 0) & (said <= 1)).all():
        wrong = said[~((said >= 0) & (said <= 1))][0]
        raise UsageError(f"expected probabilities between 0 and 1, got {wrong}")
    if not np.isin(true, (0, 1)).all():
        raise UsageError("expected for each probability whether it was right, as true or false (1 or 0)")
    return said, true
