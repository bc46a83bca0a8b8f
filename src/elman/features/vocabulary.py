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

    Raises:
        DataError: if a word comes twice; beyond the first 50,000 words when they are first looked into.
    """

    __slots__ = ("_count", "_held", "_misses", "_path", "_rows")

    def __init__(self, words: Iterable[str]) -> None:
        self._begin(tuple(words), "", None)

    def _begin(self, words: tuple[str, ...], rest: str, path: Path | str | None) -> None:
        """Take words, and the text of those behind them, each line of it ended."""
        self._held = words, rest  # together, so that no thread sees one of them changed
        self._path = path
        self._count = len(words) + rest.count("\n")
        self._misses = 0
        self._index(_INDEXED)

    @property
    def words(self) -> tuple[str, ...]:
        """The words, in the order of their rows.

        Raises:
            DataError: where they come from a text, with its path and line, if that is not as ``encode`` writes it.
        """
        words, rest = self._held
        if rest:
            words += decode_words(rest, self._path, first=len(words) + 1)
            self._held = words, ""
        return words

    def _index(self, count: int) -> None:
        """Find words among the first ones at once.

        Raises:
            DataError: if one of them comes twice.
        """
        words, _ = self._held
        words = (words if count <= len(words) else self.words)[:count]
        count = len(words)
        rows = dict(zip(words, range(FIRST, FIRST + count), strict=True))
        if len(rows) < count:
            at = next(at for at, word in enumerate(words) if rows[word] != at + FIRST)
            raise DataError(f"a vocabulary has to hold each word once, {words[at]!r} comes again; leave one out")
        self._rows = rows

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
        if len(self._rows) < self._count:
            for at in np.flatnonzero(rows == UNKNOWN).tolist():
                rows[at] = self._find(words[at])
        return rows

    def _find(self, word: str) -> int:
        """The row of a word that is not among the first ones: looked for a few times, then all words are indexed."""
        self._misses += 1
        if self._misses > _PATIENCE and len(self._rows) < self._count:
            self._index(self._count)
        if len(self._rows) == self._count:
            return self._rows.get(word, UNKNOWN)
        words, rest = self._held
        if rest:
            line = encode_words((word,))
            if rest.startswith(line):
                return FIRST + len(words)
            at = rest.find(f"\n{line}")
            return UNKNOWN if at < 0 else FIRST + len(words) + 1 + rest.count("\n", 0, at)
        try:
            return FIRST + words.index(word, len(self._rows))
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
        text = text if text.endswith("\n") or not text else f"{text}\n"
        # Splitting hundreds of thousands of lines takes longer than all else in reading a small model.
        head = _beginning(text, _INDEXED)
        self = cls.__new__(cls)
        words = decode_words(text[:head], path)
        try:
            self._begin(words, text[head:], path)
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
        return self

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
        return FIRST + self._count

    def __contains__(self, word: object) -> bool:
        return word in self._rows or (len(self._rows) < self._count and word in self.words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"Vocabulary({self._count} words)"

    def __reduce__(self) -> tuple[type[Vocabulary], tuple[tuple[str, ...]]]:
        return type(self), (self.words,)


def encode_words(words: Iterable[str]) -> str:
    r"""Words as text, one a line, each line ended by a line feed.

    A backslash is written ``\\``, a line feed ``\n``, a carriage return ``\r``, a lone surrogate ``\u`` and
    four hexadecimal digits, and the empty word ``\e``. Every other character stands as it is.
    """
    return "".join(f"{_ESCAPED.sub(_escape, word) or _EMPTY}\n" for word in words)


def _beginning(text: str, lines: int) -> int:
    """Where so many lines end."""
    parts = text.split("\n", lines)
    return len(text) - len(parts[-1]) if len(parts) > lines else len(text)


def decode_words(text: str, path: Path | str | None = None, first: int = 1) -> tuple[str, ...]:
    """The inverse of :func:`encode_words`; the last line may lack its end.

    Args:
        text: the lines.
        path: the file that they are from.
        first: the number of the first of them there.

    Raises:
        DataError: with ``path`` and the line, if a line is empty or has an escape that does not exist.
    """
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    for at in _special(text, lines):
        line, number = lines[at], first + at
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
