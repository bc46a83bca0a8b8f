"""How much there is of everything: by split, by label, and by length."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elman.pipelines.audit.unit import Split, Unit

BARS = 12
"""A histogram has at most so many bars."""


@dataclass
class Counts:
    """What a split has.

    Attributes:
        split: which one.
        documents: how many.
        sentences: how many; found by ``elman.text`` where the file does not say.
        tokens: how many; likewise.
        characters: code points.
        spans: in the layer.
        inside: tokens that are in a span.
        unknown: regions of the layer that nobody annotated.
        labels: spans of each label.
        strings: different strings of each label.
        words: different words.
        unseen_words: tokens whose word is not in the training data; None for the training data itself.
        unseen_entities: spans whose string is no entity of the training data; likewise.
        sentence_lengths: by the number of tokens how many sentences.
        document_lengths: by the number of tokens how many documents.
        span_lengths: by the number of tokens how many spans.
        spans_of_documents: by the number of spans how many documents.
    """

    split: Split
    documents: int = 0
    sentences: int = 0
    tokens: int = 0
    characters: int = 0
    spans: int = 0
    inside: int = 0
    unknown: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    strings: Counter[str] = field(default_factory=Counter)
    words: int = 0
    unseen_words: int | None = None
    unseen_entities: int | None = None
    sentence_lengths: Counter[int] = field(default_factory=Counter)
    document_lengths: Counter[int] = field(default_factory=Counter)
    span_lengths: Counter[int] = field(default_factory=Counter)
    spans_of_documents: Counter[int] = field(default_factory=Counter)

    def add(self, unit: Unit) -> None:
        """Count a document in."""
        tokens, placed = len(unit.offsets), unit.alignment.token_spans
        self.documents += 1
        self.sentences += len(unit.sentences)
        self.tokens += tokens
        self.characters += len(unit.text)
        self.spans += len(unit.spans)
        self.unknown += sum(region.layer == unit.layer for region in unit.document.unknown)
        self.labels.update(span.label for span in unit.spans)
        lengths = [end - start for start, end, _ in placed]
        self.inside += sum(lengths)
        self.span_lengths.update(lengths)
        self.sentence_lengths.update(np.diff([*unit.sentences.tolist(), tokens]).tolist())
        self.document_lengths[tokens] += 1
        self.spans_of_documents[len(unit.spans)] += 1

    @property
    def histograms(self) -> dict[str, Counter[int]]:
        """The distributions by name."""
        return {
            "tokens of a sentence": self.sentence_lengths,
            "tokens of a document": self.document_lengths,
            "tokens of a span": self.span_lengths,
            "spans of a document": self.spans_of_documents,
        }

    def to_json(self) -> dict[str, object]:
        """All counts, in JSON's types."""
        return {
            "name": self.split.name,
            "trains": self.split.trains,
            "documents": self.documents,
            "sentences": self.sentences,
            "tokens": self.tokens,
            "characters": self.characters,
            "spans": self.spans,
            "tokens_in_spans": self.inside,
            "unknown_regions": self.unknown,
            "words": self.words,
            "unseen_words": self.unseen_words,
            "unseen_entities": self.unseen_entities,
            "labels": {
                label: {"spans": count, "strings": self.strings[label]} for label, count in self.labels.most_common()
            },
            "histograms": {
                name: [{"from": low, "to": high, "count": count} for low, high, count in bars(counts, edges(counts))]
                for name, counts in self.histograms.items()
            },
        }


def edges(counts: Mapping[int, int]) -> list[int]:
    """Where the bars of a histogram begin, ascending: round numbers, and one bar for the longest tail.

    Args:
        counts: by value, which is at least 0.

    Returns:
        At most ``BARS`` values; none of no counts.
    """
    values = sorted(value for value, count in counts.items() if count)
    if not values:
        return []
    # The last bar takes what is beyond all but two percent.
    total, seen, limit = sum(counts.values()), 0, values[-1]
    for value in values:
        seen += counts[value]
        if seen >= 0.98 * total:
            limit = value
            break
    low = values[0] if values[0] < BARS and limit < BARS else 0
    width = next(size * 10**power for power in range(20) for size in (1, 2, 5) if size * 10**power * BARS > limit - low)
    return list(range(low, min(limit, values[-1]) + 1, width))[:BARS]


def bars(counts: Mapping[int, int], starts: list[int]) -> list[tuple[int, int, int]]:
    """The bars of a histogram: first and last value, both inclusive, and how many; the last takes the rest."""
    if not starts:
        return []
    heights = [0] * len(starts)
    places = np.searchsorted(starts, list(counts), side="right") - 1
    for place, count in zip(places.tolist(), counts.values(), strict=True):
        heights[max(place, 0)] += count
    lasts = [start - 1 for start in starts[1:]] + [max(max(counts, default=0), starts[-1])]
    return list(zip(starts, lasts, heights, strict=True))
