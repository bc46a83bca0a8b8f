"""Tables of numbers in fewer bits: whole numbers with a scale a row, and product quantisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

LEVELS = 127
"""The largest code of a scaled number; the smallest is its negative, so that zero is in the middle."""

CENTRES = 256
"""Centres of a piece: as many as a byte can name."""

_SAMPLE = 32_768
"""Rows that centres are learned from: 128 for each."""

_ROUNDS = 20
_AT_ONCE = 8192
_FLAT = 1e-6
"""A direction weighs at least this share of the weightiest one, so that the turning can be undone."""


class Scaled(NamedTuple):
    """A table in whole numbers.

    Attributes:
        codes: rows x columns, int8.
        scales: rows, float32: what a code of 1 stands for.
    """

    codes: NDArray[np.int8]
    scales: Array


class Pieces(NamedTuple):
    """A table whose rows are pieces out of lists, one list for each place, which are then turned.

    A row is ``mixing @ pieces + mean``.

    Attributes:
        codes: rows x places, uint8: which of its list.
        centres: places x ``CENTRES`` x columns of a piece, float16: the lists.
        mixing: columns of the table x all columns of the pieces, float32.
        mean: columns of the table, float32.
    """

    codes: NDArray[np.uint8]
    centres: NDArray[np.float16]
    mixing: Array
    mean: Array


def encode_scaled(table: NDArray[Any]) -> Scaled:
    """A table in eight bits a number; no number moves by more than about half of its row's scale.

    Args:
        table: rows x columns, finite.
    """
    values = table.astype(np.float32)
    scales = np.abs(values).max(axis=1, initial=0) / np.float32(LEVELS)
    steps = values / np.where(scales > 0, scales, 1)[:, None]
    return Scaled(np.clip(np.rint(steps), -LEVELS, LEVELS).astype(np.int8), scales)


def decode_scaled(codes: NDArray[np.int8], scales: Array) -> Array:
    """The numbers that codes stand for: rows x columns."""
    return codes * scales[:, None]


def encode_pieces(table: NDArray[Any], columns: int, importance: NDArray[Any], seed: int = 0) -> Pieces:
    """A table in a byte for each of the pieces that its rows are cut into (product quantisation, Jégou et al. 2011).

    What is kept small is not the error of the rows but what becomes of it: of a row's error e, ``e @ importance @ e``.
    To that end rows are turned and stretched so that this is the plain square, and then turned once more so that
    columns are uncorrelated and each piece has its share of the columns that vary much (Ge et al. 2013). The centres
    are found by Lloyd's iteration on a sample of the rows.

    Args:
        table: rows x columns, finite, at least one row.
        columns: of a piece, at least 1.
        importance: columns of the table, twice: symmetric, not negative in any direction, not zero.
        seed: of the sample and the first centres. The same table, seed and library give the same bytes.
    """
    values = table.astype(np.float32)
    mean = values.mean(axis=0, dtype=np.float64)
    turn, back = _turning(np.cov(values, rowvar=False, bias=True).reshape(importance.shape), importance, columns)
    turned = ((values - mean.astype(np.float32)) @ turn.astype(np.float32)).astype(np.float32)
    places = turned.shape[1] // columns
    rng = np.random.default_rng(seed)
    sample = np.sort(rng.permutation(len(table))[:_SAMPLE])
    codes = np.empty((len(table), places), np.uint8)
    centres = np.empty((places, CENTRES, columns), np.float16)
    for place in range(places):
        part = np.ascontiguousarray(turned[:, place * columns : (place + 1) * columns])
        centres[place] = _centres(part[sample], rng)
        codes[:, place] = _nearest(part, centres[place].astype(np.float32))
    return Pieces(codes, centres, back.T.astype(np.float32), mean.astype(np.float32))


def decode_pieces(codes: NDArray[np.uint8], centres: NDArray[np.float16]) -> Array:
    """The pieces that codes stand for, side by side, not yet turned: rows x all columns of the pieces."""
    pieces = centres[np.arange(len(centres)), codes]  # rows x places x columns of a piece
    return pieces.reshape(len(codes), centres.shape[0] * centres.shape[2]).astype(np.float32)


def _turning(
    covariance: NDArray[np.float64], importance: NDArray[Any], columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What rows are multiplied by before they are cut into pieces, and what undoes it.

    Returns:
        Columns x turned columns, and the reverse; the turned columns are filled up to whole pieces.
    """
    weights, directions = np.linalg.eigh(importance.astype(np.float64))
    stretch = directions * np.sqrt(np.maximum(weights, weights[-1] * _FLAT))
    spread, axes = np.linalg.eigh(stretch.T @ covariance @ stretch)
    turn = stretch @ axes
    size = len(spread)
    places = -(-size // columns)
    # The axes from the one that varies most, each to the piece whose own have varied least so far.
    logs = np.log(np.maximum(spread, max(spread[-1], 1e-30) * 1e-12))
    logs -= logs.min()
    loads, taken = np.zeros(places), np.zeros(places, np.int64)
    slots = np.empty(size, np.int64)
    for axis in range(size - 1, -1, -1):
        place = int(np.where(taken < columns, loads, np.inf).argmin())
        slots[axis] = place * columns + taken[place]
        loads[place] += logs[axis]
        taken[place] += 1
    whole, back = np.zeros((size, places * columns)), np.zeros((places * columns, size))
    whole[:, slots], back[slots] = turn, np.linalg.inv(turn)
    return whole, back


def _centres(points: Array, rng: np.random.Generator) -> Array:
    """Centres near which the points lie, by Lloyd's iteration; one that no point is near begins anew at a point."""
    centres = points[rng.permutation(len(points))[np.arange(CENTRES) % len(points)]]
    for _ in range(_ROUNDS):
        nearest = _nearest(points, centres)
        counts = np.bincount(nearest, minlength=CENTRES)
        sums = np.stack([np.bincount(nearest, column, CENTRES) for column in points.T], axis=1)
        centres = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
        empty = np.flatnonzero(counts == 0)
        centres[empty] = points[rng.integers(len(points), size=len(empty))]
    return centres


def _nearest(points: Array, centres: Array) -> NDArray[np.int64]:
    """Of each point the centre with the least squared distance."""
    half = (centres**2).sum(axis=1) / 2
    found = np.empty(len(points), np.int64)
    for first in range(0, len(points), _AT_ONCE):
        part = points[first : first + _AT_ONCE]
        found[first : first + _AT_ONCE] = (half - part @ centres.T).argmin(axis=1)
    return found
