"""Gates and dead units, against the equations."""

import pytest
import torch

from elman.inspection.saturation import dead, gate_values, saturated
from elman.inspection.unrolled import unrolled
from elman.nn.recurrent import make_recurrent


def lane(kind):
    torch.manual_seed(1)
    run = unrolled(make_recurrent(kind, 2, 3, bidirectional=False), torch.randn(2, 4, 2))
    return run.lanes[0]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [("lstm", {"input": 0, "forget": 1, "output": 3}), ("gru", {"reset": 0, "update": 1}), ("elman", {})],
)
def test_gates_have_their_own_names_and_values(kind, rows):
    one = lane(kind)
    inside = torch.tensor([[True] * 4, [True, True, False, False]])
    found = gate_values(one, inside)
    assert set(found) == set(rows)
    for name, row in rows.items():
        expected = []
        for time in range(4):
            before = one.states[time][0] @ one.cell.weight_hh.T + one.cell.bias_hh
            gate = torch.sigmoid(one.projected[:, time] + before)[:, 3 * row : 3 * row + 3]
            expected.append(gate[inside[:, time]])
        torch.testing.assert_close(found[name], torch.cat(expected))


def test_shares_of_saturated_values():
    assert saturated(torch.tensor([0.01, 0.5, 0.96, 0.99])) == {"shut": 0.25, "open": 0.5}


def test_a_unit_that_does_not_change_is_dead():
    hidden = torch.randn(50, 3)
    hidden[:, 1] = 0.7
    assert dead(hidden) == 1
