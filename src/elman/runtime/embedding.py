"""Vectors of word types, as ``elman.nn.embedding`` and its composition in training compute them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.runtime.layers import directions
from elman.runtime.words import WordTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.features.lexicon import TypeFeatures

    Array = NDArray[np.float32]


WITHIN = "embed.characters."
"""What the names of a tagger's tensors of characters begin with."""


class TypeEmbedding:
    """The vectors of words, characters and shapes, one after the other.

    Args:
        kind: of the network that reads characters: ``convolution``, ``lstm`` or ``none``.
        tensors: a model's.
    """

    def __init__(self, kind: str, tensors: Mapping[str, NDArray[Any]]) -> None:
        self._words = WordTable(tensors)
        own = {name.removeprefix(WITHIN): array for name, array in tensors.items() if name.startswith(WITHIN)}
        self._characters = CHARACTERS[kind](own) if kind in CHARACTERS else None
        self._shapes: Array | None = tensors.get("embed.shapes.weight")

    def __call__(self, types: TypeFeatures) -> Array:
        """The vectors of word types: types x feature."""
        parts = [self._words.rows(types.words)]
        if self._characters is not None:
            parts.append(self._characters(types.characters))
        if self._shapes is not None:
            parts.append(self._shapes[types.shapes])
        return np.concatenate(parts, axis=1)


class CharacterConvolution:
    """See ``elman.nn.embedding.CharacterConvolution``."""

    def __init__(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        table, kernel, self._bias = (tensors[name] for name in ("table", "kernel", "bias"))
        filters = len(self._bias)
        shares = (table @ kernel).reshape(len(table), -1, filters)  # characters x width x filters
        shares[0] = 0  # padding contributes nothing
        self._shares = [np.ascontiguousarray(shares[:, place]) for place in range(shares.shape[1])]

    def __call__(self, characters: NDArray[np.int32]) -> Array:
        """Types x characters (0 beyond the end) -> types x filters."""
        reach = len(self._shares) // 2
        padded = np.pad(characters, ((0, 0), (reach, reach)))
        # A word without characters still has a maximum.
        lengths = np.maximum((characters > 0).sum(1), 1)
        result = np.empty((len(characters), len(self._bias)), np.float32)
        for length in np.unique(lengths).tolist():
            types = np.flatnonzero(lengths == length)
            total = np.broadcast_to(self._bias, (len(types), length, len(self._bias))).copy()
            for place, shares in enumerate(self._shares):
                total += shares[padded[types, place : place + length]]
            result[types] = total.max(axis=1)
        return np.tanh(result)


class CharacterLSTM:
    """See ``elman.nn.embedding.CharacterLSTM``."""

    def __init__(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        self._forward, self._backward = directions("lstm", tensors, "encode.layers.0")
        # Its inputs are a character's vector and nothing else, so that they can all be had beforehand.
        table = tensors["table"]
        self._projected = self._forward.project(table), self._backward.project(table)

    def __call__(self, characters: NDArray[np.int32]) -> Array:
        """Types x characters (0 beyond the end) -> types x (2 x hidden)."""
        lengths = np.maximum((characters > 0).sum(1), 1)
        inside = np.arange(characters.shape[1]) < lengths[:, None]
        places = characters[inside].astype(np.int64)
        ahead, back = self._projected
        ends = np.cumsum(lengths)
        last = self._forward.run(ahead, places, lengths)[ends - 1]
        first = self._backward.run(back, places, lengths)[ends - lengths]
        return np.concatenate((last, first), axis=1)


CHARACTERS: dict[str, type[CharacterConvolution] | type[CharacterLSTM]] = {
    "convolution": CharacterConvolution,
    "lstm": CharacterLSTM,
}
"""What computes the networks of ``elman.model.layers.CHARACTER_NETWORKS``, of tensors by the names that stand there."""
