"""Utterances: documents with one label, the intent, and spans, the slots."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elman.data.formats import read
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elman.data.document import Document

_COMMENT = "intent"


def read_utterances(path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002  # the option's name
    """Documents with their intent as the only one of ``labels``.

    In columns the intent is what all rows of a sentence have in their last further column, or what a comment
    ``# intent = NAME`` before the sentence says; other formats have labels of documents.

    Args:
        path: a file.
        format: one out of ``elman.data.formats``; None to find it out.

    Raises:
        DataError: if the file is not what it should be, or an utterance has not just one intent.
    """
    for number, document in enumerate(_read(path, format), 1):
        labels = document.labels or _in_columns(document)
        if len(labels) != 1:
            name = document.id or f"document {number}"
            got = ", ".join(labels) or "none"
            raise DataError(
                f"{name}: expected one intent, got {got}; give it as the document's only label, or in columns as a "
                f"further column or a comment, # {_COMMENT} = NAME",
                path,
            )
        yield replace(document, labels=labels)


def read_unlabelled(path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002
    """Documents of which nothing need be known: any format; by default ``.txt`` has an utterance on each line.

    Raises:
        DataError: if the file is not what it should be.
    """
    if format is None and path.suffix.lower() in ("", ".txt"):
        yield from read(path, "text", unit="line")
    else:
        yield from _read(path, format)


def _read(path: Path, format: str | None) -> Iterator[Document]:  # noqa: A002
    yield from read(path, format, defaults={"repair": "conlleval"})


def _in_columns(document: Document) -> tuple[str, ...]:
    """The intent that columns and comments say; more than one if they disagree."""
    comments = document.meta.get("comments")
    for comment in comments if isinstance(comments, list) else ():
        name, _, value = str(comment).lstrip("# ").replace(":", "=", 1).partition("=")
        if name.strip().lower() == _COMMENT and value.strip():
            return (value.strip(),)
    if document.tokens is None or not document.tokens.columns:
        return ()
    last = list(document.tokens.columns.values())[-1]
    return tuple(dict.fromkeys(last))
