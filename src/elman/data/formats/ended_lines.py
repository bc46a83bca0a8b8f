r"""Lines of a file with their ends, for formats in which an end within a record is a character of the text."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple

from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source


class EndedLine(NamedTuple):
    """A line: its number from 1, its text with its end, and what is wrong with its characters, if anything is."""

    number: int
    text: str
    fault: DataError | None = None


def ended_lines(source: Source) -> Iterator[EndedLine]:
    r"""The lines of a file; only ``\n`` ends one, and a byte-order mark before the first is passed over.

    Characters that are not in the encoding are escaped in a line that has a fault.
    """
    with source.binary() as stream:
        for number, line in enumerate(stream, 1):
            data = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            if b"\0" in data:
                problem = "expected text, got binary data (a zero byte)"
                yield EndedLine(number, _escaped(data, source), DataError(problem, source.name, number))
                continue
            try:
                yield EndedLine(number, data.decode(source.encoding))
            except UnicodeDecodeError as error:
                problem = (
                    f"expected {source.encoding}, got the byte 0x{data[error.start]:02x}; "
                    "convert the file, or name its encoding (latin-1, say)"
                )
                yield EndedLine(number, _escaped(data, source), DataError(problem, source.name, number))


def _escaped(data: bytes, source: Source) -> str:
    return data.decode(source.encoding, "backslashreplace")
