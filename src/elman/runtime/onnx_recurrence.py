"""One layer's recurrence as an ONNX graph, its directions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.runtime.onnx_format import TYPES, Value, graph, model, node

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from elman.runtime.recurrence import Recurrence

    Array = NDArray[np.float32]

STEPS = 127
"""A state, which is between -1 and 1, has so many steps on either side of zero in int8."""

WEIGHT_STEPS = 63
"""A weight has so many. With twice as many, products of processors without dot-product instructions overflow."""


class Cell(NamedTuple):
    """What a graph has to know of a kind of cell, beside its ``Recurrence``.

    Attributes:
        name: of the settings.
        step: adds the nodes from ``hr`` (the recurrent product) and ``x`` (the inputs) to the next state.
        states: parts of the state; the first is the output.
    """

    name: str
    step: Callable[[Body], None]
    states: int


class Body:
    """The nodes of one step, as they are added."""

    def __init__(self, hidden: int) -> None:
        self.hidden = hidden
        self.nodes: list[bytes] = []
        self.constants: dict[str, NDArray[Any]] = {"half": np.array(0.5, np.float32)}

    def add(self, operator: str, inputs: str, outputs: str, **attributes: int) -> None:
        """A node; names are separated by spaces."""
        self.nodes.append(node(operator, inputs.split(), outputs.split(), **attributes))

    def split(self, source: str, outputs: str, *parts: int) -> None:
        """Cut gates apart, each part so many times the hidden size."""
        name = f"sizes_{'_'.join(map(str, parts))}"
        self.constants[name] = np.array(parts, np.int64) * self.hidden
        self.add("Split", f"{source} {name}", outputs, axis=2)

    def finish_logistic(self, source: str, target: str) -> None:
        """From ``tanh(x / 2)`` to the logistic function of x."""
        self.add("Mul", f"{source} half", f"{source}_half")
        self.add("Add", f"{source}_half half", target)


def _lstm(body: Body) -> None:
    """See ``elman.runtime.recurrence.LSTMRecurrence``."""
    body.add("Add", "hr x", "gates")
    body.add("Tanh", "gates", "tanh")
    body.split("tanh", "ifo g", 3, 1)
    body.finish_logistic("ifo", "logistic")
    body.split("logistic", "i f o", 1, 1, 1)
    body.add("Mul", "f c1", "remembered")
    body.add("Mul", "i g", "added")
    body.add("Add", "remembered added", "n1")
    body.add("Tanh", "n1", "cell")
    body.add("Mul", "o cell", "n0")


def _gru(body: Body) -> None:
    """See ``elman.runtime.recurrence.GRURecurrence``."""
    body.split("x", "x_rz x_n", 2, 1)
    body.split("hr", "hr_rz hr_n", 2, 1)
    body.add("Add", "x_rz hr_rz", "rz")
    body.add("Tanh", "rz", "rz_tanh")
    body.finish_logistic("rz_tanh", "logistic")
    body.split("logistic", "r z", 1, 1)
    body.add("Add", "hr_n inner", "inner_n")
    body.add("Mul", "r inner_n", "reset")
    body.add("Add", "x_n reset", "n")
    body.add("Tanh", "n", "candidate")
    body.add("Sub", "c0 candidate", "change")
    body.add("Mul", "change z", "kept")
    body.add("Add", "kept candidate", "n0")


def _elman(body: Body) -> None:
    """See ``elman.runtime.recurrence.ElmanRecurrence``."""
    body.add("Add", "hr x", "gates")
    body.add("Tanh", "gates", "n0")


CELLS = {cell.name: cell for cell in (Cell("lstm", _lstm, 2), Cell("gru", _gru, 1), Cell("elman", _elman, 1))}
"""By the name that settings give a cell."""


def recurrence_model(
    cell: str, sides: tuple[Recurrence, ...], head: Array | None, precision: str, *, shared: bool
) -> bytes:
    """A model that reads lanes of windows in one direction or both.

    With D directions, its inputs are ``rows``, R x gates; ``read``, steps x D x lanes, int32, for each direction the
    row that each lane reads at each step; ``going``, steps x lanes x 1, 0 where a lane begins a window, otherwise 1;
    with ``shared`` also ``held``, H x gates, and ``owner``, like ``read``, a row of it; and the first state, zeros,
    D x lanes x hidden. Its output is ``out``, steps x D x lanes x hidden, or x K with a head.

    Args:
        cell: its name.
        sides: its D directions.
        head: K x (D x hidden), what to make of the states, the directions apart; or None.
        precision: of the recurrent product, ``float32`` or ``int8``.
        shared: whether windows have inputs of their own.
    """
    kind, hidden, gates = CELLS[cell], sides[0].hidden, sides[0].gates
    body = Body(hidden)
    body.add("Gather", "rows read_t", "x_own" if shared else "x", axis=0)
    if shared:
        body.add("Gather", "held owner_t", "x_held", axis=0)
        body.add("Add", "x_own x_held", "x")
    for state in range(kind.states):
        body.add("Mul", f"s{state} going_t", f"c{state}")
    _product(body, np.stack([side.weight_hh.T for side in sides]), precision)
    if sides[0].inner:
        body.constants["inner"] = np.stack([side.inner_bias.T for side in sides])  # D x 1 x (inner x hidden)
    kind.step(body)
    if head is None:
        body.add("Identity", "n0", "out_t")
    else:
        body.constants["head"] = np.stack([part.T for part in np.split(head, len(sides), axis=1)])  # D x hidden x K
        body.add("MatMul", "n0 head", "out_t")
    state_shape = (len(sides), "lanes", hidden)
    per_step = [Value("read_t", "int32", (len(sides), "lanes")), Value("going_t", "float32", ("lanes", 1))]
    if shared:
        per_step.append(Value("owner_t", "int32", (len(sides), "lanes")))
    width = hidden if head is None else len(head)
    before, after = ([Value(f"{name}{at}", "float32", state_shape) for at in range(kind.states)] for name in "sn")
    result = Value("out_t", "float32", (len(sides), "lanes", width))
    step = graph("step", body.nodes, [*before, *per_step], [*after, result], body.constants)
    whole = [value._replace(name=value.name[:-2], shape=("steps", *value.shape)) for value in per_step]
    scan = node(
        "Scan",
        ["first"] * kind.states + [value.name for value in whole],
        [f"last{state}" for state in range(kind.states)] + ["out"],
        body=step,
        num_scan_inputs=len(whole),
    )
    tables = [Value("rows", "float32", ("rows", gates))]
    if shared:
        tables.append(Value("held", "float32", ("windows", gates)))
    inputs = [*tables, *whole, Value("first", "float32", state_shape)]
    output = result._replace(name="out", shape=("steps", *result.shape))
    return model(graph("recurrence", [scan], inputs, [output], {}))


def _product(body: Body, weight: Array, precision: str) -> None:
    """The recurrent product of ``c0``: D x lanes x hidden by D x hidden x gates."""
    if precision == "float32":
        body.constants["weight"] = weight
        body.add("MatMul", "c0 weight", "hr")
        return
    scale = np.maximum(np.abs(weight).max(axis=1, keepdims=True), np.float32(1e-12)) / WEIGHT_STEPS  # D x 1 x gates
    body.constants |= {
        "weight": np.rint(weight / scale).astype(np.int8),
        "scale": (scale / STEPS).astype(np.float32),
        "step_size": np.array(1 / STEPS, np.float32),
        "zero": np.array(128, np.uint8),
    }
    body.add("QuantizeLinear", "c0 step_size zero", "c0_int8")
    body.add("MatMulInteger", "c0_int8 weight zero", "product")
    body.add("Cast", "product", "product_float", to=TYPES["float32"])
    body.add("Mul", "product_float scale", "hr")
