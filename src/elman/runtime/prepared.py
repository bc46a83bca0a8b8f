"""Texts on their way through a network: with tokens and windows, and together as many as fit."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from elman.data.document import Document, Tokens
from elman.errors import UsageError
from elman.tasks.tagging import tokens_and_windows
from elman.text.tokens import segmented

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Prepared(NamedTuple):
    """A document with tokens, and the indices of the tokens that begin a window."""

    document: Document
    tokens: Tokens
    starts: NDArray[np.int32]


def prepare(text: str | Document) -> Prepared:
    """A text with tokens and windows, its own if it has any.

    Raises:
        TypeError: if it is neither a string nor a document.
    """
    if isinstance(text, str):
        text = Document(text)
    if not isinstance(text, Document):
        raise TypeError(f"expected a text as str, or a Document, got {type(text).__name__}; decode bytes first")
    if text.tokens is not None:
        return Prepared(text, text.tokens, tokens_and_windows(text).starts)
    tokens, starts, _ = segmented(text.text)
    return Prepared(text, tokens, starts)


_Many = TypeVar("_Many")


def checked_many(values: Iterable[_Many], expected: str) -> Iterable[_Many]:
    """The values, which somebody meant to be many of something.

    Raises:
        TypeError: if they are bytes, which would be many numbers, or cannot be iterated over.
    """
    if isinstance(values, bytes | bytearray | memoryview) or not isinstance(values, Iterable):
        advice = "; decode bytes first" if isinstance(values, bytes | bytearray | memoryview) else ""
        raise TypeError(f"expected {expected}, got {type(values).__name__}{advice}")
    return values


def in_groups(texts: Iterable[str | Document], batch_tokens: int) -> Iterator[list[Prepared]]:
    """Texts that go through the network together.

    Raises:
        TypeError: if the texts are bytes, or nothing that can be iterated over; at once, not at the first text.
        UsageError: if ``batch_tokens`` is not positive; at once, too.
    """
    checked_many(texts, "many texts, each a str or a Document")
    if batch_tokens < 1:
        raise UsageError(f"expected a batch of at least 1 token, got {batch_tokens}")

    def groups() -> Iterator[list[Prepared]]:
        group: list[Prepared] = []
        waiting = 0
        for text in texts:
            group.append(prepare(text))
            waiting += 1 + len(group[-1].tokens)  # a text without tokens takes its place, too
            if waiting >= batch_tokens:
                yield group
                group, waiting = [], 0
        if group:
            yield group

    return groups()


def in_parts(lengths: NDArray[np.int64], tokens: int) -> Iterator[slice]:
    """Runs of windows of about equally many tokens together: at least so many, and mostly less than twice as many."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    groups = (ends - 1) * max(1, total // tokens) // max(1, total)
    edges = [0, *(np.flatnonzero(np.diff(groups)) + 1).tolist(), len(lengths)]
    yield from (slice(start, stop) for start, stop in pairwise(edges) if stop > start)
