"""The account of a conversion: what became of each document, span, relation and so on that entered it.

Each is kept, moved (it is there, but not as it was), split into pieces, joined with others, or refused (it is
gone), all but the kept with a reason. Two sides add up: what was *given* is the sum of the five, what was
*made* is the kept, the moved, the pieces of the split and the groups of the joined.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from elman.data.document import ENTITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elman.data.document import Document, Span

Item = Literal["document", "sentence", "token", "span", "relation", "region", "label", "score", "id", "meta", "column"]
"""What is counted: regions are those not annotated, labels those of documents, ids those of documents and of
spans, meta the entries of a document's ``meta``, columns the further columns of a document's tokens."""

Kind = Literal["kept", "moved", "split", "joined", "refused"]
"""What became of it."""

ITEMS: tuple[Item, ...] = get_args(Item)
KINDS: tuple[Kind, ...] = get_args(Kind)
EXAMPLES = 5
"""How many examples of each reason a ledger holds on to."""

Key = tuple[Item, Kind, str]

OTHER_LAYER = "is in a layer that is not written"
SPAN_GONE = "goes with a span that is refused"


def plural(item: Item) -> str:
    """The word for several of them."""
    return item if item == "meta" else f"{item}s"


class Entry(NamedTuple):
    """What became of one span.

    Attributes:
        kind: its fate.
        reason: how it was changed or why it was refused, in a few words; "" if it was kept.
        span: the span as it came.
        to: where it is now, in characters; of a joined one the whole that it is a part of; None if it was
            refused.
        surface: the text that it covered as it came.
        pieces: how many it was split into; 1 if it was not.
    """

    kind: Kind
    reason: str
    span: Span
    to: tuple[int, int] | None
    surface: str
    pieces: int = 1


class Example(NamedTuple):
    """One entry and the document that it is from, None where documents have no ids."""

    document: str | None
    entry: Entry

    def __str__(self) -> str:
        span, to = self.entry.span, self.entry.to
        place = "" if self.document is None else f"{self.document}: "
        moved = "" if to is None or to == (span.start, span.end) else f" -> {to[0]}-{to[1]}"
        return f"{place}{span.label} {span.start}-{span.end}{moved} {self.entry.surface!r}"


class Row(NamedTuple):
    """A line of the account for people; the example is "" where there is none."""

    item: Item
    kind: Kind
    reason: str
    number: int
    example: str


@dataclass(frozen=True)
class Ledger:
    """Counts by item, kind and reason, with a few examples of each; a value that ``+`` adds up.

    Attributes:
        counts: how many by ``(item, kind, reason)``.
        pieces: by item how many the split and the joined became.
        examples: by ``(item, kind, reason)`` the first ``EXAMPLES`` spans that were not kept.
    """

    counts: Mapping[Key, int] = field(default_factory=dict)
    pieces: Mapping[Item, int] = field(default_factory=dict)
    examples: Mapping[Key, tuple[Example, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry], document: str | None = None) -> Ledger:
        """The ledger of one document's spans, under its id."""
        counts: Counter[Key] = Counter()
        examples: dict[Key, tuple[Example, ...]] = {}
        pieces, groups = 0, set()
        for entry in entries:
            key: Key = "span", entry.kind, entry.reason
            counts[key] += 1
            if entry.kind == "kept":
                continue
            if counts[key] <= EXAMPLES:
                examples[key] = (*examples.get(key, ()), Example(document, entry))
            if entry.kind == "split":
                pieces += entry.pieces
            elif entry.kind == "joined":
                groups.add((entry.span.layer, entry.to, entry.span.label))
        made = pieces + len(groups)
        return cls(counts, {"span": made} if made else {}, examples)

    @classmethod
    def counted(cls, kind: Kind, reason: str, count: int, item: Item = "span", pieces: int = 0) -> Ledger:
        """A ledger of which only numbers are of interest.

        Args:
            kind: what became of them.
            reason: how or why; "" for the kept.
            count: how many there were.
            item: what they are.
            pieces: how many they became, if they were split or joined.
        """
        return cls({(item, kind, reason): count}, {item: pieces} if pieces else {}) if count else cls()

    def __add__(self, other: Ledger) -> Ledger:
        counts, pieces, examples = dict(self.counts), dict(self.pieces), dict(self.examples)
        for key, count in other.counts.items():
            counts[key] = counts.get(key, 0) + count
        for item, count in other.pieces.items():
            pieces[item] = pieces.get(item, 0) + count
        for key, more in other.examples.items():
            examples[key] = (*examples.get(key, ()), *more)[:EXAMPLES]
        return Ledger(counts, pieces, examples)

    def total(self, kind: Kind, item: Item = "span") -> int:
        """How many had this fate."""
        return sum(count for (of, fate, _), count in self.counts.items() if of == item and fate == kind)

    def given(self, item: Item = "span") -> int:
        """How many entered: kept + moved + split + joined + refused."""
        return sum(count for (of, _, _), count in self.counts.items() if of == item)

    def made(self, item: Item = "span") -> int:
        """How many came out: kept + moved + the pieces of the split + the groups of the joined."""
        return self.total("kept", item) + self.total("moved", item) + self.pieces.get(item, 0)

    @property
    def kept(self) -> int:
        """How many spans are as they were."""
        return self.total("kept")

    @property
    def moved(self) -> int:
        """How many spans are there, but not as they were."""
        return self.total("moved")

    @property
    def split(self) -> int:
        """How many spans became several."""
        return self.total("split")

    @property
    def joined(self) -> int:
        """How many spans became one with others."""
        return self.total("joined")

    @property
    def refused(self) -> int:
        """How many spans are gone."""
        return self.total("refused")

    def table(self) -> list[Row]:
        """Rows by item, then kind, then falling count."""
        keys = sorted(
            self.counts, key=lambda key: (ITEMS.index(key[0]), KINDS.index(key[1]), -self.counts[key], key[2])
        )
        return [Row(*key, self.counts[key], str(next(iter(self.examples.get(key, ())), ""))) for key in keys]

    def to_json(self) -> dict[str, object]:
        """Totals by item, and the reasons with their counts and examples, in JSON's types."""
        items = [item for item in ITEMS if self.given(item)]
        return {
            "items": {
                item: {
                    "given": self.given(item),
                    **{kind: self.total(kind, item) for kind in KINDS},
                    "made": self.made(item),
                }
                for item in items
            },
            "reasons": [
                {
                    "item": row.item,
                    "kind": row.kind,
                    "reason": row.reason,
                    "count": row.number,
                    "examples": [
                        {
                            "document": document,
                            "start": entry.span.start,
                            "end": entry.span.end,
                            "label": entry.span.label,
                            "layer": entry.span.layer,
                            "text": entry.surface,
                            "to": None if entry.to is None else list(entry.to),
                        }
                        for document, entry in self.examples.get((row.item, row.kind, row.reason), ())
                    ],
                }
                for row in self.table()
                if row.kind != "kept"
            ],
        }


def contents(document: Document) -> dict[Item, int]:
    """How many of each item a document has; what it has none of is left out."""
    counts: dict[Item, int] = {"document": 1}
    tokens, spans = document.tokens, document.spans
    if tokens is not None and len(tokens):
        counts["sentence"], counts["token"] = len(tokens.sentences), len(tokens)
        if tokens.columns:
            counts["column"] = len(tokens.columns)
    ids = 0 if document.id is None else 1
    if spans:
        counts["span"] = len(spans)
        ids += sum([span.id is not None for span in spans])
        scores = sum([span.score is not None for span in spans])
        if document.relations:
            counts["relation"] = len(document.relations)
            scores += sum(relation.score is not None for relation in document.relations)
        if scores:
            counts["score"] = scores
    if ids:
        counts["id"] = ids
    if document.unknown:
        counts["region"] = len(document.unknown)
    if document.labels:
        counts["label"] = len(document.labels)
    if document.meta:
        counts["meta"] = len(document.meta)
    return counts


# Items that a format has or has not as a whole: what it must hold, and what is said if it does not.
_WHOLE: tuple[tuple[Item, str, str], ...] = (
    ("sentence", "sentences", "sentence, which the format does not mark"),
    ("token", "tokens", "token, which the format does not mark"),
    ("column", "columns", "further column of the tokens, which the format cannot hold"),
    ("region", "unknown", "region that is not annotated, which the format cannot hold"),
    ("label", "labels", "label of the document, which the format cannot hold"),
    ("meta", "meta", "entry of meta, which the format cannot hold"),
)
_NO_SPANS = "span, which the format cannot hold"
_NO_RELATIONS = "relation, which the format cannot hold"
_NO_SCORES = "score, which the format cannot hold"
NO_IDS = "id of the document, which the format cannot hold"
_NO_SPAN_IDS = "id of a span, which the format cannot hold"


def account(
    document: Document,
    holds: frozenset[str],
    entries: Iterable[Entry] | None = None,
    layer: str | None = None,
    *,
    text_moved: str = "",
) -> Ledger:
    """The whole account of one document that was written.

    Args:
        document: what the writer was given.
        holds: what the format can express, as in ``Format.holds``; all else that the document has is refused.
        entries: the fates of its spans, or of those of the one layer that was written; None if all are kept.
        layer: the one layer that was written; by default all, or ``entities`` if the format has no layers.
        text_moved: how the text was changed; "" if it reads back as it is.

    Raises:
        ValueError: if there are not as many entries as spans: the writer has lost count.
    """
    has = contents(document)
    counts: dict[Key, int] = {("document", "moved" if text_moved else "kept", text_moved): 1}

    def note(item: Item, count: int, reason: str) -> None:
        """Count as kept, or, with a reason, as refused."""
        if count:
            key: Key = item, "refused" if reason else "kept", reason
            counts[key] = counts.get(key, 0) + count

    for item, name, reason in _WHOLE:
        if item in has:
            note(item, has[item], "" if name in holds else reason)
    note("id", document.id is not None, "" if "ids" in holds else NO_IDS)
    if not document.spans:
        return Ledger(counts)
    if "spans" not in holds:
        entries = [Entry("refused", _NO_SPANS, span, None, document.surface(span)) for span in document.spans]
    if layer is None and "layers" not in holds:
        layer = ENTITIES
    ledger, gone = _of_spans(document, entries, layer)
    counts.update(ledger.counts)
    lost = {span.id for span in gone}
    gone_relations = [one for one in document.relations if one.head in lost or one.tail in lost]
    note("relation", len(gone_relations), SPAN_GONE)
    note("relation", len(document.relations) - len(gone_relations), "" if "relations" in holds else _NO_RELATIONS)
    gone_scores = sum([span.score is not None for span in gone])
    gone_scores += sum([relation.score is not None for relation in gone_relations])
    note("score", gone_scores, SPAN_GONE)
    note("score", has.get("score", 0) - gone_scores, "" if "scores" in holds else _NO_SCORES)
    gone_ids = sum(span.id is not None for span in gone)
    ids = sum(span.id is not None for span in document.spans)
    note("id", gone_ids, SPAN_GONE)
    note("id", ids - gone_ids, "" if "span ids" in holds else _NO_SPAN_IDS)
    return Ledger(counts, ledger.pieces, ledger.examples)


def _of_spans(document: Document, entries: Iterable[Entry] | None, layer: str | None) -> tuple[Ledger, list[Span]]:
    """The account of a document's spans, and those of them that are refused."""
    written = document.spans if layer is None else document.layer(layer)
    if entries is None and len(written) == len(document.spans):
        return Ledger({("span", "kept", ""): len(written)}), []
    told = [Entry("kept", "", span, None, "") for span in written] if entries is None else list(entries)
    if len(told) == len(written) < len(document.spans):
        others = (span for span in document.spans if span.layer != layer)
        told += [Entry("refused", OTHER_LAYER, span, None, document.surface(span)) for span in others]
    if len(told) != len(document.spans):
        raise ValueError(f"{len(told)} entries for {len(document.spans)} spans: a writer has lost count")
    return Ledger.of(told, document.id), [entry.span for entry in told if entry.kind == "refused"]
