from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.metrics.counts import Counts, f1

NUMBERS = st.integers(0, 10**9)
COUNTS = st.builds(
    lambda correct, wrong, missed: Counts(correct, correct + wrong, correct + missed),
    NUMBERS,
    NUMBERS,
    NUMBERS,
)


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "score"),
    [
        (Counts(), 0, 0, 0),
        (Counts(0, 3, 0), 0, 0, 0),
        (Counts(0, 0, 3), 0, 0, 0),
        (Counts(0, 2, 3), 0, 0, 0),
        (Counts(3, 3, 3), 1, 1, 1),
        (Counts(1, 2, 4), 1 / 2, 1 / 4, 1 / 3),
    ],
)
def test_ratios(counts: Counts, precision: float, recall: float, score: float) -> None:
    assert (counts.precision, counts.recall, counts.f1) == (precision, recall, score)


@given(COUNTS, st.fractions(0, 1000, max_denominator=1000))
def test_f_beta_is_van_rijsbergens(counts: Counts, beta: Fraction) -> None:
    assume(counts.correct)
    precision = Fraction(counts.correct, counts.predicted)
    recall = Fraction(counts.correct, counts.support)
    expected = (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
    assert counts.f_beta(float(beta)) == pytest.approx(float(expected), rel=1e-12)


@given(COUNTS)
def test_f_beta_goes_from_precision_to_recall(counts: Counts) -> None:
    assert counts.f_beta(0) == counts.precision
    assert counts.f_beta(float("inf")) == counts.recall
    low, high = sorted([counts.precision, counts.recall])
    assert low * (1 - 1e-12) <= counts.f_beta(0.5) <= high * (1 + 1e-12)


@given(st.lists(COUNTS, max_size=5))
def test_counts_add_up(parts: list[Counts]) -> None:
    total = sum(parts, Counts())
    assert total.correct == sum(part.correct for part in parts)
    assert total.predicted == sum(part.predicted for part in parts)
    assert total.support == sum(part.support for part in parts)


@given(st.lists(COUNTS, max_size=5))
def test_f1_of_arrays_equals_f1_of_counts(parts: list[Counts]) -> None:
    array = np.array([[part.correct, part.predicted, part.support] for part in parts]).reshape(-1, 3)
    assert f1(array).tolist() == [part.f1 for part in parts]


@pytest.mark.parametrize("numbers", [(-1, 0, 0), (0, -1, 0), (1, 0, 1), (1, 1, 0), (3, 2, 2)])
def test_impossible_counts_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(UsageError, match="among both"):
        Counts(*numbers)


@pytest.mark.parametrize("beta", [-1.0, float("nan")])
def test_a_beta_below_0_is_refused(beta: float) -> None:
    with pytest.raises(UsageError, match="at least 0"):
        Counts(1, 1, 1).f_beta(beta)
