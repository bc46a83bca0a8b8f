"""The engine that needs nothing but NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.runtime.blocks import linear
from elman.runtime.head import Head
from elman.runtime.inputs import TypeInputs
from elman.runtime.layers import encoder_layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.runtime.inputs import Linear, TypeRows

    Array = NDArray[np.float32]


class NumpyEngine:
    """A tagger's network in float32; see ``elman.runtime.engine.Engine``.

    Args:
        architecture: a manifest's.
        tensors: a model's.
    """

    name = "numpy"
    precision = "float32"

    def __init__(self, architecture: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
        encoder = architecture["encoder"]
        self.inputs = TypeInputs(architecture, tensors, _linear)
        self._further = [encoder_layer(encoder, tensors, layer) for layer in range(1, encoder["layers"])]
        self._head = Head(architecture, tensors)

    def emissions(self, rows: TypeRows, places: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        """See ``Engine``."""
        held = self.inputs.held(rows, places, lengths)
        gates, places, lengths, kept = self.inputs.reading(rows, places, lengths)
        sides = self.inputs.sides
        all_gates = gates.reshape(len(sides) * len(gates), -1)
        outputs = []
        for at, side in enumerate(sides):
            shared = None if held is None else np.split(held, len(sides), axis=1)[at]
            outputs.append(side.run(all_gates, len(sides) * places + at, lengths, shared))
        x = np.concatenate(outputs, axis=1)
        for layer in self._further:
            tokens = np.arange(len(places))
            x = np.concatenate([side.run(side.project(x), tokens, lengths) for side in layer], axis=1)
        return self._head.finish(linear(x[kept], self._head.weight, self._head.bias))


def _linear(weight: Array, bias: Array) -> Linear:
    return lambda x: linear(x, weight, bias)
