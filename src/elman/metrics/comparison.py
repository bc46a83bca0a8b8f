"""What is compared: gold and predicted spans of the same texts, as integers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from elman.data.document import ENTITIES, Document
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Span, Tokens

Unit = Literal["document", "sentence"]
"""What is counted apart, and drawn anew for the intervals."""


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
    """

    names: tuple[str, ...]
    gold: NDArray[np.int64]
    predicted: NDArray[np.int64]
    units: int
    unit: Unit = "document"
    layer: str = ENTITIES
    ignored: int = 0


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
    gold_rows: list[tuple[int, int, int, int]] = []
    predicted_rows: list[tuple[int, int, int, int]] = []
    units, ignored = 0, 0
    tokens: Tokens | None = None
    for unit, (truth, guess) in enumerate(pairs):
        true, guessed = judged(Judged(truth, guess), layer)
        ignored += len(guess.layer(layer)) - len(guessed)
        for spans, rows in ((true, gold_rows), (guessed, predicted_rows)):
            for span in spans:
                rows.append((unit, span.start, span.end, numbers.setdefault(span.label, len(numbers))))
        units, tokens = unit + 1, truth.tokens or guess.tokens
    names = sorted(numbers)
    ranks = np.argsort([numbers[name] for name in names])
    true_spans = np.array(gold_rows, dtype=np.int64).reshape(-1, 4)
    guessed_spans = np.array(predicted_rows, dtype=np.int64).reshape(-1, 4)
    kind: Unit = "document"
    if tokens and units == 1:
        kind, units = "sentence", len(tokens.sentences)
    for array in (true_spans, guessed_spans):
        array[:, 3] = ranks[array[:, 3]]
        if tokens and kind == "sentence":
            starts = tokens.offsets[tokens.sentences, 0]
            array[:, 0] = np.maximum(np.searchsorted(starts, array[:, 1], side="right") - 1, 0)
    return Comparison(tuple(names), true_spans, guessed_spans, units, kind, layer, ignored)


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
