"""Bags of words: how often each word occurs in a text, wherever it stands."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from elman.features.vocabulary import FIRST, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from elman.features.vocabulary import Vocabulary


def bag(tokens: Iterable[str], *, lower: bool = False, digits: bool = False) -> Counter[str]:
    """How often each word occurs; tokens without a letter or a digit are no words.

    Args:
        tokens: of a text, in any order.
        lower: words in lower case.
        digits: words with every digit as 0.
    """
    words = (token for token in tokens if any(map(str.isalnum, token)))
    return Counter(normalize(word, lower=lower, digits=digits) for word in words)


def sparse(words: Mapping[str, int], vocabulary: Vocabulary) -> NDArray[np.int32]:
    """The words of a bag that a vocabulary holds: n x 2, ascending, each word's place and how often it occurs."""
    places = vocabulary.ids(list(words)).astype(np.int64) - FIRST
    counts = np.fromiter(words.values(), np.int64, len(words))
    rows = np.stack((places, counts), axis=1)[places >= 0]
    return rows[np.argsort(rows[:, 0])].astype(np.int32)


def dense(bags: Sequence[NDArray[np.int32]], size: int) -> NDArray[np.float32]:
    """Bags as ``sparse`` gives them in one array: bags x words, 0 for words that a bag has not.

    Args:
        bags: any number.
        size: words of the vocabulary.
    """
    counts = np.zeros((len(bags), size), np.float32)
    for row, one in zip(counts, bags, strict=True):
        row[one[:, 0]] = one[:, 1]
    return counts
