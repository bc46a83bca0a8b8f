"""Updates beside the weights that they change."""

import pytest
import torch
from torch import nn

from elman.training.updates import EVERY, Updates


def test_ratios_are_of_each_part_and_leave_tables_out():
    table = nn.Module()
    table.learned = nn.Parameter(torch.ones(4, 2))
    network = nn.ModuleDict({"embed": table, "encode": nn.Linear(2, 2), "head": nn.Linear(2, 1, bias=False)})
    for parameter in network.parameters():
        nn.init.constant_(parameter, 2.0)
    updates = Updates(network)
    before = updates.copy(EVERY)
    with torch.no_grad():
        for parameter in network["encode"].parameters():
            parameter += 0.1
        table.learned += 5
    assert updates.ratios(before) == pytest.approx({"encode": 0.05, "head": 0.0})


def test_most_steps_are_not_measured():
    updates = Updates(nn.Linear(2, 2))
    assert [step for step in range(1, 2 * EVERY + 1) if updates.copy(step) is not None] == [EVERY, 2 * EVERY]
    assert updates.ratios(None) is None
