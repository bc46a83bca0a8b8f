"""A tagger's network as ONNX operations: from ids of words, characters and shapes to the scores of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto

from elman.errors import UsageError
from elman.model.layers import variant
from elman.runtime.export.graph import integers
from elman.runtime.export.words import word_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from elman.runtime.export.graph import Graph

    Array = NDArray[np.float32]
    Tensors = Mapping[str, NDArray[Any]]

_OPERATORS = {"elman": ("RNN", (0,)), "lstm": ("LSTM", (0, 3, 1, 2)), "gru": ("GRU", (1, 0, 2))}
"""Of each cell, ONNX' operator and which of torch's gates comes where in it."""


class Network:
    """Writes a network into a graph. Everything in it is time x batch, as the recurrent operators want it.

    Args:
        graph: where it is written.
        architecture: a manifest's.
        tensors: a model's.
        lengths: the name of the windows' lengths, int32, batch.
        inside: the name of what tells tokens from padding, time x batch.

    Raises:
        UsageError: if ONNX has no operator for the encoder's layers.
    """

    def __init__(
        self, graph: Graph, architecture: Mapping[str, Any], tensors: Tensors, lengths: str, inside: str
    ) -> None:
        if (layers := variant(architecture["encoder"])) not in _OPERATORS:
            raise UsageError(
                f"expected a model with layers out of {', '.join(_OPERATORS)}, got one with {layers}: those have no "
                "operator in ONNX; elman itself runs the model with NumPy alone"
            )
        self._graph = graph
        self._architecture = architecture
        self._tensors = tensors
        self._inside = inside
        # A window of no tokens is read as one of padding: the operators want a length of at least 1.
        self._lengths = graph.add("Max", lengths, np.ones(1, np.int32))

    def emissions(self, words: str, characters: str, shapes: str) -> str:
        """Time x batch x K; arguments are the names of ids, batch x time, those of characters batch x time x any."""
        graph, encoder = self._graph, self._architecture["encoder"]
        words = graph.add("Transpose", words, perm=(1, 0))
        size = graph.add("Shape", words)
        parts = [word_rows(graph, self._tensors, graph.add("Reshape", words, integers(-1)))]
        if self._architecture["embedding"]["characters"] != "none":
            parts.append(self._characters(graph.add("Transpose", characters, perm=(1, 0, 2))))
        if "embed.shapes.weight" in self._tensors:
            turned = graph.add("Reshape", graph.add("Transpose", shapes, perm=(1, 0)), integers(-1))
            parts.append(graph.add("Gather", self._tensors["embed.shapes.weight"], turned))
        x = graph.add("Concat", *parts, axis=1)  # (time x batch) x feature
        x = graph.add("Reshape", x, graph.add("Concat", size, integers(-1), axis=0))
        if encoder["context"]:
            x = self._with_context(x, size)
        lengths, ahead = self._lengths, encoder["lookahead"]
        if ahead:  # behind its last token a window goes on for as many steps with zeros
            x = graph.add("Pad", graph.add("Mul", x, self._counting()), integers(0, 0, 0, ahead, 0, 0))
            lengths = graph.add("Add", lengths, np.array([ahead], np.int32))
        for layer in range(encoder["layers"]):
            x = self._layer(encoder["cell"], f"encode.layers.{layer}", x, lengths, encoder["hidden"])
        if ahead:
            x = graph.add("Slice", x, integers(ahead), integers(np.iinfo(np.int64).max), integers(0))
        scores = self._linear(x, self._tensors["head.project.weight"], self._tensors["head.project.bias"])
        softmax = self._architecture["head"]["kind"] == "softmax"
        return graph.add("LogSoftmax", scores, axis=-1) if softmax else scores

    def _characters(self, characters: str) -> str:
        """Time x batch x characters -> (time x batch) x feature."""
        graph = self._graph
        width = graph.add("Slice", graph.add("Shape", characters), integers(2), integers(3))
        characters = graph.add("Reshape", characters, graph.add("Concat", integers(-1), width, axis=0))
        present = graph.add("Cast", graph.add("Greater", characters, np.array(0, np.int32)), to=TensorProto.INT32)
        lengths = graph.add("ReduceSum", present, integers(1), keepdims=0)
        lengths = graph.add("Max", lengths, np.ones(1, np.int32))  # a word without characters still has a vector
        if self._architecture["embedding"]["characters"] == "lstm":
            return self._character_lstm(characters, lengths)
        return self._character_convolution(characters, lengths, width)

    def _character_convolution(self, characters: str, lengths: str, width: str) -> str:
        """What each character adds to each filter at each place of the kernel is a table, which is looked up."""
        graph = self._graph
        table, kernel, bias = (self._tensors[f"embed.characters.{name}"] for name in ("table", "kernel", "bias"))
        shares = (table @ kernel).reshape(len(table), -1, len(bias))  # characters x width x filters
        shares[0] = 0  # padding contributes nothing
        places = shares.shape[1]
        reach = places // 2
        padded = graph.add("Pad", characters, integers(0, reach, 0, reach), np.array(0, np.int32))
        total = ""
        for place in range(places):
            end = graph.add("Add", width, integers(place))
            seen = graph.add("Slice", padded, integers(place), end, integers(1))
            share = graph.add("Gather", shares[:, place], seen)  # (time x batch) x characters x filters
            total = graph.add("Add", total, share) if total else graph.add("Add", share, bias)
        places_inside = graph.add("Less", self._counted(width), graph.add("Unsqueeze", lengths, integers(1)))
        inside = graph.add("Unsqueeze", places_inside, integers(2))
        total = graph.add("Where", inside, total, np.array(-np.inf, np.float32))
        return graph.add("Tanh", graph.add("ReduceMax", total, axes=(1,), keepdims=0))

    def _character_lstm(self, characters: str, lengths: str) -> str:
        """The last state of each direction."""
        graph, hidden = self._graph, self._architecture["embedding"]["character_output"] // 2
        x = graph.add(
            "Gather", self._tensors["embed.characters.table"], graph.add("Transpose", characters, perm=(1, 0))
        )
        weights = _weights("lstm", self._tensors, "embed.characters.encode.layers.0")
        _, last = graph.add_many(2, "LSTM", x, *weights, lengths, hidden_size=hidden, **_BOTH)
        joined = graph.add("Transpose", last, perm=(1, 0, 2))  # (time x batch) x 2 x hidden
        return graph.add("Reshape", joined, integers(-1, 2 * hidden))

    def _with_context(self, x: str, size: str) -> str:
        """Each token's features and a summary of its window; see ``elman.nn.context``."""
        graph = self._graph
        seen = graph.add("Tanh", self._linear(x, self._tensors["context.weight"], self._tensors["context.bias"]))
        total = graph.add("ReduceSum", graph.add("Mul", seen, self._counting()), integers(0), keepdims=1)
        lengths = graph.add("Unsqueeze", graph.add("Cast", self._lengths, to=TensorProto.FLOAT), integers(0, 2))
        summary = graph.add("Div", total, lengths)  # 1 x batch x size
        every = graph.add("Expand", summary, graph.add("Concat", size, integers(1), axis=0))
        return graph.add("Concat", x, every, axis=2)

    def _counting(self) -> str:
        """Time x batch x 1: 1 at tokens, 0 at padding."""
        graph = self._graph
        return graph.add("Unsqueeze", graph.add("Cast", self._inside, to=TensorProto.FLOAT), integers(2))

    def _layer(self, cell: str, name: str, x: str, lengths: str, hidden: int) -> str:
        """A layer in all its directions: time x batch x feature -> time x batch x (directions x hidden)."""
        graph = self._graph
        # Torch's GRU, unlike the first one, lets the reset gate close the recurrent product, not what goes into it.
        options: dict[str, Any] = {"linear_before_reset": 1} if cell == "gru" else {}
        weights = _weights(cell, self._tensors, name)
        directions = len(weights[0])
        options |= _BOTH if directions == 2 else {}
        y = graph.add(_OPERATORS[cell][0], x, *weights, lengths, hidden_size=hidden, **options)
        y = graph.add("Transpose", y, perm=(0, 2, 1, 3))  # from time x directions x batch x hidden
        return graph.add("Reshape", y, integers(0, 0, directions * hidden))

    def _linear(self, x: str, weight: Array, bias: Array) -> str:
        return self._graph.add("Add", self._graph.add("MatMul", x, weight.T), bias)

    def _counted(self, size: str) -> str:
        """0, 1, ... below a size that is one element, int32."""
        count = self._graph.add("Cast", self._graph.add("Squeeze", size), to=TensorProto.INT32)
        return self._graph.add("Range", np.array(0, np.int32), count, np.array(1, np.int32))


_BOTH: dict[str, Any] = {"direction": "bidirectional"}


def _weights(cell: str, tensors: Tensors, layer: str) -> tuple[Array, Array, Array]:
    """A layer's weights as ONNX has them: for each direction gates x inputs, gates x hidden, both biases."""
    order = _OPERATORS[cell][1]
    directions = [direction for direction in range(2) if f"{layer}.{direction}.weight_hh" in tensors]

    def both(name: str) -> Array:
        sides = (np.split(tensors[f"{layer}.{direction}.{name}"], len(order)) for direction in directions)
        return np.stack([np.concatenate([gates[gate] for gate in order]) for gates in sides])

    return both("weight_ih"), both("weight_hh"), np.concatenate((both("bias_ih"), both("bias_hh")), axis=1)
