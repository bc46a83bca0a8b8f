"""The parts of ``elman.model.parts.basic`` in NumPy.

What a sequence gets does not depend on those that are computed with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from elman.features.batches import mask
from elman.model.precision import FIXED, LEARNED
from elman.runtime.blocks import BLOCK, blocks_for, linear
from elman.runtime.embedding import CHARACTERS
from elman.runtime.layers import encoder_layer
from elman.runtime.recurrence import Recurrence
from elman.runtime.words import WordTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from elman.model import parts

    Array = NDArray[np.float32]
    Ids = NDArray[np.integer[Any]]
    Tensors = Mapping[str, NDArray[Any]]
    State = tuple[Array, ...]
    Carry = tuple[State, ...]


class Embedding:
    """See ``elman.model.parts.Embedding``."""

    def __init__(self, _: parts.Embedding, tensors: Tensors) -> None:
        self.table: Array = tensors["table"]

    def __call__(self, ids: Ids) -> Array:
        """Any shape of ids -> the same shape x size."""
        return self.table[ids]


class Words:
    """See ``elman.model.parts.Words``."""

    def __init__(self, part: parts.Words, tensors: Tensors) -> None:
        held = {LEARNED: tensors["learned"]}
        self._size = part.size
        self._table = WordTable(held | {FIXED: tensors["fixed"]} if part.fixed else held)

    def __call__(self, ids: Ids) -> Array:
        """Any shape of ids -> the same shape x size."""
        return self._table.rows(ids.reshape(-1)).reshape(*ids.shape, self._size)


class Characters:
    """See ``elman.model.parts.Characters``."""

    def __init__(self, part: parts.Characters, tensors: Tensors) -> None:
        own = {name.removeprefix("read."): array for name, array in tensors.items()}
        self._read = CHARACTERS[part.network](own)

    def __call__(self, vectors: Array, ids: NDArray[np.int32]) -> Array:
        """Types x inputs, types x characters -> types x (inputs + output)."""
        return np.concatenate((vectors, self._read(ids)), axis=1)


class Scale:
    """See ``elman.model.parts.Scale``."""

    def __init__(self, _: parts.Scale, tensors: Tensors) -> None:
        self._mean, self._deviation = tensors["mean"], tensors["deviation"]

    def __call__(self, x: Array) -> Array:
        """Any shape x size -> the same."""
        return np.asarray((x - self._mean) / self._deviation, np.float32)


class Encoder:
    """See ``elman.model.parts.Encoder``."""

    def __init__(self, part: parts.Encoder, tensors: Tensors) -> None:
        named = {f"encode.{name}": array for name, array in tensors.items()}
        self.layers = [encoder_layer(part.encoder, named, layer) for layer in range(part.encoder["layers"])]

    def __call__(self, x: Array, lengths: Ids) -> Array:
        """Batch x time x inputs -> batch x time x output."""
        inside = np.zeros(x.shape[:2], np.bool_)
        inside[:, : int(lengths.max(initial=0))] = mask(lengths)
        flat, some = x[inside], lengths[lengths > 0].astype(np.int64)
        places = np.arange(len(flat))
        for sides in self.layers:
            if len(flat):
                flat = np.concatenate([side.run(side.project(flat), places, some) for side in sides], axis=1)
        width = sum(side.hidden for side in self.layers[-1])
        states = np.zeros((*x.shape[:2], width), np.float32)
        if len(flat):
            states[inside] = flat
        return states

    @property
    def starts(self) -> tuple[tuple[float, ...], ...]:
        """Of each layer of cells that reads forward, what the parts of its state are before the first step."""
        return tuple(side.start[: side.states] for (side,) in self.layers if isinstance(side, Recurrence))

    def run(self, x: Array, lengths: Ids, carry: Carry | None = None) -> tuple[Array, Carry]:
        """The same, from a state and to a state."""
        after = []
        going = np.arange(x.shape[1])[:, None] < lengths  # time x batch
        for at, (side,) in enumerate(self.layers):
            assert isinstance(side, Recurrence)
            x, state = _run(side, x, going, None if carry is None else carry[at])
            after.append(state)
        return x * going.T[:, :, None], tuple(after)


def _run(side: Recurrence, x: Array, going: NDArray[np.bool_], state: State | None) -> tuple[Array, State]:
    """All steps of one layer, from a state."""
    batch, time, size = x.shape
    blocks = blocks_for(batch)
    inputs = np.zeros((time, blocks * BLOCK, side.gates), np.float32)
    inputs[:, :batch] = side.project(x.reshape(-1, size)).reshape(batch, time, -1).swapaxes(0, 1)
    held = [np.full((blocks, side.hidden, BLOCK), start, np.float32) for start in side.start[: side.states]]
    if state is not None:
        for part, given in zip(held, state, strict=True):
            part[:] = _blocked(given, blocks)
    outputs = np.zeros((time, batch, side.hidden), np.float32)
    gates = np.empty((blocks, side.gates, BLOCK), np.float32)
    for step in range(time):
        before = None if going[step].all() else [part.copy() for part in held]
        if len(side.weight_hh):
            np.matmul(side.weight_hh, held[0], out=gates)
        else:
            gates[:] = 0
        side.step(held, gates, inputs[step].reshape(blocks, BLOCK, side.gates).swapaxes(1, 2))
        outputs[step] = _rows(held[0], batch)
        if before is not None:
            idle = np.flatnonzero(~going[step])
            for part, was in zip(held, before, strict=True):
                part[idle // BLOCK, :, idle % BLOCK] = was[idle // BLOCK, :, idle % BLOCK]
    return outputs.swapaxes(0, 1), tuple(_rows(part, batch) for part in held)


def _blocked(rows: Array, blocks: int) -> Array:
    """Rows x hidden as blocks x hidden x ``BLOCK``, the rest zeros."""
    padded = np.zeros((blocks * BLOCK, rows.shape[1]), np.float32)
    padded[: len(rows)] = rows
    return padded.reshape(blocks, BLOCK, -1).swapaxes(1, 2)


def _rows(blocked: Array, rows: int) -> Array:
    """The inverse of ``_blocked``; the caller's own."""
    return blocked.swapaxes(1, 2).reshape(-1, blocked.shape[1])[:rows].copy()


class Pool:
    """See ``elman.model.parts.Pool``."""

    def __init__(self, part: parts.Pool, tensors: Tensors) -> None:
        self._how, self._ahead, self._tensors = part.how, part.forward, tensors

    def __call__(self, states: Array, lengths: Ids) -> Array:
        """Batch x time x size -> batch x size; zeros of a sequence without steps."""
        if not states.shape[1]:
            return np.zeros((len(states), states.shape[2]), np.float32)
        if self._how == "last":
            last = states[np.arange(len(states)), np.maximum(lengths - 1, 0)]
            return np.concatenate((last[:, : self._ahead], states[:, 0, self._ahead :]), axis=1)
        inside = np.arange(states.shape[1]) < lengths[:, None]  # batch x time
        if self._how == "max":
            most: Array = np.where(inside[:, :, None], states, -np.inf).max(axis=1)
            return np.where(lengths[:, None] > 0, most, 0).astype(np.float32)
        if self._how == "mean":
            total: Array = (states * inside[:, :, None]).sum(axis=1) / np.maximum(lengths, 1)[:, None]
            return total.astype(np.float32)
        mixed: Array = (self.weights(states, lengths)[:, :, None] * states).sum(axis=1)
        return mixed

    def weights(self, states: Array, lengths: Ids) -> Array:
        """How much each step counts, with attention: batch x time."""
        inside: NDArray[np.bool_] = np.arange(states.shape[1]) < lengths[:, None]  # batch x time
        if not inside.size:
            return inside.astype(np.float32)
        weight, bias, query = (self._tensors[name] for name in ("weight", "bias", "query"))
        scores = _linear(np.tanh(_linear(states, weight, bias)), query[None], np.zeros(1, np.float32))[:, :, 0]
        scores = np.where(inside, scores, np.float32(-1e9))
        powers = np.exp(scores - scores.max(axis=1, keepdims=True)) * inside
        # Added one after the other: how ``sum`` groups them depends on the longest of the batch.
        total = powers.cumsum(axis=1)[:, -1:]
        weights: Array = powers / np.maximum(total, np.float32(1e-30))
        return weights


class Linear:
    """See ``elman.model.parts.Linear``."""

    def __init__(self, _: parts.Linear, tensors: Tensors) -> None:
        self.weight, self.bias = tensors["weight"], tensors["bias"]

    def __call__(self, x: Array) -> Array:
        """Any shape x inputs -> the same shape x outputs."""
        return _linear(x, self.weight, self.bias)


class Dense:
    """See ``elman.model.parts.Dense``."""

    def __init__(self, part: parts.Dense, tensors: Tensors) -> None:
        self._layers = [(tensors[f"layers.{at}.weight"], tensors[f"layers.{at}.bias"]) for at in range(len(part.sizes))]

    def __call__(self, x: Array) -> Array:
        """Batch x inputs -> batch x the last size."""
        for weight, bias in self._layers:
            x = np.maximum(_linear(x, weight, bias), 0)
        return x


def _linear(x: Array, weight: Array, bias: Array) -> Array:
    shape: Sequence[int] = x.shape
    return linear(x.reshape(-1, shape[-1]), weight, bias).reshape(*shape[:-1], len(weight))


PARTS: dict[str, Any] = {
    "characters": Characters,
    "dense": Dense,
    "embedding": Embedding,
    "encoder": Encoder,
    "linear": Linear,
    "pool": Pool,
    "scale": Scale,
    "words": Words,
}
"""What computes a part, by its kind."""
