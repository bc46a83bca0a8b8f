"""What each annotator said of each piece of a text, as integers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Document, Region, Span

    Ints = NDArray[np.int64]
    Row = Sequence[Document | None]

NONE = 0
"""The category of what has no label."""
UNKNOWN = -1
"""What stands in the place of a category where an annotator said nothing."""


@dataclass(frozen=True, eq=False)
class Codings:
    """Pieces of texts, and the category that each annotator gave to each.

    A category is the set of labels of the spans that cover a piece, so that nested and overlapping spans have
    one, too. A section is a run of pieces that the same spans of an annotator cover.

    Attributes:
        unit: the document of each piece, n.
        weight: how much it counts, n: 1 for a token, its length for a run of characters.
        category: n x annotators: NONE, the number of a set of labels, or UNKNOWN.
        section: n x annotators: numbered over all pieces; -1 where there is no label.
        cover: r x 4, a row for each piece, annotator and label of a span that covers it: these three, and the
            section with the spans of that label alone.
        units: how many documents there are.
    """

    unit: Ints
    weight: Ints
    category: Ints
    section: Ints
    cover: Ints
    units: int


def code_tokens(rows: Sequence[Row], layer: str, labels: Sequence[str]) -> Codings:
    """The tokens of documents; a span covers a token if they share a character.

    Args:
        rows: for each text the annotators' documents, None where there is none; one of them has tokens.
        layer: of the spans.
        labels: all of that layer.
    """
    places = []
    for row in rows:
        tokens = next(document.tokens for document in row if document is not None and document.tokens is not None)
        offsets = tokens.offsets.astype(np.int64)
        places.append((offsets[:, 0], offsets[:, 1], np.ones(len(offsets), np.int64)))
    return _code(rows, places, layer, labels)


def code_characters(rows: Sequence[Row], layer: str, labels: Sequence[str]) -> Codings:
    """The characters of documents, in runs in which no annotator's span or unknown region begins or ends."""
    places = []
    for row in rows:
        there = [document for document in row if document is not None]
        cuts = {0, len(there[0].text)}
        for document in there:
            pieces: tuple[Span | Region, ...] = (*document.spans, *document.unknown)
            cuts.update(edge for piece in pieces if piece.layer == layer for edge in (piece.start, piece.end))
        edges = np.array(sorted(cuts), np.int64)
        places.append((edges[:-1], edges[1:], np.diff(edges)))
    return _code(rows, places, layer, labels)


def _code(rows: Sequence[Row], places: Sequence[tuple[Ints, Ints, Ints]], layer: str, labels: Sequence[str]) -> Codings:
    """Say of each place, given by starts, ends and weights, what each annotator said."""
    annotators = len(rows[0]) if rows else 0
    sizes = [len(starts) for starts, _, _ in places]
    numbers = {label: number for number, label in enumerate(labels)}
    categories: dict[frozenset[str], int] = {frozenset(): NONE}
    category = np.full((sum(sizes), annotators), UNKNOWN, np.int64)
    section = np.full((sum(sizes), annotators), -1, np.int64)
    cover: list[tuple[int, int, int, int]] = []
    counter = count()
    first = 0
    for row, (starts, ends, _), size in zip(rows, places, sizes, strict=True):
        for annotator, document in enumerate(row):
            if document is None:
                continue
            said = category[first : first + size, annotator]
            said[:] = NONE
            for region in document.unknown:
                if region.layer == layer:
                    said[_touched(starts, ends, region.start, region.end)] = UNKNOWN
            for place, found, sections in _sections(_covered(starts, ends, document.layer(layer)), counter):
                said[place] = categories.setdefault(found, len(categories))
                section[first + place, annotator] = sections.pop(None)
                cover += [(first + place, annotator, numbers[label or ""], each) for label, each in sections.items()]
        first += size
    return Codings(
        np.repeat(np.arange(len(rows)), sizes),
        np.concatenate([np.zeros(0, np.int64), *(weights for _, _, weights in places)]),
        category,
        section,
        np.array(cover, np.int64).reshape(-1, 4),
        len(rows),
    )


def _sections(
    covered: dict[int, dict[int, str]], counter: Iterator[int]
) -> Iterator[tuple[int, frozenset[str], dict[str | None, int]]]:
    """For each place that spans cover: their labels, and the section of all of them (None) and of each label's."""
    before: dict[str | None, tuple[int, set[int], int]] = {}
    for place, spans in covered.items():
        members: dict[str | None, set[int]] = {None: set(spans)}
        for span, label in spans.items():
            members.setdefault(label, set()).add(span)
        for key, same in members.items():
            last, others, number = before.get(key, (-2, set(), 0))
            before[key] = place, same, number if last == place - 1 and others == same else next(counter)
        yield place, frozenset(spans.values()), {key: before[key][2] for key in members}


def _touched(starts: Ints, ends: Ints, start: int, end: int) -> slice:
    """The places that share a character with a piece of the text."""
    return slice(*np.searchsorted(ends, [start], side="right"), *np.searchsorted(starts, [end], side="left"))


def _covered(starts: Ints, ends: Ints, spans: Sequence[Span]) -> dict[int, dict[int, str]]:
    """For each place that a span touches, ascending, the spans by number with their labels; each span once."""
    found: dict[int, dict[int, str]] = {}
    for number, (start, end, label) in enumerate(sorted({(span.start, span.end, span.label) for span in spans})):
        places = _touched(starts, ends, start, end)
        for place in range(places.start, places.stop):
            found.setdefault(place, {})[number] = label
    return dict(sorted(found.items()))
