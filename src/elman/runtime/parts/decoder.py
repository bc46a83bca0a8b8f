"""The part of ``elman.model.parts.decoder`` in NumPy.

What a sequence gets does not depend on those that are computed with it; so the products of the attention are all of one
size, too, ``BLOCK`` steps of the memory by ``BLOCK`` queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.runtime.blocks import BLOCK, blocks_for, linear
from elman.runtime.parts.basic import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elman.model import parts
    from elman.runtime.parts.basic import Array, Carry, Ids, Tensors


class Memory(NamedTuple):
    """What an encoder remembers, in blocks of steps.

    Attributes:
        values: batch x blocks x ``BLOCK`` x feature.
        keys: batch x blocks x ``BLOCK`` x hidden, what states are compared with.
        inside: batch x blocks x ``BLOCK`` x 1, true before the lengths.
        time: steps of the longest.
    """

    values: Array
    keys: Array
    inside: NDArray[np.bool_]
    time: int

    def take(self, examples: Ids) -> Memory:
        """That of some examples."""
        return Memory(self.values[examples], self.keys[examples], self.inside[examples], self.time)


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

    def take(self, examples: Ids, beams: Ids) -> State:
        """Of these examples, the beams that go on, examples x width."""
        rows = (examples[:, None] * self.width + beams).reshape(-1)
        carry = tuple(tuple(part[rows] for part in layer) for layer in self.carry)
        memory = self.memory
        if memory is not None and len(examples) < len(memory.values):
            memory = memory.take(examples)
        return State(carry, memory, beams.shape[1])


class Decoder:
    """See ``elman.model.parts.Decoder``."""

    def __init__(self, part: parts.Decoder, tensors: Tensors) -> None:
        self._part = part
        own = {name.removeprefix("recur."): array for name, array in tensors.items() if name.startswith("recur.")}
        self._recur = Encoder(part.recurrent, own)
        self._table: Array = tensors["table"]
        self._output: Array = tensors["table" if part.tied else "output"]
        self._combine, self._bias, self._compare = tensors["combine"], tensors["bias"], tensors.get("compare")

    def __call__(self, ids: Ids, first: Array, memory: Array | None = None, lengths: Ids | None = None) -> Array:
        """Batch x time ids -> batch x time x outputs."""
        return self.scores(self.states(ids, first, memory, lengths))

    def states(self, ids: Ids, first: Array, memory: Array | None = None, lengths: Ids | None = None) -> Array:
        """Batch x time ids -> what is scored, batch x time x size."""
        states, _ = self._recur.run(self._table[ids], np.full(len(ids), ids.shape[1]), self._carry(first))
        return self._attend(states, self._remember(memory, lengths))[0]

    def scores(self, states: Array) -> Array:
        """Any shape x size -> the same x outputs."""
        return _linear(states, self._output, self._bias)

    def begin(self, first: Array, memory: Array | None = None, lengths: Ids | None = None) -> State:
        """The state before the first step, of one beam each."""
        return State(self._carry(first), self._remember(memory, lengths), 1)

    def step(self, state: State, ids: Ids) -> tuple[Array, State, Array | None]:
        """One step: batch x width ids -> scores, batch x width x outputs; the state after; weights or None."""
        batch, width = ids.shape
        x = self._table[ids.reshape(-1, 1)]  # (batch x width) x 1 x size
        states, carry = self._recur.run(x, np.ones(len(x), np.int64), state.carry)
        mixed, weights = self._attend(states.reshape(batch, width, -1), state.memory)
        return self.scores(mixed), State(carry, state.memory, width), weights

    def _carry(self, first: Array) -> Carry:
        """The first state of each layer; what is not given begins as the cell has it."""
        layers, carried = self._part.encoder["layers"], self._part.carried
        given = np.tanh(first).reshape(len(first), layers, carried, -1)
        starts = self._recur.starts
        return tuple(
            (
                *(given[:, layer, part] for part in range(carried)),
                *(np.full_like(given[:, layer, 0], start) for start in starts[layer][carried:]),
            )
            for layer in range(layers)
        )

    def _remember(self, memory: Array | None, lengths: Ids | None) -> Memory | None:
        if memory is None or lengths is None or self._part.attention == "none":
            return None
        batch, time, size = memory.shape
        blocks = max(1, blocks_for(time))
        values = np.zeros((batch, blocks * BLOCK, size), np.float32)
        values[:, :time] = memory
        keys = values
        if self._compare is not None:
            keys = _linear(values, self._compare, np.zeros(len(self._compare), np.float32))
        inside = np.arange(blocks * BLOCK) < lengths[:, None]
        return Memory(
            values.reshape(batch, blocks, BLOCK, -1),
            keys.reshape(batch, blocks, BLOCK, -1),
            inside.reshape(batch, blocks, BLOCK, 1),
            time,
        )

    def _attend(self, states: Array, memory: Memory | None) -> tuple[Array, Array | None]:
        """Batch x time x hidden -> what is scored, and the weights of the attention."""
        zeros = np.zeros(self._part.size, np.float32)
        if memory is None:
            return np.tanh(_linear(states, self._combine, zeros)), None
        batch, time, hidden = states.shape
        groups = blocks_for(time)
        queries = np.zeros((batch, groups * BLOCK, hidden), np.float32)
        queries[:, :time] = states
        asked = queries.reshape(batch, groups, 1, BLOCK, hidden).swapaxes(3, 4)
        scores = memory.keys[:, None] @ asked  # batch x groups x blocks x BLOCK of the memory x BLOCK queries
        scores = np.where(memory.inside[:, None], scores, np.float32(-1e9))
        powers = np.exp(scores - scores.max(axis=(2, 3), keepdims=True)) * memory.inside[:, None]
        # Zeros at the end change neither sum: each is taken step after step, then block after block.
        total = powers.sum(axis=3, keepdims=True).sum(axis=2, keepdims=True)
        weights = powers / np.maximum(total, np.float32(1e-30))
        mixed = (weights.swapaxes(3, 4) @ memory.values[:, None]).sum(axis=2)  # batch x groups x BLOCK x feature
        context = mixed.reshape(batch, groups * BLOCK, -1)[:, :time]
        combined = np.tanh(_linear(np.concatenate((context, states), axis=2), self._combine, zeros))
        steps = weights.transpose(0, 1, 4, 2, 3).reshape(batch, groups * BLOCK, -1)
        return combined, steps[:, :time, : memory.time]


def _linear(x: Array, weight: Array, bias: Array) -> Array:
    return linear(x.reshape(-1, x.shape[-1]), weight, bias).reshape(*x.shape[:-1], len(weight))
