"""Documents as Prodigy's tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elman.data.formats.json_fields import is_all_unknown, parted_meta

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elman.data.document import Document, Span

ENDS = "relation ends"
"""The layer of tokens that are the ends of relations, but no spans of their own."""

_BESIDE = ("options", "config", "view_id", "priority", "image", "html")


def options_for(labels: Iterable[str]) -> list[dict[str, str]]:
    """The choices that a task offers if they are just these labels."""
    return [{"id": label, "text": label} for label in dict.fromkeys(labels)]


def task_of(document: Document, layer: str) -> tuple[dict[str, object], bool]:
    """The task, and whether it is one that was answered."""
    meta = dict(document.meta)
    known = not is_all_unknown(document, layer) or bool(document.labels or document.relations)
    unanswered = not known or not (document.text or document.labels)
    answer = meta.get("answer") if unanswered and meta.get("answer") in ("reject", "ignore") else None
    task: dict[str, object] = {} if document.id is None else {"id": document.id}
    task["text"] = document.text
    if answer:
        known = False
        del meta["answer"]
        task |= {key: meta.pop(key) for key in ("spans", "relations") if type(meta.get(key)) is list}
    if document.tokens is not None:
        task["tokens"] = [
            {"text": surface, "start": start, "end": end, "id": index, "ws": document.text[end : end + 1] == " "}
            for index, (start, end, surface) in enumerate(document.tokens)
        ]
    rims = _Rims(document)
    if known:
        task["spans"] = [rims.fields(span) for span in document.layer(layer)]
        if document.relations:
            task["relations"] = list(rims.relations(layer))
        if document.labels:
            task["accept"] = list(document.labels)
            if "options" not in meta:
                task["options"] = options_for(document.labels)
        task["answer"] = "accept"
    elif answer:
        task["answer"] = answer
    return {**task, **parted_meta(meta, _BESIDE)}, known


class _Rims:
    """Where the tokens of a document begin and end."""

    def __init__(self, document: Document) -> None:
        self._document = document
        offsets = [] if document.tokens is None else document.tokens.offsets.tolist()
        self._starts = {start: index for index, (start, _) in enumerate(offsets)}
        self._ends = {end: index for index, (_, end) in enumerate(offsets)}

    def fields(self, span: Span) -> dict[str, object]:
        """A span as Prodigy has it; without tokens where it does not fall on any."""
        fields: dict[str, object] = {"start": span.start, "end": span.end}
        first, last = self._starts.get(span.start), self._ends.get(span.end)
        if first is not None and last is not None:
            fields |= {"token_start": first, "token_end": last}
        fields["label"] = span.label
        more = {"text": self._document.surface(span), "score": span.score, "id": span.id}
        return fields | {key: value for key, value in more.items() if value is not None}

    def relations(self, layer: str) -> Iterator[dict[str, object]]:
        """The relations between spans that are written."""
        spans = {span.id: span for span in reversed(self._document.spans)}
        for relation in self._document.relations:
            ends = spans[relation.head], spans[relation.tail]
            if any(end.layer not in (layer, ENDS) for end in ends):
                continue
            fields: dict[str, object] = {"label": relation.label}
            for side, end in zip(("head", "child"), ends, strict=True):
                fields[f"{side}_span"] = self.fields(end)
                if end.end in self._ends:
                    fields[side] = self._ends[end.end]
            yield fields if relation.score is None else {**fields, "score": relation.score}
