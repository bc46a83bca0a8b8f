"""How many edits make one sequence of another, and the error rates that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def edit_distance(one: Sequence[object], other: Sequence[object]) -> int:
    """The least number of insertions, deletions and substitutions from one sequence to another.

    Levenshtein, V. (1966). Binary codes capable of correcting deletions, insertions, and reversals. Soviet Physics
    Doklady 10.
    """
    row = list(range(len(other) + 1))
    for at, item in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, against in enumerate(other, 1):
            best = min(row[place] + 1, row[place - 1] + 1, before + (item != against))
            before, row[place] = row[place], best
    return row[-1]


def nearest(predicted: Sequence[object], golds: Sequence[Sequence[object]]) -> tuple[int, int]:
    """The distance to the gold sequence that a prediction is nearest to, and that one's length.

    Of several as near the longest counts, whose rate is the lowest.

    Raises:
        ValueError: if there is no gold sequence.
    """
    distance, negative = min((edit_distance(predicted, gold), -len(gold)) for gold in golds)
    return distance, -negative
