"""What a whole sentence is about, as ``elman.nn.context`` computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.runtime.blocks import linear

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Indices = NDArray[np.int64]


class SentenceContext:
    """See ``elman.nn.context.SentenceContext``."""

    def __init__(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        self._weight, self._bias = tensors["context.weight"], tensors["context.bias"]

    def __call__(self, x: Array, places: Indices, lengths: Indices) -> Array:
        """Summaries.

        Args:
            x: features of word types, types x feature.
            places: for each token, window after window, its type.
            lengths: tokens of each window, at least 1.

        Returns:
            Windows x size.
        """
        seen = np.tanh(linear(x, self._weight, self._bias))
        totals: Array = np.add.reduceat(seen[places], np.cumsum(lengths) - lengths, axis=0)
        totals /= lengths[:, None]
        return totals
