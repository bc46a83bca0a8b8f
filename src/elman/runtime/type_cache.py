"""The rows of the word types that are read most, so that a frequent word is computed once."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from elman.runtime.inputs import TypeRows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


CACHE_BYTES = 32 << 20
"""What the kept rows take at most."""

_FADING = 0.9  # of what a type was asked for before, at each clearing
_ROOM = 1024  # rows, from which on they are large


class TypeCache:
    """Rows by word type, of which those asked for least are dropped; for any number of threads.

    How often a type was asked for counts less the longer ago it was. Dropping those not asked for longest instead
    missed a tenth more of the types of news in batches of 8,192 tokens.

    Args:
        compute: from word types to their rows, each row a function of its type alone.
        widths: columns of the rows' two arrays.
        size: what the kept rows take at most, in bytes.

    Attributes:
        capacity: how many types are kept at most.
    """

    def __init__(
        self, compute: Callable[[Sequence[str]], TypeRows], widths: tuple[int, int], size: int = CACHE_BYTES
    ) -> None:
        self.capacity = size // (4 * sum(widths))
        self._compute = compute
        self._kept = TypeRows(*(np.empty((self.capacity, width), np.float32) for width in widths))
        self._places: dict[str, int] = {}
        self._words: list[str] = []
        self._asked = np.zeros(self.capacity)
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._places)

    def __call__(self, types: Sequence[str]) -> TypeRows:
        """The rows of these types, all different."""
        with self._lock:
            found = np.fromiter((self._places.get(word, -1) for word in types), np.int64, len(types))
            held = np.flatnonzero(found >= 0)
            self._asked[found[held]] += 1
            # Large ones in powers of two, so that the memory of one batch serves the next: in steps of 1,024 rows, a
            # process took 50 MB more at nine million tokens, when two large batches first met.
            room = len(types) if len(types) < _ROOM else 1 << (len(types) - 1).bit_length()
            result = TypeRows(*(np.empty((room, kept.shape[1]), np.float32)[: len(types)] for kept in self._kept))
            for array, kept in zip(result, self._kept, strict=True):
                array[held] = kept[found[held]]
        new = np.flatnonzero(found < 0)
        if not len(new):
            return result
        words = [types[at] for at in new.tolist()]
        rows = self._compute(words)
        for array, computed in zip(result, rows, strict=True):
            array[new] = computed
        with self._lock:
            self._keep(words, rows)
        return result

    def _keep(self, words: Sequence[str], rows: TypeRows) -> None:
        """Put rows that were computed to those that are kept, in the place of those asked for least."""
        at = [number for number, word in enumerate(words) if word not in self._places][: self.capacity]
        fresh = min(len(at), self.capacity - len(self._words))
        places = np.arange(len(self._words), len(self._words) + fresh)
        if fresh < len(at):
            least = np.argpartition(self._asked[: len(self._words)], len(at) - fresh - 1)[: len(at) - fresh]
            for place in least.tolist():
                del self._places[self._words[place]]
            places = np.concatenate((places, least))
            self._asked *= _FADING
        self._words += [""] * fresh
        for number, place in zip(at, places.tolist(), strict=True):
            self._words[place] = words[number]
            self._places[words[number]] = place
        for kept, computed in zip(self._kept, rows, strict=True):
            kept[places] = computed[at]
        self._asked[places] = 1
