"""How far annotators of the same texts agree, beyond what chance would do, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from elman.data.document import ENTITIES
from elman.errors import UsageError
from elman.metrics.codings import code_characters, code_tokens
from elman.metrics.coefficients import alpha, alpha_rows, cohen, cohen_rows, fleiss, fleiss_rows
from elman.metrics.comparison import Judged, judged
from elman.metrics.intervals import Interval
from elman.metrics.matching import count_exact
from elman.metrics.resampling import gather, limits, resample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from elman.metrics.codings import Codings, Row
    from elman.metrics.resampling import Statistic

    Floats = NDArray[np.float64]

SCHEMA = "elman.agreement/1"
"""The name and version of what ``Agreement.to_json`` gives."""

Piece = Literal["token", "character"]
"""What kappa is counted over."""


class Coefficient(NamedTuple):
    """A measure of agreement; 1 is full agreement.

    Attributes:
        value: None where it is not defined, as nothing was marked or all that was said is the same.
        interval: by the bootstrap over documents; None where the value is, or of fewer than two documents.
    """

    value: float | None
    interval: Interval | None

    def to_json(self) -> dict[str, Any]:
        """Both as plain values."""
        return {"value": self.value, "interval": None if self.interval is None else list(self.interval)}


class Measures(NamedTuple):
    """Coefficients of the same annotators and labels.

    Attributes:
        f1: of spans with the same start, end and label; of several annotators over all their pairs together.
        kappa: over tokens or characters: Cohen's of two annotators, Fleiss' of all.
        alpha: Krippendorff's, for unitising.
    """

    f1: Coefficient
    kappa: Coefficient
    alpha: Coefficient

    def to_json(self) -> dict[str, Any]:
        """All three as plain values."""
        return {name: value.to_json() for name, value in zip(self._fields, self, strict=True)}


@dataclass(frozen=True, slots=True)
class Group:
    """What annotators agree on: all of them, or two.

    Attributes:
        annotators: their names.
        documents: how many texts at least two of them annotated; the others do not count.
        overall: over all labels.
        labels: of each label alone.
        marked: alpha of whether a character is in a span or not, whichever label it has.
    """

    annotators: tuple[str, ...]
    documents: int
    overall: Measures
    labels: dict[str, Measures]
    marked: Coefficient

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "annotators": list(self.annotators),
            "documents": self.documents,
            **self.overall.to_json(),
            "marked": {"alpha": self.marked.to_json()},
            "labels": {label: measures.to_json() for label, measures in self.labels.items()},
        }


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree, and how it was found out.

    Attributes:
        everyone: all annotators together.
        pairs: every two of them.
        spans: of each annotator, how many spans of each label.
        layer: of the spans.
        piece: what kappa is counted over.
        level: of the intervals.
        samples: how often documents were drawn for them.
        seed: where the random numbers started.
    """

    everyone: Group
    pairs: tuple[Group, ...]
    spans: dict[str, dict[str, int]]
    layer: str
    piece: Piece
    level: float
    samples: int
    seed: int

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values; ratios are fractions."""
        return {
            "schema": SCHEMA,
            "layer": self.layer,
            "kappa": {"over": f"{self.piece}s", "all": "Fleiss", "pairs": "Cohen"},
            "alpha": "Krippendorff, Mathet, Bouvry and Widlöcher 2016",
            "spans": self.spans,
            "all": self.everyone.to_json(),
            "pairs": [pair.to_json() for pair in self.pairs],
            "bootstrap": {"level": self.level, "samples": self.samples, "seed": self.seed, "unit": "document"},
        }


def agreement(
    rows: Sequence[Row],
    annotators: Sequence[str],
    layer: str = ENTITIES,
    *,
    samples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Agreement:
    """Measure how far annotators agree.

    F1 counts a pair's spans that are the same, as ``score`` does; it does not matter who of the two is taken
    for gold. Kappa is counted over tokens, if each text has an annotator whose document has some, else over
    characters; what is compared is whether a piece is in a span, and of which label, not where spans begin. Where
    spans overlap it is which labels, as a set. Alpha is counted over characters (``coefficients.alpha``).

    A text counts for those who annotated it. Of what one of two leaves unknown, F1 leaves out the other's spans
    that overlap it, and kappa and alpha the tokens and characters.

    Args:
        rows: for each text the documents of the annotators, in their order, None where there is none.
        annotators: their names, at least two, all different.
        layer: of the spans.
        samples: how often documents are drawn anew for the intervals; 0 for none.
        level: of the intervals.
        seed: the same seed gives the same intervals.

    Raises:
        UsageError: if there are fewer than two annotators, two with one name, no text that two annotated, or
            the level is no fraction.
    """
    names = tuple(annotators)
    if len(names) < 2 or len(set(names)) < len(names) or any(len(row) != len(names) for row in rows):
        raise UsageError(
            f"agreement needs at least two annotators of different names, got {', '.join(names) or 'none'}"
        )
    if samples < 0 or not 0 < level < 1:
        raise UsageError(f"intervals need samples and a level between 0 and 1, got {samples} and {level}")
    kept = [row for row in rows if sum(document is not None for document in row) > 1]
    if not kept:
        raise UsageError(f"no text has been annotated by two of {', '.join(names)}; give files of the same texts")
    there = [[document for document in row if document is not None] for row in kept]
    labels = sorted({span.label for row in there for document in row for span in document.layer(layer)})
    with_tokens = all(any(document.tokens is not None for document in row) for row in there)
    pieces = code_tokens(kept, layer, labels) if with_tokens else code_characters(kept, layer, labels)
    material = _Material(kept, names, layer, tuple(labels), pieces, code_characters(kept, layer, labels))
    pairs = list(combinations(range(len(names)), 2))
    run = _resampler(samples, level, seed)
    everyone = _group(material, tuple(range(len(names))), run, "Fleiss")
    found = tuple(_group(material, pair, run, "Cohen") for pair in pairs)
    spans = {name: dict.fromkeys(labels, 0) for name in names}
    for row in rows:
        for name, document in zip(names, row, strict=True):
            for span in () if document is None else document.layer(layer):
                # Of a text that nobody else annotated there may be other labels.
                spans[name][span.label] = spans[name].get(span.label, 0) + 1
    piece: Piece = "token" if with_tokens else "character"
    return Agreement(everyone, found, spans, layer, piece, level, samples, seed)


class _Material(NamedTuple):
    rows: Sequence[Row]
    names: tuple[str, ...]
    layer: str
    labels: tuple[str, ...]
    pieces: Codings
    characters: Codings


def _resampler(samples: int, level: float, seed: int) -> Callable[[Statistic, Floats], list[Coefficient]]:
    """A function that gives the coefficients of a statistic of rows of numbers, a row for each document."""

    def run(statistic: Statistic, rows: Floats) -> list[Coefficient]:
        values = statistic(rows.sum(axis=0, keepdims=True))[0].tolist()
        ends = [[np.nan] * 2] * len(values)
        if len(rows) > 1 and samples:
            units = gather(rows)
            ends = limits(resample(statistic, units, samples, seed), statistic, units, level).tolist()
        return [
            Coefficient(value if np.isfinite(value) else None, Interval(low, high) if np.isfinite(low) else None)
            for value, (low, high) in zip(values, ends, strict=True)
        ]

    return run


def _group(
    material: _Material, who: tuple[int, ...], run: Callable[[Statistic, Floats], list[Coefficient]], kappa: str
) -> Group:
    """What these annotators agree on, by the documents that at least two of them have."""
    count = len(material.labels)
    shared = np.array([sum(row[place] is not None for place in who) > 1 for row in material.rows])
    f1s = run(_f1, _f1_rows(material, who)[shared])
    if kappa == "Cohen":
        one, other = who
        kappas = run(lambda sums: cohen(sums, count), cohen_rows(material.pieces, one, other, count)[shared])
    else:
        kappas = run(lambda sums: fleiss(sums, count), fleiss_rows(material.pieces, count)[shared])
    alphas = run(lambda sums: alpha(sums, count), alpha_rows(material.characters, who, count)[shared])
    whole, marked, *alone = alphas
    overall, *each = (Measures(*three) for three in zip(f1s, kappas, [whole, *alone], strict=True))
    names = tuple(material.names[place] for place in who)
    return Group(names, int(shared.sum()), overall, dict(zip(material.labels, each, strict=True)), marked)


def _f1(sums: Floats) -> Floats:
    """F1 over all labels and of each, n x (1 + labels), of twice the same spans and of all spans; NaN of none."""
    each = sums.reshape(len(sums), -1, 2)
    each = np.concatenate([each.sum(axis=1, keepdims=True), each], axis=1)
    return np.divide(each[..., 0], each[..., 1], out=np.full(each.shape[:2], np.nan), where=each[..., 1] > 0)


def _f1_rows(material: _Material, who: tuple[int, ...]) -> Floats:
    """Of each document and label twice the spans that are the same, and all spans, over the pairs of annotators."""
    rows = np.zeros((len(material.rows), len(material.labels), 2))
    for one, other in combinations(who, 2):
        mine, theirs = _spans(material, one, other), _spans(material, other, one)
        counts = count_exact(mine, theirs, len(material.rows), len(material.labels))
        rows += np.stack([2 * counts[..., 0], counts[..., 1] + counts[..., 2]], axis=-1)
    return rows.reshape(len(rows), -1)


def _spans(material: _Material, one: int, other: int) -> NDArray[np.int64]:
    """The spans of one annotator that another has a verdict on, n x 4: document, start, end, label."""
    numbers = {label: number for number, label in enumerate(material.labels)}
    rows = []
    for unit, documents in enumerate(material.rows):
        mine, theirs = documents[one], documents[other]
        if mine is not None and theirs is not None:
            spans = judged(Judged(theirs, mine), material.layer)[1]
            rows += [(unit, span.start, span.end, numbers[span.label]) for span in spans]
    return np.array(rows, np.int64).reshape(-1, 4)
