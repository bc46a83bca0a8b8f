"""Plain text as documents: a file, a line or a paragraph each."""

from __future__ import annotations

import codecs
import sys
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from elman.data.document import Document
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Unit = Literal["file", "line", "paragraph"]
"""What becomes a document."""

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
            yield Document(_without_end(line), id=f"{title}:{number}")
    else:
        yield from _paragraphs(lines, title)


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _paragraphs(lines: Iterable[tuple[int, str]], name: str) -> Iterator[Document]:
    begun, first = "", 0
    for number, line in lines:
        if line.strip():
            first = first if begun else number
            begun += line
        elif begun:
            yield Document(_without_end(begun), id=f"{name}:{first}")
            begun = ""
    if begun:
        yield Document(_without_end(begun), id=f"{name}:{first}")


def _lines(name: str) -> Iterator[tuple[int, str]]:
    """The lines of a file with their ends, each with its number."""
    try:
        with nullcontext(sys.stdin.buffer) if name == STDIN else Path(name).open("rb") as stream:
            for number, line in enumerate(stream, 1):
                yield number, _decoded(line, name, number)
    except OSError as error:
        raise DataError(f"cannot read it: {error.strerror or error}", name) from None


def _decoded(line: bytes, name: str, number: int) -> str:
    if number == 1:
        line = line.removeprefix(codecs.BOM_UTF8)
    if b"\0" in line:
        raise DataError("expected text, got binary data (a zero byte)", name, number)
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise DataError(
            f"expected UTF-8, got the byte 0x{line[error.start]:02x}; convert the file to UTF-8", name, number
        ) from None
