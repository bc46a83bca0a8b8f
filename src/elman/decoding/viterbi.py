"""The best tag sequence of a linear chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.decoding.chain import lay_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.decoding.chain import Scores

NO_TAG = -1
"""What stands in an array of tags after the end of a sentence."""


def viterbi(
    emissions: Scores, lengths: NDArray[np.integer[Any]], transitions: Scores, start: Scores, end: Scores
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The tag sequence with the highest score, for each sentence of a batch (Viterbi 1967).

    Of equally good sequences it is the one with the lowest last tag, and among those the lowest tag before,
    and so on. What a sentence gets does not depend, to the last bit, on the batch it is in.

    Args:
        emissions: batch x time x K, the score of each tag at each token; what lies beyond a length is not
            looked at.
        lengths: batch, each from 0 to time.
        transitions: K x K, the score of going from a tag (row) to a tag (column); ``-inf`` forbids.
        start: K, the score of beginning with a tag; ``-inf`` forbids.
        end: K, the score of ending with a tag; ``-inf`` forbids.

    Returns:
        The tags, batch x time, int32, ``NO_TAG`` beyond a length; and the scores, batch, 0 for an empty
        sentence.

    Raises:
        ValueError: if shapes or lengths do not fit, a score is NaN or +inf, or a sentence has no allowed
            sequence.
    """
    chain = lay_out(emissions, lengths, transitions, start, end)
    longest, _, batch = chain.emissions.shape
    best = np.empty_like(chain.emissions)  # time x K x batch, of the paths that end in each tag at a step
    for step, active in enumerate(chain.active):
        if step == 0:
            reached = np.repeat(chain.start[:, None], active, axis=1)
        else:
            # from x to x active -> to x active
            reached = (best[step - 1, :, None, :active] + chain.transitions[:, :, None]).max(axis=0)
        best[step, :, :active] = reached + chain.emissions[step, :, :active]

    scores = np.zeros(batch)
    tag = np.zeros(batch, dtype=np.intp)
    tags = np.full((batch, emissions.shape[1]), NO_TAG, dtype=np.int32)
    following = 0
    for step in range(longest - 1, -1, -1):
        active = chain.active[step]
        # Those that end here choose among the ends, the others among the ways to the tag chosen for the next
        # token: the same sums as on the way there. Of equals the first is taken, so the lowest.
        onward = np.repeat(chain.end[:, None], active, axis=1)  # K x active
        onward[:, :following] = chain.transitions[:, tag[:following]]
        paths = best[step, :, :active] + onward
        tag[:active] = paths.argmax(axis=0)
        tags[:active, step] = tag[:active]
        scores[following:active] = paths[tag[following:active], np.arange(following, active)]
        following = active
    chain.check_paths(scores)
    return chain.restore(tags), chain.restore(scores)
