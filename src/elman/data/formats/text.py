r"""Plain text: a document is a file, a line or a paragraph of it.

A text is as it stands in the file, a byte-order mark apart. A line ends with ``\n`` or ``\r\n``, which is no part
of it; empty lines are documents too, so that line n of the file is document n. A paragraph is a run of lines that
are not blank, the line ends between them included.
"""

from __future__ import annotations

from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from elman.data.document import Document
from elman.data.formats.ended_lines import ended_lines
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.data.ledger import Ledger, account
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.formats.files import Source

Unit = Literal["file", "line", "paragraph"]
"""What is a document."""

HAS_ENDS = "its text has line ends: it reads as several documents"
HAS_BLANKS = "its text has blank lines, or begins or ends with one: it does not read as one document"
BLANK = "its text is blank, which reads as no document"
HOLDS_TEXT = frozenset({"text"})


def read(source: Source, /, *, unit: Unit = "file") -> Reading:
    """Read plain text; documents are named by the file, and by their first line if there are several.

    Args:
        source: the file.
        unit: what is a document.

    Raises:
        DataError: with file and line, if it is binary or not in the encoding.
        UsageError: if there is no such unit.
    """
    _check(unit)
    report = ReadReport("text")
    _ = source.head
    return Reading(_documents(source, unit), report)


def write(documents: Iterable[Document], put: Callable[[str], object], /, *, unit: Unit | None = None) -> Ledger:
    """Write the texts and nothing else.

    Args:
        documents: any number; only one if the unit is the file.
        put: takes the text.
        unit: ``line`` puts a line feed behind each, ``paragraph`` two, ``file`` nothing. By default a single
            document is the file, and several are a line each.

    Raises:
        DataError: if there is more than one document and the unit is the file.
        UsageError: if there is no such unit.
    """
    if unit is not None:
        _check(unit)
    rest = iter(documents)
    head = list(islice(rest, 2))
    if unit == "file" and len(head) > 1:
        raise DataError("a file takes one text, and there are more; write them as lines or as paragraphs")
    chosen = unit or ("line" if len(head) > 1 else "file")
    ledger = Ledger()
    for number, document in enumerate(chain(head, rest)):
        ledger += _put(document, chosen, put, first=number == 0)
    return ledger


def sniff(head: Head) -> Sniffed | None:  # noqa: ARG001
    """None: any text can be plain text, so only its name or its user says so."""
    return None


def _check(unit: str) -> None:
    if unit not in get_args(Unit):
        raise UsageError(f"the unit of plain text is one of {', '.join(get_args(Unit))}; got {unit!r}")


def _documents(source: Source, unit: Unit) -> Iterator[Document]:
    title = "stdin" if source.name == "-" else Path(source.peek.name.rpartition("!")[2]).name
    if unit == "file":
        yield Document(source.text(), id=title)
    elif unit == "line":
        for number, line in source.lines():
            yield Document(line, id=f"{title}:{number}")
    else:
        for number, text in paragraphs(_sound(source)):
            yield Document(text, id=f"{title}:{number}")


def _sound(source: Source) -> Iterator[tuple[int, str]]:
    """The lines that can be decoded, with their ends."""
    for number, line, fault in ended_lines(source):
        if fault:
            source.reject(fault, line.rstrip("\r\n"))
        else:
            yield number, line


def paragraphs(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Paragraphs without the end of their last line, each with the number of its first.

    Args:
        lines: with their numbers and ends.
    """
    begun: list[str] = []
    first = 0
    for number, line in chain(lines, ((0, ""),)):
        if line.strip():
            first = first if begun else number
            begun.append(line)
        elif begun:
            yield first, without_end("".join(begun))
            begun = []


def without_end(line: str) -> str:
    """A line without the line feed that ends it, and the carriage return before that."""
    return line.removesuffix("\n").removesuffix("\r")


_ENDS: dict[Unit, str] = {"file": "", "line": "\n", "paragraph": "\n\n"}


def _put(document: Document, unit: Unit, put: Callable[[str], object], *, first: bool) -> Ledger:
    text = document.text
    # Readers take a byte-order mark off, so one that is of the text stands behind another.
    put(("\ufeff" if first and text.startswith("\ufeff") else "") + text + _ENDS[unit])
    broken = ""
    if unit == "line" and ("\n" in text or text.endswith("\r")):
        broken = HAS_ENDS
    elif unit == "paragraph" and (text.endswith("\r") or not all(line.strip() for line in text.split("\n"))):
        broken = HAS_BLANKS
    elif unit == "file" and not text.strip("\ufeff \t\r\n"):
        broken = BLANK
    return account(document, HOLDS_TEXT, text_moved=broken)


TEXT = Format(
    "text",
    (".txt", ".text"),
    "plain text: a file, line or paragraph is a document",
    sniff,
    read,
    write,
    holds=HOLDS_TEXT,
)
