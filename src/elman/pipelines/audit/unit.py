"""A document made ready for all checks: its words, its sentences, its spans on its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from elman.data.align import Alignment, align
from elman.pipelines.audit.findings import AROUND, SHOWN, Place
from elman.text.segment import segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from elman.data.document import Document, Span


@dataclass(frozen=True)
class Split:
    """One of the data sets.

    Attributes:
        name: what it is called.
        number: its place among the sets, from 0.
        trains: whether it is what a model learns from.
    """

    name: str
    number: int
    trains: bool


class Unit:
    """A document, and what several checks need of it, computed once.

    Attributes:
        split: where it is from.
        document: the document.
        name: its id, or its number in the split.
        spans: those of the layer, by place.
        offsets: n x 2, those of its own tokens, or of the tokens of ``elman.text`` if it came without.
        sentences: the indices of the tokens that begin a sentence.
    """

    def __init__(self, split: Split, number: int, document: Document, layer: str) -> None:
        self.split = split
        self.document = document
        self.layer = layer
        self.name = document.id if document.id is not None else f"document {number}"
        self.spans: tuple[Span, ...] = tuple(sorted(document.layer(layer), key=lambda span: (span.start, -span.end)))
        self.offsets, self.sentences = _tokens(document)

    @property
    def text(self) -> str:
        """The document's text."""
        return self.document.text

    @cached_property
    def words(self) -> list[str]:
        """The tokens' texts."""
        text = self.text
        return [text[start:end] for start, end in self.offsets.tolist()]

    @cached_property
    def folded(self) -> list[str]:
        """The tokens' texts without difference of case."""
        return list(map(str.casefold, self.words))

    @cached_property
    def alignment(self) -> Alignment:
        """The spans on the tokens."""
        return align(self.spans, self.offsets, text=self.text, sentences=self.sentences)

    def ranges(self) -> Iterator[tuple[int, int]]:
        """The sentences as half-open ranges of token indices."""
        return pairwise((*self.sentences.tolist(), len(self.offsets)))

    def place(self, start: int, end: int, label: str | None = None, *, around: bool = True) -> Place:
        """A place in this document, with what stands around it or without."""
        text = self.text
        shown = text[start : min(end, start + SHOWN)]
        if end - start > SHOWN:
            shown = shown[:-1] + "…"
        before = text[max(0, start - AROUND) : start] if around else ""
        after = text[end : end + AROUND] if around else ""
        return Place(self.split.name, self.name, start, end, shown, label, before, after)

    def place_of(self, span: Span) -> Place:
        """The place of a span."""
        return self.place(span.start, span.end, span.label)

    @property
    def whole(self) -> Place:
        """The whole document as a place."""
        return self.place(0, len(self.text), around=False)


def _tokens(document: Document) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    if document.tokens is not None:
        return document.tokens.offsets, document.tokens.sentences
    windows = segment(document.text)
    if not windows:
        return np.zeros((0, 2), np.int32), np.zeros(0, np.int32)
    first, starts, inside = 0, [], False
    for window in windows:
        if not inside:
            starts.append(first)
        first, inside = first + len(window.tokens), window.forced
    offsets = np.concatenate([window.tokens + np.int32(window.start) for window in windows])
    return offsets, np.array(starts, np.int32)
