"""A text that never ends: each entity comes as soon as nothing to come can change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.document import Span
from elman.runtime.threads import in_order
from elman.text.segment import Segmenter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from elman.runtime.entities import Entities
    from elman.text.segment import Window

PIECE = 1 << 16
"""Characters of a chunk that are worked on at once, so that memory does not grow with the chunk."""


class Mention(NamedTuple):
    """A span of a stream, and its text, which nobody else may hold any more.

    Attributes:
        span: with offsets in code points from the start of the stream.
        text: what stands there.
    """

    span: Span
    text: str


class Stream:
    """One stream on its way through a tagger; what it holds is bounded, however the text goes on.

    An entity comes out with the sentence that it is in, mostly at its line break or at the first word of the next
    sentence, and at the latest when ``LOOKAHEAD`` characters (``elman.text.segment``) behind the sentence's end have
    come. A sentence of more than ``WINDOW`` tokens is tagged in parts, and no entity crosses from one to the next.

    Args:
        find: from words and the lengths of windows to entities.
        labels: by their numbers.
        layer: of the spans.
        batch_tokens: how many tokens go through the network together at most.
        threads: how many batches of a chunk are worked on at once.

    Attributes:
        cuts: how often a sentence was cut so far.
    """

    def __init__(
        self,
        find: Callable[[Sequence[str], NDArray[np.int64]], Entities],
        labels: Sequence[str],
        layer: str,
        batch_tokens: int,
        threads: int = 1,
    ) -> None:
        self._find = find
        self._labels = labels
        self._layer = layer
        self._batch_tokens = batch_tokens
        self._threads = threads
        self._segmenter = Segmenter()
        self.cuts = 0

    def feed(self, chunk: str) -> Iterator[Mention]:
        """Take the next piece of the text, as far as what comes out is taken.

        Yields:
            What is certain now, in the order of the text.

        Raises:
            TypeError: if the chunk is not a str.
            UsageError: if the stream was closed.
        """
        if not isinstance(chunk, str):
            raise TypeError(f"expected a stream's pieces as str, got {type(chunk).__name__}; decode bytes first")
        starts = range(0, len(chunk), PIECE)
        yield from self._mentions(
            window for start in starts for window in self._segmenter.feed(chunk[start : start + PIECE])
        )

    def close(self) -> Iterator[Mention]:
        """End the text.

        Yields:
            What remained.
        """
        yield from self._mentions(self._segmenter.close())

    def _mentions(self, windows: Iterable[Window]) -> Iterator[Mention]:
        """The entities of some windows."""
        for found in in_order(self._find_in, self._groups(windows), self._threads):
            yield from found

    def _groups(self, windows: Iterable[Window]) -> Iterator[list[Window]]:
        """Windows that go through the network together."""
        group: list[Window] = []
        tokens = 0
        for window in windows:
            self.cuts += window.forced
            if group and tokens + len(window.tokens) > self._batch_tokens:
                yield group
                group, tokens = [], 0
            group.append(window)
            tokens += len(window.tokens)
        if group:
            yield group

    def _find_in(self, group: Sequence[Window]) -> list[Mention]:
        """The entities of a group."""
        words = [window.text[start:end] for window in group for start, end in window.tokens.tolist()]
        found = self._find(words, np.array([len(window.tokens) for window in group], np.int64))
        mentions = []
        for (at, first, stop, label), score in zip(found.spans.tolist(), found.scores.tolist(), strict=True):
            window = group[at]
            start, end = int(window.tokens[first, 0]), int(window.tokens[stop - 1, 1])
            span = Span(window.start + start, window.start + end, self._labels[label], self._layer, score)
            mentions.append(Mention(span, window.text[start:end]))
        return mentions


def mentions(stream: Stream, chunks: Iterable[str]) -> Iterator[Mention]:
    """All that a stream finds in these chunks, which are its whole text."""
    for chunk in chunks:
        yield from stream.feed(chunk)
    yield from stream.close()
