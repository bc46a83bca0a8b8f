from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.errors import UsageError
from elman.metrics.matching import count_exact

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNITS, LABELS = 3, 2
Rows = list[tuple[int, int, int, int]]


ROWS = st.lists(
    st.builds(
        lambda unit, start, length, label: (unit, start, start + length, label),
        st.integers(0, UNITS - 1),
        st.integers(0, 3),
        st.integers(1, 4),
        st.integers(0, LABELS - 1),
    ),
    max_size=12,
)


def array(spans: Rows) -> NDArray[np.int64]:
    return np.array(spans, dtype=np.int64).reshape(-1, 4)


def brute_force(gold: Rows, predicted: Rows) -> list[list[list[int]]]:
    """Counting multisets, one cell at a time."""
    return [
        [
            [
                (
                    Counter(span for span in predicted if (span[0], span[3]) == (unit, label))
                    & Counter(span for span in gold if (span[0], span[3]) == (unit, label))
                ).total(),
                sum((span[0], span[3]) == (unit, label) for span in predicted),
                sum((span[0], span[3]) == (unit, label) for span in gold),
            ]
            for label in range(LABELS)
        ]
        for unit in range(UNITS)
    ]


@given(ROWS, ROWS)
def test_counts_equal_brute_force(gold: Rows, predicted: Rows) -> None:
    counts = count_exact(array(gold), array(predicted), UNITS, LABELS)
    assert counts.dtype == np.int32
    assert counts.tolist() == brute_force(gold, predicted)


def test_places_too_many_for_one_integer() -> None:
    end = 2**31 - 1
    gold: Rows = [(0, 0, end, 0), (0, end - 1, end, 1), (2, 5, 6, 1), (2, 5, 6, 1)]
    predicted: Rows = [(0, end - 1, end, 1), (2, 5, 6, 1), (1, 0, end, 0), (0, 0, end - 1, 0)]
    counts = count_exact(array(gold * 2), array(predicted), 2**20, LABELS)
    assert counts[:UNITS].tolist() == brute_force(gold * 2, predicted)
    assert counts.sum(axis=(0, 1)).tolist() == [2, 4, 8]


@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_the_order_of_spans_changes_nothing(gold: Rows, predicted: Rows, random: Any) -> None:
    shuffled = [random.sample(side, len(side)) for side in (gold, predicted)]
    expected = count_exact(array(gold), array(predicted), UNITS, LABELS)
    assert np.array_equal(count_exact(array(shuffled[0]), array(shuffled[1]), UNITS, LABELS), expected)


@pytest.mark.parametrize(("units", "labels"), [(0, 0), (0, 2), (3, 0), (3, 2)])
def test_nothing_to_count(units: int, labels: int) -> None:
    counts = count_exact(array([]), array([]), units, labels)
    assert counts.shape == (units, labels, 3)
    assert not counts.any()


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.int64])
def test_integers_of_any_width(kind: type) -> None:
    spans = np.array([[2, 100, 120, 1], [2, 100, 120, 1]], dtype=kind)
    assert count_exact(spans, spans[:1], UNITS, LABELS)[2, 1].tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    "row",
    [(-1, 0, 1, 0), (3, 0, 1, 0), (0, -1, 1, 0), (0, 1, 1, 0), (0, 0, 2**31, 0), (0, 0, 1, -1), (0, 0, 1, 2)],
)
def test_a_row_that_cannot_be_is_shown(row: tuple[int, int, int, int]) -> None:
    wrong, right = array([(0, 0, 1, 0), row]), array([(0, 0, 1, 0)])
    with pytest.raises(UsageError, match="row 1 of the gold spans"):
        count_exact(wrong, right, UNITS, LABELS)
    with pytest.raises(UsageError, match="row 1 of the predicted spans"):
        count_exact(right, wrong, UNITS, LABELS)


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(UsageError, match="n x 4"):
        count_exact(np.zeros((2, 3), dtype=np.int64), array([]), UNITS, LABELS)
