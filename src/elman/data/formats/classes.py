"""A text a line with its class before it, as in the sets of sentence classification: ``NUM:dist How far``.

The class is the document's label; a space or tab stands between it and the text. A line that begins with
``__label__`` has any number of classes, each a word that begins so, as fastText has them. Read only.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from elman.data.document import Document
from elman.data.formats.format import Format, Head, Reading, ReadReport, Sniffed
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elman.data.formats.files import Source

_PREFIX = "__label__"
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
    first = Counter(labels for labels, _ in parts)
    if (
        len(lines) < 20
        or not all(labels and text for labels, text in parts)
        or len(first) > min(_MOST, len(lines) / 4)
        or len(first) < 2
    ):
        return None
    return Sniffed(0.2, f"{len(lines):,} lines that begin with one of {len(first)} words")


def _parted(line: str) -> tuple[tuple[str, ...], str]:
    """The classes of a line, and its text."""
    if not line.startswith(_PREFIX):
        return _first(line)
    labels: dict[str, None] = {}
    while line.startswith(_PREFIX):
        found, line = _first(line)
        labels |= {label.removeprefix(_PREFIX): None for label in found}
    return tuple(label for label in labels if label), line


def _first(line: str) -> tuple[tuple[str, ...], str]:
    """What stands before the first space or tab, if anything does, and what stands behind it."""
    head, *rest = re.split(r"[ \t]", line, maxsplit=1)
    return (head,) if head else (), "".join(rest)


def _documents(source: Source) -> Iterator[Document]:
    for number, line in source.lines():
        if not line.strip(" \t"):
            continue
        labels, text = _parted(line)
        if not (labels and text.strip()):
            problem = f"expected a class, a space or tab, and a text, got {line[:60]!r}; mend the line"
            source.reject(DataError(problem, source.name, number), line)
            continue
        yield Document(text, labels=labels, id=f"{source.stem}-{number}")


CLASSES = Format(
    "classes",
    (),
    "a class and a text on each line",
    sniff,
    read,
    holds=frozenset({"text", "labels"}),
)
