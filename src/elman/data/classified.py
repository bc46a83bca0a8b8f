"""Texts with classes: lines that begin with theirs, and every format whose documents have labels."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from elman.data.document import Document
from elman.data.formats import read
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = "classes"
"""The format in which each line is a class, a space or tab, and a text; behind a colon it may say its encoding."""

PREFIX = "__label__"
"""A line that begins with it has any number of classes before its text, each a word that begins so; fastText's way."""

_STRUCTURED = {".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet"}


def read_classified(path: Path, format: str | None = None, *, labelled: bool = True) -> Iterator[Document]:  # noqa: A002
    """Documents with their classes as ``labels``, where a file calls them ``labels`` or ``label``.

    Args:
        path: a file.
        format: ``classes`` for lines ``CLASS TEXT`` in UTF-8, ``classes:ENCODING`` for such lines in another encoding
            that Python knows; else one out of ``elman.data.formats`` whose documents have labels; None to go by the
            name: what no format of tables or JSON has as its suffix is lines.
        labelled: whether a file without a class is a fault; if not, lines are texts alone.

    Raises:
        DataError: if the file is not what it should be, with the line.
        UsageError: if there is no such encoding.
    """
    named, _, encoding = (format or "").partition(":")
    if named == LINES or (format is None and path.suffix.lower() not in _STRUCTURED):
        yield from _lines(path, encoding or "utf-8-sig", labelled=labelled)
        return
    some = not labelled
    for document in map(_labelled, read(path, format)):
        some = some or bool(document.labels)
        yield document
    if not some:
        raise DataError("expected texts with their classes, found no class at all; add labels", path)


def _labelled(document: Document) -> Document:
    """The same with its class, which may stand under ``label``, as many sets have it."""
    found = document.meta.get("label")
    if document.labels or not isinstance(found, str | int):
        return document
    return replace(document, labels=(str(found),))


def _lines(path: Path, encoding: str, *, labelled: bool) -> Iterator[Document]:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise UsageError(f"there is no encoding {encoding!r}; latin-1 and windows-1252 are such names") from None
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        raise UsageError(f"lines in {encoding} cannot be read; convert the file to UTF-8")
    lines = path.read_bytes().split(b"\n")
    for number, raw in enumerate(lines if lines[-1] else lines[:-1], 1):
        try:
            content = raw.decode(encoding).rstrip("\r")
        except UnicodeDecodeError as error:
            raise DataError(
                f"expected {'UTF-8' if encoding == 'utf-8-sig' else encoding}, got the byte 0x{raw[error.start]:02x} "
                f"in {raw[max(0, error.start - 20) : error.end + 10]!r}; convert the file to UTF-8, or name its "
                "encoding: --format classes:windows-1252",
                path,
                number,
            ) from None
        name = f"line {number}"
        if not labelled:
            yield Document(content, id=name)
        elif content.strip():
            labels, text = _parted(content)
            if not (labels and text.strip()):
                raise DataError(f"expected a class, a space or tab, and a text, got {content[:60]!r}", path, number)
            yield Document(text, labels=labels, id=name)


def _parted(line: str) -> tuple[tuple[str, ...], str]:
    """The classes of a line, and its text."""
    if not line.startswith(PREFIX):
        return _first(line)
    labels: dict[str, None] = {}
    while line.startswith(PREFIX):
        found, line = _first(line)
        labels |= {label.removeprefix(PREFIX): None for label in found}
    return tuple(label for label in labels if label), line


def _first(line: str) -> tuple[tuple[str, ...], str]:
    """What stands before the first space or tab, if anything does, and what stands behind it."""
    head, *rest = re.split(r"[ \t]", line, maxsplit=1)
    return (head,) if head else (), "".join(rest)
