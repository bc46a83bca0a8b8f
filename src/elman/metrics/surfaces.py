"""Surface forms: what was found, however often it is mentioned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def count_surfaces(
    gold: Ints,
    predicted: Ints,
    words: tuple[Ints, Ints],
    right: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    units: int,
    labels: int,
) -> Ints:
    """Count different forms, a form being the words and the label of a span (Derczynski et al. 2017, WNUT).

    A form is correct if at least one of its mentions is, in its place. Each form counts once, in the first
    unit where it is right or, if it never is, in the first where it is at all. So the sums over the units are
    the shared task's, and the units can still be drawn anew; such intervals are a little too wide, as the
    other mentions of a form then do not stand in for the first.

    Args:
        gold: n x 4: unit, start, end, label.
        predicted: m x 4, likewise.
        words: for the spans of either side, numbers that are equal for equal words; below 2**31.
        right: which spans of either side have a match in their place.
        units: how many units there are.
        labels: how many labels there are.

    Returns:
        units x labels x 3: different forms that are correct, predicted, and in gold.
    """
    counts = np.zeros((units, labels, 3), np.int64)
    for column, side, number, hit in ((2, gold, words[0], right[0]), (1, predicted, words[1], right[1])):
        form = number * labels + side[:, 3]
        order = np.lexsort((side[:, 0], ~hit, form))
        first = order[np.concatenate([[True], form[order][1:] != form[order][:-1]])[: len(order)]]
        np.add.at(counts[..., column], (side[first, 0], side[first, 3]), 1)
        if column == 2:
            first = first[hit[first]]
            np.add.at(counts[..., 0], (side[first, 0], side[first, 3]), 1)
    return counts
