"""The account of a conversion: each span that entered it was kept, moved (and how) or refused (and why)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elman.data.document import Span

Kind = Literal["kept", "moved", "refused"]
"""What became of a span."""

KINDS: tuple[Kind, ...] = ("kept", "moved", "refused")
EXAMPLES = 5
"""How many examples of each reason a ledger holds on to."""


class Entry(NamedTuple):
    """What became of one span.

    Attributes:
        kind: kept, moved or refused.
        reason: how it was moved or why it was refused, in a few words; "" if it was kept.
        span: the span as it came.
        to: where it is now, in characters; None if it was refused.
        surface: the text that it covered as it came.
    """

    kind: Kind
    reason: str
    span: Span
    to: tuple[int, int] | None
    surface: str


class Example(NamedTuple):
    """One entry and the document that it is from, None where documents have no ids."""

    document: str | None
    entry: Entry

    def __str__(self) -> str:
        span, to = self.entry.span, self.entry.to
        place = "" if self.document is None else f"{self.document}: "
        moved = "" if to is None or to == (span.start, span.end) else f" -> {to[0]}-{to[1]}"
        return f"{place}{span.label} {span.start}-{span.end}{moved} {self.entry.surface!r}"


@dataclass(frozen=True)
class Ledger:
    """Counts by kind and reason, with a few examples of each; a value that ``+`` adds up.

    Attributes:
        counts: how many spans by ``(kind, reason)``.
        examples: by ``(kind, reason)`` the first ``EXAMPLES`` that were moved or refused.
    """

    counts: Mapping[tuple[Kind, str], int] = field(default_factory=dict)
    examples: Mapping[tuple[Kind, str], tuple[Example, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry], document: str | None = None) -> Ledger:
        """The ledger of one document's entries, under its id."""
        counts: Counter[tuple[Kind, str]] = Counter()
        examples: dict[tuple[Kind, str], tuple[Example, ...]] = {}
        for entry in entries:
            key = entry.kind, entry.reason
            counts[key] += 1
            if entry.kind != "kept" and counts[key] <= EXAMPLES:
                examples[key] = (*examples.get(key, ()), Example(document, entry))
        return cls(counts, examples)

    @classmethod
    def counted(cls, kind: Kind, reason: str, count: int) -> Ledger:
        """A ledger of spans, or of other annotations, of which only the number is of interest."""
        return cls({(kind, reason): count} if count else {})

    def __add__(self, other: Ledger) -> Ledger:
        counts = dict(self.counts)
        for key, count in other.counts.items():
            counts[key] = counts.get(key, 0) + count
        examples = dict(self.examples)
        for key, more in other.examples.items():
            examples[key] = (*examples.get(key, ()), *more)[:EXAMPLES]
        return Ledger(counts, examples)

    def total(self, kind: Kind) -> int:
        """How many spans had this fate."""
        return sum(count for (other, _), count in self.counts.items() if other == kind)

    @property
    def kept(self) -> int:
        """How many spans are as they were."""
        return self.total("kept")

    @property
    def moved(self) -> int:
        """How many spans are there, but not as they were."""
        return self.total("moved")

    @property
    def refused(self) -> int:
        """How many spans are gone."""
        return self.total("refused")

    @property
    def given(self) -> int:
        """How many spans entered: kept + moved + refused."""
        return sum(self.counts.values())

    def table(self) -> list[tuple[str, str, int, str]]:
        """Rows of kind, reason, count and an example (or ""); kept, then moved, then refused, by count."""
        keys = sorted(self.counts, key=lambda key: (KINDS.index(key[0]), -self.counts[key], key[1]))
        return [(*key, self.counts[key], str(next(iter(self.examples.get(key, ())), ""))) for key in keys]

    def to_json(self) -> dict[str, object]:
        """Totals, and the reasons with their counts and examples, in JSON's types."""
        return {
            "given": self.given,
            **{kind: self.total(kind) for kind in KINDS},
            "reasons": [
                {
                    "kind": kind,
                    "reason": reason,
                    "count": count,
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
                        for document, entry in self.examples.get((kind, reason), ())
                    ],
                }
                for (kind, reason), count in self.counts.items()
                if kind != "kept"
            ],
        }
