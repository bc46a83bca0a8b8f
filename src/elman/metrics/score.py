"""Predictions against gold: the result, and how it comes from documents or from arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from elman.data.document import ENTITIES
from elman.errors import DataError
from elman.metrics.counts import Counts
from elman.metrics.intervals import Interval, Intervals, bootstrap, macro_f1
from elman.metrics.matching import count_exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.data.document import Document, Region, Span, Tokens

SCHEMA = "elman.score/1"
"""The name and version of what ``Result.to_json`` gives."""

Unit = Literal["document", "sentence"]
"""What is counted apart, and drawn anew for the intervals."""


@dataclass(frozen=True, eq=False)
class Result:
    """How well predicted spans match gold spans, exactly: same start, end and label.

    Attributes:
        names: the labels.
        counts: units x labels x 3, int32: correct, predicted, support.
        unit: what the units are.
        layer: the layer of spans that was compared.
        ignored: predicted spans that were left out, as they overlap regions that nobody annotated.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int32]
    unit: Unit = "document"
    layer: str = ENTITIES
    ignored: int = 0

    @property
    def micro(self) -> Counts:
        """The counts of all labels together."""
        return Counts(*self.counts.sum(axis=(0, 1), dtype=np.int64).tolist())

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the labels that occur, in gold or predicted; 0.0 if none does."""
        return float(macro_f1(self.counts.sum(axis=0, dtype=np.int64)))

    @property
    def labels(self) -> dict[str, Counts]:
        """The counts of each label, over all units."""
        rows = self.counts.sum(axis=0, dtype=np.int64).tolist()
        return {name: Counts(*row) for name, row in zip(self.names, rows, strict=True)}

    @cached_property
    def intervals(self) -> Intervals | None:
        """95 % bootstrap intervals of F1 over the units; None of fewer than two units, or without labels."""
        return bootstrap(self.counts) if len(self.counts) > 1 and self.names else None

    def to_json(self) -> dict[str, Any]:
        """The result as plain values, ratios as fractions.

        Under ``micro`` and, for each label, under ``labels``: ``precision``, ``recall``, ``f1``,
        ``support``, ``predicted``, ``correct`` and ``interval``, the two ends of F1's. Under ``macro``:
        ``f1`` and ``interval``. Under ``matching``: ``mode``, ``layer``, ``ignored``. Under ``bootstrap``,
        how the intervals came about: ``level``, ``samples``, ``seed``, ``unit``, ``units``. Under
        ``schema`` its name and version. Without intervals ``bootstrap`` and each ``interval`` are None.
        """
        intervals = self.intervals
        by_label = intervals.labels if intervals else (None,) * len(self.names)
        return {
            "schema": SCHEMA,
            "matching": {"mode": "exact", "layer": self.layer, "ignored": self.ignored},
            "micro": _plain(self.micro, intervals.micro if intervals else None),
            "macro": {"f1": self.macro_f1, "interval": list(intervals.macro) if intervals else None},
            "labels": {
                name: _plain(counts, interval)
                for (name, counts), interval in zip(self.labels.items(), by_label, strict=True)
            },
            "bootstrap": None
            if intervals is None
            else {
                "level": intervals.level,
                "samples": intervals.samples,
                "seed": intervals.seed,
                "unit": self.unit,
                "units": intervals.units,
            },
        }


def score_documents(gold: Iterable[Document], predicted: Iterable[Document], layer: str = ENTITIES) -> Result:
    """Compare the spans of one layer, document by document.

    A match has the same start, end and label. A span that is given several times counts several times: if it
    is there g times in gold and p times among the predictions, min(g, p) are correct. A predicted span that
    is not in gold and overlaps a region that gold leaves unannotated is neither right nor wrong: it is left
    out and counted in ``Result.ignored``.

    The result's units are documents. Of a single document with tokens they are its sentences, a span
    belonging to the one that it starts in.

    Args:
        gold: the documents as they should be.
        predicted: the same texts in the same order.
        layer: the layer to compare.

    Raises:
        DataError: if texts differ, or one side has more documents; the message says where they part.
    """
    numbers: dict[str, int] = {}
    gold_rows: list[tuple[int, int, int, int]] = []
    predicted_rows: list[tuple[int, int, int, int]] = []
    units, ignored = 0, 0
    tokens: Tokens | None = None
    for unit, (truth, guess) in enumerate(_pairs(gold, predicted)):
        true, guessed = truth.layer(layer), guess.layer(layer)
        judged = _judged(guessed, true, [region for region in truth.unknown if region.layer == layer])
        ignored += len(guessed) - len(judged)
        for spans, rows in ((true, gold_rows), (judged, predicted_rows)):
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
    counts = count_exact(true_spans, guessed_spans, units, len(names))
    return Result(tuple(names), counts, kind, layer, ignored)


def _pairs(gold: Iterable[Document], predicted: Iterable[Document]) -> Iterator[tuple[Document, Document]]:
    """Document by document, as long as the texts agree and neither side ends before the other."""
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
        yield truth, guess


def _parting(one: str, other: str) -> int:
    """The first position at which two texts differ."""
    same = (a == b for a, b in zip(one, other, strict=False))
    return next((at for at, equal in enumerate(same) if not equal), min(len(one), len(other)))


def _judged(predicted: Sequence[Span], gold: Sequence[Span], unknown: Sequence[Region]) -> Sequence[Span]:
    """The predicted spans that gold has a verdict on."""
    if not unknown:
        return predicted
    known = {span.key for span in gold}
    return [
        span
        for span in predicted
        if span.key in known or all(span.end <= gap.start or gap.end <= span.start for gap in unknown)
    ]


def _plain(counts: Counts, interval: Interval | None) -> dict[str, Any]:
    return {
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "support": counts.support,
        "predicted": counts.predicted,
        "correct": counts.correct,
        "interval": list(interval) if interval else None,
    }
