"""Words with their vectors, and which of a text's words they cover."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_DIGIT = re.compile(r"\d")


class Match(IntEnum):
    """How a word was found. The order is the order in which the spellings are tried."""

    MISSING = -1
    EXACT = 0
    LOWER = 1
    """Lower-cased."""
    TITLE = 2
    """The first letter upper, the rest lower case."""
    UPPER = 3
    """Upper-cased."""
    DIGITS = 4
    """Each digit as ``0`` or as ``#``, as the makers of some vectors wrote them, as spelt or lower-cased."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many words were found, and how.

    Attributes:
        exact: as they are spelt.
        fallback: in another case or with other digits.
        missing: not at all.
    """

    exact: int
    fallback: int
    missing: int

    @property
    def total(self) -> int:
        """All the words."""
        return self.exact + self.fallback + self.missing

    @property
    def fractions(self) -> tuple[float, float, float]:
        """``(exact, fallback, missing)`` in [0, 1]; zeros of no words."""
        total = max(1, self.total)
        return self.exact / total, self.fallback / total, self.missing / total

    def __str__(self) -> str:
        exact, fallback, missing = self.fractions
        return f"{exact:.1%} exact, {fallback:.1%} by fallback, {missing:.1%} missing of {self.total:,}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a text's words vectors cover.

    Attributes:
        types: each different word counted once.
        tokens: each word as often as it occurs.
    """

    types: Share
    tokens: Share

    def __str__(self) -> str:
        return f"types {self.types}; tokens {self.tokens}"


class Vectors:
    """Words and their vectors, most frequent first where the file had them so; immutable.

    Attributes:
        words: n different words.
        matrix: n x d, float32, read-only.
        duplicates: how many words of the file came a second time and were left out.
        undecodable: how many words of the file were not UTF-8 and were left out.

    Raises:
        DataError: if the numbers of words and of rows differ, or a word comes twice.
    """

    __slots__ = ("_rows", "duplicates", "matrix", "undecodable", "words")

    words: tuple[str, ...]
    matrix: NDArray[np.float32]
    duplicates: int
    undecodable: int

    def __init__(
        self, words: Iterable[str], matrix: NDArray[np.float32], duplicates: int = 0, undecodable: int = 0
    ) -> None:
        self.words = tuple(words)
        view = np.asarray(matrix, dtype=np.float32).view()
        view.flags.writeable = False
        self.matrix = view
        self.duplicates = duplicates
        self.undecodable = undecodable
        if view.ndim != 2 or len(view) != len(self.words):
            raise DataError(f"{len(self.words)} words need a matrix of as many rows, got one of shape {view.shape}")
        self._rows = dict(zip(self.words, range(len(self.words)), strict=True))
        if len(self._rows) < len(self.words):
            twice = next(word for at, word in enumerate(self.words) if self._rows[word] != at)
            raise DataError(f"vectors have to hold each word once, {twice!r} comes again; leave one out")

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self.matrix.shape[1])

    def find(self, words: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        """The row of each word, tried in the spellings of :class:`Match` in their order.

        Returns:
            The rows, -1 for a word that is not there, and for each how it was found, a value of
            :class:`Match`.
        """
        rows: list[int | None] = list(map(self._rows.get, words))
        how = np.zeros(len(rows), dtype=np.int8)
        for at, row in enumerate(rows):
            if row is None:
                rows[at], how[at] = self._fall_back(words[at])
        return np.array(rows, dtype=np.int32), how

    def _fall_back(self, word: str) -> tuple[int, Match]:
        for spelling, how in _spellings(word):
            row = self._rows.get(spelling)
            if row is not None:
                return row, how
        return -1, Match.MISSING

    def coverage(self, counts: Mapping[str, int]) -> Coverage:
        """How many of the words counted are here."""
        _, how = self.find(list(counts))
        tokens = np.fromiter(counts.values(), np.int64, len(counts))
        kinds = (how == Match.EXACT, how > Match.EXACT, how == Match.MISSING)
        return Coverage(
            types=Share(*(int(kind.sum()) for kind in kinds)),
            tokens=Share(*(int(tokens[kind].sum()) for kind in kinds)),
        )

    def prune(self, keep: Iterable[str], top: int) -> Vectors:
        """Only some of the rows, in the order they have.

        Args:
            keep: words whose rows stay, whichever spelling finds them; they are found afterwards as before.
            top: how many rows stay from the beginning, whatever they are.
        """
        found, _ = self.find(list(keep))
        stays = np.arange(len(self.words)) < top
        stays[found[found >= 0]] = True
        rows = np.flatnonzero(stays)
        return Vectors((self.words[row] for row in rows.tolist()), self.matrix[rows])

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._rows

    def __repr__(self) -> str:
        return f"Vectors({len(self.words)} words x {self.dimensions} dimensions)"


def _spellings(word: str) -> Iterator[tuple[str, Match]]:
    yield word.lower(), Match.LOWER
    yield word.capitalize(), Match.TITLE
    yield word.upper(), Match.UPPER
    if _DIGIT.search(word):
        for digit in "0#":
            masked = _DIGIT.sub(digit, word)
            yield masked, Match.DIGITS
            yield masked.lower(), Match.DIGITS
