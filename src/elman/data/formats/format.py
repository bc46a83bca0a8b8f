"""What a format is, and what is known of a file while it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from elman.data.document import Document
from elman.data.formats.options import options_of
from elman.data.ledger import ITEMS, Item, Ledger, contents

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HOLDS = frozenset(
    {
        "text",
        "spans",
        "nested",
        "overlapping",
        "layers",
        "relations",
        "unknown",
        "labels",
        "scores",
        "ids",
        "span ids",
        "meta",
        "tokens",
        "sentences",
        "columns",
    }
)
"""What formats can express: ``text`` as it is to the last blank, ``ids`` those of documents."""

NEEDS_TOKENS = "tokenize"
"""The option of a writer that makes tokens where a text has none."""

REJECTED = "at fault, and set aside"


class Head(NamedTuple):
    """What a format sees of a file to find out whether it is its own.

    Attributes:
        name: as it was given, without the suffix of a compression; of a member of an archive
            ``archive.zip!member.json``.
        data: the first bytes, decompressed; b"" for a folder.
        text: these bytes as text, to the end of a line; None if they are not text, or of a folder.
        folder: the folder, if it is one.
    """

    name: str
    data: bytes
    text: str | None
    folder: Path | None = None


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
        made: how many of each item the documents have.
        ledger: what the reader says of the file's annotations: those that it moved, split, joined or refused,
            and, if it likes, those that it kept; ``account`` adds the kept ones that it does not mention.
        rejected: how many records were at fault and were set aside.
        refused: what these records were.
        offsets: what the offsets were found to count, and on what evidence; "" if there is nothing to say.
        notes: whatever else a person has to know, a line each.
        stem: of the file's name.
        encoding: of the file's characters.
        numbered: whether all ids are the file's name and a number, as readers make them up where a file has none.
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
    made: Counter[Item] = field(default_factory=Counter)
    ledger: Ledger = field(default_factory=Ledger)
    rejected: int = 0
    refused: Counter[Item] = field(default_factory=Counter)
    offsets: str = ""
    notes: list[str] = field(default_factory=list)
    stem: str = ""
    encoding: str = "utf-8"
    numbered: bool = True

    def count(self, document: Document) -> Document:
        """Count a document in, and hand it on."""
        made = self.made
        for item, count in contents(document).items():
            made[item] += count
        self.documents += 1
        self.tokens += 0 if document.tokens is None else len(document.tokens)
        self.spans += len(document.spans)
        if self.numbered and document.id is not None:
            self.numbered = document.id == f"{self.stem}-{self.documents}"
        return document

    def account(self) -> Ledger:
        """The whole account of the reading; what it made is what the documents have.

        Raises:
            ValueError: if the reader's ledger has made more of an item than the documents have: it has lost
                count.
        """
        ledger = self.ledger
        for item, count in self.refused.items():
            ledger += Ledger.counted("refused", REJECTED, count, item)
        for item in ITEMS:
            untold = self.made[item] - ledger.made(item)
            if untold < 0:
                raise ValueError(
                    f"reading {self.format} made {self.made[item]} of {item}, its ledger says {ledger.made(item)}"
                )
            ledger += Ledger.counted("kept", "", untold, item)
        return ledger

    def add(self, other: ReadReport) -> None:
        """Take in the report of a further file of the same data; documents are counted already."""
        self.repairs += other.repairs
        self.rejected += other.rejected
        self.refused += other.refused
        self.ignored += other.ignored
        self.ledger += other.ledger
        if not self.offsets:
            self.offsets = other.offsets
        elif other.offsets and other.offsets != self.offsets:
            self.notes.append(f"offsets of {other.stem}: {other.offsets}")
        self.notes += [note for note in other.notes if note not in self.notes]

    def lines(self) -> list[str]:
        """What a person has to be told, a line each: what was found out, and what was changed or left out."""
        tokens = f"{self.tokens:,} tokens, " if self.tokens else ""
        lines = [
            f"{self.documents:,} documents, {tokens}{self.spans:,} spans",
            f"the format is {self.format}: {self.format_evidence}",
        ]
        if self.scheme:
            lines.append(f"the tag scheme is {self.scheme}: {self.scheme_evidence}")
        if self.offsets:
            lines.append(f"offsets: {self.offsets}")
        if self.repairs:
            lines.append(f"{self.repairs:,} tags repaired ({self.repair}), which {self.scheme} forbids")
        if self.rejected:
            lines.append(f"{self.rejected:,} records are at fault and were set aside")
        lines += [f"left out: {what}, {count:,} times" for what, count in sorted(self.ignored.items())]
        return lines + self.notes


class Reading(Iterator[Document]):
    """The documents of a file, one at a time, and ``report``, what has been found out about it so far."""

    def __init__(self, documents: Iterable[Document], report: ReadReport) -> None:
        self.report = report
        self._bare = iter(documents)
        self._documents = map(report.count, self._bare)

    def __next__(self) -> Document:
        return next(self._documents)

    def bare(self) -> Iterator[Document]:
        """The documents without being counted, for who counts them elsewhere."""
        return self._bare


class Sniffed(NamedTuple):
    """How sure a format is that a file is its own, in (0, 1], and what it saw, as a clause."""

    certainty: float
    evidence: str


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes:
        name: what users call it.
        suffixes: of file names, with the dot; of formats that share one, the first in ``FORMATS`` has it.
        description: one line.
        sniff: from the head of a file, how sure it is, or None.
        read: takes a ``Source``, and options that are keyword-only and have defaults; None if the format is
            written only.
        write: takes documents and a sink, and options like those of ``read``; gives the account of the
            documents. None if the format is read only.
        container: what the sink is: for ``text`` a function that takes the next piece, for ``binary`` a
            seekable stream, for ``folder`` the path of an empty folder.
        holds: what it can express, out of ``HOLDS``.
    """

    name: str
    suffixes: tuple[str, ...]
    description: str
    sniff: Callable[[Head], Sniffed | None]
    read: Callable[..., Reading] | None = None
    write: Callable[..., Ledger] | None = None
    container: Literal["text", "binary", "folder"] = "text"
    holds: frozenset[str] = frozenset({"text", "spans"})

    def __post_init__(self) -> None:
        if self.holds - HOLDS:
            raise ValueError(f"{self.name} holds {sorted(self.holds - HOLDS)}; expected of {sorted(HOLDS)}")

    @property
    def read_options(self) -> tuple[str, ...]:
        """The names of the options that reading takes."""
        return tuple(options_of(self.read))

    @property
    def write_options(self) -> tuple[str, ...]:
        """The names of the options that writing takes."""
        return tuple(options_of(self.write))
