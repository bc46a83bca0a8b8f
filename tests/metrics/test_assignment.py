from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.metrics.assignment import pair_labels_first, pair_most

Row = tuple[int, int, int, bool]
ROWS = st.lists(
    st.builds(
        lambda start, length, label, predicted: (start, start + length, label, predicted),
        st.integers(0, 8),
        st.integers(1, 5),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=10,
)


def columns(rows: list[Row]) -> tuple[Any, ...]:
    array = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return array[:, 0], array[:, 1], array[:, 2], array[:, 3].astype(bool)


def best(rows: list[Row], labels_first: bool) -> tuple[int, int]:
    """Over all pairings: most equal labels, if they come first, and then most pairs."""
    gold = [row for row in rows if not row[3]]
    predicted = [row for row in rows if row[3]]

    @cache
    def tried(at: int, used: int) -> tuple[int, int]:
        if at == len(gold):
            return 0, 0
        start, end, label, _ = gold[at]
        found = tried(at + 1, used)
        for other, (begin, stop, name, _) in enumerate(predicted):
            if not used >> other & 1 and begin < end and start < stop:
                equal, pairs = tried(at + 1, used | 1 << other)
                found = max(found, (equal + (labels_first and name == label), pairs + 1))
        return found

    return tried(0, 0)


def told(rows: list[Row], partner: Any, labels_first: bool) -> tuple[int, int]:
    """What a pairing has, after a look at each pair."""
    pairs = [(at, other) for at, other in enumerate(partner.tolist()) if other >= 0]
    for at, other in pairs:
        assert partner[other] == at
        assert rows[at][3] != rows[other][3]
        assert rows[at][0] < rows[other][1]
        assert rows[other][0] < rows[at][1]
    equal = sum(rows[at][2] == rows[other][2] for at, other in pairs) if labels_first else 0
    return equal // 2, len(pairs) // 2


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_no_pairing_has_more_pairs(rows: list[Row]) -> None:
    assert told(rows, pair_most(*columns(rows)), False) == best(rows, False)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_no_pairing_has_more_equal_labels_or_as_many_and_more_pairs(rows: list[Row]) -> None:
    alone = np.zeros(len(rows), np.int64)
    assert told(rows, pair_labels_first(*columns(rows), alone), True) == best(rows, True)


def test_groups_are_paired_apart() -> None:
    # In each group the first pair of equal labels leaves the other two spans alone, and the second does not.
    rows = [(0, 4, 0, False), (5, 9, 0, False), (3, 6, 0, True), (8, 10, 1, True)]
    moved = [
        (start + 20 * group, end + 20 * group, label, side) for group in range(3) for start, end, label, side in rows
    ]
    partner = pair_labels_first(*columns(moved), np.repeat(np.arange(3), 4))
    assert partner.tolist() == [at + 4 * group for group, at in product(range(3), (2, 3, 0, 1))]


def test_a_long_chain_is_turned_over() -> None:
    # Spans that each overlap the next; labels first pair the inner ones, and the ends stay free.
    size = 400
    rows = [(2 * at, 2 * at + 3, (at + 1) // 2, bool(at % 2)) for at in range(size)]
    assert told(rows, pair_labels_first(*columns(rows), np.zeros(size, np.int64)), True) == (
        size // 2 - 1,
        size // 2 - 1,
    )
    same = [(start, end, 0, side) for start, end, _, side in rows]
    assert told(same, pair_labels_first(*columns(same), np.zeros(size, np.int64)), True) == (size // 2, size // 2)
