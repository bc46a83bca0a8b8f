from __future__ import annotations

from itertools import combinations
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.metrics.score import Result
from elman.metrics.seeds import compare_seeds, over_seeds

SCORES = st.lists(st.integers(0, 100).map(lambda score: score / 100), min_size=1, max_size=5)


def test_five_runs() -> None:
    found = over_seeds([0.90, 0.91, 0.92, 0.90, 0.91])
    assert (found.runs, found.low, found.high) == (5, 0.90, 0.92)
    assert found.mean == pytest.approx(0.908)
    assert found.deviation == pytest.approx(0.0083666)
    # t of 4 degrees of freedom, 97.5 %, as printed in tables: 2.776.
    reach = 2.776 * 0.0083666 / 5**0.5
    assert found.interval == pytest.approx((0.908 - reach, 0.908 + reach), abs=2e-6)
    assert found.to_json()["interval"] == list(found.interval or ())


@given(SCORES)
@settings(max_examples=30, deadline=None)
def test_mean_and_deviation_are_the_sample_s(scores: list[float]) -> None:
    found = over_seeds(scores)
    assert found.mean == pytest.approx(mean(scores))
    if len(scores) == 1:
        assert found.deviation is found.interval is found.to_json()["interval"] is None
    else:
        assert found.deviation == pytest.approx(stdev(scores), abs=1e-12)


def test_results_give_their_f1() -> None:
    counts = np.zeros((2, 2, 3), np.int32)
    counts[0, 0], counts[1, 1] = (1, 1, 1), (0, 1, 3)
    result = Result(("A", "B"), counts)
    assert over_seeds([result, 0.5]).scores == (result.micro.f1, 0.5)
    assert over_seeds([result], measure="macro").scores == (0.5,)


def exact_p(one: list[float], other: list[float]) -> float:
    """Deal out the runs in every way."""
    scores = [*one, *other]
    seen = abs(mean(one) - mean(other))
    ways = list(combinations(range(len(scores)), len(one)))
    larger = 0
    for way in ways:
        rest = [score for at, score in enumerate(scores) if at not in way]
        larger += abs(mean(scores[at] for at in way) - mean(rest)) >= seen - 1e-9
    return larger / len(ways)


@given(SCORES, SCORES)
@settings(max_examples=40, deadline=None)
def test_few_runs_are_dealt_out_in_every_way(one: list[float], other: list[float]) -> None:
    if len(one) + len(other) < 3:
        return
    found = compare_seeds(one, other)
    assert found.exact
    assert found.p == pytest.approx(exact_p(one, other))
    assert found.p >= found.smallest
    assert found.difference == pytest.approx(mean(one) - mean(other))


def test_the_least_p_of_few_runs() -> None:
    assert compare_seeds([0.9, 0.91, 0.92], [0.1, 0.11, 0.12]).p == compare_seeds([0.9] * 3, [0.1] * 3).smallest == 0.1
    assert compare_seeds([0.9], [0.1, 0.11]).smallest == pytest.approx(1 / 3)


def test_many_runs_are_sampled() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(0.9, 0.01, 8).tolist(), rng.normal(0.907, 0.01, 8).tolist()
    exact, sampled = compare_seeds(one, other, 20_000), compare_seeds(one, other, 5000)
    assert exact.exact
    assert exact.samples == 12870
    assert not sampled.exact
    assert sampled.p == pytest.approx(exact.p, abs=0.02)
    assert compare_seeds(one, other, 5000) == sampled
    assert "all 12870 ways" in exact.resampled
    assert "5000 random ways, seed 1" in sampled.resampled
    assert "says nothing of other text" in sampled.to_json()["resampled"]


def test_what_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="at least one run"):
        over_seeds([])
    with pytest.raises(UsageError, match="level between 0 and 1"):
        over_seeds([0.5], level=1.0)
    with pytest.raises(UsageError, match="no measure 'weighted'"):
        over_seeds([0.5], measure="weighted")  # type: ignore[arg-type]
    for one, other, samples in (([], [0.5, 0.6], 10), ([0.5], [0.6], 10), ([0.5, 0.5], [0.6], 0)):
        with pytest.raises(UsageError, match="three in all"):
            compare_seeds(one, other, samples)
