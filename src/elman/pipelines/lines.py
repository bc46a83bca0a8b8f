"""On which line of a file something stands that was read from it, found by reading the file once more."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from elman.data.formats.columns import find_layout, sentences
from elman.data.formats.files import Source
from elman.data.unknown import MARKS
from elman.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from elman.data.formats import ReadReport


def line_of(path: Path, report: ReadReport, document: int, token: int, encoding: str = "utf-8") -> int | None:
    """The line, counted from 1; None in formats that are not a document or a token a line.

    Args:
        path: the file.
        report: what was found out in reading it.
        document: the index of the document.
        token: the index of the token, counted from the file's first.
        encoding: of the file.
    """
    try:
        if report.format == "conll":
            return _row(Source(path, encoding), token, bare=report.scheme == "IO")
        if report.format == "jsonl":
            numbers = (number for number, line in Source(path, encoding).lines() if line.strip(" \t\r"))
            return next(islice(numbers, document, None), None)
    except DataError:
        # It was read before; whatever is the matter now, it is not what is to be told.
        return None
    return None


def _row(source: Source, token: int, *, bare: bool) -> int | None:
    """The line of a row with a token."""
    layout = replace(find_layout(source.head, None, None), bare=bare, marks=frozenset(MARKS))
    for sentence in sentences(source.blocks()):
        if sentence is None:
            continue
        _, rows = layout.split_comments(sentence)
        if not rows.text:
            continue
        if token < rows.length:
            return rows.line + token
        token -= rows.length
    return None
