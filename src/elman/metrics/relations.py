"""How well predicted relations match gold ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from elman.errors import UsageError
from elman.metrics.matching import count_exact
from elman.metrics.score import Result

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from elman.data.document import Document
    from elman.metrics.comparison import Judged

    End = tuple[tuple[str | int, ...], ...]

Ends = Literal["strict", "boundaries"]
ENDS: tuple[Ends, ...] = get_args(Ends)
"""What of a relation's ends has to agree: start, end and label, or start and end."""

UNTYPED = "relation"
"""What all relations are called where their types do not matter."""


def score_relations(
    pairs: Iterable[Judged], *, ends: Ends = "strict", types: bool = True, symmetric: Collection[str] = ()
) -> Result:
    """Count relations whose ends, direction and type are right.

    A relation that is given several times counts several times, as spans do. What its spans' ids are does not
    matter, and nor does whether the span is predicted for a relation or for itself. The units are documents.

    Args:
        pairs: gold and predicted documents.
        ends: whether the spans at the ends have to have the right label besides the right place (Bekoulis et
            al. 2018 call these strict and boundaries).
        types: whether the relation has to have the right label.
        symmetric: labels of relations without direction.

    Returns:
        A result whose labels are those of the relations, or UNTYPED alone.

    Raises:
        UsageError: if there is no such rule for the ends.
    """
    if ends not in ENDS:
        raise UsageError(f"there is no rule {ends!r} for a relation's ends; choose one of {', '.join(ENDS)}")
    places: dict[tuple[End, End], int] = {}
    labels: dict[str, int] = {}
    sides: tuple[list[tuple[int, ...]], list[tuple[int, ...]]] = [], []
    units = 0
    for unit, pair in enumerate(pairs):
        units = unit + 1
        for document, rows in zip(pair, sides, strict=True):
            spans = _ends(document, labelled=ends == "strict")
            for relation in document.relations:
                head, tail = spans[relation.head], spans[relation.tail]
                if relation.label in symmetric and tail < head:
                    head, tail = tail, head
                place = places.setdefault((head, tail), len(places))
                label = labels.setdefault(relation.label if types else UNTYPED, len(labels))
                rows.append((unit, place, place + 1, label))
    names = sorted(labels)
    ranks = np.argsort([labels[name] for name in names]).astype(np.int64)
    gold, predicted = (np.array(rows, dtype=np.int64).reshape(-1, 4) for rows in sides)
    for side in (gold, predicted):
        side[:, 3] = ranks[side[:, 3]]
    mode = f"relations, {ends} ends" + ("" if types else ", any type")
    return Result(tuple(names), count_exact(gold, predicted, units, len(names)), layer="relations", mode=mode)


def _ends(document: Document, *, labelled: bool) -> dict[str | None, End]:
    """What each id stands for: the place of its span, or of all its spans, and their labels."""
    found: dict[str | None, list[tuple[str | int, ...]]] = {}
    for span in document.spans:
        key = (span.layer, span.start, span.end, *((span.label,) if labelled else ()))
        found.setdefault(span.id, []).append(key)
    return {name: tuple(sorted(keys)) for name, keys in found.items() if name is not None}
