"""On which line of a file a place in one of its documents stands."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from elman.data.formats.columns import DOCSTART
from elman.data.formats.files import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from elman.data.document import Document
    from elman.data.formats.format import ReadReport


class Lines:
    """The lines of a file of columns, or of one with a record on each line; of others nothing is known.

    The file is read again, and what it says is compared: where rows are not the documents' tokens, or there are not as
    many lines as documents, no line is known rather than a wrong one.

    Args:
        path: the file; not a pipe.
        report: what was found out in reading it.
        documents: all that was read from it, in order.

    Raises:
        DataError: if the file cannot be read.
    """

    def __init__(self, path: Path | str, report: ReadReport, documents: Sequence[Document]) -> None:
        self._tokens: list[int] = []  # of each token of all documents its line
        self._records: list[int] = []  # of each document its line
        source = Source(path, report.encoding)
        if source.folder is not None:
            return
        if report.format == "conll":
            self._tokens = _rows(source.lines(), documents) or []
        elif source.peek.text is not None and source.peek.text.lstrip().startswith("{"):
            numbers = [number for number, line in source.lines() if line.strip()]
            self._records = numbers if len(numbers) == len(documents) else []
        self._before = [0]
        for document in documents:
            self._before.append(self._before[-1] + (0 if document.tokens is None else len(document.tokens)))
        self._starts = [() if one.tokens is None else one.tokens.offsets[:, 0].tolist() for one in documents]

    def line(self, number: int, offset: int) -> int | None:
        """The line, counted from 1, of a place in a document; None if it is not known.

        Args:
            number: of the document, counted from 0.
            offset: in code points.
        """
        if self._tokens:
            return self._tokens[self._before[number] + max(bisect_right(self._starts[number], offset) - 1, 0)]
        return self._records[number] if self._records else None


def _rows(lines: Iterator[tuple[int, str]], documents: Sequence[Document]) -> list[int] | None:
    """The line of each token, or None if a row is not the token that should come next."""
    words = (word for one in documents if one.tokens is not None for word in one.tokens.surfaces)
    found: list[int] = []
    word = next(words, None)
    for number, line in lines:
        row = line.strip(" \t")
        if word is not None and word in row.split("\t" if "\t" in row else None):
            found.append(number)
            word = next(words, None)
        elif row and not row.startswith((DOCSTART, "#")):
            return None
    return found if word is None else None
