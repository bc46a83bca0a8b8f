"""The last layer: from states to the scores of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float32]


class Head:
    """See ``elman.nn.heads``.

    Args:
        architecture: a manifest's.
        tensors: a model's.

    Attributes:
        weight: K x (directions x hidden), the forward cell's states first.
        bias: K.
    """

    def __init__(self, architecture: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
        self.weight: Array = tensors["head.project.weight"]
        self.bias: Array = tensors["head.project.bias"]
        self._normal = architecture["head"]["kind"] == "softmax"

    def finish(self, scores: Array) -> Array:
        """From projected states, n x K, to scores: under a softmax their logarithms as probabilities."""
        return _log_softmax(scores) if self._normal else scores


def _log_softmax(scores: Array) -> Array:
    shifted = scores - scores.max(axis=1, keepdims=True)
    total = np.zeros(len(scores), np.float32)
    for column in np.exp(shifted).T:  # one by one: the order of a library's sum depends on the shape
        total += column
    result: Array = shifted - np.log(total)[:, None]
    return result
