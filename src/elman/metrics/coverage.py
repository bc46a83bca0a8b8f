"""How many positions spans cover: tokens or characters instead of spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def count_covered(gold: Ints, predicted: Ints, gold_unit: Ints, predicted_unit: Ints, units: int, labels: int) -> Ints:
    """Count positions that spans of the same label cover; a position counts once a label however often covered.

    Args:
        gold: n x 4: text, start, end, label.
        predicted: m x 4, likewise.
        gold_unit: the units that gold spans count in, n. Of spans that overlap, the first one's.
        predicted_unit: likewise, m.
        units: how many units there are.
        labels: how many labels there are.

    Returns:
        units x labels x 3: covered on both sides, by predicted spans, by gold spans.
    """
    truth, guess = (_merged(side[:, 0] * labels + side[:, 3], side[:, 1], side[:, 2]) for side in (gold, predicted))
    truth_cell, guess_cell = (
        unit[pieces.first] * labels + side[pieces.first, 3]
        for side, unit, pieces in ((gold, gold_unit, truth), (predicted, predicted_unit, guess))
    )
    columns = (
        _sum(truth_cell, _shared(truth, guess), units * labels),
        _sum(guess_cell, guess.end - guess.start, units * labels),
        _sum(truth_cell, truth.end - truth.start, units * labels),
    )
    return np.stack(columns, axis=-1).reshape(units, labels, 3)


def count_touched(gold: Ints, predicted: Ints, labels: int) -> Ints:
    """Count positions of each label that spans of any label cover on the other side: the view of a leak.

    Returns:
        (labels + 1) x 4: positions of gold spans, how many of them some predicted span covers, positions of
        predicted spans, how many of them some gold span covers. In the last row labels are as one, and a
        position that several cover counts once.
    """
    columns = []
    for side, other in ((gold, predicted), (predicted, gold)):
        anything = _merged(other[:, 0], other[:, 1], other[:, 2])
        whole = _merged(side[:, 0], side[:, 1], side[:, 2])
        apart = _merged(side[:, 0] * labels + side[:, 3], side[:, 1], side[:, 2])
        label, apart = side[apart.first, 3], apart._replace(cell=side[apart.first, 0])
        for pieces, total in (
            (apart.end - apart.start, whole.end - whole.start),
            (_shared(apart, anything), _shared(whole, anything)),
        ):
            columns.append(np.append(_sum(label, pieces, labels), total.sum()))
    return np.stack(columns, axis=-1)


class _Pieces(NamedTuple):
    """Pieces that neither overlap nor touch, ascending by cell and start."""

    cell: Ints
    start: Ints
    end: Ints
    first: Ints
    """The row of a span that each begins with."""


def _merged(cell: Ints, start: Ints, end: Ints) -> _Pieces:
    """What spans cover, by cell."""
    width = 1 + int(end.max(initial=0))
    line = _lines(cell, width)
    order = np.argsort(line + start, kind="stable")
    start, end, line = start[order], end[order], line[order]
    reach = np.maximum.accumulate(end + line)
    first = np.flatnonzero(np.concatenate([[True], (start + line)[1:] > reach[:-1]])[: len(cell)])
    last = np.concatenate([first[1:] - 1, [len(cell) - 1]])[: len(first)]
    return _Pieces(cell[order[first]], start[first], reach[last] - line[first], order[first])


def _lines(cell: Ints, width: int) -> Ints:
    """Where each cell begins, if cells with so many positions lie one after the other."""
    if (1 + int(cell.max(initial=0))) * width >= 2**63:  # too many for one integer: number those that occur
        cell = np.unique(cell, return_inverse=True)[1]
    return cell * width


def _shared(pieces: _Pieces, others: _Pieces) -> Ints:
    """How many positions of each piece the other pieces cover."""
    if not len(others.cell):
        return np.zeros(len(pieces.cell), np.int64)
    width = 1 + max(int(pieces.end.max(initial=0)), int(others.end.max()))
    lines = _lines(np.concatenate([pieces.cell, others.cell]), width)
    shift, other = lines[: len(pieces.cell)], lines[len(pieces.cell) :]
    starts, lengths = others.start + other, others.end - others.start
    before = np.concatenate([[0], np.cumsum(lengths)])

    def covered_until(place: Ints) -> Ints:
        at = np.searchsorted(starts, place)  # how many pieces begin before
        inside = np.minimum(place - starts[at - 1], lengths[at - 1])
        return np.where(at > 0, before[at - 1] + inside, 0)

    return covered_until(pieces.end + shift) - covered_until(pieces.start + shift)


def _sum(cell: Ints, values: Ints, cells: int) -> Ints:
    """The sum of the values of each cell; exact below 2**53."""
    return np.bincount(cell, weights=values, minlength=cells).astype(np.int64)
