from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.inspection.power_law import RATES, PowerLaw, fit, resampled

SIZES = [20, 50, 100, 300, 1000]


@settings(max_examples=40, deadline=None)
@given(st.floats(0.4, 1), st.floats(0, 3), st.sampled_from(RATES.tolist()))
def test_a_fit_without_noise_finds_the_law_again(ceiling, gap, rate):
    law = PowerLaw(ceiling, gap, rate)
    found = fit(SIZES, law(SIZES))
    assert found(SIZES) == pytest.approx(law(SIZES), abs=1e-9)
    if gap > 0.01:
        assert vars(found) == pytest.approx(vars(law), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_no_other_law_within_the_bounds_is_nearer(scores):
    found = fit(SIZES, scores)
    assert found.gap >= 0
    assert found.ceiling <= 1
    error = np.sum((found(SIZES) - scores) ** 2)
    rates, ceilings, gaps, sizes = np.ix_(RATES[::8], np.linspace(0, 1, 21), np.linspace(0, 4, 21), SIZES)
    assert error <= np.min(((ceilings - gaps * sizes**-rates - scores) ** 2).sum(-1)) + 1e-9


def test_the_size_for_a_score_is_where_the_law_has_it():
    law = PowerLaw(0.9, 1.5, 0.4)
    assert law(law.size_for(0.8)) == pytest.approx(0.8)
    assert law.size_for(0.9) == law.size_for(0.95) == float("inf")
    assert PowerLaw(0.7, 0, 0.5).size_for(0.5) == float("inf")


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    law, rng, inside = PowerLaw(0.9, 1.2, 0.45), np.random.default_rng(3), 0
    sizes = np.repeat(SIZES, 3)
    for seed in range(20):
        laws = resampled(sizes, law(sizes) + rng.normal(0, 0.01, len(sizes)), seed)
        low, high = np.quantile([float(one(2000)) for one in laws], [0.025, 0.975])
        inside += low <= law(2000) <= high
    assert inside >= 14


def test_the_same_seed_draws_the_same():
    sizes, scores = np.repeat(SIZES, 2), np.linspace(0.3, 0.9, 10)
    assert resampled(sizes, scores, 5) == resampled(sizes, scores, 5) != resampled(sizes, scores, 6)


def test_too_little_is_refused():
    with pytest.raises(UsageError, match="at least 4 different sizes, got 3"):
        fit([10, 20, 40, 40], [0.1, 0.2, 0.3, 0.4])
    with pytest.raises(UsageError, match="at least two runs at every size"):
        resampled([10, 20, 40, 80], [0.1, 0.2, 0.3, 0.4])
