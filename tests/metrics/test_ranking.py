from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.metrics.ranking import average_precision

ranked = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=9).filter(
    lambda rows: any(sought for _, sought in rows)
)


def by_definition(rows):
    """For each threshold: how much recall it gains over the threshold before, times its precision."""
    total = sum(sought for _, sought in rows)
    area = recall = 0.0
    for threshold in sorted({score for score, _ in rows}, reverse=True):
        above = [sought for score, sought in rows if score >= threshold]
        area += (sum(above) / total - recall) * sum(above) / len(above)
        recall = sum(above) / total
    return area


@settings(max_examples=100, deadline=None)
@given(ranked)
def test_equals_the_definition(rows):
    assert average_precision(*zip(*rows, strict=True)) == pytest.approx(by_definition(rows), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(ranked, st.randoms())
def test_the_order_of_the_input_changes_nothing(rows, random):
    before = average_precision(*zip(*rows, strict=True))
    random.shuffle(rows)
    assert average_precision(*zip(*rows, strict=True)) == pytest.approx(before, abs=1e-12)


def test_by_hand():
    assert average_precision([3, 2, 1], [True, False, True]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([1, 2, 3], [False, False, True]) == 1.0
    assert average_precision([np.inf, 0, -np.inf], [False, True, False]) == 0.5
    assert average_precision([7, 7, 7, 7], [True, False, False, False]) == 0.25  # all tied: the base rate


def test_without_ties_it_is_the_mean_precision_at_what_is_sought():
    for order in permutations([True, True, False, False]):
        precisions = [sum(order[: at + 1]) / (at + 1) for at in range(4) if order[at]]
        assert average_precision([4, 3, 2, 1], order) == pytest.approx(np.mean(precisions))


@pytest.mark.parametrize(
    ("scores", "sought", "said"),
    [
        ([1.0], [True, False], "truth value for each"),
        ([[1.0]], [[True]], "truth value for each"),
        ([1.0, float("nan")], [True, False], "score 1 is NaN"),
        ([1.0, 2.0], [False, False], "nothing here is"),
        ([], [], "nothing here is"),
    ],
)
def test_what_cannot_be_ranked(scores, sought, said):
    with pytest.raises(UsageError, match=said):
        average_precision(scores, sought)
