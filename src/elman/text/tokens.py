"""The tokens and sentences of a text, as a document has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.document import Tokens
from elman.text.segment import segment

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Segmented(NamedTuple):
    """A text's tokens, and the windows that they are in.

    Attributes:
        tokens: with their sentences; one that is longer than a window is one sentence here.
        starts: the index of each window's first token, int32.
        cuts: how many windows end inside a sentence.
    """

    tokens: Tokens
    starts: NDArray[np.int32]
    cuts: int


def segmented(text: str) -> Segmented:
    """Tokenize a text and cut it into sentences and windows."""
    windows = segment(text)
    if not windows:
        return Segmented(Tokens(text, ()), np.zeros(0, np.int32), 0)
    counts = np.array([len(window.tokens) for window in windows])
    starts = (np.cumsum(counts) - counts).astype(np.int32)
    offsets = np.concatenate([window.tokens + np.int32(window.start) for window in windows])
    # Where a window had to end inside a sentence, the next one begins none.
    begins = np.array([True, *(not window.forced for window in windows[:-1])])
    return Segmented(Tokens(text, offsets, starts[begins]), starts, sum(window.forced for window in windows))


def tokens_of(text: str) -> Tokens:
    """The tokens and sentences that the tagger finds in a text."""
    return segmented(text).tokens
