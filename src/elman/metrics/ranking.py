"""How good a ranking is that should have what is sought at its head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def average_precision(scores: ArrayLike, sought: ArrayLike) -> float:
    """The area under the curve of precision over recall, as a sum of steps: the larger scores come first.

    What has the same score is taken all at once, so that the order of the input changes nothing: the sum over the
    distinct scores, from the largest, of what recall gains there times the precision down to there (Manning,
    Raghavan and Schütze 2008, Introduction to Information Retrieval, section 8.4). A random order has the share of
    what is sought, the base rate.

    Args:
        scores: n numbers, infinite ones included.
        sought: n truth values.

    Returns:
        A fraction above 0.

    Raises:
        UsageError: if the two are not equally long, a score is NaN, or nothing is sought.
    """
    values: NDArray[np.floating[Any]] = np.asarray(scores, np.float64)
    wanted = np.asarray(sought, np.bool_)
    if values.ndim != 1 or values.shape != wanted.shape:
        raise UsageError(f"expected a truth value for each score, got arrays of {values.shape} and {wanted.shape}")
    if np.isnan(values).any():
        raise UsageError(f"expected numbers to rank by, score {int(np.isnan(values).argmax())} is NaN")
    if not wanted.any():
        raise UsageError("average precision needs something that is sought, and nothing here is")
    distinct, place = np.unique(values, return_inverse=True)
    found = np.bincount(place, weights=wanted, minlength=len(distinct))[::-1]
    taken = np.bincount(place, minlength=len(distinct))[::-1]
    return float((found * np.cumsum(found) / np.cumsum(taken)).sum() / found.sum())
