"""What there is to see in each kind of cell: its gates, and the state behind the one that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from elman.nn.cells import ElmanCell, GRUCell, LSTMCell
from elman.nn.modern_cells import LinearCell, SRUCell, minGRUCell, minLSTMCell, sLSTMCell

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from elman.nn.cell import Cell, State

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


def _elman(projected: Tensor, before: State, after: State, cell: Cell) -> Seen:  # noqa: ARG001  # it has no gates
    return {}


def _lstm(projected: Tensor, before: State, after: State, cell: Cell) -> Seen:
    """Coupled, the input gate is what the forget gate leaves; peepholes let gates see the cell state."""
    assert isinstance(cell, LSTMCell)
    *write, forget, _, output = (projected + cell.feed_back(before[0], cell.weight_hh)).chunk(cell.gates, dim=-1)
    if cell.weight_ch is not None:
        *seen_by_write, seen_by_forget, seen_by_output = cell.weight_ch.chunk(cell.peepholes)
        forget = forget + seen_by_forget * before[1]
        output = output + seen_by_output * after[1]
        write = [gate + weights * before[1] for gate, weights in zip(write, seen_by_write, strict=True)]
    stays = torch.sigmoid(forget)
    taken = torch.sigmoid(write[0]) if write else 1 - stays
    return {"forget": stays, "input": taken, "output": torch.sigmoid(output), CELL: after[1]}


def _gru(projected: Tensor, before: State, after: State, cell: Cell) -> Seen:  # noqa: ARG001  # one form for all
    reset, update, _ = projected.chunk(3, dim=-1)
    more_reset, more_update, _ = cell.feed_back(before[0], cell.weight_hh).chunk(3, dim=-1)
    return {"update": torch.sigmoid(update + more_update), "reset": torch.sigmoid(reset + more_reset)}


def _sru(projected: Tensor, before: State, after: State, cell: Cell) -> Seen:
    assert cell.weight_ch is not None
    _, forget, read, _ = projected.chunk(4, dim=-1)
    seen_by_forget, seen_by_read = cell.weight_ch.chunk(2)
    return {
        "forget": torch.sigmoid(forget + seen_by_forget * before[1]),
        "output": torch.sigmoid(read + seen_by_read * before[1]),
        CELL: after[1],
    }


def _linear(projected: Tensor, before: State, after: State, cell: Cell) -> Seen:  # noqa: ARG001  # one form for all
    """Of the minimal cells what they keep, and what they take in, which is the rest."""
    assert isinstance(cell, LinearCell)
    stays, _ = cell.coefficients(projected)
    return {"forget": stays, "input": 1 - stays}


def _slstm(projected: Tensor, before: State, after: State, cell: Cell) -> Seen:
    """The output is of c / n, so what stays of a fact is f_t n_{t-1} / n_t; the rest of c_t / n_t is new."""
    _, forget, _, output = (projected + cell.feed_back(before[0], cell.weight_hh)).chunk(4, dim=-1)
    _, _, norm_before, most_before = before
    _, inner, norm, most = after
    stays = torch.exp(torch.nn.functional.logsigmoid(forget) + most_before - most) * norm_before / norm
    return {"forget": stays, "input": 1 - stays, "output": torch.sigmoid(output), CELL: inner / norm}


ANATOMY: dict[type[Cell], Anatomy] = {
    ElmanCell: Anatomy(_elman, None),
    LSTMCell: Anatomy(_lstm, "forget"),
    GRUCell: Anatomy(_gru, "update"),
    SRUCell: Anatomy(_sru, "forget"),
    minGRUCell: Anatomy(_linear, "forget"),
    minLSTMCell: Anatomy(_linear, "forget"),
    sLSTMCell: Anatomy(_slstm, "forget"),
}
"""Every cell that can be looked into. In the GRU's form here, the update gate is the share that stays; of cells whose
gates add up to 1, or are put in proportion, the shares are shown."""
