import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.runtime.recurrence import RECURRENCES

GATES = {"elman": 1, "lstm": 4, "gru": 3}

lengths_of_windows = st.lists(st.integers(1, 30), min_size=1, max_size=200).map(np.array)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def elman(x, state, w):
    return (np.tanh(w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ state[0] + w["bias_hh"]),)


def lstm(x, state, w):
    hidden, cell = state
    gates = w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ hidden + w["bias_hh"]
    i, f, g, o = np.split(gates, 4)
    cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(cell), cell


def gru(x, state, w):
    (hidden,) = state
    x_r, x_z, x_n = np.split(w["weight_ih"] @ x + w["bias_ih"], 3)
    h_r, h_z, h_n = np.split(w["weight_hh"] @ hidden + w["bias_hh"], 3)
    update = sigmoid(x_z + h_z)
    candidate = np.tanh(x_n + sigmoid(x_r + h_r) * h_n)
    return ((1 - update) * candidate + update * hidden,)


EQUATIONS = {"elman": (elman, 1), "lstm": (lstm, 2), "gru": (gru, 1)}


def weights(cell, inputs, hidden, rng):
    rows = GATES[cell] * hidden
    shapes = {
        "weight_ih": (rows, inputs),
        "weight_hh": (rows, hidden),
        "bias_ih": (rows,),
        "bias_hh": (rows,),
    }
    return {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}


def reference(cell, w, x, lengths, backward):
    """The equations of the papers, one window and one step after the other, in float64."""
    step, states = EQUATIONS[cell]
    w = {name: value.astype(np.float64) for name, value in w.items()}
    outputs, start = np.zeros((len(x), w["weight_hh"].shape[1])), 0
    for length in lengths:
        state = (np.zeros(outputs.shape[1]),) * states
        tokens = range(start, start + length)
        for token in reversed(tokens) if backward else tokens:
            state = step(x[token], state, w)
            outputs[token] = state[0]
        start += length
    return outputs


@pytest.mark.parametrize("cell", RECURRENCES)
@pytest.mark.parametrize("backward", [False, True])
@settings(max_examples=25, deadline=None)
@given(lengths=lengths_of_windows, hidden=st.integers(1, 9), inputs=st.integers(1, 9))
def test_it_computes_the_equations(cell, backward, lengths, hidden, inputs):
    rng = np.random.default_rng(hidden)
    w = weights(cell, inputs, hidden, rng)
    layer = RECURRENCES[cell](w, backward=backward)
    types = rng.standard_normal((20, inputs)).astype(np.float32)
    places = rng.integers(0, len(types), lengths.sum())
    outputs = layer.run(layer.project(types), places, lengths)
    expected = reference(cell, w, types[places], lengths.tolist(), backward)
    np.testing.assert_allclose(outputs, expected, atol=1e-4)
