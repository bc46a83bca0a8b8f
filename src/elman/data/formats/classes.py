"""A text a line with its class before it, as in the sets of sentence classification: ``NUM:dist How far``.

The class is the document's label; a blank or a tab stands between it and the text. Read only.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from elman.data.document import Document
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source

_SAMPLE = 500
_FEWEST, _MOST = 20, 60


def read(source: Source, /) -> Reading:
    """Read a class and a text from each line.

    Raises:
        DataError: with file and line, if a line has no text behind its class.
    """
    report = ReadReport("classes")
    return Reading(_documents(source), report)


def sniff(head: Head) -> Sniffed | None:
    """Lines that begin with one of a few words; any format that knows more of the file goes before."""
    lines = [line for line in (head.text or "").split("\n", _SAMPLE)[:_SAMPLE] if line.strip()]
    parts = [_parted(line) for line in lines]
    first = Counter(label for label, _ in parts)
    if (
        len(lines) < 20
        or not all(text for _, text in parts)
        or len(first) > min(_MOST, len(lines) / 4)
        or len(first) < 2
    ):
        return None
    return Sniffed(0.2, f"{len(lines):,} lines that begin with one of {len(first)} words")


def _parted(line: str) -> tuple[str, str]:
    """The class and the text."""
    blank, tab = line.find(" "), line.find("\t")
    at = min(place for place in (blank, tab, len(line)) if place >= 0)
    return line[:at], line[at + 1 :]


def _documents(source: Source) -> Iterator[Document]:
    for number, line in source.lines():
        if not line.strip(" \t"):
            continue
        label, text = _parted(line)
        if not label or not text:
            problem = f"expected a class, a blank and a text, got {line[:60]!r}; mend the line"
            source.reject(DataError(problem, source.name, number), line)
            continue
        yield Document(text, labels=(label,), id=f"{source.stem}-{number}")


CLASSES = Format(
    "classes",
    (),
    "a class and a text on each line",
    sniff,
    read,
    holds=frozenset({"text", "labels"}),
)
