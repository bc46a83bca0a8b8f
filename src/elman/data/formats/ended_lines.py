r"""Lines of a file with their ends, for formats in which an end within a record is a character of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from elman.data.formats.encoded import decoded
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
            fault = None
            try:
                text = decoded(line, source.encoding, source.name, number)
            except DataError as error:
                text, fault = line.decode(source.encoding, "backslashreplace"), error
            yield EndedLine(number, text, fault)
