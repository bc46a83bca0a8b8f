import numpy as np
import onnxruntime
import pytest
from onnx import helper

from elman.runtime.export.graph import Graph, value
from elman.runtime.export.tagging import OPSET
from elman.runtime.export.words import word_rows

COLUMNS = 7


def plain(rng, name, rows, dtype=np.float32):
    table = rng.standard_normal((rows, COLUMNS)).astype(dtype)
    return {name: table}, table.astype(np.float32)


def half(rng, name, rows):
    return plain(rng, name, rows, np.float16)


def scaled(rng, name, rows):
    codes = rng.integers(-127, 128, (rows, COLUMNS)).astype(np.int8)
    scales = rng.uniform(0, 1, rows).astype(np.float32)
    return {f"{name}.codes": codes, f"{name}.scales": scales}, codes * scales[:, None]


def pieces(rng, name, rows):
    codes = rng.integers(0, 256, (rows, 3)).astype(np.uint8)
    centres = rng.standard_normal((3, 256, 2)).astype(np.float16)
    mixing = rng.standard_normal((COLUMNS, 6)).astype(np.float32)
    mean = rng.standard_normal(COLUMNS).astype(np.float32)
    table = [
        mixing @ np.concatenate([centres[place, code] for place, code in enumerate(row)]).astype(np.float32) + mean
        for row in codes
    ]
    tensors = {"codes": codes, "centres": centres, "mixing": mixing, "mean": mean}
    return {f"{name}.{key}": one for key, one in tensors.items()}, np.array(table, np.float32)


@pytest.mark.parametrize(
    "forms",
    [(plain,), (plain, half), (half,), (scaled, scaled), (half, pieces, pieces), (scaled, pieces, scaled)],
    ids=lambda forms: " ".join(form.__name__ for form in forms),
)
def test_every_row_of_every_form_is_found(forms):
    rng = np.random.default_rng(5)
    names = ("embed.words.learned", "embed.words.fixed", "embed.words.rare")
    found = [form(rng, name, rows) for form, name, rows in zip(forms, names, (6, 5, 9), strict=False)]
    tensors = {key: one for part, _ in found for key, one in part.items()}
    expected = np.concatenate([table for _, table in found])
    graph = Graph()
    graph.add("Identity", word_rows(graph, tensors, "rows"), output="vectors")
    whole = graph.finish("words", [value("rows", np.int32, "n")], [value("vectors", np.float32, "n", COLUMNS)])
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    order = rng.permutation(len(expected)).astype(np.int32)
    (vectors,) = session.run(["vectors"], {"rows": order})
    np.testing.assert_allclose(vectors, expected[order], rtol=0, atol=1e-5)
