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
    into = np.ascontiguousarray(chain.transitions.T)  # to x from, so that the maximum runs over neighbours
    batch = len(chain.lengths)
    best = np.zeros((batch, len(start)))  # batch x K, of the paths that end in each tag
    pointers: list[NDArray[np.intp]] = []
    for step, active in enumerate(chain.active):
        if step == 0:
            best[:active] = chain.start + chain.emissions[0, :active]
            continue
        paths = best[:active, None, :] + into  # active x to x from
        pointer = paths.argmax(axis=2)  # the first, so the lowest, of equals
        reached = np.take_along_axis(paths, pointer[:, :, None], axis=2)[:, :, 0]
        best[:active] = reached + chain.emissions[step, :active]
        pointers.append(pointer)

    filled = chain.active[0] if chain.active else 0  # those that are not empty
    final = best[:filled] + chain.end
    tag = final.argmax(axis=1)
    scores = np.zeros(batch)
    scores[:filled] = final[np.arange(filled), tag]
    chain.check_paths(scores)
    tags = np.full((batch, emissions.shape[1]), NO_TAG, dtype=np.int32)
    for step in range(len(chain.active) - 1, -1, -1):
        active = chain.active[step]
        tags[:active, step] = tag[:active]
        if step:
            tag[:active] = pointers[step - 1][np.arange(active), tag[:active]]
    return chain.restore(tags), chain.restore(scores)
