"""The engine that computes in ONNX Runtime: the recurrence, where nearly all the time goes."""

from __future__ import annotations

from functools import cache, reduce
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from elman.errors import UsageError
from elman.runtime.head import Head
from elman.runtime.inputs import TypeInputs
from elman.runtime.lanes import spread
from elman.runtime.layers import directions
from elman.runtime.onnx_format import Value, graph, model, node
from elman.runtime.onnx_recurrence import recurrence_model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

    from elman.runtime.inputs import TypeRows
    from elman.runtime.lanes import Lanes
    from elman.runtime.recurrence import Recurrence

    Array = NDArray[np.float32]
    Indices = NDArray[np.int64]

_LANES = 64
"""Lanes that go through time together at most."""

_FEWEST_LANES = 2
"""A single row is multiplied by another kernel, whose last digits differ."""


class OnnxEngine:
    """A tagger's network in ONNX Runtime; see ``elman.runtime.engine.Engine``.

    Each call has one thread; callers have as many as they want.

    Args:
        architecture: a manifest's, whose layers are out of ``elman.model.layers.CLASSIC``.
        tensors: a model's.
        precision: of the recurrent product: ``float32``, or ``int8`` with a scale for each gate's weights and a fixed
            one for the states, so that no window's scores depend on another's.

    Raises:
        UsageError: if ONNX Runtime is not installed.
    """

    name = "onnx"

    def __init__(
        self, architecture: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], precision: str = "float32"
    ) -> None:
        encoder = architecture["encoder"]
        self.precision = precision
        self.inputs = TypeInputs(architecture, tensors, _Linear, halved=False)
        self._head = Head(architecture, tensors)
        sides = [cast("tuple[Recurrence, ...]", self.inputs.sides)]
        sides += [
            directions(encoder["cell"], tensors, f"encode.layers.{at}", halved=False)
            for at in range(1, encoder["layers"])
        ]
        self._projections = [
            _Linear(np.concatenate([side.weight_ih for side in pair]), np.concatenate([side.bias for side in pair]))
            for pair in sides[1:]
        ]
        self._layers = [
            _Layer(
                encoder["cell"],
                pair,
                self._head.weight if pair is sides[-1] else None,
                precision,
                shared=pair is sides[0] and bool(encoder["context"]),
            )
            for pair in sides
        ]

    def emissions(self, rows: TypeRows, places: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        """See ``Engine``."""
        held = self.inputs.held(rows, places, lengths)
        gates, places, lengths, kept = self.inputs.reading(rows, places, lengths)
        busy = -(-int(lengths.sum()) // int(lengths.max()))
        plan = spread(lengths, max(_FEWEST_LANES, min(busy, _LANES)))
        for layer, project in zip(self._layers, self._projections, strict=False):
            states = np.concatenate(layer.run(plan, gates, places, held), axis=1)
            gates, places, held = project(states), np.arange(len(places)), None
        scores: Array = reduce(np.add, self._layers[-1].run(plan, gates, places, held)) + self._head.bias
        return self._head.finish(scores[kept])


class _Layer:
    """One layer, in all its directions."""

    def __init__(
        self, cell: str, sides: tuple[Recurrence, ...], head: Array | None, precision: str, *, shared: bool
    ) -> None:
        self._sides = len(sides)
        self._session = _session(recurrence_model(cell, sides, head, precision, shared=shared))
        self._hidden, self._gates = sides[0].hidden, sides[0].gates

    def run(self, plan: Lanes, gates: Array, places: Indices, held: Array | None) -> list[Array]:
        """Each direction's part of the output, tokens x width.

        Args:
            plan: of the windows.
            gates: rows x (directions x gates).
            places: for each token, window after window, its row.
            held: windows x (directions x gates), or None.
        """
        lanes, sides = plan.lanes, self._sides
        slots = [plan.slots(backward=bool(side)) for side in range(sides)]
        going = np.ones((plan.steps * lanes, 1), np.float32)
        going[plan.begin * lanes + plan.lane] = 0
        given: dict[str, NDArray[Any]] = {
            "rows": gates.reshape(-1, self._gates),
            "going": going.reshape(plan.steps, lanes, 1),
            "first": np.zeros((lanes, self._hidden), np.float32),
        }
        read = {"read": places}
        if held is not None:
            given["held"] = held.reshape(-1, self._gates)
            read["owner"] = np.repeat(np.arange(len(plan.lengths)), plan.lengths)
        for name, indices in read.items():
            for side, own in enumerate(slots):
                table = np.zeros(plan.steps * lanes, np.int32)
                table[own] = sides * indices + side
                given[f"{name}_{side}"] = table.reshape(plan.steps, lanes)
        outputs = self._session.run([f"out_{side}" for side in range(sides)], given)
        return [out.reshape(plan.steps * lanes, -1)[own] for out, own in zip(outputs, slots, strict=True)]


class _Linear:
    """``x @ weight.T + bias``."""

    def __init__(self, weight: Array, bias: Array) -> None:
        nodes = [node("MatMul", ["x", "weight"], ["product"]), node("Add", ["product", "bias"], ["y"])]
        inputs, outputs = (
            [Value(name, "float32", ("rows", size))] for name, size in (("x", weight.shape[1]), ("y", len(weight)))
        )
        constants = {"weight": weight.T.astype(np.float32), "bias": bias.astype(np.float32)}
        self._session = _session(model(graph("linear", nodes, inputs, outputs, constants)))

    def __call__(self, x: Array) -> Array:
        rows = len(x)
        if rows < _FEWEST_LANES:
            x = np.concatenate((x, np.zeros((_FEWEST_LANES - rows, x.shape[1]), np.float32)))
        (y,) = self._session.run(["y"], {"x": x})
        result: Array = y[:rows]
        return result


def _session(content: bytes) -> InferenceSession:
    try:
        import onnxruntime
    except ModuleNotFoundError:
        raise UsageError(
            "the engine onnx, which int8 needs, too, is ONNX Runtime, which is not installed: pip install onnxruntime, "
            "or take the engine numpy"
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # it would remember every shape that ever came
    options.log_severity_level = 3
    if _shared_memory(onnxruntime):
        options.add_session_config_entry("session.use_env_allocators", "1")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


@cache
def _shared_memory(onnxruntime: ModuleType) -> bool:
    """One store of memory for all sessions, which grows by what is asked for and not by powers of two.

    False: somebody else has made one in this process already, and each session has its own.
    """
    growth = onnxruntime.OrtArenaCfg(
        {
            "max_mem": 0,  # no bound
            "arena_extend_strategy": 1,  # by what is asked for
            "initial_chunk_size_bytes": -1,
            "max_dead_bytes_per_chunk": -1,
        }
    )
    kind = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    place = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT)
    try:
        onnxruntime.create_and_register_allocator(place, growth)
    except RuntimeError:
        return False
    return True
