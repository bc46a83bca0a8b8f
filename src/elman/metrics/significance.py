"""Whether one system is better than another, or the test set made it look so: paired tests over its units."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np

from elman.errors import UsageError
from elman.metrics.counts import f1
from elman.metrics.intervals import Interval, macro_f1
from elman.metrics.resampling import gather, limits, resample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from elman.metrics.comparison import Unit
    from elman.metrics.score import Result

Measure = Literal["micro", "macro"]
"""F1 over all spans, or the mean F1 of the labels that occur."""

Test = Literal["randomisation", "bootstrap"]
"""How the p value comes about."""

_SLACK = 1e-12
"""Differences that are the same but for rounding are the same."""

_DRAWN = 2000
"""Samples for the interval of a difference whose p value is by randomisation."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better one system is than another on the same units, and whether chance would do as much.

    Attributes:
        one: the first system's F1, a fraction.
        other: the second's.
        p: how probable it is that a difference at least as large, in either direction, comes by chance.
        interval: of ``one - other``, by the bootstrap over the units.
        test: which one.
        exact: whether every way to shuffle was tried; else samples of them.
        measure: which F1.
        level: of the interval.
        samples: how often was shuffled or drawn.
        seed: where the random numbers started.
        unit: what the units are.
        units: how many there are.
    """

    one: float
    other: float
    p: float
    interval: Interval
    test: Test
    exact: bool
    measure: Measure
    level: float
    samples: int
    seed: int
    unit: Unit
    units: int

    @property
    def difference(self) -> float:
        """The first system's F1 less the second's."""
        return self.one - self.other

    @property
    def resampled(self) -> str:
        """What was resampled, and what the p value is of: a sentence."""
        over = f"{self.units} {self.unit}s"
        if self.test == "randomisation":
            ways = f"all {self.samples} ways" if self.exact else f"{self.samples} random ways, seed {self.seed}"
            return (
                f"Paired randomisation over {over}: in each the two systems' outputs trade places or not, in {ways}; "
                "the null hypothesis is that it makes no difference which system an output is from."
            )
        return (
            f"Paired bootstrap over {over}, {self.samples} samples, seed {self.seed}: the null hypothesis is that the "
            "two systems are equally good on all text of the kind, and the differences of samples are shifted to it."
        )

    def to_json(self) -> dict[str, Any]:
        """The fields, ``difference`` and ``resampled``, as plain values."""
        return asdict(self) | {
            "interval": list(self.interval),
            "difference": self.difference,
            "resampled": self.resampled,
        }


class Contest(NamedTuple):
    """Two of several systems.

    Attributes:
        one: the name of the first.
        other: the name of the second.
        difference: between them.
        p: the p value, corrected for the number of pairs.
    """

    one: str
    other: str
    difference: Difference
    p: float


def randomisation(
    one: Result,
    other: Result,
    samples: int = 10_000,
    seed: int = 1,
    *,
    measure: Measure = "micro",
    level: float = 0.95,
) -> Difference:
    """Paired approximate randomisation (Noreen 1989, chapter 2; Yeh 2000, More accurate tests).

    The null hypothesis is that the two systems' outputs on a unit could as well have been traded: in each
    shuffle they are, in a random half of the units, and p is the share of shuffles that make a difference at
    least as large as the one seen, in either direction, (r + 1) / (samples + 1) for r of them. Where there are
    no more than ``samples`` ways to trade the units on which the systems differ, all are tried, and p is exact.

    Args:
        one: the first system's result.
        other: the second's, on the same units.
        samples: how often to shuffle, at least 1.
        seed: the same seed gives the same p.
        measure: micro or macro F1.
        level: of the interval of the difference, which is by the bootstrap (as ``resampling.limits`` has it).

    Raises:
        UsageError: if the results are not of the same units, there are fewer than two, or no sample.
    """
    pairs = _paired(one, other, measure)
    apart = (pairs[:, 0] - pairs[:, 1]).reshape(len(pairs), -1)
    apart = apart[apart.any(axis=1)]
    score = _SCORES[measure]
    total = pairs.sum(axis=(0, 1)).ravel().astype(np.float64)
    seen = abs(float(np.subtract(*score(pairs.sum(axis=0, dtype=np.float64)).tolist())))
    exact = 2 ** min(len(apart), 62) <= samples
    if exact:
        patterns = np.arange(2 ** len(apart))[:, None] >> np.arange(len(apart)) & 1
        larger, ways = _larger(patterns * 2 - 1, apart, total, seen, score), len(patterns)
    else:
        kinds = gather(apart)
        rng = np.random.default_rng(seed)
        larger, ways, block = 1, samples + 1, max(1, 2_000_000 // len(kinds.times))
        for start in range(0, samples, block):
            shape = min(block, samples - start), len(kinds.times)
            signs = 2 * rng.binomial(kinds.times, 0.5, size=shape) - kinds.times
            larger += _larger(signs, kinds.kinds, total, seen, score)
    drawn = _bootstrapped(pairs, measure, min(samples, _DRAWN), seed, level)
    tried = ways if exact else samples
    return _difference(one, pairs, larger / ways, drawn[1], "randomisation", exact, measure, level, tried, seed)


def paired_bootstrap(
    one: Result,
    other: Result,
    samples: int = 10_000,
    seed: int = 1,
    *,
    measure: Measure = "micro",
    level: float = 0.95,
) -> Difference:
    """Paired bootstrap, in both directions (Berg-Kirkpatrick et al. 2012, Statistical Significance in NLP).

    Units are drawn with replacement, and both systems are scored on the same draw. The null hypothesis is that
    the systems' F1 on all text of the kind is the same. Samples scatter around the difference seen and not
    around none, so they are shifted: p is the share of samples whose difference is at least as far from the one
    seen as that is from zero, (r + 1) / (samples + 1) for r of them. Unlike randomisation this lets systems
    differ in other ways, such as precision against recall, or in how much units scatter.

    Args:
        one: the first system's result.
        other: the second's, on the same units.
        samples: how often to draw, at least 1.
        seed: the same seed gives the same p.
        measure: micro or macro F1.
        level: of the interval of the difference (as ``resampling.limits`` has it).

    Raises:
        UsageError: if the results are not of the same units, there are fewer than two, or no sample.
    """
    pairs = _paired(one, other, measure)
    values, interval = _bootstrapped(pairs, measure, samples, seed, level)
    seen = float(np.subtract(*_SCORES[measure](pairs.sum(axis=0, dtype=np.float64)).tolist()))
    p = (1 + int((abs(values - seen) >= abs(seen) - _SLACK).sum())) / (samples + 1)
    return _difference(one, pairs, p, interval, "bootstrap", False, measure, level, samples, seed)


def contests(
    results: Mapping[str, Result],
    test: Test = "randomisation",
    samples: int = 10_000,
    seed: int = 1,
    *,
    measure: Measure = "micro",
) -> list[Contest]:
    """Every pair of several systems, in the order given, with Holm's correction for the number of pairs.

    Args:
        results: of each system by its name, all on the same units.
        test: randomisation, or bootstrap.
        samples: of each test.
        seed: of each test.
        measure: micro or macro F1.

    Raises:
        UsageError: if there is no such test, or the results are not of the same units.
    """
    if test not in get_args(Test):
        raise UsageError(f"there is no test {test!r}; choose {' or '.join(get_args(Test))}")
    run = randomisation if test == "randomisation" else paired_bootstrap
    pairs = list(combinations(results, 2))
    found = [run(results[one], results[other], samples, seed, measure=measure) for one, other in pairs]
    corrected = holm([each.p for each in found])
    return [Contest(*pair, each, p) for pair, each, p in zip(pairs, found, corrected, strict=True)]


def holm(p: Sequence[float]) -> list[float]:
    """P values corrected for their number, in the order given (Holm 1979).

    To reject what is at most a, corrected, is wrong for any of them in at most a share a of all cases.
    """
    corrected = [0.0] * len(p)
    highest = 0.0
    for rank, at in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        highest = max(highest, min(1.0, (len(p) - rank) * p[at]))
        corrected[at] = highest
    return corrected


def _micro(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return f1(counts.sum(axis=-2))


_SCORES = {"micro": _micro, "macro": macro_f1}


def _paired(one: Result, other: Result, measure: Measure) -> NDArray[Any]:
    """The counts of both, units x 2 x labels x 3, over the labels of either; labels as one for micro."""
    if measure not in _SCORES:
        raise UsageError(f"there is no measure {measure!r}; choose {' or '.join(_SCORES)}")
    for what in ("unit", "layer", "mode"):
        if getattr(one, what) != getattr(other, what):
            raise UsageError(
                f"the {what} of one result is {getattr(one, what)!r}, of the other {getattr(other, what)!r}; "
                "compare what was scored alike"
            )
    if len(one.counts) != len(other.counts):
        raise UsageError(
            f"one result has {len(one.counts)} {one.unit}s, the other {len(other.counts)}; "
            "score both systems on the same gold"
        )
    names = sorted({*one.names, *other.names})
    kind = np.result_type(one.counts, other.counts)
    pairs = np.zeros((len(one.counts), 2, len(names), 3), kind)
    for side, result in enumerate((one, other)):
        pairs[:, side, [names.index(name) for name in result.names]] = result.counts
    unequal = (pairs[:, 0, :, 2] != pairs[:, 1, :, 2]).any(axis=1)
    if unequal.any():
        at = int(np.argmax(unequal))
        gold = [dict(zip(names, side[:, 2].tolist(), strict=True)) for side in pairs[at]]
        raise UsageError(
            f"gold is not the same: {one.unit} {at + 1} has the spans {gold[0]} in one result and {gold[1]} in the "
            "other; score both systems on the same gold"
        )
    return pairs.sum(axis=2, keepdims=True) if measure == "micro" else pairs


def _larger(signs: NDArray[Any], apart: NDArray[Any], total: NDArray[np.float64], seen: float, score: Any) -> int:
    """How many shuffles make a difference that is not smaller than the one seen.

    Args:
        signs: shuffles x kinds: of each kind of unit how many stay, less how many trade.
        apart: kinds x (labels * 3), one system's counts less the other's.
        total: both systems' counts together.
        seen: the difference.
        score: from counts to F1.
    """
    shift = signs.astype(np.float64) @ apart.astype(np.float64)
    sides = [score(((total + way * shift) / 2).reshape(len(shift), -1, 3)) for way in (1, -1)]
    return int((abs(sides[0] - sides[1]) >= seen - _SLACK).sum())


def _bootstrapped(
    pairs: NDArray[Any], measure: Measure, samples: int, seed: int, level: float
) -> tuple[NDArray[np.float64], Interval]:
    """The differences of samples of the units, and the interval of the difference."""

    def difference(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        scores = _SCORES[measure](sums.reshape(len(sums), 2, -1, 3))
        return scores[:, :1] - scores[:, 1:]

    units = gather(pairs.reshape(len(pairs), -1))
    values = resample(difference, units, samples, seed)
    (ends,) = limits(values, difference, units, level).tolist()
    return values[:, 0], Interval(*ends)


def _difference(
    one: Result,
    pairs: NDArray[Any],
    p: float,
    interval: Interval,
    test: Test,
    exact: bool,
    measure: Measure,
    level: float,
    samples: int,
    seed: int,
) -> Difference:
    first, second = _SCORES[measure](pairs.sum(axis=0, dtype=np.float64)).tolist()
    return Difference(
        first, second, p, interval, test, exact, measure, level, samples, seed, unit=one.unit, units=len(pairs)
    )
