"""Spans of one text put onto another that has the same characters but other white space, or the same rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.document import Document, Span, Tokens
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Projected(NamedTuple):
    """Both documents on gold's text.

    Attributes:
        gold: with spans that do not begin or end with white space, if the texts differ.
        predicted: likewise, with gold's text.
        moved: how many spans had white space at their rims, which they have no longer.
        tokens: how many tokens were compared one by one; 0 where the texts were.
        differing: how many of them differ.
    """

    gold: Document
    predicted: Document
    moved: int = 0
    tokens: int = 0
    differing: int = 0


def by_text(gold: Document, predicted: Document) -> Projected:
    """Put predictions onto gold's text, from which theirs differs in white space alone.

    Raises:
        DataError: if a span is nothing but white space, so that it is nowhere in the other text.
    """
    if gold.text == predicted.text:
        return Projected(gold, predicted)
    target = _ink(gold.text)
    trimmed, ours = _moved(gold, target, target)
    placed, theirs = _moved(predicted, _ink(predicted.text), target)
    tokens = _placed(predicted.tokens, _ink(predicted.text), target, gold.text)
    changed = replace(predicted, text=gold.text, spans=placed, unknown=(), tokens=tokens)
    return Projected(replace(gold, spans=trimmed), changed, ours + theirs)


def by_rows(gold: Document, predicted: Document) -> Projected:
    """Put predictions onto gold's text token by token, whatever the tokens are.

    Both have tokens, equally many. A span that begins or ends within a token covers the whole of it.
    """
    assert gold.tokens is not None
    assert predicted.tokens is not None
    offsets, others = gold.tokens.offsets, predicted.tokens.offsets
    differing = sum(one != other for one, other in zip(gold.tokens.surfaces, predicted.tokens.surfaces, strict=True))
    if gold.text == predicted.text:
        return Projected(gold, predicted, tokens=len(offsets), differing=differing)
    spans = []
    for span in predicted.spans:
        first = int(np.searchsorted(others[:, 1], span.start, side="right"))
        last = int(np.searchsorted(others[:, 0], span.end, side="left")) - 1
        if first > last:
            raise DataError(f"{_called(predicted)}: {span} covers no token, so no row has it; remove it")
        spans.append(replace(span, start=int(offsets[first, 0]), end=int(offsets[last, 1])))
    tokens = Tokens(gold.text, offsets, predicted.tokens.sentences, predicted.tokens.columns)
    changed = replace(predicted, text=gold.text, spans=tuple(spans), unknown=(), tokens=tokens)
    return Projected(gold, changed, tokens=len(offsets), differing=differing)


def joined(documents: Sequence[Document]) -> Document:
    """Documents as one, a line feed between their texts; it has tokens if all have. Of none, an empty one."""
    if len(documents) == 1:
        return documents[0]
    text = "\n".join([document.text for document in documents])
    starts = list(accumulate((len(document.text) + 1 for document in documents), initial=0))
    spans, unknown, relations = [], [], []
    for number, (document, start) in enumerate(zip(documents, starts, strict=False)):
        # Ids are the documents' own, and two can have the same.
        spans += [
            replace(
                span,
                start=span.start + start,
                end=span.end + start,
                id=None if span.id is None else f"{number}:{span.id}",
            )
            for span in document.spans
        ]
        unknown += [replace(gap, start=gap.start + start, end=gap.end + start) for gap in document.unknown]
        relations += [
            replace(one, head=f"{number}:{one.head}", tail=f"{number}:{one.tail}") for one in document.relations
        ]
    first = documents[0] if documents else Document("")
    return Document(
        text,
        tuple(spans),
        tuple(relations),
        tuple(unknown),
        tokens=_joined_tokens([document.tokens for document in documents], starts, text),
        id=first.id,
        meta=first.meta,
    )


def _joined_tokens(parts: Sequence[Tokens | None], starts: Sequence[int], text: str) -> Tokens | None:
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    counts = accumulate((len(part) for part in known), initial=0)
    offsets = np.concatenate([part.offsets + start for part, start in zip(known, starts, strict=False)])
    sentences = np.concatenate([part.sentences + count for part, count in zip(known, counts, strict=False)])
    names = set.intersection(*(set(part.columns) for part in known))
    columns = {name: [cell for part in known for cell in part.columns[name]] for name in sorted(names)}
    return Tokens(text, offsets, sentences, columns)


def _ink(text: str) -> NDArray[np.int64]:
    """Where a text's characters are that are no white space."""
    return np.flatnonzero(np.fromiter((not character.isspace() for character in text), np.bool_, len(text)))


def _moved(document: Document, source: NDArray[np.int64], target: NDArray[np.int64]) -> tuple[tuple[Span, ...], int]:
    """The spans on the other text, and how many of them lost white space."""
    spans, trimmed = [], 0
    for span in document.spans:
        first, last = np.searchsorted(source, (span.start, span.end)).tolist()
        if first == last:
            raise DataError(
                f"{_called(document)}: {span} is white space alone, and the two texts differ in white space, so it "
                "stands nowhere in the other; remove it"
            )
        trimmed += int(source[first]) != span.start or int(source[last - 1]) + 1 != span.end
        spans.append(replace(span, start=int(target[first]), end=int(target[last - 1]) + 1))
    return tuple(spans), trimmed


def _placed(tokens: Tokens | None, source: NDArray[np.int64], target: NDArray[np.int64], text: str) -> Tokens | None:
    """Tokens on the other text; None if one of them is white space alone."""
    if tokens is None or not len(tokens):
        return None
    first, last = np.searchsorted(source, tokens.offsets[:, 0]), np.searchsorted(source, tokens.offsets[:, 1])
    if (first == last).any():
        return None
    offsets = np.column_stack([target[first], target[last - 1] + 1])
    return Tokens(text, offsets, tokens.sentences, tokens.columns)


def _called(document: Document) -> str:
    return "a document without id" if document.id is None else f"the document {document.id!r}"
