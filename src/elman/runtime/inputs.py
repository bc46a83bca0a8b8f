"""What of a network depends on a word's type alone, and is worth keeping: the way into its first layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.runtime.blocks import linear
from elman.runtime.embedding import TypeEmbedding, directions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.features.lexicon import TypeFeatures

    Array = NDArray[np.float32]
    Indices = NDArray[np.int64]


class TypeRows(NamedTuple):
    """Word types as the recurrent part of a network reads them.

    Attributes:
        gates: types x (2 x gates): what the forward and the backward cell's gates get from a type.
        seen: types x size: what a type says of its sentence (``elman.nn.context``); size is 0 without a summary.
    """

    gates: Array
    seen: Array


class TypeInputs:
    """A network up to where its first layer's recurrence begins.

    Args:
        architecture: a manifest's.
        tensors: a model's.
    """

    def __init__(self, architecture: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
        encoder = architecture["encoder"]
        self._embed = TypeEmbedding(architecture["embedding"]["characters"], tensors)
        self.sides = directions(encoder["cell"], tensors, "encode.layers.0")
        """The first layer's forward and backward recurrence."""
        self._weight: Array = tensors["context.weight"] if encoder["context"] else np.zeros((0, 1), np.float32)
        self._bias: Array = tensors["context.bias"] if encoder["context"] else np.zeros(0, np.float32)
        self.widths = (2 * self.sides[0].gates, len(self._bias))
        """Columns of ``TypeRows``."""

    def __call__(self, types: TypeFeatures) -> TypeRows:
        """The rows of word types; each depends, to the last bit, on its type alone."""
        x = self._embed(types)
        gates = np.concatenate([side.project(x) for side in self.sides], axis=1)
        if not len(self._bias):
            return TypeRows(gates, np.zeros((len(x), 0), np.float32))
        return TypeRows(gates, np.tanh(linear(x, self._weight, self._bias)))

    def held(self, rows: TypeRows, places: Indices, lengths: Indices) -> Array | None:
        """What the gates get from the whole window, at each of its tokens.

        Args:
            rows: of word types.
            places: for each token, window after window, its type.
            lengths: tokens of each window, at least 1.

        Returns:
            Windows x (2 x gates), or None without a summary.
        """
        if not len(self._bias):
            return None
        totals: Array = np.add.reduceat(rows.seen[places], np.cumsum(lengths) - lengths, axis=0)
        totals /= lengths[:, None]
        return np.concatenate([side.project_shared(totals) for side in self.sides], axis=1)
