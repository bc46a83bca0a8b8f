"""Every layer in NumPy, float64, one window and one step after the other, straight from the papers' equations."""

import numpy as np

from elman.model.layers import CELLS

STATES = {"lstm": 2, "sru": 2, "slstm": 4}


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


def positive(x):
    return np.where(x >= 0, x + 0.5, sigmoid(x))


ACTIVATIONS = {"elman": np.tanh, "elman-sigmoid": sigmoid, "elman-relu": lambda a: np.maximum(a, 0)}


def start(name, hidden):
    """The state before the first step."""
    zeros = [np.zeros(hidden) for _ in range(STATES.get(name.split("-")[0], 1))]
    if name == "slstm":
        zeros[3] = np.full(hidden, -np.inf)
    return tuple(zeros)


def step(name, x, state, w):
    """One step: input features, the state before, and the cell's tensors by name -> the state after."""
    a = w["weight_ih"] @ x + w["bias_ih"]
    if CELLS[name].recurrent:
        r = w["weight_hh"] @ state[0] + w["bias_hh"]
    return _STEPS[name.split("-")[0]](name, a, r if CELLS[name].recurrent else None, state, w)


def _elman(name, a, r, _state, _w):
    return (ACTIVATIONS[name](a + r),)


def _lstm(name, a, r, state, w):
    cell = state[1]
    if "coupled" in name:
        f, g, o = np.split(a + r, 3)
        p_f, p_o = np.split(w["weight_ch"], 2) if "weight_ch" in w else (0, 0)
        f = sigmoid(f + p_f * cell)
        i = 1 - f
    else:
        i, f, g, o = np.split(a + r, 4)
        p_i, p_f, p_o = np.split(w["weight_ch"], 3) if "weight_ch" in w else (0, 0, 0)
        f = sigmoid(f + p_f * cell)
        i = sigmoid(i + p_i * cell)
    cell = f * cell + i * np.tanh(g)
    return sigmoid(o + p_o * cell) * np.tanh(cell), cell


def _gru(_name, a, r, state, _w):
    x_r, x_z, x_n = np.split(a, 3)
    h_r, h_z, h_n = np.split(r, 3)
    update = sigmoid(x_z + h_z)
    candidate = np.tanh(x_n + sigmoid(x_r + h_r) * h_n)
    return ((1 - update) * candidate + update * state[0],)


def _sru(_name, a, _r, state, w):
    cell = state[1]
    x, f, r, s = np.split(a, 4)
    p_f, p_r = np.split(w["weight_ch"], 2)
    f, r = sigmoid(f + p_f * cell), sigmoid(r + p_r * cell)
    cell = f * cell + (1 - f) * x
    return r * cell + (1 - r) * s, cell


def _mingru(_name, a, _r, state, _w):
    z, n = np.split(a, 2)
    return ((1 - sigmoid(z)) * state[0] + sigmoid(z) * positive(n),)


def _minlstm(_name, a, _r, state, _w):
    f, i, n = np.split(a, 3)
    f, i = sigmoid(f), sigmoid(i)
    return (f / (f + i) * state[0] + i / (f + i) * positive(n),)


def _slstm(_name, a, r, state, _w):
    _, cell, norm, most = state
    i, f, z, o = np.split(a + r, 4)
    log_f = -np.logaddexp(0, -f)
    now = np.maximum(log_f + most, i)
    forget, take = np.exp(log_f + most - now), np.exp(i - now)
    cell = forget * cell + take * np.tanh(z)
    norm = forget * norm + take
    return sigmoid(o) * cell / norm, cell, norm, now


_STEPS = {
    "elman": _elman,
    "lstm": _lstm,
    "gru": _gru,
    "sru": _sru,
    "mingru": _mingru,
    "minlstm": _minlstm,
    "slstm": _slstm,
}


def run(name, x, w, *, backward=False, state=None):
    """All steps of one window: time x feature -> time x hidden, and the last state."""
    w = {key: np.asarray(value, np.float64) for key, value in w.items()}
    hidden = len(w["bias_ih"]) // CELLS[name].gates
    state = start(name, hidden) if state is None else state
    outputs = np.zeros((len(x), hidden))
    for time in reversed(range(len(x))) if backward else range(len(x)):
        state = step(name, x[time], state, w)
        outputs[time] = state[0]
    return outputs, state


def shapes(name, inputs, hidden):
    """The shapes of a cell's tensors, by name."""
    blocks = CELLS[name]
    rows = blocks.gates * hidden
    found = {"weight_ih": (rows, inputs), "bias_ih": (rows,)}
    if blocks.recurrent:
        found |= {"weight_hh": (rows, hidden), "bias_hh": (rows,)}
    if blocks.peepholes:
        found["weight_ch"] = (blocks.peepholes * hidden,)
    return found


def bag(x, w):
    """A token and the mean of its window: time x feature -> time x hidden."""
    own, other = np.split(w["weight_ih"], 2)
    return np.stack([np.tanh(own @ token + other @ x.mean(axis=0) + w["bias_ih"]) for token in x])


def window(x, w, places, activation=np.tanh):
    """A token and those at some distances: time x feature -> time x hidden."""
    blocks = np.split(w["weight_ih"], len(places))
    outputs = []
    for at in range(len(x)):
        total = w["bias_ih"].copy()
        for place, block in zip(places, blocks, strict=True):
            if 0 <= at + place < len(x):
                total = total + block @ x[at + place]
        outputs.append(activation(total))
    return np.stack(outputs)
