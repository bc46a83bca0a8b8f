"""Layers without recurrence; see ``elman.nn.baselines``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.runtime.recurrence import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Indices = NDArray[np.int64]


class BagSide(Side):
    """See ``elman.nn.baselines.BagLayer``; the gates are what a token gets from itself, and what all get from it.

    Args:
        weights: a layer's, under torch's names.
    """

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        _set_up(self, weights, 0)

    def run(self, rows: Array, places: Indices, lengths: Indices, shared: Array | None = None) -> Array:
        """See ``Side.run``."""
        own, given = rows[:, : self.hidden], rows[:, self.hidden :]
        bag: Array = np.add.reduceat(given[places], np.cumsum(lengths) - lengths, axis=0)
        bag /= lengths[:, None]
        if shared is not None:  # the same at each token, and so in their mean
            bag += shared[:, : self.hidden]
            bag += shared[:, self.hidden :]
        total = own[places]
        total += np.repeat(bag, lengths, axis=0)
        return np.tanh(total, out=total)


class WindowSide(Side):
    """See ``elman.nn.baselines.WindowLayer``; the gates are what tokens at each distance get from a token.

    Args:
        weights: a layer's, under torch's names.
        places: the distances.
        activation: ``tanh`` or ``relu``.
    """

    def __init__(self, weights: Mapping[str, NDArray[Any]], places: tuple[int, ...], activation: str) -> None:
        self._places = places
        self._relu = activation == "relu"
        _set_up(self, weights, places.index(0))

    def run(self, rows: Array, places: Indices, lengths: Indices, shared: Array | None = None) -> Array:
        """See ``Side.run``."""
        total = np.zeros((len(places), self.hidden), np.float32)
        at = np.arange(len(places)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        left = np.repeat(lengths, lengths) - at  # tokens from this one to the window's end
        owners = np.repeat(np.arange(len(lengths)), lengths)
        for place, block in zip(self._places, range(0, self.gates, self.hidden), strict=True):
            seeing = np.flatnonzero((at + place >= 0) & (place < left))
            total[seeing] += rows[places[seeing + place], block : block + self.hidden]
            if shared is not None:
                total[seeing] += shared[owners[seeing], block : block + self.hidden]
        return np.maximum(total, 0, out=total) if self._relu else np.tanh(total, out=total)


def _set_up(side: Side, weights: Mapping[str, NDArray[Any]], own: int) -> None:
    """Sizes and weights; the bias goes to what a token gets from itself."""
    side.weight_ih = weights["weight_ih"].astype(np.float32)
    side.gates, side.hidden = len(side.weight_ih), len(weights["bias_ih"])
    side.bias = np.zeros(side.gates, np.float32)
    side.bias[own * side.hidden : (own + 1) * side.hidden] = weights["bias_ih"]
