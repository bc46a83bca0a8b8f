"""What a linear-chain CRF holds for probable: of a tag at a token, of a whole span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.decoding.chain import Chain, lay_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.decoding.chain import Scores


@dataclass(frozen=True, slots=True)
class Lattice:
    """All tag sequences of a batch of sentences, summed up from both ends; made by ``forward_backward``.

    Attributes:
        lengths: batch.
        alpha: batch x time x K, the logarithm of the summed weights of all beginnings that end in a tag at a
            token, the token's emission included; ``-inf`` beyond a length.
        beta: batch x time x K, likewise of all continuations after a tag at a token, its emission not
            included.
        log_partition: batch, the logarithm of the summed weights of all sequences; 0 for an empty sentence.
        emissions: batch x time x K.
        transitions: K x K.
        start: K.
        end: K.
    """

    lengths: NDArray[np.int64]
    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    log_partition: NDArray[np.float64]
    emissions: Scores
    transitions: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]

    def marginals(self) -> NDArray[np.float64]:
        """The probability of each tag at each token: batch x time x K, 0 beyond a length."""
        return _probability(self.alpha + self.beta - self.log_partition[:, None, None])

    def span_probability(
        self,
        spans: NDArray[np.integer[Any]],
        tags: NDArray[np.integer[Any]],
        before: NDArray[np.bool_] | None = None,
        after: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float64]:
        """The probability that spans are tagged as given, and begin and end where they do.

        Where a scheme's tags do not say by themselves that a span ends (in BIO, ``B-PER I-PER`` may go on
        with another ``I-PER``), ``after`` holds the tags with which it would not go on; ``before`` likewise
        for a scheme whose tags do not say that a span begins. At the edge of a sentence there is nothing to
        go on with.

        Args:
            spans: n x 3: the sentence, the first token, one past the last token.
            tags: n x longest span; what lies beyond a span is not looked at.
            before: n x K, which tags may stand on the token before; all of them if not given.
            after: n x K, which tags may stand on the token after; all of them if not given.

        Returns:
            n probabilities in [0, 1].

        Raises:
            ValueError: if a span is empty, or outside its sentence.
        """
        spans = np.asarray(spans, dtype=np.int64).reshape(-1, 3)
        sentence, first, stop = spans.T
        if not ((first >= 0) & (first < stop) & (stop <= self.lengths[sentence])).all():
            raise ValueError(
                "a span has to hold a token and lie inside its sentence: 0 <= first < stop <= length"
            )
        n = len(spans)
        every = np.ones((n, len(self.start)), dtype=np.bool_)
        width = int((stop - first).max(initial=1))
        rows = np.arange(n)
        # How all the beginnings reach the first tag, and all the continuations leave the last.
        entering = self.transitions[:, tags[:, 0]].T + self.alpha[sentence, np.maximum(first - 1, 0)]  # n x K
        entering = _log_sum(np.where(every if before is None else before, entering, -np.inf))
        total = np.where(first == 0, self.start[tags[:, 0]], entering)
        last = tags[rows, stop - first - 1]
        following = np.minimum(stop, self.lengths[sentence] - 1)
        leaving = (
            self.transitions[last] + self.emissions[sentence, following] + self.beta[sentence, following]
        )
        leaving = _log_sum(np.where(every if after is None else after, leaving, -np.inf))
        total = total + np.where(stop == self.lengths[sentence], self.end[last], leaving)
        for offset in range(width):
            inside = np.flatnonzero(first + offset < stop)
            tag = tags[inside, offset]
            total[inside] += self.emissions[sentence[inside], first[inside] + offset, tag]
            if offset:
                total[inside] += self.transitions[tags[inside, offset - 1], tag]
        return _probability(total - self.log_partition[sentence])


def forward_backward(
    emissions: Scores, lengths: NDArray[np.integer[Any]], transitions: Scores, start: Scores, end: Scores
) -> Lattice:
    """Sum over all tag sequences of each sentence of a batch, in logarithms.

    The forward-backward algorithm of a conditional random field (Lafferty, McCallum and Pereira 2001). What a sentence gets does not depend, to the last bit, on the batch it is in.

    Args:
        emissions: batch x time x K, the score of each tag at each token; what lies beyond a length is not
            looked at.
        lengths: batch, each from 0 to time.
        transitions: K x K, the score of going from a tag (row) to a tag (column); ``-inf`` forbids.
        start: K, the score of beginning with a tag; ``-inf`` forbids.
        end: K, the score of ending with a tag; ``-inf`` forbids.

    Raises:
        ValueError: if shapes or lengths do not fit, a score is NaN or +inf, or a sentence has no allowed
            sequence.
    """
    chain = lay_out(emissions, lengths, transitions, start, end)
    longest, batch, tags = chain.emissions.shape
    alpha = np.full((longest, batch, tags), -np.inf)
    beta = np.full((longest, batch, tags), -np.inf)
    into = np.ascontiguousarray(chain.transitions.T)  # to x from
    for step, active in enumerate(chain.active):
        if step == 0:
            reached = np.broadcast_to(chain.start, (active, tags))
        else:
            reached = _log_sum(alpha[step - 1, :active, None, :] + into)  # active x to x from -> active x to
        alpha[step, :active] = reached + chain.emissions[step, :active]
    for step in range(longest - 1, -1, -1):
        beta[step, : chain.active[step]] = chain.end
        going_on = chain.active[step + 1] if step + 1 < longest else 0
        ahead = chain.emissions[step + 1, :going_on] + beta[step + 1, :going_on] if going_on else beta[0, :0]
        beta[step, :going_on] = _log_sum(chain.transitions + ahead[:, None, :])  # from x to -> from
    log_partition = np.zeros(batch)
    filled = chain.active[0] if chain.active else 0
    log_partition[:filled] = _log_sum(alpha[chain.lengths[:filled] - 1, np.arange(filled)] + chain.end)
    chain.check_paths(log_partition)
    return _restore(chain, alpha, beta, log_partition, emissions)


def _restore(
    chain: Chain,
    alpha: NDArray[np.float64],
    beta: NDArray[np.float64],
    log_partition: NDArray[np.float64],
    emissions: Scores,
) -> Lattice:
    lattices = np.full((2, *emissions.shape), -np.inf)
    lattices[0][chain.order, : len(alpha)] = alpha.swapaxes(0, 1)
    lattices[1][chain.order, : len(beta)] = beta.swapaxes(0, 1)
    return Lattice(
        lengths=chain.restore(chain.lengths),
        alpha=lattices[0],
        beta=lattices[1],
        log_partition=chain.restore(log_partition),
        emissions=emissions,
        transitions=chain.transitions,
        start=chain.start,
        end=chain.end,
    )


def _log_sum(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of the sum of exponentials over the last axis, ``-inf`` where all are."""
    largest = scores.max(axis=-1)
    shift = np.where(np.isneginf(largest), 0.0, largest)
    with np.errstate(divide="ignore"):
        result: NDArray[np.float64] = np.log(np.exp(scores - shift[..., None]).sum(axis=-1)) + shift
    return result


def _probability(logarithms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounding may have carried a certainty above 1."""
    return np.minimum(np.exp(logarithms), 1.0)
