"""A system trained several times with different seeds: how its score scatters, and whether another's differs."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import UsageError
from elman.metrics.intervals import Interval
from elman.metrics.student import t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from elman.metrics.score import Result
    from elman.metrics.significance import Measure

_SLACK = 1e-12
"""Differences that are the same but for rounding are the same."""

_BLOCK = 2_000_000
"""Numbers that are held at a time."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """The scores of runs that differ in their seed alone.

    Attributes:
        scores: F1 of each run, fractions.
        level: of the interval.
    """

    scores: tuple[float, ...]
    level: float = 0.95

    @property
    def runs(self) -> int:
        """How many there are."""
        return len(self.scores)

    @property
    def mean(self) -> float:
        """Of the scores."""
        return math.fsum(self.scores) / self.runs

    @property
    def deviation(self) -> float | None:
        """The sample's standard deviation, with n - 1; None of one run."""
        if self.runs < 2:
            return None
        return math.sqrt(math.fsum((score - self.mean) ** 2 for score in self.scores) / (self.runs - 1))

    @property
    def low(self) -> float:
        """The worst score."""
        return min(self.scores)

    @property
    def high(self) -> float:
        """The best score."""
        return max(self.scores)

    @property
    def interval(self) -> Interval | None:
        """Of the mean over all seeds, by Student's t, on this test set; None of one run."""
        if self.deviation is None:
            return None
        reach = t_quantile((1 + self.level) / 2, self.runs - 1) * self.deviation / math.sqrt(self.runs)
        return Interval(self.mean - reach, self.mean + reach)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "runs": self.runs,
            "scores": list(self.scores),
            "mean": self.mean,
            "deviation": self.deviation,
            "low": self.low,
            "high": self.high,
            "interval": None if self.interval is None else list(self.interval),
            "level": self.level,
        }


@dataclass(frozen=True, slots=True)
class SeedDifference:
    """How much better the runs of one system are than those of another, and whether the seeds would do as much.

    Attributes:
        one: the first system's mean F1.
        other: the second's.
        p: how probable it is that a difference of means at least as large, in either direction, comes by chance.
        smallest: the least p that so few runs can give; above the level that is asked for nothing can be shown.
        exact: whether every way to deal out the runs was tried; else samples of them.
        samples: how many ways were tried.
        seed: where the random numbers started.
        runs: how many runs each has.
    """

    one: float
    other: float
    p: float
    smallest: float
    exact: bool
    samples: int
    seed: int
    runs: tuple[int, int]

    @property
    def difference(self) -> float:
        """The first system's mean less the second's."""
        return self.one - self.other

    @property
    def resampled(self) -> str:
        """What was resampled, and what the p value is of: a sentence."""
        ways = f"all {self.samples} ways" if self.exact else f"{self.samples} random ways, seed {self.seed}"
        return (
            f"Permutation test over {self.runs[0]} and {self.runs[1]} training runs, dealt out anew in {ways}; the "
            "null hypothesis is that runs of the two systems scatter alike. The test set stays the same: the p value "
            "says nothing of other text."
        )

    def to_json(self) -> dict[str, Any]:
        """The fields, ``difference`` and ``resampled``, as plain values."""
        return asdict(self) | {
            "runs": list(self.runs),
            "difference": self.difference,
            "resampled": self.resampled,
        }


def over_seeds(results: Sequence[Result | float], *, measure: Measure = "micro", level: float = 0.95) -> Seeds:
    """Mean, deviation and interval of runs that differ in their seed alone.

    What scatters here is the training, not the test set (Reimers and Gurevych 2017, Reporting Score
    Distributions Makes a Difference).

    Args:
        results: of each run, or its F1 as a fraction; at least one.
        measure: micro or macro F1.
        level: of the interval.

    Raises:
        UsageError: if there is no run, or the level is no fraction.
    """
    if not results or not 0 < level < 1:
        raise UsageError(f"expected at least one run and a level between 0 and 1, got {len(results)} and {level}")
    return Seeds(_scores(results, measure), level)


def compare_seeds(
    one: Sequence[Result | float],
    other: Sequence[Result | float],
    samples: int = 10_000,
    seed: int = 1,
    *,
    measure: Measure = "micro",
) -> SeedDifference:
    """Permutation test of two systems' runs (Fisher 1935; Noreen 1989): their scores are dealt out anew.

    Runs are what is resampled. If there are no more than ``samples`` ways to deal them out, p is exact: the
    share of ways with a difference of means at least as large as the one seen, in either direction. Else p is
    (r + 1) / (samples + 1), where r random ways have one.

    Args:
        one: the first system's runs: results, or F1 as fractions.
        other: the second's.
        samples: how many ways to try, at least 1.
        seed: the same seed gives the same p.
        measure: micro or macro F1.

    Raises:
        UsageError: if a system has no run, there are only two runs, or no sample.
    """
    if not one or not other or len(one) + len(other) < 3 or samples < 1:
        raise UsageError(
            "a permutation test needs a run of each system, three in all, and a sample, "
            f"got {len(one)} and {len(other)} runs, {samples} samples"
        )
    sides = [np.array(_scores(side, measure)) for side in (one, other)]
    scores, taken = np.concatenate(sides), len(one)
    means = [float(side.mean()) for side in sides]
    ways = math.comb(len(scores), taken)
    exact = ways <= samples
    if exact:
        dealt = np.array(list(combinations(range(len(scores)), taken)))
        larger, tried = _larger(scores, dealt, abs(means[0] - means[1])), ways
    else:
        rng = np.random.default_rng(seed)
        larger, tried, block = 1, samples + 1, max(1, _BLOCK // len(scores))
        for start in range(0, samples, block):
            drawn = rng.random((min(block, samples - start), len(scores)))
            dealt = np.argsort(drawn, axis=1)[:, :taken]
            larger += _larger(scores, dealt, abs(means[0] - means[1]))
    smallest = (2 if 2 * taken == len(scores) else 1) / ways if exact else 1 / tried
    return SeedDifference(
        means[0], means[1], larger / tried, smallest, exact, ways if exact else samples, seed, (taken, len(other))
    )


def _scores(results: Sequence[Result | float], measure: Measure) -> tuple[float, ...]:
    if measure not in ("micro", "macro"):
        raise UsageError(f"there is no measure {measure!r}; choose micro or macro")
    return tuple(
        float(each) if isinstance(each, int | float) else each.macro_f1 if measure == "macro" else each.micro.f1
        for each in results
    )


def _larger(scores: NDArray[np.float64], dealt: NDArray[np.integer[Any]], seen: float) -> int:
    """How many ways have a difference of means that is not smaller than the one seen."""
    taken = scores[dealt].sum(axis=1)
    count = dealt.shape[1]
    apart = taken / count - (scores.sum() - taken) / (len(scores) - count)
    return int((abs(apart) >= seen - _SLACK).sum())
