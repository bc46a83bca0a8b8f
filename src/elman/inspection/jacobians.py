"""What one step does to a small change of the state before it: the singular values of the step's Jacobian.

A gradient that goes back through many steps is multiplied by one Jacobian after the other. Where all their singular
values are below 1 it must vanish; where some are above 1 it can explode (Pascanu, R., Mikolov, T. & Bengio, Y. (2013)).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from elman.inspection.unrolled import Lane
    from elman.nn.cells import Cell, State


@dataclass(frozen=True)
class Singular:
    """Singular values over sampled steps.

    Attributes:
        largest: the mean over the steps of each one's largest.
        most: the largest of all.
        median: of all.
        steps: how many steps were sampled.
    """

    largest: float
    most: float
    median: float
    steps: int

    @classmethod
    def of(cls, values: Tensor) -> Singular:
        """Of the values of each step, steps x size, the largest first."""
        largest = values[:, 0]
        return cls(float(largest.mean()), float(largest.max()), float(values.median()), len(values))

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return asdict(self)


def jacobians(cell: Cell, projected: Tensor, state: State, *, whole: bool = False) -> Tensor:
    """The Jacobian of each of some steps.

    Args:
        cell: what makes them.
        projected: steps x (gates x hidden).
        state: before each step; each part steps x hidden.
        whole: of the whole state after with respect to the whole state before, such as (h, c) of an LSTM; otherwise
            dh_t / dh_{t-1} with all else fixed.

    Returns:
        Steps x size x size, a row for each number of the state after.
    """
    before = tuple(part.detach().requires_grad_() for part in state)
    after = cell.step(projected.detach(), before, cell.weight_hh)
    by = before if whole else before[:1]
    outputs = torch.cat(after if whole else after[:1], dim=1)  # steps x size
    rows = []
    for column in outputs.unbind(1):
        found = torch.autograd.grad(column.sum(), by, retain_graph=True, allow_unused=True, materialize_grads=True)
        rows.append(torch.cat(found, dim=1))
    return torch.stack(rows, dim=1)


def singular_values(lane: Lane, sequences: Tensor, steps: Tensor, *, whole: bool = False) -> Tensor:
    """The singular values of some of a lane's steps, the largest first: steps x size.

    Args:
        lane: as it ran.
        sequences: which sequence each step is of.
        steps: from 1.
        whole: see ``jacobians``.
    """
    parts = zip(*lane.states[:-1], strict=True)
    before = tuple(torch.stack(part, dim=1)[sequences, steps - 1] for part in parts)
    projected = lane.projected[sequences, steps - 1]
    values: Tensor = torch.linalg.svdvals(jacobians(lane.cell, projected, before, whole=whole))
    return values.detach()
