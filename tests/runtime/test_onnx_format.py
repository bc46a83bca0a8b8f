"""What is written as ONNX, read by ONNX Runtime."""

import numpy as np
import onnxruntime
import pytest

from elman.runtime.onnx_format import OPSET, TYPES, Value, graph, model, node


def run(body, **given):
    session = onnxruntime.InferenceSession(model(body), providers=["CPUExecutionProvider"])
    return session.run(None, given)


@pytest.mark.parametrize("dtype", sorted(TYPES))
def test_constants_keep_type_shape_and_values(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    body = graph("g", [node("Identity", ["c"], ["y"])], [], [Value("y", dtype, (2, 3))], {"c": array})
    (found,) = run(body)
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


def test_attributes_of_every_kind():
    nodes = [
        node("LeakyRelu", ["x"], ["a"], alpha=0.25),
        node("Transpose", ["a"], ["b"], perm=(1, 0)),
        node("Softmax", ["b"], ["c"], axis=-1),
        node("Pad", ["c", "pads"], ["y"], mode="edge"),
    ]
    outputs = [Value("b", "float32", ("m", "n")), Value("y", "float32", ("p", "q"))]
    constants = {"pads": np.array([0, 1, 0, 0], np.int64)}
    x = np.array([[-4.0, 8.0, 0.0]], np.float32)
    b, y = run(graph("g", nodes, [Value("x", "float32", (1, "n"))], outputs, constants), x=x)
    assert b.tolist() == [[-1.0], [8.0], [0.0]]
    assert y.tolist() == [[1.0, 1.0]] * 3


def test_graphs_within_graphs_and_large_numbers():
    step = graph(
        "step",
        [node("Add", ["s", "x"], ["n"]), node("Identity", ["n"], ["y"])],
        [Value("s", "int64", ()), Value("x", "int64", ())],
        [Value("n", "int64", ()), Value("y", "int64", ())],
        {},
    )
    scan = node("Scan", ["first", "xs"], ["last", "ys"], body=step, num_scan_inputs=1)
    outputs = [Value("last", "int64", ()), Value("ys", "int64", ("t",))]
    body = graph("g", [scan], [Value("xs", "int64", ("t",))], outputs, {"first": np.array(1 << 40, np.int64)})
    last, ys = run(body, xs=np.array([1, -3, 500], np.int64))
    assert last == (1 << 40) + 498
    assert ys.tolist() == [(1 << 40) + 1, (1 << 40) - 2, (1 << 40) + 498]
    assert OPSET == 17
