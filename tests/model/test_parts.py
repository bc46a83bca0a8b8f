"""Parts as they stand in a model folder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from elman.errors import ModelError
from elman.model.parts import (
    KINDS,
    Characters,
    Dense,
    Embedding,
    Encoder,
    Linear,
    Pool,
    Scale,
    Words,
    decode_part,
    encode_part,
)

LSTM = {"cell": "lstm", "hidden": 3, "layers": 2, "directions": "both"}
PARTS = [
    Characters(network="convolution", rows=9, size=4, output=5),
    Characters(network="lstm", rows=9, size=4, output=6),
    Dense(inputs=4, sizes=(3, 2), dropout=0.5),
    Dense(inputs=4, sizes=()),
    Embedding(rows=9, size=4),
    Encoder(inputs=5, encoder=LSTM),
    Encoder(inputs=5, encoder={**LSTM, "cell": "convolution", "reach": 2}),
    Linear(inputs=3, outputs=2),
    Pool(how="attention", size=6, forward=3),
    Pool(how="max", size=6, forward=3),
    Scale(size=2),
    Words(learned=5, fixed=0, size=3, unknown_rate=0.5),
]


@pytest.mark.parametrize("part", PARTS, ids=repr)
def test_a_part_comes_back_from_json(part: Any) -> None:
    tree = json.loads(json.dumps(encode_part(part)))
    assert tree["kind"] == part.kind
    found = decode_part(tree, KINDS, "here")
    assert found == part
    assert found.tensors() == part.tensors()


def test_shapes_follow_from_the_values() -> None:
    assert Dense(inputs=4, sizes=(3, 2)).tensors() == {
        "layers.0.weight": (3, 4),
        "layers.0.bias": (3,),
        "layers.1.weight": (2, 3),
        "layers.1.bias": (2,),
    }
    assert Words(learned=5, fixed=2, size=3).tensors() == {"learned": (5, 3), "fixed": (2, 3)}
    encoder = Encoder(inputs=5, encoder=LSTM)
    assert encoder.output == 6
    assert encoder.tensors()["layers.0.0.weight_ih"] == (12, 5)
    assert encoder.tensors()["layers.1.1.weight_ih"] == (12, 6)
    assert Pool(how="mean", size=6, forward=3).tensors() == {}


def test_every_kind_is_under_its_own_name() -> None:
    assert all(part.kind == name for name, part in KINDS.items())


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (None, "expected a part out of "),
        ({}, "expected a part out of "),
        ({"kind": "liner", "inputs": 3, "outputs": 2}, r"upgrade elman\?\), got .*liner"),
        ({"kind": "linear", "inputs": 3}, "here: outputs: expected int, got None"),
        ({"kind": "linear", "inputs": 3, "outputs": "2"}, "outputs: expected int, got '2'"),
        ({"kind": "linear", "inputs": 3, "outputs": 2.0}, "outputs: expected int, got 2.0"),
        ({"kind": "linear", "inputs": True, "outputs": 2}, "inputs: expected int, got True"),
        ({"kind": "linear", "inputs": -3, "outputs": 2}, "inputs: expected int, got -3"),
        ({"kind": "linear", "inputs": 3, "outputs": 2, "bias": False}, r"there is no bias \(upgrade elman\?\)"),
        ({"kind": "words", "learned": 3, "fixed": 2, "size": 1, "unknown_rate": "x"}, "unknown_rate: expected float"),
        ({"kind": "dense", "inputs": 3, "sizes": [2, "x"]}, "sizes: expected tuple"),
        ({"kind": "dense", "inputs": 3, "sizes": 2}, "sizes: expected tuple"),
        ({"kind": "pool", "how": "sum", "size": 3, "forward": 1}, "a way to pool out of last, max, .* got 'sum'"),
        ({"kind": "encoder", "inputs": 3, "encoder": []}, "encoder: expected dict"),
        ({"kind": "characters", "network": "gru", "rows": 3, "size": 2, "output": 4}, "convolution, lstm.* got 'gru'"),
        ({"kind": "characters", "network": "lstm", "rows": 3, "size": 2, "output": 5}, "even output; got 'lstm', 5"),
        *(
            ({"kind": "encoder", "inputs": 3, "encoder": encoder}, "expected the settings of a recurrent network, got")
            for encoder in (
                {},
                {**LSTM, "cell": "lstn"},
                {**LSTM, "cell": ["lstm"]},
                {**LSTM, "hidden": 0},
                {**LSTM, "layers": "2"},
                {**LSTM, "directions": "backward"},
                {**LSTM, "cell": "elman", "activation": "cube"},
                {**LSTM, "cell": "window"},
            )
        ),
    ],
)
def test_what_is_no_part_is_refused_and_said(tree: Any, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        decode_part(tree, KINDS, "here")
