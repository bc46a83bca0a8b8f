import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.metrics.risk import risk_coverage

ANSWERS = st.lists(st.tuples(st.sampled_from((0.0, 0.1, 0.5, 0.6, 1.0)), st.booleans()), min_size=1, max_size=7)


def test_a_curve_by_hand():
    curve = risk_coverage([0.9, 0.8, 0.8, 0.3], [True, True, False, False])
    assert curve.threshold.tolist() == [0.9, 0.8, 0.3]
    assert curve.coverage.tolist() == [0.25, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 1 / 3, 0.5])
    assert curve.area == pytest.approx((0 + 0.5 / 2 + 1 / 3 + 2 / 4) / 4)
    assert [curve.coverage_at(risk) for risk in (0.0, 0.4, 0.5)] == [0.25, 0.75, 1.0]
    assert curve.to_json()["points"][0] == {"threshold": 0.9, "coverage": 0.25, "risk": 0.0}


@settings(max_examples=12, deadline=None)
@given(ANSWERS)
def test_points_are_what_is_kept_and_the_area_is_the_mean_over_random_orders(answers):
    said = np.array([p for p, _ in answers])
    true = np.array([y for _, y in answers])
    curve = risk_coverage(said, true)
    for threshold, coverage, risk in zip(curve.threshold, curve.coverage, curve.risk, strict=True):
        kept = said >= threshold
        assert coverage == pytest.approx(kept.mean())
        assert risk == pytest.approx(1 - true[kept].mean())
    # The order of equals drawn many times: errors among the first k are hypergeometric within a run, linear in mean.
    areas = []
    rng = np.random.default_rng(0)
    for _ in range(200):
        order = np.lexsort((rng.random(len(said)), -said))
        wrong = np.cumsum(~true[order])
        areas.append((wrong / np.arange(1, len(said) + 1)).mean())
    assert curve.area == pytest.approx(np.mean(areas), abs=0.12)
    assert risk_coverage(said[::-1], true[::-1]).area == pytest.approx(curve.area, abs=1e-12)


def test_where_no_risk_is_small_enough_nothing_is_covered():
    assert risk_coverage([0.9], [False]).coverage_at(0.5) == 0.0


def test_of_nothing_there_is_no_curve():
    with pytest.raises(UsageError, match="at least one span"):
        risk_coverage([], [])
