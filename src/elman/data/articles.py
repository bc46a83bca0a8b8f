"""Running text: files whose documents a form feed ends, files that are one document each, folders of such files."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from elman.data.document import Document
from elman.data.formats.encoded import decoded
from elman.data.formats.files import cannot
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMATS = ("articles", "lines")
"""What becomes a document: what a form feed ends, or a line."""

FORM_FEED = "\f"


def read_articles(path: Path, format: str | None = None) -> Iterator[Document]:  # noqa: A002  # the option's name
    """The documents of a file, or of all files of a folder in the order of their names.

    Blank space at both ends of a document is no part of it; documents of nothing else are none. Line ends become
    line feeds.

    Args:
        path: UTF-8 text, also compressed (``.gz``); of a folder all ``.txt`` and ``.txt.gz`` files in it.
        format: ``articles``, which is what None means, or ``lines``.

    Raises:
        DataError: if there is no such file, it is not UTF-8, or it holds no text; with the line.
        UsageError: if there is no such format.
    """
    if format not in (None, *FORMATS):
        raise UsageError(f"expected a format out of {', '.join(FORMATS)} for running text, got {format!r}")
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.name.endswith((".txt", ".txt.gz")))
        if not files:
            raise DataError("expected files *.txt or *.txt.gz in the folder, found none", path)
        for file in files:
            yield from _documents(file, format)
        return
    yield from _documents(path, format)


def _documents(path: Path, format: str | None) -> Iterator[Document]:  # noqa: A002
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise cannot("read", error, str(path)) from None
        raise DataError(f"expected a whole gzip file, got one that cannot be read ({error})", path) from None
    text = decoded(content, "utf-8", str(path), 1).replace("\r\n", "\n")
    found = False
    pieces = text.split("\n") if format == "lines" else text.split(FORM_FEED)
    for number, piece in enumerate(pieces, 1):
        if stripped := piece.strip():
            found = True
            yield Document(stripped, id=path.name if len(pieces) == 1 else f"{path.name}:{number}")
    if not found:
        raise DataError("expected text, found none", path)
