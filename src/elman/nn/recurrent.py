"""The runner: time, lengths, direction, layers, dropout and carried state, for any cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from elman.errors import UsageError
from elman.nn.cells import make_cell
from elman.nn.noise import check_share, keep_mask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elman.nn.cell import Cell, State

Carry = tuple["State", ...]
"""The state of each layer, from the lowest up."""


class VariationalDropout(nn.Module):
    """Drops features, the same ones at every step of a sequence; the rest is scaled by 1 / (1 - p).

    Gal, Y. & Ghahramani, Z. (2016). A theoretically grounded application of dropout in recurrent neural networks.
    NeurIPS.

    Args:
        p: the probability in [0, 1) that a feature is dropped.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = check_share(p, "dropout")

    def forward(self, x: Tensor) -> Tensor:
        """Batch x time x feature to the same shape."""
        if not self.training or self.p == 0:
            return x
        return x * keep_mask(x, (x.shape[0], 1, x.shape[2]), self.p)


class Recurrent(nn.Module):
    """Runs cells over batch x time x feature.

    Cells run all their steps at once where they can (torch's kernels, scans); step by step it goes only where a cell
    has no other way, or a state is carried out of sequences of unequal lengths.

    Args:
        layers: for each layer its cell, or its forward and its backward cell.
        dropout: variational dropout on the output of every layer but the last.
        recurrent_dropout: the share of recurrent weights that is dropped, anew for each batch (DropConnect;
            Merity, S., Keskar, N. & Socher, R. (2018). Regularizing and optimizing LSTM language models. ICLR).
            Cells without recurrent weights have nothing to drop.
        lookahead: of a runner with one direction: the output at a step is the top layer's state so many steps later.
            Behind its last step, a sequence goes on for as many steps with zeros as inputs.

    Raises:
        UsageError: if a runner with two directions is to look ahead.
    """

    def __init__(
        self,
        layers: list[list[Cell]],
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        lookahead: int = 0,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.ModuleList(cells) for cells in layers)
        self.dropout = VariationalDropout(dropout)
        self.recurrent_dropout = check_share(recurrent_dropout, "recurrent dropout")
        self.directions = len(layers[0])
        self.lookahead = lookahead
        if lookahead and self.directions > 1:
            raise UsageError("only a runner with one direction looks ahead; one with two has read all that follows")
        self.output_size = sum(cell.hidden_size for cell in layers[-1])

    def initial_carry(self, batch: int) -> Carry:
        """The state before the first step, for a forward-only runner whose state is to be carried on."""
        return tuple(cells[0].initial_state(batch) for cells in self._cells())

    def forward(
        self, x: Tensor, lengths: Tensor | None = None, carry: Carry | None = None
    ) -> tuple[Tensor, Carry | None]:
        """Run all steps.

        Args:
            x: batch x time x feature.
            lengths: steps of each sequence; None if all have as many as there are. What lies beyond is neither
                read nor written: the outputs there are zero.
            carry: the state to begin from, such as ``initial_carry`` or what an earlier call returned.

        Returns:
            Outputs, batch x time x (directions x hidden), and the state after each sequence's last step if a carry
            was given, else None.

        Raises:
            UsageError: if a carry is given and the runner reads backwards, or looks ahead, too.
        """
        if carry is not None and self.directions > 1:
            raise UsageError("a state can only be carried forward; build the runner with one direction")
        if carry is not None and self.lookahead:
            raise UsageError("a state that has read beyond a sequence cannot be carried; build the runner without")
        if self.lookahead:
            x, lengths = _lengthened(x, lengths, self.lookahead)
        batch, time, _ = x.shape
        whole = lengths is None or bool((lengths == time).all())
        inside = (
            None if whole or lengths is None else torch.arange(time, device=x.device) < lengths[:, None]
        )  # batch x time
        backwards = _reversal(batch, time, None if whole else lengths, x.device) if self.directions > 1 else None
        carried: list[State] = []
        for index, cells in enumerate(self._cells()):
            if index:
                x = self.dropout(x)
            outputs = []
            for direction, cell in enumerate(cells):
                weight_hh = self._dropped(cell.weight_hh)
                state = cell.initial_state(batch) if carry is None else carry[index]
                if carry is not None and not whole and lengths is not None:
                    output, state = unroll(cell, x, state, lengths, weight_hh)
                elif direction:
                    assert backwards is not None
                    output, state = cell.fused(_reorder(x, backwards), state, weight_hh)
                    output = _reorder(output, backwards)
                else:
                    output, state = cell.fused(x, state, weight_hh)
                outputs.append(output)
                carried.append(state)
            x = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=-1)
            if inside is not None:
                x = x.masked_fill(~inside[:, :, None], 0.0)
        return x[:, self.lookahead :], tuple(carried) if carry is not None else None

    def _cells(self) -> list[list[Cell]]:
        return [list(cast("Iterable[Cell]", cells)) for cells in self.layers]  # ModuleList forgets what it holds

    def _dropped(self, weight: Tensor | None) -> Tensor | None:
        if weight is None or not self.training or self.recurrent_dropout == 0:
            return weight
        return weight * keep_mask(weight, tuple(weight.shape), self.recurrent_dropout)


def make_recurrent(
    cell: str,
    input_size: int,
    hidden_size: int,
    layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    lookahead: int = 0,
    start: str = "orthogonal",
    forget_bias: float | None = None,
) -> Recurrent:
    """A runner over fresh cells of one kind; see ``make_layers`` and ``Recurrent``."""
    cells = make_layers(cell, input_size, hidden_size, layers, bidirectional, start, forget_bias)
    return Recurrent(cells, dropout, recurrent_dropout, lookahead)


def make_layers(
    cell: str,
    input_size: int,
    hidden_size: int,
    layers: int = 1,
    bidirectional: bool = True,
    start: str = "orthogonal",
    forget_bias: float | None = None,
) -> list[list[Cell]]:
    """Fresh cells of one kind, ``hidden_size`` units for each layer and direction.

    For ``start`` and ``forget_bias`` see ``make_cell``.
    """
    directions = 2 if bidirectional else 1
    sizes = [input_size] + [hidden_size * directions] * (layers - 1)
    return [
        [make_cell(cell, size, hidden_size, start=start, forget_bias=forget_bias) for _ in range(directions)]
        for size in sizes
    ]


def unroll(cell: Cell, x: Tensor, state: State, lengths: Tensor, weight_hh: Tensor | None) -> tuple[Tensor, State]:
    """The equations step by step: the reference for the kernels, and the way where those would carry padding on.

    Args:
        cell: the cell.
        x: batch x time x input.
        state: before the first step.
        lengths: steps of each sequence.
        weight_hh: the recurrent weights to use; None where the cell has none.

    Returns:
        Outputs, batch x time x hidden, and each sequence's state after its own last step.
    """
    projected = cell.project(x)  # batch x time x (gates x hidden)
    outputs = []
    for time in range(x.shape[1]):
        after = cell.step(projected[:, time], state, weight_hh)
        going = (time < lengths)[:, None]
        state = tuple(torch.where(going, new, old) for new, old in zip(after, state, strict=True))
        outputs.append(after[0])
    return torch.stack(outputs, dim=1), state


def _lengthened(x: Tensor, lengths: Tensor | None, steps: int) -> tuple[Tensor, Tensor | None]:
    """Sequences that go on for so many steps of zeros, whatever was behind their ends."""
    x = nn.functional.pad(x, (0, 0, 0, steps))
    if lengths is None:
        return x, None
    inside = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # batch x time
    return x.masked_fill(~inside[:, :, None], 0.0), lengths + steps


def _reversal(batch: int, time: int, lengths: Tensor | None, device: torch.device) -> Tensor | None:
    """For each position the one that a reversed sequence reads there: batch x time; None for a plain flip."""
    if lengths is None:
        return torch.arange(time - 1, -1, -1, device=device).expand(batch, time)
    steps = torch.arange(time, device=device)
    flipped = lengths[:, None] - 1 - steps
    return torch.where(flipped >= 0, flipped, steps)


def _reorder(x: Tensor, order: Tensor) -> Tensor:
    return x.gather(1, order[:, :, None].expand_as(x))
