"""Vectors as text, a word and its numbers a line: GloVe, word2vec text, fastText ``.vec``."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from elman.errors import DataError
from elman.features.vectors.numbers import NotANumberError, is_number, parse_rows
from elman.features.vectors.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elman.features.vectors.source import Source
    from elman.features.vectors.table import Vectors

_HEADER = re.compile(rb"(\d+)[ \t]+(\d+)[ \t]*\r?\n")


def parse_header(head: bytes) -> tuple[int, int, int] | None:
    """``(n, d, length of the line)`` if a file begins with the header of word2vec and fastText."""
    match = _HEADER.match(head)
    return match and (int(match[1]), int(match[2]), match.end())


def dimensions(head: bytes) -> int:
    """The length of the vectors in the beginning of a text file, 0 if it does not hold rows of numbers.

    A word may hold spaces, so that one line does not say where its numbers begin: most lines do.

    Args:
        head: the beginning of the file, or all of it; a last line that is cut is no harm.
    """
    header = parse_header(head)
    if header:
        return header[1]
    lines = head.split(b"\n")
    rows = [line.rstrip().split(b" ") for line in (lines[:-1] if len(lines) > 1 else lines) if line.strip()]
    if not rows or 2 * sum(is_number(row[-1]) for row in rows) < len(rows):
        return 0
    return Counter(len(row) - 1 for row in rows).most_common(1)[0][0]


def read_text(source: Source, limit: int | None) -> Vectors:
    """Read rows of a word and d numbers, one space between two, after an optional header ``n d``.

    Args:
        source: the file.
        limit: at most so many words.

    Raises:
        DataError: with the line, at a row that is not that, and where the header promises another number of
            rows.
    """
    header = parse_header(source.head)
    d = dimensions(source.head)
    lines = enumerate(source.stream, start=1)
    if header:
        next(lines)
    filled = ((number, row) for number, line in lines if (row := line.rstrip()))
    rows = Rows(source.path, limit)
    count = 0
    while rows.room:
        block = list(islice(filled, rows.room))
        if not block:
            if header and header[0] != count:
                raise DataError(
                    f"the header promises {header[0]} rows, the file holds {count}; "
                    "get the file again, or mend the header",
                    source.path,
                    1,
                )
            break
        count += len(block)
        _add(rows, block, d, source.path)
    return rows.vectors()


def _add(rows: Rows, block: list[tuple[int, bytes]], d: int, path: Path) -> None:
    pairs = [_split(row, d, path, number) for number, row in block]
    try:
        values = parse_rows([numbers for _, numbers in pairs], b" ")
    except NotANumberError as error:
        raise DataError(
            f"expected {d} numbers after the word, number {error.column + 1} is {error.field!r}; mend it",
            path,
            block[error.row][0],
        ) from None
    rows.add([word for word, _ in pairs], values, lambda at: block[at][0])


def _split(row: bytes, d: int, path: Path, line: int) -> tuple[bytes, bytes]:
    spaces = row.count(b" ")
    if spaces == d:
        word, _, numbers = row.partition(b" ")
        return word, numbers
    *words, last = row.rsplit(b" ", d)[0].split(b" ")
    # A word may hold spaces (". . .") but not end with one; a decimal fraction there is one number too many.
    if spaces < d or not last or (words and b"." in last and is_number(last)):
        numbers_found = sum(1 for _ in _numbers_from_the_end(row))
        raise DataError(
            f"expected a word and {d} numbers with one space between them, got {numbers_found} numbers; "
            "every row has to have the same length",
            path,
            line,
        )
    word, *tail = row.rsplit(b" ", d)
    return word, b" ".join(tail)


def _numbers_from_the_end(row: bytes) -> Iterator[bytes]:
    for field in reversed(row.split(b" ")[1:]):
        if not is_number(field):
            return
        yield field
