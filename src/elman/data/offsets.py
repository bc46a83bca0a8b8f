"""Offsets as a file has them: find out what they count, and mend them to code points.

A format that has offsets hands its records over as ``Loose``; ``settle`` makes documents of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elman.data.document import ENTITIES, Document, Region, Relation, Span, Tokens
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elman.data.formats.files import Source
    from elman.data.formats.format import ReadReport


@dataclass(slots=True)
class LooseSpan:
    """A span as a file has it; nobody knows yet what its offsets count.

    Attributes:
        start: its first offset.
        end: its last offset, exclusive or inclusive.
        label: the type.
        layer: of annotation.
        score: in [0, 1], if there is one.
        id: by which relations name it.
        surface: the text that the file says it covers; the doctor's best evidence.
    """

    start: int
    end: int
    label: str
    layer: str = ENTITIES
    score: float | None = None
    id: str | None = None
    surface: str | None = None


@dataclass(slots=True)
class Loose:
    """A record as a file has it: what ``Document`` has, with offsets that are not settled.

    Attributes:
        text: of the document.
        spans: as the file has them.
        relations: between spans, by their ids.
        unknown: start, end and layer of each region that nobody annotated.
        labels: of the whole document.
        tokens: start and end of each, None if the file has none; counted as the spans are.
        sentences: indices of the tokens that begin one.
        columns: by name, as long as the tokens.
        id: the document's name.
        meta: whatever else the record says.
        line: where it stands in the file, from 1.
        raw: the record as it stands there, for the file of rejects.
    """

    text: str
    spans: list[LooseSpan] = field(default_factory=list)
    relations: tuple[Relation, ...] = ()
    unknown: list[tuple[int, int, str]] = field(default_factory=list)
    labels: tuple[str, ...] = ()
    tokens: list[tuple[int, int]] | None = None
    sentences: list[int] | None = None
    columns: dict[str, list[str]] = field(default_factory=dict)
    id: str | None = None
    meta: dict[str, object] = field(default_factory=dict)
    line: int | None = None
    raw: str = ""


def settle(
    records: Iterable[Loose | Document], source: Source, report: ReadReport, *, offsets: str = "auto", own: bool = False
) -> Iterator[Document]:
    """Make documents of records, with their offsets as code points, ends exclusive.

    Args:
        records: as the file has them; a ``Document`` among them is passed on as it is.
        source: what a record that cannot be mended is rejected to.
        report: gets ``offsets``, the evidence in words, and ``ledger``.
        offsets: what the file counts: auto, code-points, utf-16 or bytes.
        own: the format says that offsets are code points; only a contradiction makes the doctor look.
    """
    for record in records:
        if isinstance(record, Document):
            yield record
            continue
        try:
            document = Document(
                record.text,
                tuple(Span(s.start, s.end, s.label, s.layer, s.score, s.id) for s in record.spans),
                record.relations,
                tuple(Region(*region) for region in record.unknown),
                record.labels,
                None
                if record.tokens is None
                else Tokens(record.text, record.tokens, record.sentences, record.columns),
                record.id,
                record.meta,
            )
        except DataError as error:
            source.reject(DataError(error.problem, source.name, record.line), record.raw)
            continue
        yield document
