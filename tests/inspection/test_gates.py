"""What is shown of gates is what the cells compute, and a half-life is what it is said to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from elman.errors import UsageError
from elman.inspection.anatomy import CELL, HIDDEN
from elman.inspection.gates import KEPT, LONGEST, half_life, kept, run, watch
from elman.inspection.sentences import read_sentences
from elman.nn.cells import CELLS, Cell, ElmanCell, GRUCell, LSTMCell, make_cell

if TYPE_CHECKING:
    from elman.training.reopening import Reopened

RETENTION = arrays(np.float32, st.tuples(st.integers(2, 6), st.integers(1, 3)), elements=st.floats(2**-7, 1, width=32))


def track_and_torch(kind: type[Cell], module: type[torch.nn.RNNBase], *, backwards: bool = False):
    """A cell's track, and torch's own module with the same weights over the same steps in the order of reading."""
    torch.manual_seed(3)
    cell = kind(5, 4)
    for parameter in cell.parameters():
        torch.nn.init.normal_(parameter, std=0.6)
    theirs = module(5, 4, batch_first=True)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(theirs, f"{name}_l0").data.copy_(getattr(cell, name).data)
    x = torch.randn(7, 5)
    with torch.inference_mode():
        track = run(cell, x, backwards=backwards)
        outputs, last = theirs((x.flip(0) if backwards else x)[None])
    return cell, x.numpy(), track, outputs[0].numpy(), last


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("kind", "module"), [(ElmanCell, torch.nn.RNN), (LSTMCell, torch.nn.LSTM), (GRUCell, torch.nn.GRU)]
)
def test_the_hidden_states_are_those_of_torch(kind, module, backwards: bool) -> None:
    _, _, track, outputs, _ = track_and_torch(kind, module, backwards=backwards)
    np.testing.assert_allclose(track.values[HIDDEN], outputs[::-1] if backwards else outputs, atol=1e-6)
    assert track.direction == ("backward" if backwards else "forward")


def test_the_hidden_states_of_an_lstm_follow_from_its_gates_and_cell_states() -> None:
    cell, x, track, outputs, (_, last) = track_and_torch(LSTMCell, torch.nn.LSTM)
    values = track.values
    np.testing.assert_allclose(values["output"] * np.tanh(values[CELL]), outputs, atol=1e-6)
    np.testing.assert_allclose(values[CELL][-1], last[0, 0].numpy(), atol=1e-6)
    before = np.concatenate((np.zeros((1, 4), np.float32), outputs[:-1]))
    weights = [getattr(cell, name).detach().numpy()[8:12] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    proposed = np.tanh(x @ weights[0].T + before @ weights[1].T + weights[2] + weights[3])
    cells = np.concatenate((np.zeros((1, 4), np.float32), values[CELL][:-1]))
    np.testing.assert_allclose(values["forget"] * cells + values["input"] * proposed, values[CELL], atol=1e-6)


def test_the_hidden_states_of_a_gru_follow_from_its_gates() -> None:
    cell, x, track, outputs, _ = track_and_torch(GRUCell, torch.nn.GRU)
    before = np.concatenate((np.zeros((1, 4), np.float32), outputs[:-1]))
    weights = [getattr(cell, name).detach().numpy()[8:12] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    inner = track.values["reset"] * (before @ weights[1].T + weights[3])
    candidate = np.tanh(x @ weights[0].T + weights[2] + inner)
    update = track.values["update"]
    np.testing.assert_allclose((1 - update) * candidate + update * before, outputs, atol=1e-6)


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_is_shown_as_it_runs(name: str) -> None:
    torch.manual_seed(4)
    cell = make_cell(name, 3, 4)
    for parameter in cell.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    x = torch.randn(6, 3)
    with torch.inference_mode():
        track = run(cell, x)
        outputs, _ = cell.fused(x[None], cell.initial_state(1), cell.weight_hh)
    np.testing.assert_allclose(track.values[HIDDEN], outputs[0].numpy(), atol=1e-6)
    gates = {gate: value for gate, value in track.values.items() if gate not in (HIDDEN, CELL, KEPT)}
    assert all(((value >= 0) & (value <= 1)).all() for value in gates.values())
    assert bool(gates) == (not name.startswith("elman"))


@pytest.mark.parametrize("name", [name for name in CELLS if not name.startswith("elman")])
def test_the_gate_that_keeps_is_how_the_state_depends_on_the_one_before(name: str) -> None:
    """Along the direct way: a gradient in which gates and candidates are taken as given."""
    torch.manual_seed(5)
    cell = make_cell(name, 3, 4)
    for parameter in cell.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    # What reads the state through a matrix or a peephole is cut, so that only the direct way is left.
    for way in (cell.weight_hh, cell.weight_ch):
        if way is not None:
            torch.nn.init.zeros_(way)
    x = torch.randn(6, 3)
    with torch.inference_mode():
        track = run(cell, x)
    projected, state = cell.project(x[:, None]), cell.initial_state(1)
    steps = [state]
    for now in projected[:-1]:
        state = cell.step(now, state, cell.weight_hh)
        steps.append(state)
    # The state of sLSTM that bears the fact is the second one, divided by the third.
    place = 1 if cell.states > 1 else 0
    bearing = steps[-1][place].detach().requires_grad_()
    after = cell.step(projected[-1], (*steps[-1][:place], bearing, *steps[-1][place + 1 :]), cell.weight_hh)
    (slope,) = torch.autograd.grad(after[place].sum(), bearing)
    if len(after) == 4:
        slope = slope * steps[-1][2] / after[2]
    np.testing.assert_allclose(track.values[str(track.retains)][-1], slope[0].detach().numpy(), atol=1e-5)


def test_the_simple_network_has_states_and_no_gates() -> None:
    _, _, track, _, _ = track_and_torch(ElmanCell, torch.nn.RNN)
    assert (list(track.values), track.retains, track.half_life) == ([HIDDEN], None, None)


def test_a_gate_that_is_always_the_same_has_its_half_life() -> None:
    """With a bias alone, a forget gate is sigmoid(bias) at every step: of 1/2 a half is gone after one token."""
    cell = LSTMCell(2, 3)
    for parameter in cell.parameters():
        torch.nn.init.zeros_(parameter)
    gates = torch.tensor([0.5, 0.25, 0.5**0.1])
    cell.bias_ih.data[3:6] = torch.logit(gates)
    with torch.inference_mode():
        track = run(cell, torch.randn(6, 2))
    np.testing.assert_allclose(track.half_life, [1, 0.5, 10], rtol=1e-4)
    np.testing.assert_allclose(track.values[KEPT], gates.numpy() ** np.arange(5, -1, -1)[:, None], rtol=1e-5)


def test_what_a_backward_cell_keeps_it_keeps_to_the_first_token() -> None:
    _, _, track, _, _ = track_and_torch(LSTMCell, torch.nn.LSTM, backwards=True)
    np.testing.assert_allclose(track.values[KEPT][0], 1)
    np.testing.assert_allclose(track.values[KEPT][2], track.values["forget"][:2].prod(axis=0), rtol=1e-5)


@settings(max_examples=50, deadline=None)
@given(RETENTION)
def test_after_a_half_life_at_that_rate_half_is_left(retention: np.ndarray) -> None:
    lives = half_life(retention)
    share = retention[1:].astype(np.float64).prod(axis=0)
    expected = np.where(lives < LONGEST, 0.5 ** ((len(retention) - 1) / lives), share)
    np.testing.assert_allclose(expected, share, rtol=1e-6)
    np.testing.assert_allclose(kept(retention)[0], share, rtol=1e-5)


def test_half_lives_at_the_edges() -> None:
    always, never = np.ones((3, 1), np.float32), np.zeros((3, 1), np.float32)
    assert half_life(always).tolist() == [LONGEST]
    assert half_life(never).tolist() == [0]
    assert np.isnan(half_life(always[:1])).all()


def test_a_network_is_watched_in_all_its_layers(network: Reopened) -> None:
    (sentence,) = read_sentences(network, "Ada Byron went to Oslo in winter .")
    tracks = watch(network.network, sentence)
    assert [track.name for track in tracks] == [
        f"layer {layer}, {direction}" for layer in (1, 2) for direction in ("forward", "backward")
    ]
    with torch.inference_mode():
        x, lengths = sentence.vectors[None], torch.tensor([len(sentence.words)])
        states, _ = network.network.encode(network.network.context(x, lengths), lengths)
    ours = np.concatenate([track.values[HIDDEN] for track in tracks[2:]], axis=1)
    np.testing.assert_allclose(ours, states[0].numpy(), atol=1e-6)


def test_a_cell_that_nothing_is_known_of_is_refused() -> None:
    class Strange(ElmanCell):
        pass

    with pytest.raises(UsageError, match=r"expected a cell that can be looked into .*, got Strange"):
        run(Strange(2, 3), torch.zeros(4, 2))
