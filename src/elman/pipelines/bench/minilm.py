"""The network of MiniLM as an ONNX graph with random weights: BERT with 6 layers of 384 units (Wang et al. 2020).

It is written with the fused operators that ONNX Runtime's own optimiser makes of an exported BERT (embedding with layer
norm, attention, skip with layer norm, GELU with bias), so that nothing is left to be found by optimising it. Speed does
not depend on the values of the weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

LAYERS, HIDDEN, HEADS, INNER = 6, 384, 12, 1536
POSITIONS = 512


def write_minilm(path: Path, pieces: int, tags: int, seed: int = 1) -> None:
    """Write the graph: from ``ids`` and ``mask``, batch x pieces, int32, to ``logits``, batch x pieces x tags.

    Args:
        path: the file to write.
        pieces: how many the vocabulary has.
        tags: how many each piece can get.
        seed: where the random weights start.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    draw = np.random.default_rng(seed)
    nodes: list[Any] = []
    weights: list[Any] = []

    def weight(name: str, *shape: int, mean: float = 0.0) -> str:
        values = draw.normal(mean, 0.02, shape).astype(np.float32)
        weights.append(numpy_helper.from_array(values, name))
        return name

    def add(kind: str, inputs: list[str], outputs: list[str], own: bool = True, **attributes: Any) -> str:
        domain = "com.microsoft" if own else ""
        nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs[0]

    def dense(at: str, inputs: str, size: int, out: int) -> str:
        return add("MatMul", [inputs, weight(f"{at}.weight", size, out)], [f"{at}.product"], own=False)

    def norm(at: str) -> list[str]:
        return [weight(f"{at}.gamma", HIDDEN, mean=1.0), weight(f"{at}.beta", HIDDEN)]

    tables = [weight("words", pieces, HIDDEN), weight("positions", POSITIONS, HIDDEN), ""]
    inputs = ["ids", "", *tables, *norm("embedding"), "mask"]  # no segments: there is one text to an input
    hidden = add("EmbedLayerNormalization", inputs, ["hidden.0", "lengths"], epsilon=1e-12)
    for layer in range(LAYERS):
        at = f"layer.{layer}"
        projection = [weight(f"{at}.qkv", HIDDEN, 3 * HIDDEN), weight(f"{at}.qkv.bias", 3 * HIDDEN)]
        seen = add("Attention", [hidden, *projection, "lengths"], [f"{at}.seen"], num_heads=HEADS)
        seen = dense(f"{at}.out", seen, HIDDEN, HIDDEN)
        bias = weight(f"{at}.out.bias", HIDDEN)
        middle = add(
            "SkipLayerNormalization", [seen, hidden, *norm(f"{at}.seen"), bias], [f"{at}.middle"], epsilon=1e-12
        )
        inner = dense(f"{at}.inner", middle, HIDDEN, INNER)
        inner = add("BiasGelu", [inner, weight(f"{at}.inner.bias", INNER)], [f"{at}.gelu"])
        outer = dense(f"{at}.outer", inner, INNER, HIDDEN)
        bias = weight(f"{at}.outer.bias", HIDDEN)
        hidden = add(
            "SkipLayerNormalization",
            [outer, middle, *norm(f"{at}.outer"), bias],
            [f"hidden.{layer + 1}"],
            epsilon=1e-12,
        )
    scores = dense("head", hidden, HIDDEN, tags)
    add("Add", [scores, weight("head.bias", tags)], ["logits"], own=False)
    axes = ["batch", "pieces"]
    graph = helper.make_graph(
        nodes,
        "minilm",
        [helper.make_tensor_value_info(name, TensorProto.INT32, axes) for name in ("ids", "mask")],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*axes, tags])],
        weights,
    )
    domains = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=8), str(path))
