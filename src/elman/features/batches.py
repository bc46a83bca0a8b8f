"""Batches of sequences: which go together, and how they become arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_Scalar = TypeVar("_Scalar", bound=np.generic)


def bucket(
    lengths: NDArray[np.integer[Any]], tokens: int, rng: np.random.Generator | None = None, noise: float = 0.1
) -> list[NDArray[np.int64]]:
    """Put sequences of like length together.

    Without ``rng`` the batches go from the shortest sequence to the longest, equal lengths in the order
    given. With it, the sequences are shuffled, sorted by a length that is off by up to ``noise`` of itself,
    cut into batches, and the batches shuffled: other companions and another order in every epoch, and the
    same ones from the same generator.

    Args:
        lengths: n lengths, each at least 0.
        tokens: the budget of a batch, padding included: its size times its longest length. A sequence longer
            than that has a batch to itself.
        rng: the source of the shuffling.
        noise: how far, as a fraction, a length may be off in the sorting; only with ``rng``.

    Returns:
        Arrays of indices into ``lengths``; every index is in exactly one.

    Raises:
        ValueError: if the budget is not positive.
    """
    if tokens < 1:
        raise ValueError(f"a batch needs a budget of at least 1 token, got {tokens}")
    # An empty sequence takes a place too, or a batch of them would have no end.
    costs = np.maximum(np.asarray(lengths, dtype=np.int64), 1)
    if rng is None:
        order = np.argsort(costs, kind="stable")
    else:
        shuffled = rng.permutation(len(costs))
        off = costs[shuffled] * rng.uniform(1 - noise, 1 + noise, len(costs))
        order = shuffled[np.argsort(off, kind="stable")]
    costs = costs[order]
    batches = []
    start = 0
    while start < len(order):
        window = costs[start : start + max(1, tokens // int(costs[start]))]
        padded = np.maximum.accumulate(window) * np.arange(1, len(window) + 1)
        size = max(1, int(np.searchsorted(padded, tokens, side="right")))
        batches.append(order[start : start + size])
        start += size
    if rng is not None:
        batches = [batches[at] for at in rng.permutation(len(batches)).tolist()]
    return batches


def pad(sequences: Sequence[NDArray[_Scalar]], fill: int = 0) -> NDArray[_Scalar]:
    """Sequences as one array.

    Args:
        sequences: arrays of time, or of time x features, all of one type and of the same features; at least
            one.
        fill: what stands after the end of a sequence.

    Returns:
        batch x time (x features), as long as the longest.
    """
    joined = np.concatenate(sequences)
    present = mask(np.fromiter(map(len, sequences), np.int64, len(sequences)))
    padded = np.full((*present.shape, *joined.shape[1:]), fill, dtype=joined.dtype)
    padded[present] = joined
    return padded


def mask(lengths: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Where a padded batch holds something: batch x time, as long as the longest, true before each length."""
    longest = int(lengths.max(initial=0))
    present: NDArray[np.bool_] = np.arange(longest) < np.asarray(lengths)[:, None]
    return present
