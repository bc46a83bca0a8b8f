from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.metrics.counts import Counts
from elman.metrics.score import Result
from elman.metrics.significance import contests, holm, paired_bootstrap, randomisation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.metrics.significance import Measure


def results(*counts: NDArray[np.int32], names: tuple[str, ...] = ("A", "B")) -> list[Result]:
    return [Result(names[: each.shape[1]], each) for each in counts]


def drawn(rng: np.random.Generator, units: int, labels: int = 2, recall: float = 0.8) -> list[Result]:
    """Two systems that are equally good on the same gold."""
    support = rng.poisson(rng.gamma(1.0, 3.0, size=(units, 1)), size=(units, labels))
    hard = rng.beta(8 * recall, 8 * (1 - recall), size=(units, 1))
    counts = []
    for _ in range(2):
        correct = rng.binomial(support, hard)
        counts.append(np.stack([correct, correct + rng.poisson(0.2 * support), support], axis=-1).astype(np.int32))
    return results(*counts)


def f1_of(counts: NDArray[np.int32], measure: Measure) -> Fraction:
    """Of counts of units x labels x 3, without rounding."""
    rows = counts.sum(axis=0).tolist()
    if measure == "micro":
        rows = [[sum(column) for column in zip(*rows, strict=True)]]
    each = [Fraction(2 * c, p + s) for c, p, s in rows if p + s]
    return sum(each, Fraction(0)) / max(1, len(each))


def exact_p(one: Result, other: Result, measure: Measure) -> float:
    """Trade the two outputs on every set of units."""
    pairs = [one.counts, other.counts]
    seen = abs(f1_of(pairs[0], measure) - f1_of(pairs[1], measure))
    ways = list(product((0, 1), repeat=len(pairs[0])))
    larger = 0
    for way in ways:
        sides = [np.array([pairs[side ^ trade][unit] for unit, trade in enumerate(way)]) for side in (0, 1)]
        larger += abs(f1_of(sides[0], measure) - f1_of(sides[1], measure)) >= seen
    return larger / len(ways)


@given(seed=st.integers(0, 10**6), units=st.integers(2, 6), measure=st.sampled_from(["micro", "macro"]))
@settings(max_examples=25, deadline=None)
def test_randomisation_of_few_units_tries_every_trade(seed: int, units: int, measure: Measure) -> None:
    one, other = drawn(np.random.default_rng(seed), units)
    found = randomisation(one, other, 64, measure=measure)
    assert found.exact
    assert found.p == pytest.approx(exact_p(one, other, measure))
    assert found.difference == pytest.approx(
        float(f1_of(one.counts, measure) - f1_of(other.counts, measure))  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("measure", ["micro", "macro"])
def test_samples_come_close_to_every_trade(measure: Measure) -> None:
    one, other = drawn(np.random.default_rng(11), 16, recall=0.5)
    apart = int((one.counts != other.counts).any(axis=(1, 2)).sum())
    exact, sampled = (randomisation(one, other, 2**apart - less, measure=measure) for less in (0, 1))
    assert 8 < apart < 16
    assert exact.exact
    assert not sampled.exact
    assert sampled.p == pytest.approx(exact.p, abs=0.03)


def test_units_that_are_alike_are_still_apart() -> None:
    # Twelve units in which one system finds what the other misses: two of 2**12 trades are as extreme.
    right, wrong = np.full((12, 1, 3), 1, np.int32), np.tile(np.int32([0, 0, 1]), (12, 1, 1))
    one, other = results(right, wrong)
    assert randomisation(one, other, 4096).p == 2 / 4096
    assert randomisation(one, other, 4095).p == pytest.approx(3 / 4096, abs=3 / 4096)


def by_the_book(one: Result, other: Result, samples: int) -> tuple[float, float, float]:
    """Draw the units of both, one by one: p, and the quantiles of the difference."""
    rng = np.random.default_rng(5)
    differences = []
    for at in [range(len(one.counts)), *rng.integers(len(one.counts), size=(samples, len(one.counts)))]:
        sides = [Counts(*side.counts[at].sum(axis=(0, 1)).tolist()).f1 for side in (one, other)]
        differences.append(sides[0] - sides[1])
    seen, *rest = differences
    far = sum(abs(each - seen) >= abs(seen) for each in rest)
    low, high = np.quantile(rest, (0.025, 0.975))
    return far / samples, float(low), float(high)


def test_the_paired_bootstrap_equals_one_by_the_book() -> None:
    one, other = drawn(np.random.default_rng(2), 80)
    found = paired_bootstrap(one, other, 4000)
    p, low, high = by_the_book(one, other, 2000)
    assert found.p == pytest.approx(p, abs=0.04)
    # The interval has corrections beside, so it is near only.
    assert found.interval == pytest.approx((low, high), abs=0.15 * (high - low))


@pytest.mark.parametrize("test", [randomisation, paired_bootstrap])
def test_a_system_does_not_differ_from_itself(test) -> None:  # type: ignore[no-untyped-def]
    one, _ = drawn(np.random.default_rng(3), 30)
    found = test(one, one, 200)
    assert (found.p, found.difference, found.interval) == (1.0, 0.0, (0.0, 0.0))


@pytest.mark.parametrize("test", [randomisation, paired_bootstrap])
def test_a_large_difference_is_found_and_has_a_direction(test) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(4)
    one, _ = drawn(rng, 60)
    worse = one.counts.copy()
    worse[:, :, 0] //= 2
    (other,) = results(worse)
    found, back = test(one, other, 500), test(other, one, 500)
    assert found.p == back.p == 1 / 501
    assert found.interval.low > 0
    assert back.interval == pytest.approx((-found.interval.high, -found.interval.low), abs=0.02)
    assert back.difference == -found.difference


@pytest.mark.parametrize("test", [randomisation, paired_bootstrap])
def test_under_the_null_it_rejects_as_often_as_it_says(test) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(9)
    p = np.array([test(*drawn(rng, 100, 1), 199, seed).p for seed in range(120)])
    # Binomial limits of 120 trials: as many are exceeded in less than one of a thousand cases.
    for level, most in ((0.01, 6), (0.05, 14), (0.1, 23)):
        assert (p <= level).sum() <= most
    assert (p <= 0.1).sum() >= 2


def test_labels_that_one_system_alone_has() -> None:
    rng = np.random.default_rng(6)
    one, other = drawn(rng, 6)
    wider = np.insert(other.counts, 1, 0, axis=1)
    wider[:, 1, 1] = rng.integers(3, size=6)
    found = randomisation(one, Result(("A", "AB", "B"), wider), 64)
    padded = np.insert(one.counts, 1, 0, axis=1)
    assert found.p == pytest.approx(exact_p(*results(padded, wider, names=("A", "AB", "B")), "micro"))


def test_it_says_what_was_resampled() -> None:
    one, other = drawn(np.random.default_rng(7), 20)
    assert "over 20 documents" in randomisation(one, other, 50, seed=3).resampled
    assert "50 random ways, seed 3" in randomisation(one, other, 50, seed=3).resampled
    assert "equally good" in paired_bootstrap(one, other, 50).resampled
    few = drawn(np.random.default_rng(7), 4)
    assert "all 16 ways" in randomisation(*few, 50).resampled
    values = randomisation(one, other, 50).to_json()
    assert values["difference"] == values["one"] - values["other"]
    assert values["interval"] == list(randomisation(one, other, 50).interval)


def test_what_cannot_be_compared() -> None:
    one, other = drawn(np.random.default_rng(8), 5)
    with pytest.raises(UsageError, match="one result has 5 documents, the other 4"):
        randomisation(one, Result(other.names, other.counts[:4]))
    with pytest.raises(UsageError, match="the unit of one result is 'document', of the other 'sentence'"):
        randomisation(one, Result(other.names, other.counts, "sentence"))
    with pytest.raises(UsageError, match="the mode of one"):
        randomisation(one, Result(other.names, other.counts, mode="type"))
    wrong = other.counts.copy()
    wrong[2, 1, 2] += 1
    with pytest.raises(UsageError, match="gold is not the same: document 3 has the spans"):
        paired_bootstrap(one, Result(other.names, wrong))
    with pytest.raises(UsageError, match="at least two units"):
        randomisation(*results(one.counts[:1], other.counts[:1]))
    with pytest.raises(UsageError, match="one sample"):
        paired_bootstrap(one, other, 0)
    with pytest.raises(UsageError, match="no measure 'weighted'"):
        randomisation(one, other, measure="weighted")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no test 't'"):
        contests({"one": one, "other": other}, "t")  # type: ignore[arg-type]


def test_contests_are_all_pairs_with_the_correction() -> None:
    rng = np.random.default_rng(10)
    one, other = drawn(rng, 40)
    worse = one.counts.copy()
    worse[:, :, 0] //= 2
    systems = {"one": one, "other": other, "worse": results(worse)[0]}
    found = contests(systems, samples=300)
    assert [(each.one, each.other) for each in found] == list(combinations(systems, 2))
    assert [each.p for each in found] == holm([each.difference.p for each in found])
    assert found[1].p == pytest.approx(3 / 301)
    boot = contests(systems, "bootstrap", samples=300)
    assert {each.difference.test for each in boot} == {"bootstrap"}
    assert contests({"one": one}) == []


def test_holm_as_in_the_paper() -> None:
    # Holm 1979 rejects in order: p(1) at a / 3, p(2) at a / 2, p(3) at a, and stops at the first that fails.
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.02, 0.9]) == pytest.approx([0.04, 0.9])
    assert holm([]) == []


@given(st.lists(st.floats(0.0001, 1), max_size=6), st.floats(0.001, 0.5))
@settings(max_examples=50, deadline=None)
def test_holm_rejects_what_the_stepwise_rule_rejects(p: list[float], level: float) -> None:
    rejected: set[int] = set()
    for rank, at in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        if p[at] * (len(p) - rank) > level:
            break
        rejected.add(at)
    assert {at for at, corrected in enumerate(holm(p)) if corrected <= level} == rejected
