"""One layer's recurrence as an ONNX graph, its directions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


class Body:
    """The nodes of one step in one direction, as they are added; names get the direction's number, constants not.

    Args:
        side: the direction's number.
        constants: of all directions, by name.
    """

    def __init__(self, side: int, hidden: int, constants: dict[str, NDArray[Any]]) -> None:
        self.nodes: list[bytes] = []
        self._side = side
        self._hidden = hidden
        self._constants = constants

    def name(self, name: str) -> str:
        """A name, as it is called in this direction."""
        return name if name in _COMMON or name in self._constants else f"{name}_{self._side}"

    def add(self, operator: str, inputs: str, outputs: str, **attributes: int) -> None:
        """A node; names are separated by spaces."""
        read, made = ([self.name(name) for name in part.split()] for part in (inputs, outputs))
        self.nodes.append(node(operator, read, made, **attributes))

    def constant(self, name: str, array: NDArray[Any]) -> None:
        """A constant of this direction."""
        self._constants[f"{name}_{self._side}"] = array

    def split(self, source: str, outputs: str, *parts: int) -> None:
        """Cut gates apart, each part so many times the hidden size."""
        name = f"sizes {parts}".replace(" ", "")
        self._constants[name] = np.array(parts, np.int64) * self._hidden
        self.add("Split", f"{source} {name}", outputs, axis=1)


_COMMON = {"rows", "held", "going_t"}
"""What both directions read."""


def _lstm(body: Body) -> None:
    """See ``elman.runtime.recurrence.LSTMRecurrence``."""
    body.add("Add", "hr x", "gates")
    body.split("gates", "i f o g", 1, 1, 1, 1)
    for gate in "ifo":
        body.add("Sigmoid", gate, f"{gate}_on")
    body.add("Tanh", "g", "g_on")
    body.add("Mul", "f_on c1", "remembered")
    body.add("Mul", "i_on g_on", "added")
    body.add("Add", "remembered added", "n1")
    body.add("Tanh", "n1", "cell")
    body.add("Mul", "o_on cell", "n0")


def _gru(body: Body) -> None:
    """See ``elman.runtime.recurrence.GRURecurrence``."""
    body.split("x", "x_rz x_n", 2, 1)
    body.split("hr", "hr_rz hr_n", 2, 1)
    body.add("Add", "x_rz hr_rz", "rz")
    body.add("Sigmoid", "rz", "rz_on")
    body.split("rz_on", "r z", 1, 1)
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


STEPS_OF_CELLS: dict[str, Callable[[Body], None]] = {"lstm": _lstm, "gru": _gru, "elman": _elman}
"""By the name that settings give a cell: what adds the nodes from ``hr`` (the recurrent product), ``x`` (the inputs)
and the state (``c0``, ``c1``) to the next state (``n0``, ``n1``), of which the first part is the output.
"""


def recurrence_model(
    cell: str, sides: tuple[Recurrence, ...], head: Array | None, precision: str, *, shared: bool
) -> bytes:
    """A model that reads lanes of windows in one direction or both.

    Its inputs are ``rows``, R x gates; ``going``, steps x lanes x 1, 0 where a lane begins a window, otherwise 1; with
    ``shared`` also ``held``, H x gates; the first state, zeros, lanes x hidden; and for each direction, by its number,
    ``read_0``, steps x lanes, int32, the row that each lane reads at each step, and with ``shared`` ``owner_0``, a row
    of ``held``. Its outputs are ``out_0``, steps x lanes x hidden, or x K with a head, and ``out_1``.

    Args:
        cell: its name.
        sides: its directions, logistic gates not halved.
        head: K x (directions x hidden), what to make of the states, the directions apart; or None.
        precision: of the recurrent product, ``float32`` or ``int8``.
        shared: whether windows have inputs of their own.
    """
    hidden, gates, states = sides[0].hidden, sides[0].gates, sides[0].states
    constants: dict[str, NDArray[Any]] = {}
    bodies = [Body(side, hidden, constants) for side in range(len(sides))]
    heads = [None] * len(sides) if head is None else np.split(head, len(sides), axis=1)
    # One direction after the other: what a step of one holds fits into a processor's cache.
    for body, side, part in zip(bodies, sides, heads, strict=True):
        body.add("Gather", "rows read_t", "x_own" if shared else "x", axis=0)
        if shared:
            body.add("Gather", "held owner_t", "x_held", axis=0)
            body.add("Add", "x_own x_held", "x")
        for state in range(states):
            body.add("Mul", f"s{state} going_t", f"c{state}")
        _product(body, side.weight_hh.T, precision)
        if side.inner:
            body.constant("inner", side.inner_bias.T)  # 1 x (inner x hidden)
        STEPS_OF_CELLS[cell](body)
        if part is None:
            body.add("Identity", "n0", "out_t")
        else:
            body.constant("head", part.T)  # hidden x K
            body.add("MatMul", "n0 head", "out_t")
    state_shape, width = ("lanes", hidden), hidden if head is None else len(head)
    before, after = (
        [Value(body.name(f"{kept}{at}"), "float32", state_shape) for body in bodies for at in range(states)]
        for kept in "sn"
    )
    per_step = [Value("going_t", "float32", ("lanes", 1))]
    per_step += [
        Value(body.name(name), "int32", ("lanes",))
        for body in bodies
        for name in (("read_t", "owner_t") if shared else ("read_t",))
    ]
    results = [Value(body.name("out_t"), "float32", ("lanes", width)) for body in bodies]
    nodes = [one for body in bodies for one in body.nodes]
    step = graph("step", nodes, [*before, *per_step], [*after, *results], constants)
    whole, outputs = (
        [value._replace(name=value.name.replace("_t", ""), shape=("steps", *value.shape)) for value in values]
        for values in (per_step, results)
    )
    scan = node(
        "Scan",
        ["first"] * len(before) + [value.name for value in whole],
        [f"last_{value.name}" for value in after] + [value.name for value in outputs],
        body=step,
        num_scan_inputs=len(whole),
    )
    tables = [Value(name, "float32", (name, gates)) for name in (("rows", "held") if shared else ("rows",))]
    inputs = [*tables, *whole, Value("first", "float32", state_shape)]
    return model(graph("recurrence", [scan], inputs, outputs, {}))


def _product(body: Body, weight: Array, precision: str) -> None:
    """The recurrent product of ``c0``: lanes x hidden by hidden x gates."""
    if precision == "float32":
        body.constant("weight", weight)
        body.add("MatMul", "c0 weight", "hr")
        return
    scale = np.maximum(np.abs(weight).max(axis=0), np.float32(1e-12)) / WEIGHT_STEPS  # gates
    body.constant("weight", np.rint(weight / scale).astype(np.int8))
    body.constant("scale", (scale / STEPS).astype(np.float32))
    body.constant("step_size", np.array(1 / STEPS, np.float32))
    body.constant("zero", np.array(128, np.uint8))
    body.add("QuantizeLinear", "c0 step_size zero", "c0_int8")
    body.add("MatMulInteger", "c0_int8 weight zero", "product")
    body.add("Cast", "product", "product_float", to=TYPES["float32"])
    body.add("Mul", "product_float scale", "hr")
