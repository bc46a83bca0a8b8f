"""An ONNX graph while it is written down: operations, constants, and names for both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto

    Operand = str | NDArray[Any]


class Graph:
    """Operations in the order of their writing, each with its inputs before it.

    Args:
        prefix: what the names begin with: a graph inside another one sees the outer one's names.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._names = 0

    def add(self, operator: str, *inputs: Operand, output: str = "", **attributes: Any) -> str:
        """Write down an operation with one output.

        Args:
            operator: its name in ONNX.
            inputs: names of values, or arrays, which become constants.
            output: the name of its output, if that has to be a certain one.
            attributes: the operator's.

        Returns:
            The name of its output.
        """
        return self._write(operator, inputs, (output or self._name(operator),), attributes)[0]

    def add_many(self, outputs: int, operator: str, *inputs: Operand, **attributes: Any) -> tuple[str, ...]:
        """As ``add``, of an operation with so many outputs."""
        return self._write(operator, inputs, tuple(self._name(operator) for _ in range(outputs)), attributes)

    def finish(self, name: str, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]) -> GraphProto:
        """The graph, from these inputs to these outputs."""
        return helper.make_graph(self._nodes, name, inputs, outputs, self._constants)

    def _write(
        self, operator: str, inputs: Sequence[Operand], outputs: tuple[str, ...], attributes: Mapping[str, Any]
    ) -> tuple[str, ...]:
        read = [one if isinstance(one, str) else self._constant(one) for one in inputs]
        self._nodes.append(helper.make_node(operator, read, outputs, **attributes))
        return outputs

    def _constant(self, array: NDArray[Any]) -> str:
        name = self._name("constant")
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _name(self, what: str) -> str:
        self._names += 1
        return f"{self._prefix}{what.lower()}_{self._names}"


def value(name: str, dtype: type[np.generic], *shape: int | str) -> ValueInfoProto:
    """A graph's input or output; a size by name is free."""
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape)


def integers(*numbers: int) -> NDArray[np.int64]:
    """Numbers as the operand of an operation that takes axes, sizes or places."""
    return np.array(numbers, np.int64)
