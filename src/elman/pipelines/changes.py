"""What happens to documents between reading and writing, step by step, each step with its account."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from elman.data.align import DUPLICATE, OVERLAPPING
from elman.data.layers import base_of, flattened, merge_layers
from elman.data.ledger import ITEMS, SPAN_GONE, Entry, Item, Ledger, contents
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from elman.data.document import Document, Region, Span

Resolve = Literal["longest", "first", "error"]
"""Which of several spans of one layer that overlap stays: the longest, the one given first, or none."""

RENAMED = "label renamed as asked"
DROPPED = "label dropped as asked"
SPREAD = "put on a further layer, because it overlaps another"
MERGED = "put back from a further layer"
MERGED_REGION = "region that is not annotated, on several layers that are one again"


class Change(NamedTuple):
    """A document as it is after a step.

    Attributes:
        document: it.
        entries: the fates of its spans; None if all are as they were.
        regions: those of its regions that are not as they were.
    """

    document: Document
    entries: list[Entry] | None = None
    regions: Ledger = Ledger()


@dataclass
class Step:
    """One change to all documents.

    Attributes:
        name: what it does.
        change: the change.
        told: what became of what was changed or refused; ``account`` adds the rest.
        added: what is there now and was not before.
    """

    name: str
    change: Callable[[Document], Change]
    told: Ledger = field(default_factory=Ledger)
    added: Counter[Item] = field(default_factory=Counter)

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The documents, changed, as they come."""
        for document in documents:
            change = self.change(document)
            if change.document is not document:
                self._note(document, change)
            yield change.document

    def _note(self, before: Document, change: Change) -> None:
        after, entries, regions = change
        lost = Counter(contents(before))
        lost.subtract(contents(after))
        if regions.counts:
            self.told += regions
            lost["region"] -= regions.given("region") - regions.made("region")
        if entries is not None:
            del lost["span"]
            self.told += Ledger.of((entry for entry in entries if entry.kind != "kept"), before.id)
        for item, count in lost.items():
            if count > 0:
                self.told += Ledger.counted("refused", SPAN_GONE, count, item)
            elif count < 0:
                self.added[item] -= count

    def account(self, given: Mapping[Item, int]) -> Ledger:
        """The whole account, with what went through as it was.

        Args:
            given: how many of each item came in.
        """
        ledger = self.told
        for item in ITEMS:
            ledger += Ledger.counted("kept", "", given.get(item, 0) - self.told.given(item), item)
        return ledger


class Labels:
    """Renames and drops labels.

    Args:
        names: for each label to change its new name; empty drops its spans, and relations go with their spans.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self._seen: Counter[str] = Counter()

    def __call__(self, document: Document) -> Change:
        """The document with other labels."""
        self._seen.update([span.label for span in document.spans])
        if not any(span.label in self.names for span in document.spans):
            return Change(document)
        spans, entries = [], []
        for span in document.spans:
            label, to = self.names.get(span.label, span.label), (span.start, span.end)
            surface = document.surface(span)
            if not label:
                entries.append(Entry("refused", DROPPED, span, None, surface))
                continue
            spans.append(span if label == span.label else replace(span, label=label))
            same = label == span.label
            entries.append(Entry("kept" if same else "moved", "" if same else RENAMED, span, to, surface))
        return Change(_with(document, spans), entries)

    def check(self) -> None:
        """Refuse names of labels that never came.

        Raises:
            UsageError: with the labels that did.
        """
        unused = [label for label in self.names if not self._seen[label]]
        if unused:
            known = ", ".join(sorted(self._seen)) or "none"
            raise UsageError(f"the label map names {', '.join(unused)}, which the data does not have; it has {known}")


class Tokenizing:
    """Gives texts without tokens the tokens and sentences that ``elman.text`` finds."""

    def __init__(self) -> None:
        self.documents = 0

    def __call__(self, document: Document) -> Change:
        """The document with tokens."""
        if document.tokens is not None:
            return Change(document)
        # Imported when a text needs it: conversions of tokens start sooner without.
        from elman.text.tokens import tokens_of

        self.documents += 1
        return Change(replace(document, tokens=tokens_of(document.text)))


def resolving(rule: Resolve) -> Callable[[Document], Change]:
    """A step that leaves no two spans of one layer that overlap."""

    def resolve(document: Document) -> Change:
        if len(document.spans) < 2:
            return Change(document)
        reasons = _give_way(document, rule)
        if not reasons:
            return Change(document)
        entries = [
            Entry("refused", reasons[at], span, None, document.surface(span))
            if at in reasons
            else Entry("kept", "", span, (span.start, span.end), "")
            for at, span in enumerate(document.spans)
        ]
        return Change(_with(document, [span for at, span in enumerate(document.spans) if at not in reasons]), entries)

    return resolve


def _give_way(document: Document, rule: Resolve) -> dict[int, str]:
    """The indices of the spans that have to go, and why."""
    spans = document.spans
    order = list(range(len(spans)))
    if rule == "longest":
        order.sort(key=lambda at: (spans[at].start - spans[at].end, at))
    stay: dict[str, list[tuple[int, Span]]] = {}
    reasons: dict[int, str] = {}
    for at in order:
        span = spans[at]
        kept = stay.setdefault(span.layer, [])
        # Those that stay do not overlap, so only the one that ends next after this span's start can be in the way.
        place = bisect_left(kept, span.start + 1, key=lambda one: one[1].end)
        rival = kept[place][1] if place < len(kept) and kept[place][1].start < span.end else None
        if rival is None:
            kept.insert(place, (at, span))
        elif rule == "error":
            title = "" if document.id is None else f"document {document.id!r}: "
            raise DataError(f"{title}{rival} and {span} overlap; choose keep, longest or first")
        else:
            reasons[at] = DUPLICATE if rival.key == span.key else OVERLAPPING
    return reasons


def spreading(document: Document) -> Change:
    """The document with spans that overlap on further layers, each of them flat."""
    flat = document
    for layer in dict.fromkeys(map(base_of, dict.fromkeys(span.layer for span in document.spans))):
        flat = flattened(flat, layer)
    return Change(document) if flat is document else Change(flat, _relayered(document, flat, SPREAD))


def merging(document: Document) -> Change:
    """The way back: the document with the spans of further layers on the one that they were spread from."""
    whole = document
    pieces: tuple[Span | Region, ...] = (*document.spans, *document.unknown)
    for layer in dict.fromkeys(base_of(piece.layer) for piece in pieces):
        whole = merge_layers(whole, layer)
    if whole is document:
        return Change(document)
    places = Counter((region.start, region.end, base_of(region.layer)) for region in document.unknown)
    several = [count for count in places.values() if count > 1]
    regions = Ledger.counted("joined", MERGED_REGION, sum(several), "region", len(several))
    return Change(whole, _relayered(document, whole, MERGED), regions)


def _relayered(before: Document, after: Document, reason: str) -> list[Entry]:
    """The fates of spans of which some are on another layer now."""
    return [
        Entry("kept", "", span, (span.start, span.end), "")
        if span == now
        else Entry("moved", reason, span, (span.start, span.end), before.surface(span))
        for span, now in zip(before.spans, after.spans, strict=True)
    ]


def _with(document: Document, spans: list[Span]) -> Document:
    """The document with these spans; relations of others go with them."""
    ids = {span.id for span in spans}
    relations = tuple(one for one in document.relations if one.head in ids and one.tail in ids)
    return replace(document, spans=tuple(spans), relations=relations)
