"""Cells and the runner: kernels equal the equations, values and gradients, whatever the lengths."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.func import functional_call

from elman.errors import UsageError
from elman.nn.cells import CELLS, make_cell
from elman.nn.recurrent import VariationalDropout, make_recurrent, unroll
from tests.nn import equations

DOUBLE = torch.float64


def fresh(name, inputs=3, hidden=4, std=0.5):
    torch.manual_seed(0)
    cell = make_cell(name, inputs, hidden).to(DOUBLE)
    for parameter in cell.parameters():
        nn.init.normal_(parameter, std=std)
    return cell


def arrays(cell):
    return {name: parameter.detach().numpy().copy() for name, parameter in cell.named_parameters()}


def random_state(cell, batch, **options):
    """One that steps can lead to: what a normaliser divides by is positive."""
    return tuple(torch.rand(batch, cell.hidden_size, dtype=DOUBLE, **options) for _ in range(cell.states))


@pytest.mark.parametrize("name", CELLS)
def test_step_equals_the_equations(name):
    cell = fresh(name)
    x = torch.randn(2, 3, dtype=DOUBLE)
    state = random_state(cell, 2)
    after = cell(x, state)
    for row in range(2):
        before = tuple(part[row].numpy() for part in state)
        expected = equations.step(name, x[row].numpy(), before, arrays(cell))
        for got, want in zip(after, expected, strict=True):
            np.testing.assert_allclose(got[row].detach().numpy(), want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("way", ["at once", "step by step"])
def test_values_and_gradients_of_a_sequence_equal_the_equations(name, way):
    """Gradients by differences of the equations, in NumPy: torch has no part in them."""
    cell = fresh(name, 2, 2)
    x = torch.randn(1, 4, 2, dtype=DOUBLE, requires_grad=True)
    direction = np.random.default_rng(1).standard_normal((4, 2))

    def value(x, weights):
        return (equations.run(name, x, weights)[0] * direction).sum()

    if way == "at once":
        outputs, _ = cell.fused(x, cell.initial_state(1), cell.weight_hh)
    else:
        outputs, _ = unroll(cell, x, cell.initial_state(1), torch.tensor([4]), cell.weight_hh)
    expected, _ = equations.run(name, x[0].detach().numpy(), arrays(cell))
    np.testing.assert_allclose(outputs[0].detach().numpy(), expected, rtol=1e-12, atol=1e-12)
    (outputs[0] * torch.from_numpy(direction)).sum().backward()
    given, weights = x[0].detach().numpy(), arrays(cell)
    gradients = {"x": x.grad[0].numpy(), **{key: p.grad.numpy() for key, p in cell.named_parameters()}}
    for key, gradient in gradients.items():
        table = given if key == "x" else weights[key]
        for place in np.ndindex(table.shape):
            ends = []
            for change in (1e-6, -1e-6):
                moved = table.copy()
                moved[place] += change
                ends.append(value(moved, weights) if key == "x" else value(given, {**weights, key: moved}))
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("name", CELLS)
def test_gradients_of_a_step(name):
    cell = fresh(name)
    state = random_state(cell, 2, requires_grad=True)
    x = torch.randn(2, 3, dtype=DOUBLE, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, *state: cell(x, state), (x, *state))


@pytest.mark.parametrize("name", CELLS)
def test_gradients_of_a_sequence(name):
    cell = fresh(name, 2, 2)
    names = [key for key, _ in cell.named_parameters()]
    x = torch.randn(2, 3, 2, dtype=DOUBLE, requires_grad=True)

    def run(x, *values):
        given = dict(zip(names, values, strict=True))
        return functional_call(Whole(cell), {f"cell.{key}": value for key, value in given.items()}, (x,))

    assert torch.autograd.gradcheck(run, (x, *(p.detach().requires_grad_() for p in cell.parameters())))


class Whole(nn.Module):
    """A cell over a whole sequence, from its first state."""

    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, x):
        return self.cell.fused(x, self.cell.initial_state(len(x)), self.cell.weight_hh)[0]


@pytest.mark.parametrize("name", CELLS)
def test_all_steps_at_once_equal_step_by_step_in_values_and_gradients(name):
    cell = fresh(name)
    x = torch.randn(3, 6, 3, dtype=DOUBLE)
    results = []
    for run in (cell.fused, lambda x, state, w: unroll(cell, x, state, torch.full((3,), 6), w)):
        torch.manual_seed(1)
        state = random_state(cell, 3, requires_grad=True)
        outputs, last = run(x, state, cell.weight_hh)
        total = outputs.square().sum() + sum(part.sum() for part in last)
        # An SRU's output is no part of its next step: there the gradient is no tensor, or zeros.
        gradients = torch.autograd.grad(total, [*cell.parameters(), *state], materialize_grads=True)
        results.append([outputs, *last, *gradients])
    for kernel, steps in zip(*results, strict=True):
        torch.testing.assert_close(kernel, steps, atol=1e-10, rtol=1e-10)


TORCH = {
    "elman": lambda: nn.RNN(3, 4, batch_first=True, dtype=DOUBLE),
    "elman-relu": lambda: nn.RNN(3, 4, nonlinearity="relu", batch_first=True, dtype=DOUBLE),
    "lstm": lambda: nn.LSTM(3, 4, batch_first=True, dtype=DOUBLE),
    "gru": lambda: nn.GRU(3, 4, batch_first=True, dtype=DOUBLE),
}


@pytest.mark.parametrize("name", TORCH)
def test_it_is_what_torch_has_under_that_name(name):
    cell, theirs = fresh(name), TORCH[name]()
    with torch.no_grad():
        for key, parameter in cell.named_parameters():
            getattr(theirs, f"{key}_l0").copy_(parameter)
    x = torch.randn(2, 5, 3, dtype=DOUBLE)
    ours, _ = unroll(cell, x, cell.initial_state(2), torch.tensor([5, 5]), cell.weight_hh)
    outputs, _ = theirs(x)
    torch.testing.assert_close(ours, outputs, atol=1e-12, rtol=1e-12)
    for result in (ours, outputs):
        result.square().sum().backward()
    for key, parameter in cell.named_parameters():
        torch.testing.assert_close(parameter.grad, getattr(theirs, f"{key}_l0").grad, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("name", ["elman", "elman-sigmoid", "elman-relu"])
def test_the_joined_matrix_computes_what_two_do(name):
    cell = fresh(name)
    assert cell.joined().shape == (4, 7)
    results = []
    for step in (cell.step_joined, cell):
        cell.zero_grad()
        state = (torch.zeros(2, 4, dtype=DOUBLE),)
        torch.manual_seed(1)
        for _ in range(3):
            state = step(torch.randn(2, 3, dtype=DOUBLE), state)
        state[0].square().sum().backward()
        results.append([state[0], *(parameter.grad for parameter in cell.parameters())])
    for joined, two in zip(*results, strict=True):
        torch.testing.assert_close(joined, two, atol=1e-12, rtol=1e-12)


def test_where_cells_start():
    orthogonal = make_cell("elman-relu", 3, 6).weight_hh.detach()
    torch.testing.assert_close(orthogonal @ orthogonal.T, torch.eye(6))
    assert torch.equal(make_cell("elman-relu", 3, 6, start="identity").weight_hh, torch.eye(6))
    for name, rows in {
        "lstm": slice(4, 8),
        "lstm-coupled": slice(4),
        "minlstm": slice(4),
        "slstm": slice(4, 8),
    }.items():
        for bias, cell in ((1, make_cell(name, 3, 4)), (-2, make_cell(name, 3, 4, forget_bias=-2))):
            assert set(cell.bias_ih[rows].tolist()) == {bias}
            assert cell.bias_ih.abs().sum().item() == 4 * abs(bias)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("transformer", {}, "elman, elman-sigmoid, .*, slstm; got 'transformer'"),
        ("lstm", {"start": "identity"}, "only an Elman cell starts from the identity; got 'lstm'"),
        ("elman", {"start": "zero"}, "orthogonal, identity; got 'zero'"),
        ("gru", {"forget_bias": 1.0}, "GRUCell has no forget gate"),
    ],
)
def test_what_cells_do_not_have_is_refused(name, options, message):
    with pytest.raises(UsageError, match=message):
        make_cell(name, 3, 4, **options)


@pytest.mark.parametrize("scale", [1e2, 1e4])
@pytest.mark.parametrize("name", ["minlstm", "slstm", "mingru"])
def test_huge_gates_neither_overflow_nor_lose_the_gradient(name, scale):
    torch.manual_seed(1)
    cell = make_cell(name, 3, 4)
    x = (scale * torch.randn(2, 20, 3)).requires_grad_()
    outputs, _ = cell.fused(x, cell.initial_state(2), cell.weight_hh)
    outputs.sum().backward()
    assert outputs.isfinite().all()
    assert x.grad.isfinite().all()
    if name != "minlstm":  # whose quotient the equations themselves cannot compute there
        expected, _ = equations.run(name, x[0].detach().numpy().astype(float), arrays(cell))
        np.testing.assert_allclose(outputs[0].detach().numpy(), expected, rtol=1e-3, atol=1e-3)


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


def test_shares_that_cannot_be_are_refused():
    with pytest.raises(UsageError, match=r"\[0, 1\)"):
        VariationalDropout(1.0)
