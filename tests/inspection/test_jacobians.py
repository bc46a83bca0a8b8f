"""Jacobians of steps, against cells whose Jacobian is known."""

import pytest
import torch

from elman.inspection.jacobians import Singular, jacobians, singular_values
from elman.inspection.unrolled import unrolled
from elman.nn.cells import Cell, make_cell
from elman.nn.recurrent import Recurrent


class Linear(Cell):
    """h_t = x_t + W h_{t-1}."""

    gates = 1

    def step(self, projected, state, weight_hh):
        return (projected + state[0] @ weight_hh.T,)

    def fused(self, x, state, weight_hh):
        raise NotImplementedError


def test_a_linear_cells_singular_values_are_its_matrix_s():
    cell = Linear(2, 3).double()
    left, right = (torch.linalg.qr(torch.randn(3, 3).double())[0] for _ in range(2))
    cell.weight_hh.data = left @ torch.diag(torch.tensor([2.0, 0.5, 0.1]).double()) @ right
    run = unrolled(Recurrent([[cell]]), torch.randn(4, 5, 2).double())
    values = singular_values(run.lanes[0], torch.tensor([0, 3]), torch.tensor([1, 5]))
    torch.testing.assert_close(values, torch.tensor([[2.0, 0.5, 0.1]] * 2).double())
    assert Singular.of(values).to_json() == pytest.approx({"largest": 2.0, "most": 2.0, "median": 0.5, "steps": 2})


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("kind", ["elman", "lstm", "gru"])
def test_jacobians_are_those_of_central_differences(kind, whole):
    torch.manual_seed(2)
    cell = make_cell(kind, 2, 3).double()
    projected = cell.project(torch.randn(2, 2).double())
    state = tuple(torch.randn(2, 3).double() for _ in range(cell.states))
    found = jacobians(cell, projected, state, whole=whole)
    parts = cell.states if whole else 1
    columns = []
    for column in range(3 * parts):
        sides = []
        for sign in (1e-6, -1e-6):
            moved = [part.clone() for part in state]
            moved[column // 3][:, column % 3] += sign
            sides.append(torch.cat(cell.step(projected, tuple(moved), cell.weight_hh)[:parts], dim=1))
        columns.append((sides[0] - sides[1]) / 2e-6)
    torch.testing.assert_close(found, torch.stack(columns, dim=2), rtol=1e-6, atol=1e-8)
