"""The part of ``elman.model.parts.symbols`` in NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.runtime.blocks import linear

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.model import parts

    Array = NDArray[np.float32]


class Symbols:
    """See ``elman.model.parts.Symbols``."""

    def __init__(self, part: parts.Symbols, tensors: Mapping[str, NDArray[Any]]) -> None:
        self.table: Array = tensors["table"]
        self.bias: Array = tensors["bias"]
        self._scale = np.float32(part.size**0.5)

    def __call__(self, ids: NDArray[np.integer[Any]]) -> Array:
        """Any shape of ids -> the same shape x size."""
        return np.asarray(self.table[ids] * self._scale)

    def scores(self, x: Array) -> Array:
        """Any shape x size -> the same shape x rows."""
        return linear(x.reshape(-1, x.shape[-1]), self.table, self.bias).reshape(*x.shape[:-1], -1)
