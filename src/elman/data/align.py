"""Spans of characters to runs of tokens and back, with an entry in the ledger for each span."""

from __future__ import annotations

from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from elman.data.document import ENTITIES, Span
from elman.data.ledger import Entry, Ledger
from elman.data.schemes import TokenSpan
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Partial = Literal["outside", "inside"]
"""Where a span goes that begins or ends within a token: out to the token's rim, or in to the next token's."""

Overlap = Literal["longest", "first", "error"]
"""Which of several spans on the same tokens stays: the longest, the one given first, or none (an error).

Spans that had to be widened or shrunk come after those that did not.
"""

TRIMMED = "trimmed: its rim is white space or belongs to no token"
WIDENED = "widened to whole tokens"
SHRUNK = "shrunk to whole tokens"
NO_TOKEN = "covers no token"
WITHIN = "covers no whole token"
CROSSING = "crosses the border of a sentence"
DUPLICATE = "has the tokens and the label of a span that was kept"
OVERLAPPING = "overlaps a span that was kept"
COLLIDING = "overlaps a span that was kept, now that it would be moved to whole tokens"


class Alignment(NamedTuple):
    """Spans on tokens, ascending, without overlap; and an entry for each given span, in the given order."""

    token_spans: tuple[TokenSpan, ...]
    entries: tuple[Entry, ...]

    def ledger(self, document: str | None = None) -> Ledger:
        """The entries as a ledger, under the document's id."""
        return Ledger.of(self.entries, document)


def align(
    spans: Sequence[Span],
    offsets: NDArray[np.integer],
    *,
    text: str,
    sentences: NDArray[np.integer] | None = None,
    partial: Partial = "outside",
    overlap: Overlap = "longest",
) -> Alignment:
    """Put spans of one flat layer onto tokens.

    Args:
        spans: of one layer, in any order; they may overlap.
        offsets: n x 2, the tokens' character offsets, ascending and without overlap.
        text: what the offsets point into.
        sentences: indices of the tokens that begin a sentence; no span may then cross such a border.
        partial: what to do with a span that begins or ends within a token.
        overlap: which spans stay where several want the same token.

    Returns:
        The spans on tokens, and one entry for each given span.

    Raises:
        DataError: if spans overlap and ``overlap`` is ``error``, or if a span ends outside the text.
    """
    for span in spans:
        if span.end > len(text):
            raise DataError(f"{span} ends outside the text, which has {len(text)} characters")
    if not spans:
        return Alignment((), ())
    if not len(offsets):
        return Alignment((), tuple(_refused(span, NO_TOKEN, text) for span in spans))
    places = _give_way(spans, _place(spans, offsets, sentences, partial), overlap)
    rims = offsets.tolist()
    token_spans, entries = [], []
    for span, (head, tail, cut, refusal) in zip(spans, places, strict=True):
        if refusal:
            entries.append(_refused(span, refusal, text))
            continue
        token_spans.append(TokenSpan(head, tail + 1, span.label))
        to = rims[head][0], rims[tail][1]
        surface = text[span.start : span.end]
        if to == (span.start, span.end):
            entries.append(Entry("kept", "", span, to, surface))
        else:
            moved = TRIMMED if not cut else WIDENED if partial == "outside" else SHRUNK
            entries.append(Entry("moved", moved, span, to, surface))
    return Alignment(tuple(sorted(token_spans)), tuple(entries))


class _Place(NamedTuple):
    """Where a span would be: its first and last token, whether its rim was within one, why it cannot be."""

    head: int
    tail: int
    cut: bool
    refusal: str


def _refused(span: Span, reason: str, text: str) -> Entry:
    return Entry("refused", reason, span, None, text[span.start : span.end])


def _place(
    spans: Sequence[Span],
    offsets: NDArray[np.integer],
    sentences: NDArray[np.integer] | None,
    partial: Partial,
) -> list[_Place]:
    """Where each span would be if there were no other."""
    starts, ends = offsets[:, 0], offsets[:, 1]
    begin, finish = np.array([(span.start, span.end) for span in spans]).T
    # From the first token that ends after the span's start to the last that starts before its end.
    head = np.searchsorted(ends, begin, side="right")
    tail = np.searchsorted(starts, finish, side="left") - 1
    empty = head > tail
    head, tail = np.minimum(head, len(offsets) - 1), np.maximum(tail, 0)
    cut_left, cut_right = starts[head] < begin, ends[tail] > finish
    if partial == "inside":
        head, tail = head + cut_left, tail - cut_right
    refusals = np.where(empty, NO_TOKEN, np.where(head > tail, WITHIN, ""))
    if sentences is not None:
        crossing = np.searchsorted(sentences, head, "right") != np.searchsorted(sentences, tail, "right")
        refusals = np.where(crossing & (refusals == ""), CROSSING, refusals)
    columns = (head, tail, cut_left | cut_right, refusals)
    return [_Place(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _give_way(spans: Sequence[Span], places: Sequence[_Place], overlap: Overlap) -> list[_Place]:
    """The places with a refusal for each span that has to give way to another."""
    rivals = [at for at, place in enumerate(places) if not place.refusal]
    in_order = sorted(places[at][:2] for at in rivals)
    settled = list(places)
    if all(a[1] < b[0] for a, b in pairwise(in_order)):
        return settled

    def rank(at: int) -> tuple[bool, int, int, int]:
        head, tail, cut, _ = places[at]
        if overlap != "longest":
            return cut, 0, 0, at
        return cut, head - tail, spans[at].start - spans[at].end, at

    owner = np.full(1 + max(tail for _, tail in in_order), -1)
    for at in sorted(rivals, key=rank):
        head, tail, cut, _ = places[at]
        winner = int(owner[head : tail + 1].max())
        if winner < 0:
            owner[head : tail + 1] = at
        elif overlap == "error":
            raise DataError(
                f"{spans[winner]} and {spans[at]} are on the same tokens, which one flat layer cannot hold; "
                "choose longest or first, or give them different layers"
            )
        elif places[winner][:2] == (head, tail) and spans[winner].label == spans[at].label:
            settled[at] = places[at]._replace(refusal=DUPLICATE)
        else:
            settled[at] = places[at]._replace(refusal=COLLIDING if cut else OVERLAPPING)
    return settled


def to_spans(token_spans: Iterable[TokenSpan], offsets: NDArray[np.integer], layer: str = ENTITIES) -> tuple[Span, ...]:
    """Runs of tokens as spans of characters, the way back from ``align``."""
    runs = list(token_spans)
    if not runs:
        return ()
    starts = offsets[[start for start, _, _ in runs], 0].tolist()
    ends = offsets[[end - 1 for _, end, _ in runs], 1].tolist()
    return tuple(map(Span, starts, ends, [label for _, _, label in runs], repeat(layer)))


class Agreement(NamedTuple):
    """How many tokens two tokenizations of a text have in common, and how many each has."""

    equal: int
    gold: int
    own: int

    def __add__(self, other: Agreement) -> Agreement:  # type: ignore[override]
        """The counts of two texts together."""
        return Agreement(*(a + b for a, b in zip(self, other, strict=True)))


def agreement(gold: NDArray[np.integer], own: NDArray[np.integer]) -> Agreement:
    """Count the tokens (n x 2 offsets into the same text) that begin and end at the same places in both."""
    a, b = (array.astype(np.int64) @ np.array([1 << 32, 1]) for array in (gold, own))
    return Agreement(len(np.intersect1d(a, b, assume_unique=True)), len(gold), len(own))
