"""The engine that needs nothing but NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.runtime.blocks import linear
from elman.runtime.context import SentenceContext
from elman.runtime.embedding import TypeEmbedding, directions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.features.lexicon import TypeFeatures


class NumpyEngine:
    """A tagger's network in float32; see ``elman.runtime.engine.Engine``.

    Args:
        architecture: a manifest's.
        tensors: a model's.
    """

    def __init__(self, architecture: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
        encoder = architecture["encoder"]
        self._embed = TypeEmbedding(architecture["embedding"]["characters"], tensors)
        self._context = SentenceContext(tensors) if encoder["context"] else None
        self._layers = [
            directions(encoder["cell"], tensors, f"encode.layers.{layer}") for layer in range(encoder["layers"])
        ]
        self._weight, self._bias = tensors["head.project.weight"], tensors["head.project.bias"]
        self._normal = architecture["head"]["kind"] == "softmax"

    def emissions(
        self, types: TypeFeatures, places: NDArray[np.integer[Any]], lengths: NDArray[np.integer[Any]]
    ) -> NDArray[np.float32]:
        """See ``Engine``."""
        x, read, sizes = self._embed(types), places.astype(np.int64), lengths.astype(np.int64)
        context = None if self._context is None else self._context(x, read, sizes)
        for layer in self._layers:
            # The first layer's inputs are the types', which are fewer than the tokens, and the windows'.
            x = np.concatenate([side.run(side.project(x, context), read, sizes) for side in layer], axis=1)
            read, context = np.arange(len(places)), None
        scores = linear(x, self._weight, self._bias)
        return _log_softmax(scores) if self._normal else scores


def _log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = scores - scores.max(axis=1, keepdims=True)
    total = np.zeros(len(scores), np.float32)
    for column in np.exp(shifted).T:  # one by one: the order of a library's sum depends on the shape
        total += column
    result: NDArray[np.float32] = shifted - np.log(total)[:, None]
    return result
