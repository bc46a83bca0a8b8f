"""The best n tag sequences of a linear chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.decoding.chain import lay_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.decoding.chain import Chain, Scores


def nbest(
    emissions: Scores,
    lengths: NDArray[np.integer[Any]],
    transitions: Scores,
    start: Scores,
    end: Scores,
    n: int,
) -> list[list[tuple[NDArray[np.int32], float]]]:
    """The n tag sequences with the highest scores, exactly, for each sentence of a batch.

    The list Viterbi algorithm (Seshadri and Sundberg 1994, the parallel one): for each tag of each step, the
    n best paths that end there. Order among equals is as in ``viterbi``, whose answer is the first one here.

    Args:
        emissions: batch x time x K; what lies beyond a length is not looked at.
        lengths: batch, each from 0 to time.
        transitions: K x K, from row to column; ``-inf`` forbids.
        start: K; ``-inf`` forbids.
        end: K; ``-inf`` forbids.
        n: how many; at least 1.

    Returns:
        For each sentence its allowed sequences, best first, as pairs of tags (as many as tokens, int32) and
        score; fewer than n if there are not so many. An empty sentence has one, the empty one, with score 0.

    Raises:
        ValueError: if n is below 1, shapes or lengths do not fit, a score is NaN or +inf, or a sentence has
            no allowed sequence.
    """
    if n < 1:
        raise ValueError(f"expected at least 1 sequence to be asked for, got {n}")
    chain = lay_out(emissions, lengths, transitions, start, end)
    into = np.ascontiguousarray(chain.transitions.T)[:, :, None]  # to x from x 1
    batch, tags = len(chain.lengths), len(start)
    best = np.full((batch, tags, n), -np.inf)  # batch x K x rank, of the paths that end in each tag
    pointers: list[NDArray[np.int64]] = []
    for step, active in enumerate(chain.active):
        if step == 0:
            best[:active, :, 0] = chain.start + chain.emissions[0, :, :active].T
            continue
        paths = (best[:active, None] + into).reshape(active, tags, tags * n)  # active x to x (from, rank)
        pointer = np.argsort(-paths, axis=2, kind="stable")[:, :, :n]
        reached = np.take_along_axis(paths, pointer, axis=2)
        best[:active] = reached + chain.emissions[step, :, :active].T[:, :, None]
        pointers.append(pointer)
    filled = chain.active[0] if chain.active else 0
    final = (best[:filled] + chain.end[:, None]).reshape(filled, tags * n)
    ends = np.argsort(-final, axis=1, kind="stable")[:, :n]
    scores = np.take_along_axis(final, ends, axis=1)
    totals = np.zeros(batch)
    totals[:filled] = scores[:, 0]
    chain.check_paths(totals)
    return _collect(chain, pointers, ends, scores, n)


def _collect(
    chain: Chain,
    pointers: list[NDArray[np.int64]],
    ends: NDArray[np.int64],
    scores: NDArray[np.float64],
    n: int,
) -> list[list[tuple[NDArray[np.int32], float]]]:
    """Walk back from each of the ends; a place is a tag and a rank, ``tag * n + rank``."""
    filled = len(ends)
    tags = np.zeros((filled, ends.shape[1], len(chain.active)), dtype=np.int32)  # batch x rank x time
    places = ends.copy()
    for step in range(len(chain.active) - 1, -1, -1):
        active = chain.active[step]
        tag, rank = np.divmod(places[:active], n)
        tags[:active, :, step] = tag
        if step:
            places[:active] = pointers[step - 1][np.arange(active)[:, None], tag, rank]
    results: list[list[tuple[NDArray[np.int32], float]]] = [[] for _ in chain.order]
    for at, sentence in enumerate(chain.order.tolist()):
        if at >= filled:
            results[sentence].append((np.zeros(0, dtype=np.int32), 0.0))
            continue
        length = int(chain.lengths[at])
        for sequence, score in zip(tags[at], scores[at].tolist(), strict=True):
            if score > -np.inf:
                results[sentence].append((sequence[:length].copy(), score))
    return results
