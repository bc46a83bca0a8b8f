"""Which predicted spans match which gold spans, on arrays of integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from elman.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mode = Literal["exact", "strict", "type", "partial", "boundaries", "tokens", "characters", "surface"]
MODES: tuple[Mode, ...] = get_args(Mode)
"""How spans can be matched; ``score`` says what each is."""


def count_exact(
    gold: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], units: int, labels: int
) -> NDArray[np.int32]:
    """Count spans, where a match has the same unit, start, end and label.

    Spans are counted as often as they are given: of a span that is there g times in gold and p times among
    the predictions, min(g, p) are correct. The order of the rows changes nothing.

    Args:
        gold: n x 4: unit (a document or sentence), start, end, label.
        predicted: m x 4, likewise. Offsets may be of characters or of tokens, but of the same in both.
        units: how many units there are.
        labels: how many labels there are.

    Returns:
        units x labels x 3: correct, predicted, support.

    Raises:
        UsageError: if an array is not n x 4, or a row's unit, offsets or label cannot be.
    """
    cells = units * labels
    gold_cell, gold_start, gold_length = _columns(gold, "gold", units, labels)
    cell, start, length = _columns(predicted, "predicted", units, labels)
    radix = 1 + max(int(gold_length.max(initial=0)), int(length.max(initial=0)))
    places = radix * (1 + max(int(gold_start.max(initial=0)), int(start.max(initial=0))))
    gold_place, place = gold_start * radix + gold_length, start * radix + length
    if cells * places >= 2**63:  # too many for one integer: number only the places that occur
        distinct, ranks = np.unique(np.concatenate([gold_place, place]), return_inverse=True)
        places, gold_place, place = len(distinct), ranks[: len(gold)], ranks[len(gold) :]
    gold_keys, gold_times = np.unique(gold_cell * places + gold_place, return_counts=True)
    keys, times = np.unique(cell * places + place, return_counts=True)
    at = np.searchsorted(gold_keys, keys)
    found = np.append(gold_keys, -1)[at] == keys
    correct = np.minimum(gold_times[at[found]], times[found])
    columns = (
        np.bincount(keys[found] // places, weights=correct, minlength=cells),
        np.bincount(cell, minlength=cells),
        np.bincount(gold_cell, minlength=cells),
    )
    return np.stack(columns, axis=-1, dtype=np.int32, casting="unsafe").reshape(units, labels, 3)


def _columns(
    spans: NDArray[np.integer[Any]], side: str, units: int, labels: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of each span its cell in the table of units and labels, its start and its length."""
    unit, start, end, label = check_spans(spans, side, units, labels)
    return unit * labels + label, start, end - start


def check_spans(spans: NDArray[np.integer[Any]], side: str, units: int, labels: int) -> NDArray[np.int64]:
    """The columns of the spans, 4 x n.

    Raises:
        UsageError: if the array is not n x 4, or a row's unit, offsets or label cannot be.
    """
    if spans.ndim != 2 or spans.shape[1] != 4:
        raise UsageError(f"{side} spans have to be n x 4 (unit, start, end, label), got {spans.shape}")
    unit, start, end, label = columns = np.ascontiguousarray(spans.T, dtype=np.int64)
    wrong = (unit < 0) | (unit >= units) | (label < 0) | (label >= labels)
    wrong |= (start < 0) | (end <= start) | (end >= 2**31)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise UsageError(
            f"row {row} of the {side} spans is {spans[row].tolist()}; expected a unit below {units}, "
            f"0 <= start < end < 2**31, and a label below {labels}"
        )
    return columns
