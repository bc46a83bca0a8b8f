"""F1 of what systems find, where their labels are those of the texts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elman.data.document import Document, Span
from elman.data.labels import Relabelling
from elman.metrics.comparison import Judged, compare
from elman.metrics.score import score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elman.pipelines.bench.figures import Measured
    from elman.pipelines.bench.system import Found


def judge(
    measured: Measured, found: Sequence[Found], documents: Sequence[Document], names: Mapping[str, str], layer: str
) -> None:
    """Give a system its F1, or the reason why it has none.

    Args:
        measured: the system.
        found: its entities in each document's text.
        documents: with gold spans.
        names: new names for labels, of the documents and of systems alike; an empty one leaves a label out.
        layer: of the gold spans.
    """
    gold = list(Relabelling(names)(documents))
    asked = {span.label for document in gold for span in document.layer(layer)}
    labels = measured.facts["labels"]
    if not asked:
        measured.f1_note = "no labels in the data"
        return
    if labels is None:
        measured.f1_note = "its weights are random"
        return
    known = {names.get(label, label) for label in labels} - {""}
    if unknown := sorted(asked - known):
        measured.f1_note = (
            f"it does not know {', '.join(unknown)}, but {', '.join(sorted(known))}; --map OLD=NEW,... renames "
            "labels, of the data and of systems, and an empty NEW leaves one out"
        )
        return
    pairs = []
    for document, spans in zip(gold, found, strict=True):
        renamed = [Span(start, end, names.get(label, label), layer) for start, end, label in spans]
        kept = tuple(span for span in renamed if span.label in asked)
        pairs.append(Judged(document, replace(document, spans=kept, relations=())))
    measured.f1 = score(compare(pairs, layer)).micro.f1
    if more := sorted(known - asked):
        measured.f1_note = f"of {', '.join(sorted(asked))}; its labels {', '.join(more)} are left out"
