"""What a tagger holds of labelled documents: of the spans that they have, and of those that they might have."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from elman.data.document import Span
from elman.decoding.candidates import FLOOR
from elman.metrics.suspicion import Belief
from elman.runtime.placing import places
from elman.runtime.tagger import BATCH_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from elman.data.document import Document, Tokens
    from elman.runtime.tagger import Scored, Tagger


def believe(
    tagger: Tagger, documents: Iterable[Document], floor: float = FLOOR, batch_tokens: int = BATCH_TOKENS
) -> Iterator[Belief]:
    """Ask a tagger about labelled documents, in constant memory.

    Args:
        tagger: the model.
        documents: with spans in the layer that the model predicts; their own tokens and sentences are used.
        floor: candidates of less probability are left out, in (0, 1].
        batch_tokens: as for ``Tagger.tag``.

    Returns:
        A belief for each document: ``own`` is what ``Tagger.probabilities`` gives, ``candidates`` what
        ``Tagger.candidates`` does, by one pass of the network.
    """
    group: list[Scored] = []
    waiting = 0
    for scored in tagger.scores(documents, batch_tokens):
        group.append(scored)
        waiting += 1 + len(scored.tokens)
        if waiting >= batch_tokens:
            yield from _of_group(tagger, group, floor)
            group, waiting = [], 0
    yield from _of_group(tagger, group, floor)


def _of_group(tagger: Tagger, group: Sequence[Scored], floor: float) -> Iterator[Belief]:
    """The beliefs about some documents, which are decoded together."""
    if not group:
        return
    kinds = {label: kind for kind, label in enumerate(tagger.labels)}
    emissions = np.concatenate([one.emissions for one in group])
    lengths = np.concatenate([one.lengths for one in group])
    gold = [one.document.layer(tagger.layer) for one in group]
    rows = [places(spans, one.tokens.offsets, one.starts, kinds) for spans, one in zip(gold, group, strict=True)]
    before = np.cumsum([0, *(len(one.starts) for one in group)])
    for own, first in zip(rows, before.tolist(), strict=False):
        own[own[:, 0] >= 0, 0] += first
    asked = np.concatenate(rows)
    probable = np.full(len(asked), np.nan)
    there = asked[:, 0] >= 0
    probable[there] = tagger.decoder.probabilities(emissions, lengths, asked[there])
    answers = np.split(probable, np.cumsum([len(own) for own in rows])[:-1])
    found = tagger.decoder.candidates(emissions, lengths, floor)
    bounds = np.searchsorted(found.spans[:, 0], before).tolist()
    for one, spans, own, (first, stop), windows in zip(
        group, gold, answers, pairwise(bounds), before.tolist(), strict=False
    ):
        offsets = one.tokens.offsets
        window, begin, end, label = found.spans[first:stop].T
        at = one.starts[window - windows]
        candidates = [
            Span(start, rim, tagger.labels[kind], tagger.layer, score)
            for start, rim, kind, score in zip(
                offsets[at + begin, 0].tolist(),
                offsets[at + end - 1, 1].tolist(),
                label.tolist(),
                found.scores[first:stop].tolist(),
                strict=True,
            )
        ]
        known = tuple(None if np.isnan(value) else value for value in own.tolist())
        yield Belief(one.document, known, candidates, _tokens_of(spans, one.tokens))


def _tokens_of(spans: Sequence[Span], tokens: Tokens) -> list[int]:
    """How many tokens each span touches; 1 of one that touches none."""
    if not spans:
        return []
    start, end = np.array([(span.start, span.end) for span in spans]).T
    first = np.searchsorted(tokens.offsets[:, 1], start, side="right")
    stop = np.searchsorted(tokens.offsets[:, 0], end, side="left")
    lengths: list[int] = np.maximum(stop - first, 1).tolist()
    return lengths
