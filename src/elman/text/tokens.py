"""The tokens and sentences of a text, as a document has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.data.document import Tokens
from elman.text.segment import in_windows

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
    offsets, starts, forced = in_windows(text)
    # Where a window had to end inside a sentence, the next one begins none.
    begins = np.concatenate(([True], ~forced[:-1]))[: len(starts)]
    return Segmented(Tokens(text, offsets, starts[begins]), starts, int(forced.sum()))


def tokens_of(text: str) -> Tokens:
    """The tokens and sentences that the tagger finds in a text."""
    return segmented(text).tokens
