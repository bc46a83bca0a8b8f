"""Words and their rows: the immutable table between tokens and an embedding."""

from __future__ import annotations

import re
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

PADDING = 0
"""The row of what is not there: the rest of a sentence shorter than its batch."""

UNKNOWN = 1
"""The row of every word that the vocabulary does not hold."""

FIRST = 2
"""The row of the first word."""

_DIGIT = re.compile(r"\d")
# What would break a line, or could not be written as UTF-8 (half of a surrogate pair, which JSON can bring
# in).
_ESCAPED = re.compile(r"[\\\n\r\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|.|$)", re.DOTALL)
_BACKSLASH = re.compile(r"\\")
_LETTERS = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_MEANINGS = {"\\": "\\", "n": "\n", "r": "\r"}
_EMPTY = "\\e"


def normalize(word: str, *, lower: bool = False, digits: bool = False) -> str:
    """A word as a vocabulary may want it.

    Args:
        word: any word.
        lower: lower-cased.
        digits: every decimal digit of any script as ``0``, so that ``1975`` and ``2007`` are one word.
    """
    if digits:
        word = _DIGIT.sub("0", word)
    return word.lower() if lower else word


_INDEXED = 50_000
"""So many words, the most frequent ones, are found at once; indexing 340,000 takes longer than a sentence does."""

_PATIENCE = 8
"""So many others are looked for one by one, in a few milliseconds each."""


class Vocabulary:
    """Words in a fixed order, each with its row in an embedding; immutable.

    Row 0 is padding and row 1 the unknown word, whatever the words are: no word of a text can reach these two
    by being spelt like them. ``words[i]`` has row ``i + 2``.

    Attributes:
        words: the words, in the order of their rows.

    Raises:
        DataError: if a word comes twice; beyond the first 50,000 words when they are first looked into.
    """

    __slots__ = ("_misses", "_rows", "words")

    words: tuple[str, ...]

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(words)
        self._index(_INDEXED)
        self._misses = 0

    def _index(self, count: int) -> None:
        """Find words among the first ones at once.

        Raises:
            DataError: if one of them comes twice.
        """
        count = min(count, len(self.words))
        self._rows = dict(zip(self.words[:count], range(FIRST, FIRST + count), strict=True))
        if len(self._rows) < count:
            at = next(at for at, word in enumerate(self.words) if self._rows[word] != at + FIRST)
            raise DataError(f"a vocabulary has to hold each word once, {self.words[at]!r} comes again; leave one out")

    @classmethod
    def build(cls, counts: Mapping[str, int], min_count: int = 1, limit: int | None = None) -> Vocabulary:
        """The words counted, most frequent first, equal counts in the order of their code points.

        Args:
            counts: how often each word occurs.
            min_count: words that occur less often are left out.
            limit: at most this many words.
        """
        kept = [(-count, word) for word, count in counts.items() if count >= min_count]
        return cls(word for _, word in sorted(kept)[:limit])

    def ids(self, words: Sequence[str]) -> NDArray[np.int32]:
        """The row of each word, ``UNKNOWN`` for those not held; a string is a sequence of its characters."""
        rows = np.fromiter(map(self._rows.get, words, repeat(UNKNOWN)), np.int32, len(words))
        if len(self._rows) < len(self.words):
            for at in np.flatnonzero(rows == UNKNOWN).tolist():
                rows[at] = self._find(words[at])
        return rows

    def _find(self, word: str) -> int:
        """The row of a word that is not among the first ones: looked for a few times, then all words are indexed."""
        self._misses += 1
        if self._misses > _PATIENCE and len(self._rows) < len(self.words):
            self._index(len(self.words))
        if len(self._rows) == len(self.words):
            return self._rows.get(word, UNKNOWN)
        try:
            return FIRST + self.words.index(word, len(self._rows))
        except ValueError:
            return UNKNOWN

    def encode(self) -> str:
        """The words as text, one a line, each line ended; see :func:`encode_words`."""
        return encode_words(self.words)

    @classmethod
    def decode(cls, text: str, path: Path | str | None = None) -> Vocabulary:
        """The inverse of :meth:`encode`.

        Raises:
            DataError: with ``path`` and the line, if a word comes twice or a line is not what ``encode``
                writes.
        """
        words = decode_words(text, path)
        try:
            return cls(words)
        except DataError:
            seen: dict[str, int] = {}
            line = next(line for line, word in enumerate(words, start=1) if seen.setdefault(word, line) != line)
            word = words[line - 1]
            raise DataError(
                f"a vocabulary has to hold each word once, {word!r} is on line {seen[word]} already; "
                "take this line out",
                path,
                line,
            ) from None

    def write(self, path: Path | str) -> None:
        """Write the words to a UTF-8 text file, one a line."""
        Path(path).write_bytes(self.encode().encode("utf-8"))

    @classmethod
    def read(cls, path: Path | str) -> Vocabulary:
        """Read what :meth:`write` wrote.

        Raises:
            DataError: if the file is missing or not UTF-8, and as :meth:`decode` does.
        """
        return cls.decode(_read_text(Path(path)), path)

    def __len__(self) -> int:
        """The number of rows: the words and the two reserved ones."""
        return FIRST + len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._rows or (len(self._rows) < len(self.words) and word in self.words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.words)} words)"

    def __reduce__(self) -> tuple[type[Vocabulary], tuple[tuple[str, ...]]]:
        return type(self), (self.words,)


def encode_words(words: Iterable[str]) -> str:
    r"""Words as text, one a line, each line ended by a line feed.

    A backslash is written ``\\``, a line feed ``\n``, a carriage return ``\r``, a lone surrogate ``\u`` and
    four hexadecimal digits, and the empty word ``\e``. Every other character stands as it is.
    """
    return "".join(f"{_ESCAPED.sub(_escape, word) or _EMPTY}\n" for word in words)


def decode_words(text: str, path: Path | str | None = None) -> tuple[str, ...]:
    """The inverse of :func:`encode_words`; the last line may lack its end.

    Raises:
        DataError: with ``path`` and the line, if a line is empty or has an escape that does not exist.
    """
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    for at in _special(text, lines):
        line, number = lines[at], at + 1
        if not line:
            raise DataError(
                f"expected a word, got an empty line; take it out, or write {_EMPTY} for the empty word",
                path,
                number,
            )
        try:
            lines[at] = "" if line == _EMPTY else _ESCAPE.sub(_unescape, line)
        except KeyError as error:
            raise DataError(
                f"{error.args[0]} is not an escape; there are \\\\, \\n, \\r, \\uXXXX (a lone surrogate), "
                f"and {_EMPTY} alone on its line; write a backslash twice",
                path,
                number,
            ) from None
    return tuple(lines)


def _special(text: str, lines: Sequence[str]) -> list[int]:
    """The lines that are empty or hold a backslash: hardly any of hundreds of thousands, so none is looked at alone."""
    found = dict.fromkeys([at for at, line in enumerate(lines) if not line] if "" in lines else ())
    at = end = 0
    for match in _BACKSLASH.finditer(text):
        at += text.count("\n", end, match.start())
        end = match.start()
        found[at] = None
    return sorted(found)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _LETTERS.get(character) or f"\\u{ord(character):04x}"


def _unescape(match: re.Match[str]) -> str:
    code: str = match[1]
    if len(code) == 5:
        character = chr(int(code[1:], 16))
        if "\ud800" <= character <= "\udfff":
            return character
    elif code in _MEANINGS:
        return _MEANINGS[code]
    raise KeyError(match[0])


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"expected a file of words, one a line: {error.strerror}; check the path", path) from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError("expected UTF-8, got other bytes; convert the file to UTF-8", path, line) from error
