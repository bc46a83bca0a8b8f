"""A recurrent network run step by step, with every state kept, so that one can differentiate with respect to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from elman.nn.cells import Cell, State
    from elman.nn.recurrent import Recurrent

DIRECTIONS = ("forward", "backward")
"""The directions of a layer by their number."""


@dataclass(frozen=True)
class Lane:
    """One layer and direction, as it ran. Steps are counted in the order of reading: backwards, from the last token.

    Attributes:
        layer: from 1, the lowest.
        direction: ``forward`` or ``backward``.
        cell: what made the steps.
        projected: batch x time x (gates x hidden), the part of each step that its input makes.
        states: the state before the first step, then after each; time + 1 of them.
    """

    layer: int
    direction: str
    cell: Cell
    projected: Tensor
    states: Sequence[State]

    @property
    def name(self) -> str:
        """For people."""
        return f"layer {self.layer}, {self.direction}"

    def steps(self, tokens: Tensor, lengths: Tensor, lookahead: int = 0) -> Tensor:
        """The steps that read these tokens, or whose states speak for them: from 1, so that they index ``states``.

        Args:
            tokens: of each sequence, from 0.
            lengths: of the sequences.
            lookahead: of the runner.
        """
        return tokens + 1 + lookahead if self.direction == DIRECTIONS[0] else lengths - tokens

    def hidden(self) -> Tensor:
        """Batch x time x hidden, after each step."""
        return torch.stack([state[0] for state in self.states[1:]], dim=1)


@dataclass(frozen=True)
class Unrolled:
    """A runner's run.

    Attributes:
        outputs: batch x time x (directions x hidden), as the runner gives them.
        lanes: from the lowest layer up, in each the forward one first.
        lengths: tokens of each sequence.
        lookahead: the runner's.
    """

    outputs: Tensor
    lanes: tuple[Lane, ...]
    lengths: Tensor
    lookahead: int


def unrolled(encode: Recurrent, x: Tensor, lengths: Tensor | None = None) -> Unrolled:
    """Run a runner without its kernels and without dropout.

    Args:
        encode: the runner.
        x: batch x time x feature.
        lengths: tokens of each sequence; None if all have as many as there are.
    """
    batch, tokens, _ = x.shape
    lengths = torch.full((batch,), tokens, device=x.device) if lengths is None else lengths
    inside = torch.arange(tokens, device=x.device) < lengths[:, None]  # batch x time
    x = nn.functional.pad(x.masked_fill(~inside[:, :, None], 0.0), (0, 0, 0, encode.lookahead))
    steps = torch.arange(x.shape[1], device=x.device)
    backwards = (lengths[:, None] - 1 - steps).expand(batch, -1)
    backwards = torch.where(backwards >= 0, backwards, steps)
    inside = steps < (lengths + encode.lookahead)[:, None]
    lanes = []
    for number, layer in enumerate(encode.layers, 1):
        outputs = []
        for direction, cell in enumerate(cast("Iterable[Cell]", layer)):
            projected = cell.project(_ordered(x, backwards) if direction else x)
            states = [cell.initial_state(batch)]
            for time in range(x.shape[1]):
                states.append(cell.step(projected[:, time], states[-1], cell.weight_hh))
            lane = Lane(number, DIRECTIONS[direction], cell, projected, states)
            outputs.append(_ordered(lane.hidden(), backwards) if direction else lane.hidden())
            lanes.append(lane)
        x = torch.cat(outputs, dim=-1).masked_fill(~inside[:, :, None], 0.0)
    return Unrolled(x[:, encode.lookahead :], tuple(lanes), lengths, encode.lookahead)


def encoder_inputs(network: nn.Module, encode: Recurrent, *inputs: Any) -> tuple[Tensor, Tensor]:
    """What a network's runner is given when the network's ``states`` are computed: x and the lengths."""
    seen: list[tuple[Any, ...]] = []
    hook = encode.register_forward_pre_hook(lambda _, given: seen.append(given))
    try:
        network.states(*inputs)  # type: ignore[operator]  # torch types a module's attributes as modules
    finally:
        hook.remove()
    x, lengths = seen[-1]
    return x, lengths


def _ordered(x: Tensor, order: Tensor) -> Tensor:
    return x.gather(1, order[:, :, None].expand_as(x))
