"""Plain text as documents, as it comes: a line of standard input is a document before the next is there."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from elman.data.document import Document
from elman.data.formats.encoded import decoded
from elman.data.formats.files import cannot
from elman.data.formats.text import paragraphs, without_end
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.text import Unit

STDIN = "-"
"""The name of standard input."""


def read_texts(name: str, unit: Unit, *, alone: bool = False) -> Iterator[Document]:
    r"""The documents of a file, in order; by lines, in constant memory.

    A text is as it stands in the file, a byte order mark apart. A line ends with ``\n`` or ``\r\n``, which is
    no part of it; empty lines are documents too, so that line n of the input is document n. A paragraph is a
    run of lines that are not blank, the line ends between them included.

    Args:
        name: the path, ``-`` for standard input.
        unit: what becomes a document.
        alone: whether there is no other file; then one without a character is an error.

    Raises:
        DataError: with file and line, if the file cannot be read, is binary or not in UTF-8.
    """
    lines, title = _lines(name), "stdin" if name == STDIN else Path(name).name
    if alone:
        first = next(lines, None)
        if first is None:
            raise DataError("is empty; expected text", name)
        lines = chain([first], lines)
    if unit == "file":
        yield Document("".join(line for _, line in lines), id=title)
    elif unit == "line":
        for number, line in lines:
            yield Document(without_end(line), id=f"{title}:{number}")
    else:
        for number, text in paragraphs(lines):
            yield Document(text, id=f"{title}:{number}")


def _lines(name: str) -> Iterator[tuple[int, str]]:
    """The lines of a file with their ends, each with its number."""
    try:
        with nullcontext(sys.stdin.buffer) if name == STDIN else Path(name).open("rb") as stream:
            for number, line in enumerate(stream, 1):
                yield number, decoded(line, "utf-8", name, number)
    except OSError as error:
        raise cannot("read", error, name) from None
