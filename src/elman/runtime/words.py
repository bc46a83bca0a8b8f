"""The rows of words, decoded only when they are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from elman.model.precision import FIXED, LEARNED, RARE
from elman.model.quantisation import decode_pieces, decode_scaled
from elman.runtime.blocks import linear

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Rows = NDArray[np.integer[Any]]


class WordTable:
    """A vector for each row of a vocabulary: those of the words that learned, then the fixed ones.

    A row's vector does not depend, to the last bit, on the rows that come with it.

    Args:
        tensors: a model's, with the words in any of the forms of ``elman.model.precision``.
    """

    def __init__(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        names = (name for name in (LEARNED, FIXED, RARE) if {name, f"{name}.codes"} & tensors.keys())
        self._parts = [_part(tensors, name) for name in names]
        self._ends = np.cumsum([len(part) for part in self._parts])
        self._width = self._parts[0].rows(np.zeros(1, np.int64)).shape[1]

    def __len__(self) -> int:
        """The number of rows."""
        return int(self._ends[-1])

    def rows(self, ids: Rows) -> Array:
        """The vectors of some rows.

        Args:
            ids: rows, in the vocabulary's count.

        Returns:
            ids x column, the caller's own.
        """
        vectors = np.empty((len(ids), self._width), np.float32)
        owner = np.searchsorted(self._ends, ids, side="right")
        for at, part in enumerate(self._parts):
            if len(here := np.flatnonzero(owner == at)):
                vectors[here] = part.rows(ids[here] - (self._ends[at] - len(part)))
        return vectors


class _Part(Protocol):
    """One of the two parts of a table."""

    def __len__(self) -> int: ...

    def rows(self, ids: Rows) -> Array: ...


class _Plain:
    """Rows that are as they are looked up, or half as precise."""

    def __init__(self, table: NDArray[Any]) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def rows(self, ids: Rows) -> Array:
        found: Array = self._table[ids].astype(np.float32, copy=False)
        return found


class _Scaled:
    """See ``elman.model.quantisation.Scaled``."""

    def __init__(self, codes: NDArray[np.int8], scales: Array) -> None:
        self._codes, self._scales = codes, scales

    def __len__(self) -> int:
        return len(self._codes)

    def rows(self, ids: Rows) -> Array:
        return decode_scaled(self._codes[ids], self._scales[ids])


class _Pieces:
    """See ``elman.model.quantisation.Pieces``."""

    def __init__(self, codes: NDArray[np.uint8], centres: NDArray[np.float16], mixing: Array, mean: Array) -> None:
        self._codes, self._centres, self._mixing, self._mean = codes, centres, mixing, mean

    def __len__(self) -> int:
        return len(self._codes)

    def rows(self, ids: Rows) -> Array:
        return linear(decode_pieces(self._codes[ids], self._centres), self._mixing, self._mean)


def _part(tensors: Mapping[str, NDArray[Any]], name: str) -> _Part:
    if name in tensors:
        return _Plain(tensors[name])
    if f"{name}.scales" in tensors:
        return _Scaled(tensors[f"{name}.codes"], tensors[f"{name}.scales"])
    return _Pieces(*(tensors[f"{name}.{part}"] for part in ("codes", "centres", "mixing", "mean")))
