"""A growing table of words and vectors, filled block by block, whatever the format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import DataError
from elman.features.vectors.table import Vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_BLOCK = 1000
_FIRST_CAPACITY = 1 << 14


class Rows:
    """Collects rows up to a limit.

    Of a word that comes twice the first is kept, a word that is not UTF-8 is left out, and both are counted.

    Args:
        path: the file, for messages.
        limit: at most this many words; None for all.
    """

    def __init__(self, path: Path, limit: int | None) -> None:
        self._path = path
        self._limit = limit
        self._words: dict[str, None] = {}
        self._matrix: NDArray[np.float32] | None = None
        self._duplicates = 0
        self._undecodable = 0

    @property
    def room(self) -> int:
        """How many rows to hand over next; 0 when the limit is reached."""
        return _BLOCK if self._limit is None else min(_BLOCK, self._limit - len(self._words))

    def add(
        self,
        words: Sequence[bytes],
        block: NDArray[np.floating[Any]],
        line: Callable[[int], int] | None = None,
    ) -> None:
        """Take over the next rows.

        Args:
            words: as the file has them.
            block: words x d, any float type.
            line: the line of a row of this block, for messages, if the file has lines.

        Raises:
            DataError: if a number is NaN or infinite in float32.
        """
        with np.errstate(over="ignore"):
            values = block.astype(np.float32)
        finite = np.isfinite(values).all(axis=1)
        if not finite.all():
            at = int(np.argmin(finite))
            wrong = block[at][~np.isfinite(values[at])][0]
            word = words[at].decode("utf-8", "replace")
            raise DataError(
                f"the vector of {word!r} holds {wrong}, which is no finite float32; take the row out",
                self._path,
                line and line(at),
            )
        kept = [at for at, word in enumerate(words) if self._is_new(word)]
        self._append(values if len(kept) == len(values) else values[kept])

    def _is_new(self, word: bytes) -> bool:
        try:
            text = word.decode("utf-8")
        except UnicodeDecodeError:
            self._undecodable += 1
            return False
        if text in self._words:
            self._duplicates += 1
            return False
        self._words[text] = None
        return True

    def _append(self, values: NDArray[np.float32]) -> None:
        stop = len(self._words)
        start = stop - len(values)
        if self._matrix is None:
            self._matrix = np.empty((max(stop, _FIRST_CAPACITY), values.shape[1]), dtype=np.float32)
        elif stop > len(self._matrix):
            # Grows where it lies if the system lets it; nobody else holds a view of it.
            self._matrix.resize((max(stop, 2 * len(self._matrix)), values.shape[1]), refcheck=False)
        self._matrix[start:stop] = values

    def vectors(self) -> Vectors:
        """What was collected.

        Raises:
            DataError: if that is nothing.
        """
        if self._matrix is None or not self._words:
            raise DataError("expected word vectors, got a file without a row; check that it is complete", self._path)
        self._matrix.resize((len(self._words), self._matrix.shape[1]), refcheck=False)
        return Vectors(self._words, self._matrix, self._duplicates, self._undecodable)
