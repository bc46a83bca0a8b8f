"""Texts with classes: lines that begin with theirs, and every format whose documents have labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from elman.data.formats import read
from elman.data.formats.compression import without_suffix
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elman.data.document import Document

_TABLES = {".csv", ".tsv"}
_FOUND_OUT = {".jsonl", ".ndjson", ".json", ".parquet", ".arrow"}


def read_classified(path: Path, format: str | None = None, *, labelled: bool = True) -> Iterator[Document]:  # noqa: A002
    """Documents with their classes as ``labels``, where a file calls them ``labels`` or ``label``.

    Args:
        path: a file.
        format: one of ``elman.data.formats``, such as ``classes``, for lines of a class and a text; None to go by the
            name: a table, a file of JSON, or else such lines.
        labelled: whether a file without a class is a fault; if not, lines are texts alone.

    Raises:
        DataError: if the file is not what it should be, with the line, or there is no such encoding.
        UsageError: if there is no such format or option.
    """
    suffix = Path(without_suffix(path.name)).suffix.lower()
    if format is not None:
        documents: Iterable[Document] = read(path, format)
    elif suffix in _TABLES:
        documents = read(path, "csv")
    elif suffix in _FOUND_OUT:
        documents = read(path)
    else:
        documents = read(path, "classes") if labelled else read(path, "text", unit="line")
    texts = classes = 0
    for document in map(_labelled, documents):
        texts += 1
        classes += len(document.labels)
        yield document
    if labelled and texts and not classes:
        advice = "add labels, or name their column: csv:label=COLUMN as the format, say"
        raise DataError(f"expected texts with their classes, found no class at all; {advice}", path)


def _labelled(document: Document) -> Document:
    """The same with its class, which may stand under ``label``, as many sets have it."""
    found = document.meta.get("label")
    if document.labels or not isinstance(found, str | int):
        return document
    return replace(document, labels=(str(found),))
