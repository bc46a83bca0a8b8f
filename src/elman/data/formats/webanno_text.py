"""The text of WebAnno TSV 3, put together from its sentences, and what its offsets count."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from elman.data.formats.webanno_cells import unescaped
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

UNITS = ("utf-16", "code-points", "bytes")
"""What offsets may count, the usual first."""

_WORDS = {"utf-16": "UTF-16 units", "code-points": "code points", "bytes": "UTF-8 bytes"}
_GAPS = (1, 0, 2)


@dataclass
class Row:
    """A row of a token, or of a part of one: its line, its address, its offsets as they stand there, its cells."""

    line: int
    address: str
    start: int
    end: int
    form: str
    cells: list[str]

    @property
    def is_token(self) -> bool:
        """Whether it is of a whole token."""
        return "." not in self.address

    @property
    def token(self) -> str:
        """The address of the token that it is of or a part of."""
        return self.address.partition(".")[0]


@dataclass
class Sentence:
    """A sentence: the line and the text of its ``#Text`` as it stands there, and its rows."""

    line: int
    text: str
    rows: list[Row] = field(default_factory=list)


class Assembled(NamedTuple):
    """A document's text, the place of each row in code points, and the evidence for what the offsets count."""

    text: str
    places: list[tuple[int, int]]
    evidence: str


class _Try(NamedTuple):
    """What comes of one unit: how many rows are at fault, and the first of them."""

    text: str
    places: list[tuple[int, int]]
    faults: int
    first: Row | None


def assemble(sentences: Sequence[Sentence], name: str, unit: str) -> Assembled:
    """Put the sentences where their tokens' offsets say that they are.

    Args:
        sentences: all of them.
        name: of the file.
        unit: what offsets count, or ``auto``.

    Raises:
        DataError: with the line of a row whose form does not stand at its offsets, whatever they count.
    """
    ascii_only = all(sentence.text.isascii() for sentence in sentences)
    units = UNITS if unit == "auto" else (unit,)
    tries = {one: _attempt(sentences, one) for one in (units[:1] if ascii_only else units)}
    best = min(tries, key=lambda one: tries[one].faults)
    text, places, faults, first = tries[best]
    if first is not None:
        raise DataError(
            f"the token {first.address} says that it is {first.form!r}, but at its offsets {first.start}-{first.end} "
            f"in the text ({_WORDS[best]}) stands something else; mend the offsets or the text",
            name,
            first.line,
        )
    worse = [other for other in tries if tries[other].faults > faults]
    evidence = (
        ""
        if not worse
        else f"{_WORDS[best]}: "
        + ", ".join(
            f"as {_WORDS[other]} {tries[other].faults:,} of {len(places):,} tokens would not be where they are"
            for other in worse
        )
    )
    return Assembled(text, places, evidence)


def _attempt(sentences: Sequence[Sentence], unit: str) -> _Try:
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    faults, first = 0, None
    length, position = 0, 0
    for number, sentence in enumerate(sentences):
        begin, text, found, wrong = _best(sentence, position, unit, first_of_all=not number)
        gap = "\n" * max(begin - position, 0)
        pieces += (gap, text)
        length += len(gap)
        places += [(length + a, length + b) for a, b in found]
        length += len(text)
        position = begin + _size(text, unit)
        faults += len(wrong)
        first = first or (wrong[0] if wrong else None)
    return _Try("".join(pieces), places, faults, first)


def _best(
    sentence: Sentence, position: int, unit: str, *, first_of_all: bool
) -> tuple[int, str, list[tuple[int, int]], list[Row]]:
    """Where a sentence begins: as near behind the one before it as its tokens let it be."""
    texts = list(dict.fromkeys((unescaped(sentence.text), sentence.text)))
    found = []
    for text in texts:
        begins = [position] if first_of_all else []
        if sentence.rows:
            # A sentence begins with its first token, but for white space.
            row = sentence.rows[0]
            begins.append(row.start - _size(text[: max(text.find(row.form), 0)], unit))
        begins += [position + gap for gap in _GAPS]
        for begin in begins:
            if begin < position:
                continue
            places, wrong = _place(sentence.rows, text, begin, unit)
            if not wrong:
                return begin, text, places, wrong
            found.append((begin, text, places, wrong))
    return min(found, key=lambda one: len(one[3]))


def _place(rows: Sequence[Row], text: str, begin: int, unit: str) -> tuple[list[tuple[int, int]], list[Row]]:
    """The rows' places in a sentence, and those that have another form than the text there."""
    at = {offset: index for index, offset in enumerate(accumulate((_size(one, unit) for one in text), initial=0))}
    places, wrong = [], []
    for row in rows:
        start, end = at.get(row.start - begin, -1), at.get(row.end - begin, -1)
        if start < 0 or end <= start or text[start:end] not in (row.form, unescaped(row.form)):
            wrong.append(row)
            start, end = 0, 0
        places.append((start, end))
    return places, wrong


def _size(text: str, unit: str) -> int:
    if unit == "code-points" or text.isascii():
        return len(text)
    if unit == "bytes":
        return len(text.encode("utf-8", "surrogatepass"))
    return sum(1 + (character > "\uffff") for character in text)


def units_before(text: str) -> list[int]:
    """How many UTF-16 units stand before each character, and at last how many there are."""
    return list(accumulate((1 + (character > "\uffff") for character in text), initial=0))
