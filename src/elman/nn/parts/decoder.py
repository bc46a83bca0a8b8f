"""The part of ``elman.model.parts.decoder`` as a module."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from elman.nn.noise import keep_mask
from elman.nn.parts.basic import RecurrentEncoder

if TYPE_CHECKING:
    from elman.model import parts
    from elman.nn.recurrent import Carry


class Memory(NamedTuple):
    """What an encoder remembers.

    Attributes:
        values: batch x time x feature.
        keys: batch x time x hidden, what states are compared with.
        outside: batch x 1 x time, true beyond the lengths.
    """

    values: Tensor
    keys: Tensor
    outside: Tensor


class State(NamedTuple):
    """Where a search is.

    Attributes:
        carry: of each layer its state, each part (batch x width) x hidden.
        memory: what is attended to, or None.
        width: beams of each example.
    """

    carry: Carry
    memory: Memory | None
    width: int

    def take(self, examples: Tensor, beams: Tensor) -> State:
        """Of these examples, the beams that go on, examples x width."""
        rows = (examples[:, None] * self.width + beams).reshape(-1)
        memory = None if self.memory is None else Memory(*(part[examples] for part in self.memory))
        return State(tuple(tuple(part[rows] for part in layer) for layer in self.carry), memory, beams.shape[1])


class Decoder(nn.Module):
    """See ``elman.model.parts.Decoder``."""

    def __init__(self, part: parts.Decoder) -> None:
        super().__init__()
        hidden = part.recurrent.output
        self.part = part
        self.recur = RecurrentEncoder(part.recurrent)
        self.table = nn.Parameter(torch.empty(part.outputs, part.size).uniform_(-1, 1).mul_((3 / part.size) ** 0.5))
        self.combine = nn.Parameter(nn.init.xavier_uniform_(torch.empty(part.size, part.memory + hidden)))
        self.bias = nn.Parameter(torch.zeros(part.outputs))
        if part.attention == "general":
            self.compare = nn.Parameter(nn.init.xavier_uniform_(torch.empty(hidden, part.memory)))
        if not part.tied:
            self.output = nn.Parameter(nn.init.xavier_uniform_(torch.empty(part.outputs, part.size)))

    def forward(
        self, ids: Tensor, first: Tensor, memory: Tensor | None = None, lengths: Tensor | None = None
    ) -> Tensor:
        """Batch x time ids -> batch x time x outputs."""
        return self.scores(self.states(ids, first, memory, lengths))

    def states(self, ids: Tensor, first: Tensor, memory: Tensor | None = None, lengths: Tensor | None = None) -> Tensor:
        """Batch x time ids -> what is scored, batch x time x size."""
        x = nn.functional.embedding(ids, self.table)
        states, _ = self.recur.run(x, torch.full((len(x),), x.shape[1]), self._carry(first))
        mixed, _ = self._attend(states, self._remember(memory, lengths))
        if self.training and self.part.dropout:
            mixed = mixed * keep_mask(mixed, tuple(mixed.shape), self.part.dropout)
        return mixed

    def scores(self, states: Tensor) -> Tensor:
        """Any shape x size -> the same x outputs."""
        return nn.functional.linear(states, self.table if self.part.tied else self.output, self.bias)

    def begin(self, first: Tensor, memory: Tensor | None = None, lengths: Tensor | None = None) -> State:
        """The state before the first step, of one beam each."""
        return State(self._carry(first), self._remember(memory, lengths), 1)

    def step(self, state: State, ids: Tensor) -> tuple[Tensor, State, Tensor | None]:
        """One step: batch x width ids -> scores, batch x width x outputs; the state after; weights or None."""
        batch, width = ids.shape
        x = nn.functional.embedding(ids.reshape(-1, 1), self.table)  # (batch x width) x 1 x size
        states, carry = self.recur.run(x, torch.ones(len(x), dtype=torch.long), state.carry)
        mixed, weights = self._attend(states.reshape(batch, width, -1), state.memory)
        return self.scores(mixed), State(carry, state.memory, width), weights

    def _carry(self, first: Tensor) -> Carry:
        """The first state of each layer."""
        given = torch.tanh(first).reshape(len(first), self.part.encoder["layers"], self.part.carried, -1)
        carry = self.recur.initial_carry(len(first))
        return tuple(
            (*given[:, at].unbind(1), *layer[self.part.carried :])  # of each part batch x hidden
            for at, layer in enumerate(carry)
        )

    def _remember(self, memory: Tensor | None, lengths: Tensor | None) -> Memory | None:
        if memory is None or lengths is None or self.part.attention == "none":
            return None
        keys = memory if self.part.attention == "dot" else nn.functional.linear(memory, self.compare)
        outside = torch.arange(memory.shape[1], device=memory.device) >= lengths[:, None]
        return Memory(memory, keys, outside[:, None])

    def _attend(self, states: Tensor, memory: Memory | None) -> tuple[Tensor, Tensor | None]:
        """Batch x time x hidden -> what is scored, and the weights of the attention."""
        if memory is None:
            return torch.tanh(nn.functional.linear(states, self.combine)), None
        scores = states @ memory.keys.transpose(1, 2)  # batch x time x time of the memory
        weights = scores.masked_fill(memory.outside, -1e9).softmax(2)
        both = torch.cat((weights @ memory.values, states), dim=2)
        return torch.tanh(nn.functional.linear(both, self.combine)), weights
