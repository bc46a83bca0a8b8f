"""Cells and the runner: kernels equal the equations, values and gradients, whatever the lengths."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from elman.errors import UsageError
from elman.nn.cells import CELLS, make_cell
from elman.nn.recurrent import VariationalDropout, make_recurrent, unroll

DOUBLE = torch.float64


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def numpy_step(name, x, state, parameters):
    """One step in NumPy, straight from the equations in the docstrings."""
    w, u, b, v = parameters
    hidden = state[0]
    a, r = x @ w.T + b, hidden @ u.T + v
    size = hidden.shape[1]
    if name == "elman":
        return (np.tanh(a + r),)
    if name == "lstm":
        i, f, g, o = np.split(a + r, 4, axis=1)
        cell = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(cell), cell
    reset = sigmoid(a[:, :size] + r[:, :size])
    update = sigmoid(a[:, size : 2 * size] + r[:, size : 2 * size])
    candidate = np.tanh(a[:, 2 * size :] + reset * r[:, 2 * size :])
    return ((1 - update) * candidate + update * hidden,)


def fresh(name, inputs=3, hidden=4):
    torch.manual_seed(0)
    cell = make_cell(name, inputs, hidden).to(DOUBLE)
    for parameter in cell.parameters():
        nn.init.normal_(parameter, std=0.5)
    return cell


@pytest.mark.parametrize("name", CELLS)
def test_step_equals_the_equations(name):
    cell = fresh(name)
    x = torch.randn(2, 3, dtype=DOUBLE)
    state = tuple(torch.randn(2, 4, dtype=DOUBLE) for _ in range(cell.states))
    parameters = [p.detach().numpy() for p in (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)]
    expected = numpy_step(name, x.numpy(), [part.numpy() for part in state], parameters)
    for got, want in zip(cell(x, state), expected, strict=True):
        np.testing.assert_allclose(got.detach().numpy(), want, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_gradients_of_a_step(name):
    cell = fresh(name)
    state = tuple(torch.randn(2, 4, dtype=DOUBLE, requires_grad=True) for _ in range(cell.states))
    x = torch.randn(2, 3, dtype=DOUBLE, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, *state: cell(x, state), (x, *state))


@pytest.mark.parametrize("name", CELLS)
def test_kernel_equals_steps_in_values_and_gradients(name):
    cell = fresh(name)
    x = torch.randn(3, 6, 3, dtype=DOUBLE)
    state = cell.initial_state(3)
    results = []
    for run in (
        lambda: cell.fused(x, state, cell.weight_hh),
        lambda: unroll(cell, x, state, torch.full((3,), 6), cell.weight_hh),
    ):
        cell.zero_grad()
        outputs, last = run()
        (outputs.square().sum() + sum(part.sum() for part in last)).backward()
        results.append([outputs, *last, *(p.grad for p in cell.parameters())])
    for kernel, steps in zip(*results, strict=True):
        torch.testing.assert_close(kernel, steps, atol=1e-10, rtol=1e-10)


def reference(runner, x, lengths):
    """Each sequence alone, forward and backward, layer by layer, by the cells' own steps."""
    outputs = torch.zeros(*x.shape[:2], runner.output_size, dtype=x.dtype)
    for row, length in enumerate(lengths.tolist()):
        sequence = x[row : row + 1, :length]
        for cells in runner.layers:
            parts = []
            for direction, cell in enumerate(cells):
                steps = sequence.flip(1) if direction else sequence
                state, hidden = cell.initial_state(1), []
                for time in range(length):
                    state = cell(steps[:, time], state)
                    hidden.append(state[0])
                part = torch.stack(hidden, 1)
                parts.append(part.flip(1) if direction else part)
            sequence = torch.cat(parts, -1)
        outputs[row, :length] = sequence[0]
    return outputs


@settings(deadline=None, max_examples=25)
@given(
    name=st.sampled_from(sorted(CELLS)),
    layers=st.integers(1, 2),
    bidirectional=st.booleans(),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
)
def test_runner_equals_each_sequence_alone(name, layers, bidirectional, lengths):
    torch.manual_seed(1)
    runner = make_recurrent(name, 3, 4, layers, bidirectional).to(DOUBLE).eval()
    sizes = torch.tensor(lengths)
    x = torch.randn(len(lengths), max(lengths), 3, dtype=DOUBLE)
    outputs, carry = runner(x, sizes)
    torch.testing.assert_close(outputs, reference(runner, x, sizes), atol=1e-10, rtol=1e-10)
    assert carry is None


@settings(deadline=None, max_examples=15)
@given(
    name=st.sampled_from(sorted(CELLS)),
    layers=st.integers(1, 2),
    lookahead=st.integers(1, 4),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
)
def test_a_look_ahead_is_the_state_after_so_many_steps_of_zeros(name, layers, lookahead, lengths):
    torch.manual_seed(1)
    runner = make_recurrent(name, 3, 4, layers, bidirectional=False, lookahead=lookahead).to(DOUBLE).eval()
    sizes = torch.tensor(lengths)
    x = torch.randn(len(lengths), max(lengths), 3, dtype=DOUBLE)
    longer = torch.zeros(len(lengths), max(lengths) + lookahead, 3, dtype=DOUBLE)
    for row, length in enumerate(lengths):
        longer[row, :length] = x[row, :length]
    expected = reference(runner, longer, sizes + lookahead)[:, lookahead:]
    torch.testing.assert_close(runner(x, sizes)[0], expected, atol=1e-10, rtol=1e-10)
    if min(lengths) == max(lengths):
        torch.testing.assert_close(runner(x)[0], expected, atol=1e-10, rtol=1e-10)


def test_what_cannot_look_ahead():
    with pytest.raises(UsageError, match="one direction looks ahead"):
        make_recurrent("lstm", 3, 4, lookahead=1)
    runner = make_recurrent("lstm", 3, 4, bidirectional=False, lookahead=1)
    with pytest.raises(UsageError, match="read beyond"):
        runner(torch.randn(1, 2, 3), None, runner.initial_carry(1))


@pytest.mark.parametrize("name", CELLS)
def test_what_is_padded_changes_nothing(name):
    torch.manual_seed(1)
    runner = make_recurrent(name, 3, 4, 2).to(DOUBLE).eval()
    x = torch.randn(2, 5, 3, dtype=DOUBLE)
    lengths = torch.tensor([5, 3])
    noisy = x.clone()
    noisy[1, 3:] = 1e6
    assert torch.equal(runner(x, lengths)[0], runner(noisy, lengths)[0])


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("lengths", [(4, 4), (4, 2)])
def test_carried_state_goes_on_where_the_text_was_cut(name, lengths):
    torch.manual_seed(1)
    runner = make_recurrent(name, 3, 4, 2, bidirectional=False).to(DOUBLE).eval()
    first = torch.randn(2, 4, 3, dtype=DOUBLE)
    second = torch.randn(2, 3, 3, dtype=DOUBLE)
    _, carry = runner(first, torch.tensor(lengths), runner.initial_carry(2))
    resumed, _ = runner(second, None, carry)
    for row, length in enumerate(lengths):
        whole = torch.cat((first[row : row + 1, :length], second[row : row + 1]), 1)
        torch.testing.assert_close(resumed[row], runner(whole)[0][0, length:], atol=1e-10, rtol=1e-10)


def test_a_state_is_not_carried_backwards():
    runner = make_recurrent("lstm", 3, 4)
    with pytest.raises(UsageError, match="one direction"):
        runner(torch.randn(1, 2, 3), None, runner.initial_carry(1))


def test_dropout_is_the_same_at_every_step_and_keeps_the_mean():
    torch.manual_seed(0)
    dropped = VariationalDropout(0.5)(torch.ones(200, 3, 50))
    assert torch.equal(dropped[:, 0], dropped[:, 2])
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert dropped.mean().item() == pytest.approx(1, abs=0.05)
    assert torch.equal(VariationalDropout(0.5).eval()(torch.ones(1, 1, 3)), torch.ones(1, 1, 3))


def test_recurrent_dropout_acts_in_training_only():
    torch.manual_seed(0)
    runner = make_recurrent("lstm", 3, 8, recurrent_dropout=0.5)
    x = torch.randn(2, 4, 3)
    assert not torch.equal(runner(x)[0], runner(x)[0])
    runner.eval()
    assert torch.equal(runner(x)[0], runner(x)[0])


def test_unknown_cells_and_shares_are_refused():
    with pytest.raises(UsageError, match="elman, lstm, gru"):
        make_cell("transformer", 3, 4)
    with pytest.raises(UsageError, match=r"\[0, 1\)"):
        VariationalDropout(1.0)
