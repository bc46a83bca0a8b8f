"""What a format is, and what is known of a file while it is read."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from elman.data.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elman.data.ledger import Ledger


@dataclass
class ReadReport:
    """What was found out, assumed and mended in reading a file; final when the last document has been read.

    Attributes:
        format: the format's name.
        format_evidence: why it is that format.
        scheme: the tag scheme, None where the format has none.
        scheme_evidence: why it is that scheme.
        docstart: whether the file itself says where documents begin, None where that goes without saying.
        documents: how many documents have been read.
        tokens: how many tokens they have.
        spans: how many spans they have.
        repair: what is done with tags that the scheme forbids, None where the format has no tags.
        repairs: how many tags were changed for that.
        ignored: what the format cannot carry into a document, and how often it came.
    """

    format: str
    format_evidence: str = ""
    scheme: str | None = None
    scheme_evidence: str = ""
    repair: str | None = None
    docstart: bool | None = None
    documents: int = 0
    tokens: int = 0
    spans: int = 0
    repairs: int = 0
    ignored: Counter[str] = field(default_factory=Counter)

    def count(self, document: Document) -> Document:
        """Count a document in, and hand it on."""
        self.documents += 1
        self.tokens += 0 if document.tokens is None else len(document.tokens)
        self.spans += len(document.spans)
        return document

    def lines(self) -> list[str]:
        """What a person has to be told, a line each: what was found out, and what was changed or left out."""
        tokens = f"{self.tokens:,} tokens, " if self.tokens else ""
        lines = [
            f"{self.documents:,} documents, {tokens}{self.spans:,} spans",
            f"the format is {self.format}: {self.format_evidence}",
        ]
        if self.scheme:
            lines.append(f"the tag scheme is {self.scheme}: {self.scheme_evidence}")
        if self.repairs:
            lines.append(f"{self.repairs:,} tags repaired ({self.repair}), which {self.scheme} forbids")
        lines += [f"left out: {what}, {count:,} times" for what, count in sorted(self.ignored.items())]
        return lines


class Reading(Iterator[Document]):
    """The documents of a file, one at a time, and ``report``, what has been found out about it so far."""

    def __init__(self, documents: Iterable[Document], report: ReadReport) -> None:
        self.report = report
        self._documents = map(report.count, documents)

    def __next__(self) -> Document:
        return next(self._documents)


class Sniffed(NamedTuple):
    """How sure a format is that a file is its own, in (0, 1], and what it saw, as a clause."""

    certainty: float
    evidence: str


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes:
        name: what users call it.
        suffixes: of file names, with the dot.
        description: one line.
        sniff: from the head of a file, how sure it is, or None.
        read: takes a ``Source``, and options that are keyword-only and have defaults.
        write: takes documents and a function that takes pieces of text, and options like those of ``read``;
            gives the account of the documents' spans.
    """

    name: str
    suffixes: tuple[str, ...]
    description: str
    sniff: Callable[[str], Sniffed | None]
    read: Callable[..., Reading]
    write: Callable[..., Ledger]

    @property
    def read_options(self) -> tuple[str, ...]:
        """The names of the options that reading takes."""
        return _keywords(self.read)

    @property
    def write_options(self) -> tuple[str, ...]:
        """The names of the options that writing takes."""
        return _keywords(self.write)


def _keywords(function: Callable[..., object]) -> tuple[str, ...]:
    parameters = inspect.signature(function).parameters.values()
    return tuple(parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY)
