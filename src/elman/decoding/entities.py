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
    n, sentences = len(spans), lattice.lengths
    if not n:
        return np.zeros(0)
    own = np.stack([np.flatnonzero(decoder.label == at) for at in range(len(decoder.labels))])[label]  # n x m
    transition = lattice.transitions
    apart = np.where(decoder.joined, -np.inf, transition)
    together = np.where(decoder.joined, transition, -np.inf)
    # K x n x m: the beginnings that end before the span. Their sum, n x m, goes on into its first token.
    before = lattice.alpha[sentence, np.maximum(first - 1, 0)].T[:, :, None] + apart[:, own]
    paths = np.where(first[:, None] == 0, lattice.start[own], _log_sum(before))
    rows = np.arange(n)
    paths = paths + lattice.emissions[sentence[:, None], first[:, None], own]
    for offset in range(1, int((stop - first).max())):
        rows = rows[first[rows] + offset < stop[rows]]
        tags = own[rows]  # n x m
        steps = together[tags.T[:, :, None], tags]  # from m x n x to m
        paths[rows] = _log_sum(paths[rows].T[:, :, None] + steps)
        paths[rows] += lattice.emissions[sentence[rows, None], first[rows, None] + offset, tags]
    behind = np.minimum(stop, sentences[sentence] - 1)
    ahead = lattice.emissions[sentence, behind] + lattice.beta[sentence, behind]  # n x K
    onward = ahead.T[:, :, None] + apart[own].transpose(2, 0, 1)  # K x n x m
    paths = paths + np.where((stop == sentences[sentence])[:, None], lattice.end[own], _log_sum(onward))
    total = _log_sum(paths.T) - lattice.log_partition[sentence]
    probability: NDArray[np.float64] = np.minimum(np.exp(total), 1.0)  # a certainty may have been rounded up
    return probability


def _log_sum(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of the sum of exponentials over the first axis, in one order for any shape."""
    result: NDArray[np.float64] = np.logaddexp.reduce(scores, axis=0)
    return result
