"""What there is to see in each kind of cell: its gates, and the state behind the one that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from elman.nn.cells import ElmanCell, GRUCell, LSTMCell

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from elman.nn.cells import Cell, State

    Seen = dict[str, Tensor]
    Opened = Callable[[Tensor, State, State, Cell], Seen]

HIDDEN, CELL = "hidden", "cell"
"""The state that layers above read, and the one that only the cell itself does."""


class Anatomy(NamedTuple):
    """What there is to see in a kind of cell.

    Attributes:
        opened: from a step's projected input, batch x (gates x hidden), the state before it, the state after it and
            the cell to the gates of this step by name, each batch x hidden, in [0, 1]; and to the state behind the
            hidden one, if there is one, as ``CELL``.
        retains: the gate that multiplies what was in the cell before; None if no gate does.
    """

    opened: Opened
    retains: str | None


def _recurrent(state: State, cell: Cell) -> Tensor:
    return torch.nn.functional.linear(state[0], cell.weight_hh, cell.bias_hh)


def _elman(projected: Tensor, before: State, after: State, cell: Cell) -> Seen:  # noqa: ARG001  # it has no gates
    return {}


def _lstm(projected: Tensor, before: State, after: State, cell: Cell) -> Seen:
    write, forget, _, output = (projected + _recurrent(before, cell)).chunk(4, dim=-1)
    gates = {"forget": forget, "input": write, "output": output}
    return {**{name: torch.sigmoid(gate) for name, gate in gates.items()}, CELL: after[1]}


def _gru(projected: Tensor, before: State, after: State, cell: Cell) -> Seen:  # noqa: ARG001  # one form for all
    reset, update, _ = projected.chunk(3, dim=-1)
    more_reset, more_update, _ = _recurrent(before, cell).chunk(3, dim=-1)
    return {"update": torch.sigmoid(update + more_update), "reset": torch.sigmoid(reset + more_reset)}


ANATOMY: dict[type[Cell], Anatomy] = {
    ElmanCell: Anatomy(_elman, None),
    LSTMCell: Anatomy(_lstm, "forget"),
    GRUCell: Anatomy(_gru, "update"),
}
"""Every cell that can be looked into. In the GRU's form here, the update gate is the share that stays."""
