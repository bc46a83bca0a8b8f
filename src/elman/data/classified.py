"""Texts with classes: lines that begin with theirs, and every format whose documents have labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.data.document import Document
from elman.data.formats import read
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = "lines"
"""The format in which each line is a class, a space and a text."""

_STRUCTURED = {".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet"}


def read_classified(path: Path, format: str | None = None, *, labelled: bool = True) -> Iterator[Document]:  # noqa: A002
    """Documents with their classes as ``labels``.

    Args:
        path: a file.
        format: ``lines`` for lines ``CLASS TEXT``; else one out of ``elman.data.formats`` whose documents have labels;
            None to go by the name: what no format of tables or JSON has as its suffix is lines.
        labelled: whether a document without a class is a fault; if not, lines are texts alone.

    Raises:
        DataError: if the file is not what it should be, with the line.
    """
    if format == LINES or (format is None and path.suffix.lower() not in _STRUCTURED):
        yield from _lines(path, labelled=labelled)
        return
    for number, document in enumerate(read(path, format), 1):
        if labelled and not document.labels:
            name = document.id or f"document {number}"
            raise DataError(f"expected a class for every text, {name} has none; add labels", path)
        yield document


def _lines(path: Path, *, labelled: bool) -> Iterator[Document]:
    for number, raw in enumerate(path.read_bytes().split(b"\n"), 1):
        try:
            content = raw.decode("utf-8-sig").rstrip("\r")
        except UnicodeDecodeError:
            raise DataError("expected UTF-8, got other bytes; convert the file to UTF-8", path, number) from None
        name = f"line {number}"
        if not labelled:
            yield Document(content, id=name)
        elif content.strip():
            label, _, text = content.partition(" ")
            if not text.strip():
                raise DataError(f"expected a class, a space and a text, got {content[:60]!r}", path, number)
            yield Document(text, labels=(label,), id=name)
