"""What can be said of a run before its first step: of its data, its vectors, its settings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from elman.features.vectors import Vectors
    from elman.tasks.tagging import Examples

LEAST_ENTROPY = 0.01
"""Tags that are nearly all the same leave next to nothing to learn, and no loss to compare with."""

COMPARED = 8
"""Shorter sentences come again by chance, and are not looked for in another set."""

FREQUENT = 500
"""So many of the training set's words are common; how often they occur tells domains apart."""


@dataclass(frozen=True)
class VectorFacts:
    """Of pretrained vectors.

    Attributes:
        words: how many there are.
        broken: how many hold what is no finite number.
        example: one of those words, or nothing.
        spread: by how much words differ: the mean standard deviation over words of a dimension, relative to the root
            mean square of all numbers; 0 if all words have the same vector.
    """

    words: int
    broken: int
    example: str
    spread: float

    @classmethod
    def of(cls, vectors: Vectors) -> VectorFacts:
        """Look at vectors."""
        finite = np.isfinite(vectors.matrix).all(axis=1)
        example = "" if finite.all() else vectors.words[int(np.argmin(finite))]
        matrix = vectors.matrix[finite]
        size = float(np.sqrt(np.square(matrix, dtype=np.float64).mean())) if matrix.size else 0.0
        spread = float(matrix.std(axis=0, dtype=np.float64).mean()) / size if size else 0.0
        return cls(len(vectors), int((~finite).sum()), example, spread)


@dataclass(frozen=True)
class Familiarity:
    """How much another set is like the training set.

    Attributes:
        name: of the other set.
        tokens: of it.
        sentences: of it that have eight tokens or more.
        repeated: the share of them that the training set has, too, word for word.
        unknown: the share of its tokens whose word the training set does not have.
        divergence: Jensen-Shannon divergence in bits between the two sets' common words, in [0, 1].
        unseen: the share of its entities whose label the training set does not have.
    """

    name: str
    tokens: int
    sentences: int
    repeated: float
    unknown: float
    divergence: float
    unseen: float


@dataclass(frozen=True)
class Facts:
    """What can be said of a run before its first step.

    Attributes:
        labels: the training set's entities by label.
        entropy: of the training set's tags, in nats a token: what a model loses that knows nothing but their shares.
        word_agreement: given a token in an entity, how often another occurrence of its word is in one, too, corrected
            for chance: 1 if always, 0 if no more often than any token is, so that the labels have nothing to do with
            the words. NaN where no word of an entity comes again, or all tokens are in one.
        dev: how much the dev set is like the training set.
        test: likewise the test set, if there is one.
        within: how much the end of the training set is like its first half: the yardstick for ``dev``.
        vectors: of the pretrained vectors, if there are any.
        learning_rate: the full step size as it was set.
        dropouts: each by the setting's name.
        clip_norm: as it was set.
        recurrence: the largest singular value of each recurrent matrix at the start, by its name.
    """

    labels: Mapping[str, int]
    entropy: float
    word_agreement: float
    dev: Familiarity
    test: Familiarity | None
    within: Familiarity
    vectors: VectorFacts | None
    learning_rate: float
    dropouts: Mapping[str, float]
    clip_norm: float
    recurrence: Mapping[str, float]

    @classmethod
    def of_settings(
        cls,
        dev: str,
        vectors: VectorFacts | None,
        *,
        learning_rate: float,
        dropouts: Mapping[str, float],
        clip_norm: float,
        recurrence: Mapping[str, float],
    ) -> Facts:
        """What is known where data are no tagged sentences: nothing that would be a sign of anything."""
        unremarkable = Familiarity(dev, 0, 0, 0.0, 0.0, 0.0, 0.0)
        return cls(
            labels={},
            entropy=0.0,
            word_agreement=math.nan,
            dev=unremarkable,
            test=None,
            within=unremarkable,
            vectors=vectors,
            learning_rate=learning_rate,
            dropouts=dropouts,
            clip_norm=clip_norm,
            recurrence=recurrence,
        )

    def relative(self, loss: float) -> float:
        """A loss per token beside that of knowing only how frequent each tag is; 0 where that is next to nothing."""
        return loss / self.entropy if self.entropy > LEAST_ENTROPY else 0.0


def familiarity(train: Examples, other: Examples, name: str) -> Familiarity:
    """Compare another set with the training set."""
    ids: dict[str, int] = {}
    own, foreign = _numbered(train, ids), _numbered(other, ids)
    long = list(_sentences(foreign, other))
    looked = set(long)
    repeated = {sentence for sentence in _sentences(own, train) if sentence in looked}
    counts = [np.bincount(words, minlength=len(ids)) for words in (own, foreign)]
    known = train.label_counts()
    spans = other.label_counts()
    return Familiarity(
        name,
        len(foreign),
        len(long),
        sum(sentence in repeated for sentence in long) / max(len(long), 1),
        float(counts[1][counts[0] == 0].sum() / max(len(foreign), 1)),
        _divergence(*counts),
        sum(count for label, count in spans.items() if label not in known) / max(spans.total(), 1),
    )


def within(train: Examples, tokens: int) -> Familiarity:
    """Compare the end of the training set, at most so many tokens of it, with the set's first half."""
    half = len(train) // 2
    ends = train.starts[half + 1 :] - train.starts[half]
    last = half + max(1, int(np.searchsorted(ends, tokens, side="right")))
    first = train.select(np.arange(half))
    return familiarity(first, train.select(np.arange(half, min(last, len(train)))), "the training set's second half")


def tag_entropy(tags: NDArray[np.integer]) -> float:
    """Entropy of the tags that are known, in nats."""
    counts = np.bincount(tags[tags >= 0])
    shares = counts[counts > 0] / max(counts.sum(), 1)
    return float(-(shares * np.log(shares)).sum())


def word_agreement(train: Examples) -> float:
    """See ``Facts.word_agreement``."""
    inside = np.zeros(len(train.tokens) + 1, np.int64)
    np.add.at(inside, train.starts[train.spans[:, 0]] + train.spans[:, 1], 1)
    np.add.at(inside, train.starts[train.spans[:, 0]] + train.spans[:, 2], -1)
    entity = np.cumsum(inside)[:-1] > 0
    base = entity.mean()
    each = train.counts[train.tokens]
    labelled = np.bincount(train.tokens[entity], minlength=len(train.types))[train.tokens]
    looked = entity & (each > 1)
    if not looked.any() or base == 1:
        return math.nan
    again = ((labelled[looked] - 1) / (each[looked] - 1)).mean()
    return float((again - base) / (1 - base))


def _numbered(examples: Examples, ids: dict[str, int]) -> NDArray[np.int32]:
    """Each token as the number of its word in lower case; numbers that are new are added."""
    own = np.fromiter((ids.setdefault(word.lower(), len(ids)) for word in examples.types), np.int32)
    return own[examples.tokens]


def _sentences(words: NDArray[np.int32], examples: Examples) -> Iterator[bytes]:
    """Each sentence that is long enough to be looked for, as what only the same words give."""
    for start, end in zip(examples.starts[:-1].tolist(), examples.starts[1:].tolist(), strict=True):
        if end - start >= COMPARED:
            yield words[start:end].tobytes()


def _divergence(own: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Between the shares of the words that are common in one, all others being one word."""
    common = np.argsort(-own, kind="stable")[:FREQUENT]
    shares = []
    for counts in (own, other):
        kept = np.append(counts[common], counts.sum() - counts[common].sum())
        shares.append(kept / max(counts.sum(), 1))
    middle = (shares[0] + shares[1]) / 2
    total = 0.0
    for share in shares:
        some = share > 0
        total += float((share[some] * np.log2(share[some] / middle[some])).sum()) / 2
    return total
