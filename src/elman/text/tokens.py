"""The tokens and sentences of a text, as a document has them."""

from __future__ import annotations

import numpy as np

from elman.data.document import Tokens
from elman.text.segment import segment


def tokens_of(text: str) -> Tokens:
    """Tokenize a text and find its sentences, as the tagger does.

    A sentence that is longer than a window is one sentence here.
    """
    windows = segment(text)
    if not windows:
        return Tokens(text, ())
    counts = np.array([len(window.tokens) for window in windows])
    offsets = np.concatenate([window.tokens + np.int32(window.start) for window in windows])
    begins = np.array([True, *(not window.forced for window in windows[:-1])])
    return Tokens(text, offsets, (np.cumsum(counts) - counts)[begins])
