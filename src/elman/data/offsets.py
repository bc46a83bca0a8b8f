"""Offsets as a file has them: find out what they count, and mend them to code points.

A format that has offsets hands its records over as ``Loose``; ``settle`` makes documents of them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, get_args

from elman.data.document import Document, Region, Span, Tokens
from elman.data.evidence import Evidence, Place, Rims, Told, fits, same
from elman.data.ledger import Entry, Ledger
from elman.data.loose import Loose, LooseSpan
from elman.data.mending import contradiction, mended
from elman.data.units import COUNTINGS, PLAIN, Counting, Unit, places
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from elman.data.formats.format import ReadReport
    from elman.data.ledger import Item

__all__ = ["OFFSETS", "Loose", "LooseSpan", "settle"]

OFFSETS = ("auto", *get_args(Unit))
"""What the option ``offsets`` of a format may be."""

_RECORDS, _CHARACTERS, _SPANS = 1_000, 4_000_000, 200
"""How many records, characters of text and spans that tell are waited for before it is decided."""
_SIMPLE = Counting("utf-16"), Counting("bytes")


class Rejecting(Protocol):
    """Where records come from, and go back to if they cannot be mended."""

    name: str

    def reject(self, error: DataError, raw: str, /) -> None:
        """Set a record aside, or raise the error."""


def settle(
    records: Iterable[Loose | Document],
    source: Rejecting,
    report: ReadReport,
    *,
    offsets: str = "auto",
    own: bool = False,
) -> Iterator[Document]:
    """Make documents of records, with their offsets as code points, ends exclusive.

    The first records wait until it is clear how the file counts; how many is bounded. What cannot be told
    from them, because they have no such characters, is found out when the first record comes that has.

    Args:
        records: as the file has them; a ``Document`` among them is beyond doubt, and passes as it is.
        source: where a record that cannot be mended is rejected to.
        report: gets ``offsets``, the evidence in words, and in its ledger the spans that were moved.
        offsets: what the file counts: auto, code-points, utf-16 or bytes.
        own: the format says that offsets are code points, so only what contradicts that makes the doctor doubt.

    Raises:
        DataError: for a record that cannot be mended, unless the caller of the source collects rejects.
        UsageError: if ``offsets`` is something else.
    """
    if offsets not in OFFSETS:
        raise UsageError(f"offsets are one of {', '.join(OFFSETS)}; got {offsets!r}")
    doctor = _Doctor(source, report, offsets, own)
    for record in records:
        yield from doctor.take(record)
    yield from doctor.release()
    doctor.conclude()


class _Doctor:
    """Holds records back until it is clear how their offsets are counted."""

    def __init__(self, source: Rejecting, report: ReadReport, offsets: str, own: bool) -> None:
        self.source = source
        self.report = report
        self.own = own
        self.evidence = Evidence()
        self.choice = PLAIN
        if offsets != "auto":
            self.choice = next(way for way in COUNTINGS if way.unit == offsets)
            self.evidence.live = [self.choice]
        self.auto = offsets == "auto"
        self.told = Told()
        self.waiting: list[Loose | Document] = []
        self.size = self.begun = 0
        self.hasty = False
        self.doubtful = 0

    def take(self, record: Loose | Document) -> Iterator[Document]:
        """The documents that are clear now that this record has come."""
        if isinstance(record, Document):
            if self.waiting:
                self._wait(record)
            else:
                yield record
            return
        given = [(span.start, span.end) for span in record.spans]
        self.begun = self.begun if self.waiting else self.evidence.spans
        tells = self.evidence.differ(record.text, given)
        if tells:
            self.evidence.weigh(record.text, given, [span.surface for span in record.spans])
        if not tells and not self.waiting:
            yield from self._settled(record)
            return
        self._wait(record)
        if self.evidence.decided:
            self.hasty = False
            yield from self.release()
        elif (
            self.hasty
            or len(self.waiting) >= _RECORDS
            or self.size >= _CHARACTERS
            or self.evidence.spans - self.begun >= _SPANS
        ):
            self.hasty = True
            self.doubtful += len(given)
            yield from self.release()

    def _wait(self, record: Loose | Document) -> None:
        self.waiting.append(record)
        self.size += len(record.text)

    def release(self) -> Iterator[Document]:
        """The documents of all records that wait, on the evidence that there is."""
        best = self.evidence.best
        best = best if not self.own or self.evidence.refuted else PLAIN
        if best != self.choice and self.doubtful and self.auto:
            self.report.notes.append(
                f"only after {self.doubtful:,} spans was it clear that offsets are {best}; those before may be "
                "wrong: read the file again with offsets said"
            )
        self.choice = best
        waiting, self.waiting, self.size = self.waiting, [], 0
        for record in waiting:
            if isinstance(record, Document):
                yield record
            else:
                yield from self._settled(record)

    def conclude(self) -> None:
        """Say in the report what the offsets are and how that is known."""
        report, evidence, told = self.report, self.evidence, self.told
        if not self.auto:
            report.offsets = f"{self.choice}, as was said"
        elif self.choice != PLAIN:
            report.offsets = f"{self.choice}: {told.spans_fit(told.fit)}, as code points {_do(told.plain)}"
        elif self.own and not evidence.refuted:
            return
        elif (rival := evidence.rival(evidence.live)) and evidence.told[rival].fit > evidence.told[rival].plain:
            told = evidence.told[rival]
            report.offsets = (
                f"taken as code points: {told.spans_fit(told.plain)}, as {rival} {_do(told.fit)}, which is not enough "
                "to tell; if they are something else, say so with offsets"
            )
        elif rival := evidence.rival(_SIMPLE):
            told = evidence.told[rival]
            report.offsets = f"code points: {told.spans_fit(told.plain)}, as {rival} {_do(told.fit)}"

    def _settled(self, record: Loose) -> Iterator[Document]:
        """The record as a document, unless it cannot be mended."""
        try:
            document, entries = self._document(record)
        except DataError as error:
            self.source.reject(DataError(error.problem, self.source.name, record.line), record.raw)
            return
        if entries:
            self.report.ledger += Ledger.of(entries, record.id)
        if self.choice != PLAIN:
            self._note("region", [(region.start, region.end) for region in document.unknown], record.unknown)
            if document.tokens is not None and record.tokens is not None:
                self._note("token", map(tuple, document.tokens.offsets.tolist()), record.tokens)
        yield document

    def _note(self, item: Item, here: Iterable[tuple[int, ...]], given: Iterable[Sequence[object]]) -> None:
        """Count those that were moved."""
        moved = sum(to != tuple(was[:2]) for to, was in zip(here, given, strict=True))
        self.report.ledger += Ledger.counted("moved", f"offsets were {self.choice}", moved, item)

    def _document(self, record: Loose) -> tuple[Document, list[Entry]]:
        text = record.text
        way = self.choice.within(text)
        given = [(span.start, span.end) for span in record.spans]
        here = places(text, given, way)
        if self.choice != PLAIN:
            self._count(record, given, here)
        spans, entries = [], []
        for span, place in zip(record.spans, here, strict=True):
            to, reason = self._place(span, place, text)
            spans.append(Span(*to, span.label, span.layer, span.score, span.id))
            if to != (span.start, span.end):
                was = Span(max(span.start, 0), max(span.end, span.start + 1, 1), span.label, span.layer)
                entries.append(Entry("moved", reason, was, to, text[max(span.start, 0) : max(span.end, 0)]))
        document = Document(
            text,
            tuple(spans),
            record.relations,
            self._regions(record, way),
            record.labels,
            self._tokens(record, way),
            record.id,
            record.meta,
        )
        return document, entries

    def _count(self, record: Loose, given: list[tuple[int, int]], here: list[Place]) -> None:
        plain = places(record.text, given, PLAIN)
        if here != plain:
            surfaces, rims = [span.surface for span in record.spans], Rims.of(record.text)
            fit = fits(record.text, here, surfaces, rims)
            self.told.add(here, plain, fit, fits(record.text, plain, surfaces, rims))

    def _place(self, span: LooseSpan, place: Place, text: str) -> tuple[tuple[int, int], str]:
        """Where a span is, and how that is known if it is not where it says."""
        usual = f"offsets were {self.choice}"
        if place is not None and (not span.surface or same(text, place, span.surface)):
            return place, usual
        if span.surface and self.auto:
            to, how = mended(span, place, text)
            return to, how or usual
        if place is None and self.choice == PLAIN:
            # Says itself what is wrong with them.
            Document(text, (Span(span.start, span.end, span.label, span.layer),))
        if span.surface:
            raise contradiction(span, place, text)
        raise DataError(
            f"the span {span.start}-{span.end} {span.label}, taken as {self.choice}, begins or ends outside the text "
            "or within a character; if the offsets are something else, say so with offsets"
        )

    def _regions(self, record: Loose, way: Counting) -> tuple[Region, ...]:
        # Readers that know that a whole text is unknown need not know what the file counts.
        whole = 0, len(record.text)
        here = places(record.text, [region[:2] for region in record.unknown], way)
        return tuple(
            Region(*(whole if region[:2] == whole else self._whole(place, "region")), region[2])
            for region, place in zip(record.unknown, here, strict=True)
        )

    def _tokens(self, record: Loose, way: Counting) -> Tokens | None:
        if record.tokens is None:
            return None
        # What is no pair of numbers is for Tokens to say.
        if way == PLAIN or not all(map(_is_pair, record.tokens)):
            return Tokens(record.text, record.tokens, record.sentences, record.columns)
        found = places(record.text, record.tokens, way)
        if way.inclusive and (None in found or any(one[1] > other[0] for one, other in pairwise(filter(None, found)))):
            # Tools whose spans end with their last character may still have tokens that end behind it.
            return self._tokens(record, way._replace(inclusive=False))
        here = [self._whole(place, "token") for place in found]
        return Tokens(record.text, here, record.sentences, record.columns)

    def _whole(self, place: Place, what: str) -> tuple[int, int]:
        if place is None:
            raise DataError(f"a {what}, taken as {self.choice}, begins or ends outside the text or within a character")
        return place


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and [type(at) for at in value] == [int, int]


def _do(count: int) -> str:
    return f"{count:,} does" if count == 1 else f"{count:,} do"
