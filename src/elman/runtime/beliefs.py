"""What a tagger holds of labelled documents: of the spans that they have, and of those that they might have."""

from __future__ import annotations

from itertools import tee
from typing import TYPE_CHECKING

import numpy as np

from elman.decoding.candidates import FLOOR
from elman.metrics.suspicion import Belief

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elman.data.document import Document, Span, Tokens
    from elman.runtime.tagger import Tagger


def believe(tagger: Tagger, documents: Iterable[Document], floor: float = FLOOR) -> Iterator[Belief]:
    """Ask a tagger about labelled documents, in constant memory.

    Args:
        tagger: the model.
        documents: with spans in the layer that the model predicts; their own tokens and sentences are used.
        floor: candidates of less probability are left out, in (0, 1].

    Returns:
        A belief for each document; its candidates carry the documents' spans too, where these are as probable.
    """
    gold, asked, open_ = tee(documents, 3)
    for document, own, possible in zip(gold, tagger.probabilities(asked), tagger.candidates(open_, floor), strict=True):
        spans = document.layer(tagger.layer)
        lengths = [1] * len(spans) if possible.tokens is None else _tokens_of(spans, possible.tokens)
        yield Belief(document, own, possible.layer(tagger.layer), lengths)


def _tokens_of(spans: tuple[Span, ...], tokens: Tokens) -> list[int]:
    """How many tokens each span touches; 1 of one that touches none."""
    if not spans:
        return []
    start, end = np.array([(span.start, span.end) for span in spans]).T
    first = np.searchsorted(tokens.offsets[:, 1], start, side="right")
    stop = np.searchsorted(tokens.offsets[:, 0], end, side="left")
    lengths: list[int] = np.maximum(stop - first, 1).tolist()
    return lengths
