"""What of a network depends on a word's type alone, and is worth keeping: the way into its first layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.runtime.embedding import TypeEmbedding
from elman.runtime.layers import encoder_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from elman.features.lexicon import TypeFeatures

    Array = NDArray[np.float32]
    Indices = NDArray[np.int64]
    Linear = Callable[[Array], Array]


class TypeRows(NamedTuple):
    """Word types as the recurrent part of a network reads them.

    Attributes:
        gates: types x (directions x gates): what the forward and the backward cell's gates get from a type.
        seen: types x size: what a type says of its sentence (``elman.nn.context``); size is 0 without a summary.
    """

    gates: Array
    seen: Array


class Reading(NamedTuple):
    """What an encoder reads of some windows.

    Attributes:
        gates: rows x (directions x gates).
        places: for each step, window after window, its row.
        lengths: steps of each window.
        kept: the steps whose states are the tokens', in their order.
    """

    gates: Array
    places: Indices
    lengths: Indices
    kept: Indices | slice


class TypeInputs:
    """A network up to where its first layer's recurrence begins.

    Args:
        architecture: a manifest's.
        tensors: a model's.
        linear: from a weight, out x in, and a bias to the map ``x @ weight.T + bias`` of rows; what a row becomes
            depends, to the last bit, on it alone.
        halved: see ``Recurrence``.
    """

    def __init__(
        self,
        architecture: Mapping[str, Any],
        tensors: Mapping[str, NDArray[Any]],
        linear: Callable[[Array, Array], Linear],
        *,
        halved: bool = True,
    ) -> None:
        encoder = architecture["encoder"]
        self._embed = TypeEmbedding(architecture["embedding"]["characters"], tensors)
        self.sides = encoder_layer(encoder, tensors, 0, halved=halved)
        """The first layer's forward and, if there is one, backward side."""
        weight = np.concatenate([side.weight_ih for side in self.sides])
        bias = np.concatenate([side.bias for side in self.sides])
        size = encoder["context"]
        own = weight.shape[1] - size
        self._lookahead, self._blank = encoder["lookahead"], bias[None]
        self._gates = linear(weight[:, :own], bias)
        self._seen, self._shared = None, None
        if size:
            self._seen = linear(tensors["context.weight"], tensors["context.bias"])
            self._shared = linear(weight[:, own:], np.zeros_like(bias))
        self.widths = (len(bias), size)
        """Columns of ``TypeRows``."""

    def __call__(self, types: TypeFeatures) -> TypeRows:
        """The rows of word types."""
        x = self._embed(types)
        seen = np.zeros((len(x), 0), np.float32) if self._seen is None else np.tanh(self._seen(x))
        return TypeRows(self._gates(x), seen)

    def reading(self, rows: TypeRows, places: Indices, lengths: Indices) -> Reading:
        """Windows as they are read: an encoder that looks ahead reads nothing, a few times, behind each window's end.

        Args:
            rows: of word types.
            places: for each token, window after window, its type.
            lengths: tokens of each window, at least 1.
        """
        ahead = self._lookahead
        if not ahead:
            return Reading(rows.gates, places, lengths, slice(None))
        gates = np.concatenate((rows.gates, self._blank))
        beyond = np.insert(places, np.repeat(np.cumsum(lengths), ahead), len(rows.gates))
        kept = np.arange(len(places)) + ahead * (1 + np.repeat(np.arange(len(lengths)), lengths))
        return Reading(gates, beyond, lengths + ahead, kept)

    def held(self, rows: TypeRows, places: Indices, lengths: Indices) -> Array | None:
        """What the gates get from the whole window, at each of its tokens.

        Args:
            rows: of word types.
            places: for each token, window after window, its type.
            lengths: tokens of each window, at least 1.

        Returns:
            Windows x (directions x gates), or None without a summary.
        """
        if self._shared is None:
            return None
        totals: Array = np.add.reduceat(rows.seen[places], np.cumsum(lengths) - lengths, axis=0)
        totals /= lengths[:, None]
        return self._shared(totals)
