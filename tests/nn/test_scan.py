"""The parallel scan equals the loop, values and gradients."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.nn.scan import linear_loop, linear_scan

DOUBLE = torch.float64


def given_steps(batch, time, hidden):
    keep = torch.rand(batch, time, hidden, dtype=DOUBLE).requires_grad_()
    add = torch.randn(batch, time, hidden, dtype=DOUBLE).requires_grad_()
    return keep, add, torch.randn(batch, hidden, dtype=DOUBLE).requires_grad_()


@settings(deadline=None, max_examples=30)
@given(batch=st.integers(1, 3), time=st.integers(1, 20), hidden=st.integers(1, 3), seed=st.integers(0, 99))
def test_the_scan_equals_the_loop(batch, time, hidden, seed):
    torch.manual_seed(seed)
    steps = given_steps(batch, time, hidden)
    weights = torch.randn(batch, time, hidden, dtype=DOUBLE)
    results = []
    for run in (linear_scan, linear_loop):
        states = run(*steps)
        results.append([states, *torch.autograd.grad((states * weights).sum(), steps)])
    for scan, loop in zip(*results, strict=True):
        torch.testing.assert_close(scan, loop, atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize("time", [1, 2, 5, 8])
def test_its_gradient(time):
    torch.manual_seed(1)
    assert torch.autograd.gradcheck(linear_scan, given_steps(2, time, 2))


def test_a_thousand_steps_that_keep_nothing_or_everything():
    for kept in (0.0, 1.0):
        keep = torch.full((1, 1000, 1), kept, requires_grad=True)
        states = linear_scan(keep, torch.ones(1, 1000, 1), torch.zeros(1, 1))
        assert states[0, -1, 0] == (1000 if kept else 1)
        states.sum().backward()
        assert keep.grad.isfinite().all()


def test_what_is_given_stays_as_it_was():
    steps = [step.detach() for step in given_steps(2, 9, 3)]
    copies = [step.clone() for step in steps]
    linear_scan(*steps)
    assert all(map(torch.equal, steps, copies))
