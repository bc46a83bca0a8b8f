"""The errors of a system over many texts: who is taken for whom, where bounds go wrong, and what recurs."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.data.document import ENTITIES
from elman.metrics.comparison import judged
from elman.metrics.mistakes import BOUNDS, Bounds, Kind, Mistake, mistakes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Document, Span
    from elman.metrics.comparison import Judged

EXAMPLES = 3
"""So many places of each group are shown."""

CONTEXT = 50
"""So many characters are shown on either side."""

_LONGEST = 300


class Named(NamedTuple):
    """A string and its label."""

    text: str
    label: str


class Example(NamedTuple):
    """A mistake where it stands.

    Attributes:
        document: index of the document, from 0.
        name: its id, or ``document 1`` and so on.
        start: where the snippet begins in the document's text, in characters.
        text: the snippet.
        gold: the spans that should be there, with offsets into the snippet; cut where it ends.
        predicted: those that were predicted, likewise.
    """

    document: int
    name: str
    start: int
    text: str
    gold: tuple[Span, ...]
    predicted: tuple[Span, ...]


class Group(NamedTuple):
    """A mistake that was made once or many times: the same strings and labels on both sides.

    Attributes:
        kind: what is wrong.
        bounds: how the bounds are wrong, as ``Mistake.bounds`` says.
        gold: what should be there; None of spurious spans.
        predicted: what was predicted; None of missed spans.
        times: how often.
        documents: in how many documents.
        examples: the first places.
    """

    kind: Kind
    bounds: Bounds | None
    gold: Named | None
    predicted: Named | None
    times: int
    documents: int
    examples: tuple[Example, ...]


class Ambiguity(NamedTuple):
    """A string that has several labels in gold, or several among the predictions.

    Attributes:
        text: the string.
        gold: how often it has which label, the most frequent first.
        predicted: likewise.
        examples: of each label on either side the first place; gold's first.
    """

    text: str
    gold: dict[str, int]
    predicted: dict[str, int]
    examples: tuple[Example, ...]


@dataclass(frozen=True, eq=False)
class Errors:
    """What is wrong, in numbers that add up with those of exact matching.

    Of each label, ``correct`` and its row of ``confusion`` add up to its gold spans, and ``correct`` and its
    column to its predicted ones.

    Attributes:
        names: the labels, in the order of the arrays.
        correct: of each label, the spans that match exactly.
        confusion: (labels + 1) x (labels + 1): gold label by predicted label of the mistakes. The last column is
            missed spans, the last row spurious ones; the diagonal is the right label with the wrong bounds.
        bounds: how often bounds are wrong in which way, with the right and with the wrong label.
        groups: the mistakes, the most frequent first.
        ambiguities: strings with several labels, those first of which most spans have a rarer label.
        documents: how many were looked at.
        layer: the layer of the spans.
    """

    names: tuple[str, ...]
    correct: NDArray[np.int64]
    confusion: NDArray[np.int64]
    bounds: Mapping[Bounds, tuple[int, int]]
    groups: tuple[Group, ...]
    ambiguities: tuple[Ambiguity, ...]
    documents: int
    layer: str = ENTITIES

    @property
    def kinds(self) -> dict[Kind, int]:
        """How many mistakes there are of each kind; together they are all mistakes."""
        inner = self.confusion[:-1, :-1]
        bounds = int(np.trace(inner))
        mixed = sum(wrong for _, wrong in self.bounds.values())
        return {
            "missed": int(self.confusion[:-1, -1].sum()),
            "spurious": int(self.confusion[-1, :-1].sum()),
            "label": int(inner.sum()) - bounds - mixed,
            "bounds": bounds,
            "label and bounds": mixed,
        }

    def worst(self, limit: int) -> list[int]:
        """The indices of the labels with the most errors, gold or predicted; no more than ``limit``, ascending."""
        totals = (self.confusion.sum(axis=0) + self.confusion.sum(axis=1))[:-1]
        return sorted(np.argsort(-totals, kind="stable")[:limit].tolist())

    def to_json(self) -> dict[str, Any]:
        """The errors as plain values; offsets in examples count from the start of the document."""
        return {
            "kinds": self.kinds,
            "confusion": {
                "labels": list(self.names),
                "correct": self.correct.tolist(),
                "errors": self.confusion.tolist(),
            },
            "bounds": {
                kind: {"right_label": right, "wrong_label": wrong} for kind, (right, wrong) in self.bounds.items()
            },
            "groups": [
                {
                    "kind": group.kind,
                    "bounds": group.bounds,
                    "gold": group.gold and group.gold._asdict(),
                    "predicted": group.predicted and group.predicted._asdict(),
                    "count": group.times,
                    "documents": group.documents,
                    "examples": [_plain(example) for example in group.examples],
                }
                for group in self.groups
            ],
            "ambiguities": [
                {
                    "text": found.text,
                    "gold": found.gold,
                    "predicted": found.predicted,
                    "examples": [_plain(example) for example in found.examples],
                }
                for found in self.ambiguities
            ],
        }


def errors(pairs: Sequence[Judged], layer: str = ENTITIES, examples: int = EXAMPLES) -> Errors:
    """Analyse the errors of one layer.

    Predicted spans that gold has no verdict on are left out, as ``compare`` does.

    Args:
        pairs: documents as they should be and as a system has them.
        layer: of the spans.
        examples: how many places to give of each group, at least 0.
    """
    seen: defaultdict[tuple[Bounds | None, Named | None, Named | None], list[tuple[int, Mistake]]] = defaultdict(list)
    right, wrong = Counter[str](), Counter[tuple[str | None, str | None]]()
    bounds = {kind: [0, 0] for kind in BOUNDS}
    strings = _Strings(), _Strings()
    for number, pair in enumerate(pairs):
        gold, predicted = judged(pair, layer)
        for side, spans in zip(strings, (gold, predicted), strict=True):
            side.add(number, pair.gold, spans)
        right.update(span.label for span in gold)
        for mistake in mistakes(gold, predicted):
            one, other = _named(pair.gold, mistake.gold), _named(pair.gold, mistake.predicted)
            wrong[one and one.label, other and other.label] += 1
            if one is not None:
                right[one.label] -= 1
            if one is not None and other is not None and mistake.bounds is not None:
                bounds[mistake.bounds][one.label != other.label] += 1
            seen[mistake.bounds, one, other].append((number, mistake))
    names = sorted({*right, *(label for pair in wrong for label in pair if label is not None)})
    place: dict[str | None, int] = {**{name: at for at, name in enumerate(names)}, None: len(names)}
    confusion = np.zeros((len(names) + 1, len(names) + 1), dtype=np.int64)
    for (row, column), count in wrong.items():
        confusion[place[row], place[column]] = count
    ordered = sorted(seen.items(), key=lambda item: -len(item[1]))  # stable: then as they first come
    return Errors(
        tuple(names),
        np.array([right[name] for name in names], dtype=np.int64),
        confusion,
        {kind: (same, other) for kind, (same, other) in bounds.items()},
        tuple(
            Group(
                places[0][1].kind,
                key[0],
                key[1],
                key[2],
                len(places),
                len({number for number, _ in places}),
                tuple(_example(pairs, number, mistake) for number, mistake in places[:examples]),
            )
            for key, places in ordered
        ),
        _ambiguities(pairs, *strings),
        len(pairs),
        layer,
    )


def _named(document: Document, span: Span | None) -> Named | None:
    return None if span is None else Named(document.surface(span), span.label)


class _Strings:
    """How often each string has which label, and where first."""

    def __init__(self) -> None:
        self.labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.first: dict[tuple[str, str], tuple[int, Span]] = {}

    def add(self, number: int, document: Document, spans: Sequence[Span]) -> None:
        for span in spans:
            text = document.surface(span)
            self.labels[text][span.label] += 1
            self.first.setdefault((text, span.label), (number, span))

    def of(self, text: str) -> dict[str, int]:
        return dict(sorted(self.labels.get(text, {}).items(), key=lambda item: (-item[1], item[0])))

    def rarer(self, text: str) -> int:
        """How many of a string's spans have not its most frequent label."""
        counts = self.labels.get(text)
        return counts.total() - max(counts.values()) if counts else 0


def _ambiguities(pairs: Sequence[Judged], gold: _Strings, predicted: _Strings) -> tuple[Ambiguity, ...]:
    several = {text for side in (gold, predicted) for text, labels in side.labels.items() if len(labels) > 1}
    found = []
    for text in sorted(several, key=lambda text: (-gold.rarer(text) - predicted.rarer(text), text)):
        places = []
        for side in (gold, predicted):
            for label in side.of(text):
                number, span = side.first[text, label]
                truth = side is gold
                places.append(_example(pairs, number, Mistake(span if truth else None, None if truth else span)))
        found.append(Ambiguity(text, gold.of(text), predicted.of(text), tuple(places)))
    return tuple(found)


def _example(pairs: Sequence[Judged], number: int, mistake: Mistake) -> Example:
    document = pairs[number].gold
    spans = [span for span in (*mistake[:2], *mistake.beside) if span is not None]
    start = min(span.start for span in spans)
    stop = min(len(document.text), start + _LONGEST, max(span.end for span in spans) + CONTEXT)
    begin, end = _whole_words(document.text, max(0, start - CONTEXT), start, max(span.end for span in spans), stop)
    gold = [mistake.gold, *(mistake.beside if mistake.bounds == "merged" else ())]
    predicted = [mistake.predicted, *(mistake.beside if mistake.bounds == "split" else ())]
    return Example(
        number,
        document.id or f"document {number + 1}",
        begin,
        document.text[begin:end],
        _moved(gold, begin, end),
        _moved(predicted, begin, end),
    )


def _whole_words(text: str, begin: int, start: int, end: int, stop: int) -> tuple[int, int]:
    """A window around ``start`` and ``end`` without the words that it would cut, if it has others there."""
    if begin and not text[begin - 1].isspace():
        space = next((at for at in range(begin, start) if text[at].isspace()), None)
        begin = begin if space is None else space + 1
    if stop < len(text) and not text[stop].isspace():
        stop = next((at for at in range(stop - 1, end - 1, -1) if text[at].isspace()), stop)
    return begin, stop


def _moved(spans: Sequence[Span | None], begin: int, end: int) -> tuple[Span, ...]:
    """Spans with offsets into a snippet, as far as they are in it."""
    return tuple(
        replace(span, start=span.start - begin, end=min(span.end, end) - begin)
        for span in spans
        if span is not None and span.start < end
    )


def _plain(example: Example) -> dict[str, Any]:
    def spans(side: Sequence[Span]) -> list[dict[str, Any]]:
        return [
            {"start": span.start + example.start, "end": span.end + example.start, "label": span.label}
            | ({} if span.score is None else {"score": span.score})
            for span in side
        ]

    return {
        "document": example.document,
        "name": example.name,
        "start": example.start,
        "text": example.text,
        "gold": spans(example.gold),
        "predicted": spans(example.predicted),
    }
