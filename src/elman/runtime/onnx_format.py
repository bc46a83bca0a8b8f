"""The part of the ONNX format that a graph of ours needs, written as protocol buffers.

The ``onnx`` package would do it too; it takes 33 MB and 0.1 s to import, for what is a dozen fields
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

OPSET = 17
"""The version of the operators."""

_IR_VERSION = 8

TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7, "bool": 9}
"""NumPy's types by their number in the format."""

Attribute = float | int | str | bytes | tuple[int, ...]
"""What an attribute may be; bytes are a graph, encoded."""


class Value(NamedTuple):
    """A graph's input or output: its name, its NumPy type, its shape; a size by name is free."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


def node(operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Attribute) -> bytes:
    """One operation."""
    parts = [_text(1, name) for name in inputs] + [_text(2, name) for name in outputs] + [_text(4, operator)]
    return b"".join(parts + [_bytes(5, _attribute(name, value)) for name, value in attributes.items()])


def graph(
    name: str,
    nodes: Sequence[bytes],
    inputs: Sequence[Value],
    outputs: Sequence[Value],
    constants: Mapping[str, NDArray[Any]],
) -> bytes:
    """Operations, in an order in which each has its inputs, and the arrays that they read."""
    parts = [_bytes(1, one) for one in nodes] + [_text(2, name)]
    parts += [_bytes(5, _tensor(key, array)) for key, array in constants.items()]
    parts += [_bytes(11, _value(one)) for one in inputs] + [_bytes(12, _value(one)) for one in outputs]
    return b"".join(parts)


def model(body: bytes) -> bytes:
    """A graph as a file holds it."""
    return _number(1, _IR_VERSION) + _text(2, "elman") + _bytes(7, body) + _bytes(8, _text(1, "") + _number(2, OPSET))


def _attribute(name: str, value: Attribute) -> bytes:
    named = _text(1, name)
    if isinstance(value, float):
        return named + _key(2, 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return named + _number(3, value) + _number(20, 2)
    if isinstance(value, str):
        return named + _text(4, value) + _number(20, 3)
    if isinstance(value, bytes):
        return named + _bytes(6, value) + _number(20, 5)
    return named + b"".join(_number(8, one) for one in value) + _number(20, 7)


def _tensor(name: str, array: NDArray[Any]) -> bytes:
    dimensions = b"".join(_number(1, size) for size in array.shape)
    content = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return dimensions + _number(2, TYPES[array.dtype.name]) + _text(8, name) + _bytes(9, content)


def _value(value: Value) -> bytes:
    sizes = (_number(1, size) if isinstance(size, int) else _text(2, size) for size in value.shape)
    shape = b"".join(_bytes(1, size) for size in sizes)
    return _text(1, value.name) + _bytes(2, _bytes(1, _number(1, TYPES[value.dtype]) + _bytes(2, shape)))


def _key(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _number(field: int, value: int) -> bytes:
    return _key(field, 0) + _varint(value & (1 << 64) - 1)


def _bytes(field: int, content: bytes) -> bytes:
    return _key(field, 2) + _varint(len(content)) + content


def _text(field: int, content: str) -> bytes:
    return _bytes(field, content.encode())


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*parts, value))
