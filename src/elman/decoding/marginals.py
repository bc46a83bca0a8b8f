"""What a linear-chain CRF holds for probable: of a tag at a token."""

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


def forward_backward(
    emissions: Scores, lengths: NDArray[np.integer[Any]], transitions: Scores, start: Scores, end: Scores
) -> Lattice:
    """Sum over all tag sequences of each sentence of a batch, in logarithms.

    The forward-backward algorithm of a conditional random field (Lafferty, McCallum and Pereira 2001).
    What a sentence gets does not depend, to the last bit, on the batch it is in.

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
    longest, _, batch = chain.emissions.shape
    alpha = np.full(chain.emissions.shape, -np.inf)
    beta = np.full(chain.emissions.shape, -np.inf)
    forward, backward = _Step(chain.transitions), _Step(np.ascontiguousarray(chain.transitions.T))
    for step, active in enumerate(chain.active):
        before = alpha[step - 1, :, :active]
        reached = forward(before) if step else np.repeat(chain.start[:, None], active, axis=1)
        alpha[step, :, :active] = reached + chain.emissions[step, :, :active]
    following = 0
    for step in range(longest - 1, -1, -1):
        active = chain.active[step]
        beta[step, :, following:active] = chain.end[:, None]
        if following:
            after = chain.emissions[step + 1, :, :following] + beta[step + 1, :, :following]
            beta[step, :, :following] = backward(after)
        following = active
    log_partition = np.zeros(batch)
    ends = alpha[chain.lengths[:following] - 1, :, np.arange(following)] + chain.end  # filled x K
    log_partition[:following] = _log_sum(ends.T)
    chain.check_paths(log_partition)
    return Lattice(
        lengths=chain.restore(chain.lengths),
        alpha=_restore(chain, alpha, emissions),
        beta=_restore(chain, beta, emissions),
        log_partition=chain.restore(log_partition),
        emissions=emissions,
        transitions=chain.transitions,
        start=chain.start,
        end=chain.end,
    )


def _restore(chain: Chain, values: NDArray[np.float64], emissions: Scores) -> NDArray[np.float64]:
    """Time x K x batch, as a chain is laid out, to batch x time x K, as it was given."""
    restored = np.full(emissions.shape, -np.inf)
    restored[chain.order, : len(values)] = values.transpose(2, 0, 1)
    return restored


class _Step:
    """Sums over the transitions of one step, ``log(sum_i exp(scores_i + transitions_ij))``.

    Exponentials of the scores and of the transitions are taken apart, each below its largest, which saves
    taking one for each pair. What that rounds to nothing, or nearly, although it is all there is, is summed
    pair by pair.
    """

    _WEAK = 1e-200  # what is lost below the smallest float64, 1e-308, is no part of a larger sum

    def __init__(self, transitions: NDArray[np.float64]) -> None:
        self._transitions = transitions
        self._peaks = _finite(transitions.max(axis=0, initial=-np.inf))
        self._weights = np.exp(transitions - self._peaks)

    def __call__(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """From K x n to K x n; ``-inf`` where nothing is allowed."""
        shift = _finite(scores.max(axis=0))
        # from x to x n -> to x n
        sums = (np.exp(scores - shift)[:, None, :] * self._weights[:, :, None]).sum(axis=0)
        weak = None
        if sums.min(initial=1.0) < self._WEAK:
            weak = sums < self._WEAK
            sums[weak] = 1.0
        result: NDArray[np.float64] = np.log(sums, out=sums)
        result += shift
        result += self._peaks[:, None]
        if weak is not None:
            to, which = np.nonzero(weak)
            result[weak] = _log_sum(scores[:, which] + self._transitions[:, to])
        return result


def _log_sum(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of the sum of exponentials over the first axis, ``-inf`` where all are."""
    shift = _finite(scores.max(axis=0))
    total = np.zeros(shift.shape)
    for weights in np.exp(scores - shift):  # one by one: the order of a library's sum depends on the shape
        total += weights
    with np.errstate(divide="ignore"):
        result: NDArray[np.float64] = np.log(total) + shift
    return result


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values to subtract: 0 for ``-inf``, which less itself is no number."""
    return np.where(values == -np.inf, 0.0, values)


def _probability(logarithms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounding may have carried a certainty above 1."""
    return np.minimum(np.exp(logarithms), 1.0)
