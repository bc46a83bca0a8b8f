"""Which gold span stands for which predicted one, where a match need not be exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from elman.metrics.assignment import pair_labels_first, pair_most

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

PairedMode = Literal["strict", "type", "partial", "boundaries"]
PAIRED: tuple[PairedMode, ...] = get_args(PairedMode)
"""The modes that pair each span with at most one of the other side that it overlaps."""

VERDICTS = ("correct", "incorrect", "partial", "missed", "spurious")
"""What becomes of a span, in the order of the columns of ``Result.verdicts``."""
CORRECT, INCORRECT, PARTIAL, MISSED, SPURIOUS = range(5)


def pair_spans(gold: Ints, predicted: Ints, mode: PairedMode) -> Ints:
    """Pair gold spans one to one with predicted spans that they overlap.

    Of all pairings the one with the most credit is taken, where a correct pair has 1 and a partial one 1/2;
    of those the one with the most incorrect pairs, so that as few spans as possible are missed and spurious;
    of those the one with the most correct pairs. In ``type`` that takes an assignment. In the other modes
    spans that are the same can be paired first, as each can replace the other in any pair, and what is left
    has no better and worse pairs. The order of the rows changes nothing.

    Args:
        gold: n x 4: unit, start, end, label.
        predicted: m x 4, likewise.
        mode: the mode.

    Returns:
        For each gold span the row of its partner, or -1; n, int64.
    """
    both = np.concatenate([gold, predicted])
    guessed = np.arange(len(both)) >= len(gold)
    unit, start, end, label = both.T
    width = 1 + int(end.max(initial=0))
    shift = unit * width
    start, end = start + shift, end + shift
    partner = np.full(len(both), -1, np.int64)
    free = np.arange(len(both))
    if mode != "type":
        for kind in (label, None)[: 1 if mode == "strict" else 2]:
            columns = (start, end - start) if kind is None else (start, end - start, kind)
            one, other = _equals(_ranks(*(column[free] for column in columns)), guessed[free])
            partner[free[one]], partner[free[other]] = free[other], free[one]
            free = free[partner[free] < 0]
    group, simple, hard = _groups(start[free], end[free], guessed[free])
    one, other = free[simple[:, 0]], free[simple[:, 1]]
    partner[one], partner[other] = other, one
    rows = free[hard]
    place = np.unique(np.concatenate([start[rows], end[rows]]), return_inverse=True)[1].reshape(2, -1)
    left = place[0], place[1], label[rows], guessed[rows]
    found = pair_labels_first(*left, group[hard]) if mode == "type" else pair_most(*left)
    paired = found >= 0
    partner[rows[paired]] = rows[found[paired]]
    return np.where(partner[: len(gold)] >= 0, partner[: len(gold)] - len(gold), -1)


def pair_same(gold: Ints, predicted: Ints) -> Ints:
    """Pair gold spans one to one with predicted spans of the same unit, start, end and label.

    Returns:
        For each gold span the row of its partner, or -1; n, int64.
    """
    unit, start, end, label = np.concatenate([gold, predicted]).T
    one, other = _equals(_ranks(unit, start, end - start, label), np.arange(len(unit)) >= len(gold))
    partner = np.full(len(gold), -1, np.int64)
    partner[one] = other - len(gold)
    return partner


def judge_pairs(gold: Ints, predicted: Ints, partner: Ints, mode: PairedMode) -> Ints:
    """The verdict on each gold span, by what it is paired with; n, of CORRECT, INCORRECT, PARTIAL and MISSED."""
    if not len(predicted):
        return np.full(len(gold), MISSED)
    others = predicted[partner]
    same_place = (gold[:, 1:3] == others[:, 1:3]).all(axis=1)
    same_label = gold[:, 3] == others[:, 3]
    right = {"strict": same_place & same_label, "type": same_label}.get(mode, same_place)
    wrong = PARTIAL if mode == "partial" else INCORRECT
    return np.where(partner < 0, MISSED, np.where(right, CORRECT, wrong))


def _ranks(*columns: Ints) -> Ints:
    """A number for each row, equal for equal rows; without the cost of sorting rows."""
    key = columns[0]
    for column in columns[1:]:
        width = 1 + int(column.max(initial=0))
        if (1 + int(key.max(initial=0))) * width >= 2**63:
            key = np.unique(key, return_inverse=True)[1]
        key = key * width + column
    return key


def _equals(ranks: Ints, guessed: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Pair rows of the two sides that have the same number, each once."""
    cut = int(np.count_nonzero(~guessed))  # gold rows come first
    one, other = (np.argsort(side, kind="stable") for side in (ranks[:cut], ranks[cut:]))
    keys, others = ranks[:cut][one], ranks[cut:][other]
    # The n-th of several equal gold rows goes with the n-th of the equal predicted ones.
    nth = np.arange(len(keys)) - np.searchsorted(keys, keys)
    at = np.searchsorted(others, keys) + nth
    found = np.append(others, -1)[np.minimum(at, len(others))] == keys
    return one[found], other[at[found]] + cut


def _groups(start: Ints, end: Ints, guessed: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Split spans into groups that do not overlap each other.

    Returns:
        The group of each span; pairs that are alone in their group, k x 2, gold first; and the rows of the
        larger groups that have both sides.
    """
    order = np.argsort(start, kind="stable")
    reach = np.maximum.accumulate(end[order])
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(np.concatenate([[True], start[order][1:] >= reach[:-1]])[: len(order)]) - 1
    groups = int(group.max(initial=-1)) + 1
    sizes = [np.bincount(group[guessed == side], minlength=groups) for side in (False, True)]
    alone = (sizes[0] == 1) & (sizes[1] == 1)
    one, other = (np.flatnonzero(alone[group] & (guessed == side)) for side in (False, True))
    simple = np.column_stack([one[np.argsort(group[one])], other[np.argsort(group[other])]])
    return group, simple, np.flatnonzero(((sizes[0] > 0) & (sizes[1] > 0) & ~alone)[group])
