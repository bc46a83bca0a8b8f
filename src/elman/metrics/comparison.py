"""What is compared: gold and predicted spans of the same texts, as integers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from elman.data.document import ENTITIES, Document
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Span, Tokens

Unit = Literal["document", "sentence"]
"""What is counted apart, and drawn anew for the intervals."""

Offsets = Literal["character", "token"]
"""What starts and ends are counted in."""


class Judged(NamedTuple):
    """A document as it should be, and as a system has it; both have the same text."""

    gold: Document
    predicted: Document


@dataclass(frozen=True, eq=False)
class Comparison:
    """Spans of one layer, gold and predicted, in units that are counted apart.

    Attributes:
        names: the labels, which the arrays index.
        gold: n x 4, int64: unit, start, end (exclusive), label.
        predicted: m x 4, likewise.
        units: how many units there are; those without spans count too.
        unit: what the units are.
        layer: the layer of the spans.
        ignored: predicted spans that are left out, as they overlap regions that nobody annotated.
        offsets: what starts and ends are counted in.
        running: whether offsets run on from unit to unit, so that spans of different units may overlap.
        touched: the tokens that the gold and the predicted spans touch, each n x 2: first and last, exclusive,
            the same for a span that touches none. None if some text with spans came without tokens.
        texts: of the documents, one a unit; if offsets run on, the one of all. None if they are not known.
    """

    names: tuple[str, ...]
    gold: NDArray[np.int64]
    predicted: NDArray[np.int64]
    units: int
    unit: Unit = "document"
    layer: str = ENTITIES
    ignored: int = 0
    offsets: Offsets = "character"
    running: bool = False
    touched: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
    texts: tuple[str, ...] | None = None


def pair(gold: Iterable[Document], predicted: Iterable[Document]) -> Iterator[Judged]:
    """Document by document, as long as the texts agree and neither side ends before the other.

    Raises:
        DataError: if texts differ, or one side has more documents; the message says where they part.
    """
    advice = "compare predictions for the same texts in the same order"
    for number, (truth, guess) in enumerate(zip_longest(gold, predicted), 1):
        if truth is None or guess is None:
            short, rest = ("gold", guess) if truth is None else ("predicted", truth)
            raise DataError(
                f"{short} ends after {number - 1} documents, and the other side goes on with "
                f"{rest.text[:40]!r}; {advice}"
            )
        if truth.text != guess.text:
            at = _parting(truth.text, guess.text)
            piece = slice(max(0, at - 20), at + 20)
            name = f"document {number}" if truth.id is None else f"document {number} ({truth.id})"
            raise DataError(
                f"{name}: the texts part at character {at}, gold has {truth.text[piece]!r} there, "
                f"predicted {guess.text[piece]!r}; {advice}"
            )
        yield Judged(truth, guess)


def compare(pairs: Iterable[Judged], layer: str = ENTITIES) -> Comparison:
    """Gather the spans of one layer.

    A predicted span that is not in gold and overlaps a region that gold leaves unannotated is neither right
    nor wrong: it is left out and counted in ``Comparison.ignored``.

    The units are documents. Of a single document with tokens they are its sentences, a span belonging to the
    one that it starts in. Offsets are the documents' own, in characters.
    """
    numbers: dict[str, int] = {}
    texts: list[str] = []
    sides: tuple[list[tuple[int, ...]], list[tuple[int, ...]]] = [], []
    tokens: dict[int, Tokens | None] = {}  # of documents with spans
    ignored = 0
    last: Tokens | None = None
    for unit, (truth, guess) in enumerate(pairs):
        both = judged(Judged(truth, guess), layer)
        ignored += len(guess.layer(layer)) - len(both[1])
        texts.append(truth.text)
        last = truth.tokens or guess.tokens
        for spans, rows in zip(both, sides, strict=True):
            for span in spans:
                rows.append((unit, span.start, span.end, numbers.setdefault(span.label, len(numbers))))
                tokens[unit] = last
    names = sorted(numbers)
    ranks = np.argsort([numbers[name] for name in names]).astype(np.int64)
    gold, predicted = (np.array(rows, dtype=np.int64).reshape(-1, 4) for rows in sides)
    touched = None
    if None not in tokens.values():
        found = {unit: each for unit, each in tokens.items() if each is not None}
        touched = _touched(gold, found), _touched(predicted, found)
    sentences = last if last and len(texts) == 1 else None
    for array in (gold, predicted):
        array[:, 3] = ranks[array[:, 3]]
        if sentences:
            starts = sentences.offsets[sentences.sentences, 0]
            array[:, 0] = np.maximum(np.searchsorted(starts, array[:, 1], side="right") - 1, 0)
    return Comparison(
        tuple(names),
        gold,
        predicted,
        len(sentences.sentences) if sentences else len(texts),
        "sentence" if sentences else "document",
        layer,
        ignored,
        running=sentences is not None,
        touched=touched,
        texts=tuple(texts),
    )


def _touched(spans: NDArray[np.int64], tokens: Mapping[int, Tokens]) -> NDArray[np.int64]:
    """The tokens that spans touch, by the number of their document: n x 2."""
    if not len(spans):
        return np.zeros((0, 2), np.int64)
    sizes = np.array([len(each) for each in tokens.values()])
    unit = np.repeat(np.fromiter(tokens, np.int64), sizes)
    offsets = np.concatenate([each.offsets for each in tokens.values()]).astype(np.int64)
    width = 1 + max(int(offsets.max(initial=0)), int(spans[:, 2].max()))
    begin, end = (spans[:, 0] * width + spans[:, column] for column in (1, 2))
    starts, ends = (unit * width + offsets[:, column] for column in (0, 1))
    first = np.searchsorted(ends, begin, side="right")
    last = np.maximum(np.searchsorted(starts, end, side="left"), first)
    before = np.searchsorted(unit, spans[:, 0])
    return np.column_stack([first - before, last - before])


def _parting(one: str, other: str) -> int:
    """The first position at which two texts differ."""
    same = (a == b for a, b in zip(one, other, strict=False))
    return next((at for at, equal in enumerate(same) if not equal), min(len(one), len(other)))


def judged(pair: Judged, layer: str = ENTITIES) -> tuple[Sequence[Span], Sequence[Span]]:
    """The gold spans of one layer, and the predicted spans that gold has a verdict on, which see ``compare``."""
    gold, predicted = pair.gold.layer(layer), pair.predicted.layer(layer)
    unknown = [region for region in pair.gold.unknown if region.layer == layer]
    if not unknown:
        return gold, predicted
    known = {span.key for span in gold}
    return gold, [
        span
        for span in predicted
        if span.key in known or all(span.end <= gap.start or gap.end <= span.start for gap in unknown)
    ]
