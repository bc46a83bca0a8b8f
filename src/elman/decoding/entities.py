"""What a linear-chain CRF holds for probable: of a whole entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.data.tag_ids import Decoder
    from elman.decoding.marginals import Lattice


def entity_probability(lattice: Lattice, spans: NDArray[np.integer[Any]], decoder: Decoder) -> NDArray[np.float64]:
    """The probability that just these entities are there: the sum over all tag sequences that decode to them.

    A scheme may spell an entity in several ways (in IOB1, by what stands before it), all of which count; and
    an entity that goes on, or began before, is another one.

    Args:
        lattice: of the sentences.
        spans: n x 4: the sentence, the first token, one past the last token, the label.
        decoder: the scheme's tags.

    Returns:
        n probabilities in [0, 1].
    """
    sentence, first, stop, label = spans.T
    if not len(spans):
        return np.zeros(0)
    walk = EntityWalk(lattice, decoder)
    paths = walk.begin(sentence, first, label)
    rows = np.arange(len(spans))
    for offset in range(1, int((stop - first).max())):
        rows = rows[first[rows] + offset < stop[rows]]
        paths[rows] = walk.extend(paths[rows], sentence[rows], first[rows] + offset, label[rows])
    return walk.end(paths, sentence, stop, label)


class EntityWalk:
    """Sums over the tag sequences that hold an entity, token by token; for many entities at once.

    What an entity gets does not depend, to the last bit, on the entities that come with it.

    Args:
        lattice: of the sentences.
        decoder: the scheme's tags; it has at least one label.
    """

    def __init__(self, lattice: Lattice, decoder: Decoder) -> None:
        self.own = np.stack([np.flatnonzero(decoder.label == at) for at in range(len(decoder.labels))])
        """The tags of each label, labels x m."""
        self._lattice = lattice
        self._apart = np.where(decoder.joined, -np.inf, lattice.transitions)
        self._together = np.where(decoder.joined, lattice.transitions, -np.inf)

    def begin(
        self, sentence: NDArray[np.integer[Any]], first: NDArray[np.integer[Any]], label: NDArray[np.integer[Any]]
    ) -> NDArray[np.float64]:
        """All beginnings of sentences up to the first token of an entity, as logarithms: n x m, by its tag there."""
        lattice, own = self._lattice, self.own[label]
        # K x n x m: the beginnings that end before the entity. Their sum, n x m, goes on into its first token.
        before = lattice.alpha[sentence, np.maximum(first - 1, 0)].T[:, :, None] + self._apart[:, own]
        paths = np.where(first[:, None] == 0, lattice.start[own], _log_sum(before))
        return np.asarray(paths + lattice.emissions[sentence[:, None], first[:, None], own])

    def extend(
        self,
        paths: NDArray[np.float64],
        sentence: NDArray[np.integer[Any]],
        token: NDArray[np.integer[Any]],
        label: NDArray[np.integer[Any]],
    ) -> NDArray[np.float64]:
        """The same up to the next token, which the entity holds too."""
        tags = self.own[label]  # n x m
        steps = self._together[tags.T[:, :, None], tags]  # from m x n x to m
        further = _log_sum(paths.T[:, :, None] + steps)
        return np.asarray(further + self._lattice.emissions[sentence[:, None], token[:, None], tags])

    def end(
        self,
        paths: NDArray[np.float64],
        sentence: NDArray[np.integer[Any]],
        stop: NDArray[np.integer[Any]],
        label: NDArray[np.integer[Any]],
    ) -> NDArray[np.float64]:
        """The probability that the entity ends before the token ``stop``."""
        lattice, own = self._lattice, self.own[label]
        last = stop == lattice.lengths[sentence]
        behind = np.minimum(stop, lattice.lengths[sentence] - 1)
        ahead = lattice.emissions[sentence, behind] + lattice.beta[sentence, behind]  # n x K
        onward = ahead.T[:, :, None] + self._apart[own].transpose(2, 0, 1)  # K x n x m
        whole = paths + np.where(last[:, None], lattice.end[own], _log_sum(onward))
        return self._probability(whole, sentence)

    def reach(
        self,
        paths: NDArray[np.float64],
        sentence: NDArray[np.integer[Any]],
        token: NDArray[np.integer[Any]],
        label: NDArray[np.integer[Any]],
    ) -> NDArray[np.float64]:
        """The probability that the entity holds this token, up to which the paths go, wherever it ends."""
        onward = self._lattice.beta[sentence[:, None], token[:, None], self.own[label]]
        return self._probability(paths + onward, sentence)

    def _probability(self, paths: NDArray[np.float64], sentence: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        total = _log_sum(paths.T) - self._lattice.log_partition[sentence]
        probability: NDArray[np.float64] = np.minimum(np.exp(total), 1.0)  # a certainty may have been rounded up
        return probability


def _log_sum(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of the sum of exponentials over the first axis, in one order for any shape."""
    result: NDArray[np.float64] = np.logaddexp.reduce(scores, axis=0)
    return result
