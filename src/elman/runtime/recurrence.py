"""One layer of a recurrent network, reading windows of any lengths in one direction.

The equations are those of ``elman.nn.cells``. NumPy has no logistic function; it is taken as ``(1 + tanh(x / 2)) / 2``,
the halves of which are in the weights, so that all gates of an LSTM's step are one ``tanh``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from elman.runtime.blocks import BLOCK, blocks_for, linear
from elman.runtime.lanes import spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Indices = NDArray[np.int64]

_BLOCKS = 3
"""Blocks of lanes that go through time together: as many as a processor's cache has room for."""


class Side(ABC):
    """One layer in one direction, whatever it is made of.

    Attributes:
        hidden: units.
        gates: numbers that a token's features become before the layer runs.
        weight_ih: gates x feature.
        bias: gates.
    """

    hidden: int
    gates: int
    weight_ih: Array
    bias: Array

    def project(self, x: Array) -> Array:
        """What the gates get from inputs, rows x feature: rows x gates."""
        return linear(x, self.weight_ih, self.bias)

    @abstractmethod
    def run(self, rows: Array, places: Indices, lengths: Indices, shared: Array | None = None) -> Array:
        """All steps of all windows.

        Args:
            rows: from ``project``.
            places: for each token, window after window, which of the rows is its input.
            lengths: tokens of each window, at least 1.
            shared: windows x gates: what the gates get at every token of a window, or None.

        Returns:
            Tokens x hidden.
        """


class Recurrence(Side):
    """One layer of cells in one direction.

    Args:
        weights: a cell's, in torch's layout and under its names.
        backward: whether windows are read from their ends.
        halved: whether the logistic gates' weights are halved, as ``run`` wants them.
    """

    order: ClassVar[tuple[int, ...]]
    """Which of torch's gates comes where."""
    logistic: ClassVar[int]
    """How many gates, the first ones, are logistic."""
    inner: ClassVar[int] = 0
    """How many gates, the last ones, keep their recurrent bias with the recurrent product."""
    states: ClassVar[int] = 1
    """Parts of the state."""
    start: ClassVar[tuple[float, ...]] = (0, 0)
    """What each of them is before the first step."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], *, backward: bool, halved: bool = True) -> None:
        self.gates = len(weights["bias_ih"])
        self.hidden = self.gates // len(self.order)
        self.halved = self.logistic * self.hidden
        self.backward = backward
        self._half = np.float32(0.5 if halved else 1.0)
        self.weight_ih, bias_ih = self._arrange(weights["weight_ih"]), self._arrange(weights["bias_ih"])
        if "weight_hh" in weights:
            self.weight_hh, bias_hh = self._arrange(weights["weight_hh"]), self._arrange(weights["bias_hh"])
        else:
            self.weight_hh, bias_hh = np.zeros((0, self.hidden), np.float32), np.zeros_like(bias_ih)
        outer = self.gates - self.inner * self.hidden
        self.inner_bias = bias_hh[outer:, None].copy()  # (inner x hidden) x 1
        bias_hh[outer:] = 0
        self.bias = bias_ih + bias_hh

    @abstractmethod
    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """Put the state after a step into the place of the state before it.

        Args:
            state: each part blocks x hidden x ``BLOCK``; the first is the output.
            gates: ``weight_hh @ state[0]``, blocks x gates x ``BLOCK``; overwritten. Zeros where there is no
                recurrent product.
            inputs: the projected inputs, likewise.
        """

    def run(self, rows: Array, places: Indices, lengths: Indices, shared: Array | None = None) -> Array:
        """See ``Side.run``."""
        # More lanes than that would be idle while the longest window is read.
        busy = blocks_for(-(-int(lengths.sum()) // int(lengths.max())))
        blocks = min(busy, _BLOCKS)
        plan = spread(lengths, lanes := BLOCK * blocks)
        tokens = plan.tokens(backward=self.backward)
        outputs = np.empty((len(places), self.hidden), np.float32)
        inputs = np.empty((lanes, self.gates), np.float32)
        gates = np.empty((blocks, self.gates, BLOCK), np.float32)
        state = [np.full((blocks, self.hidden, BLOCK), self.start[part], np.float32) for part in range(self.states)]
        read = places[tokens]
        held = None if shared is None else np.zeros((lanes, self.gates), np.float32)
        for step, (going, (begun, windows)) in enumerate(zip(plan.going(), plan.begun(), strict=True)):
            if len(begun):
                for part, start in zip(state, self.start, strict=False):
                    part[begun // BLOCK, :, begun % BLOCK] = start
                if held is not None and shared is not None:
                    held[begun] = shared[windows]
            # The indices are right; "clip" only keeps NumPy from taking a detour over a buffer.
            np.take(rows, read[step], axis=0, out=inputs, mode="clip")
            if held is not None:
                inputs += held
            if len(self.weight_hh):
                np.matmul(self.weight_hh, state[0], out=gates)
            else:
                gates[:] = 0
            self.step(state, gates, inputs.reshape(blocks, BLOCK, self.gates).swapaxes(1, 2))
            outputs[tokens[step, :going]] = state[0].swapaxes(1, 2).reshape(lanes, self.hidden)[:going]
        return outputs

    def units(self, weights: NDArray[Any]) -> list[Array]:
        """Weights, one a unit, for each logistic gate that has them: hidden x 1, halved as the gates are."""
        return [
            part[:, None].astype(np.float32) * self._half for part in np.split(weights, len(weights) // self.hidden)
        ]

    def _arrange(self, parameter: NDArray[Any]) -> Array:
        """A parameter with its gates in our order."""
        blocks = np.split(parameter.astype(np.float32), len(self.order))
        halves = [self._half if at < self.logistic else np.float32(1) for at in range(len(self.order))]
        return np.concatenate([blocks[gate] * half for gate, half in zip(self.order, halves, strict=True)])


class ElmanRecurrence(Recurrence):
    """See ``elman.nn.cells.ElmanCell``."""

    order = (0,)
    logistic = 0

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        gates += inputs
        np.tanh(gates, out=state[0])


class LSTMRecurrence(Recurrence):
    """See ``elman.nn.cells.LSTMCell``; the gates are i, f, o, g."""

    order = (0, 1, 3, 2)
    logistic = 3
    states = 2

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        hidden, cell = state
        gates += inputs
        np.tanh(gates, out=gates)
        finish_logistic(gates[:, : self.halved])
        i, f, o, g = (gates[:, at : at + self.hidden] for at in range(0, self.gates, self.hidden))
        cell *= f
        i *= g
        cell += i
        np.tanh(cell, out=hidden)
        hidden *= o


class GRURecurrence(Recurrence):
    """See ``elman.nn.cells.GRUCell``; the gates are r, z, n."""

    order = (0, 1, 2)
    logistic = 2
    inner = 1

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        (hidden,) = state
        logistic, candidate = gates[:, : self.halved], gates[:, self.halved :]
        logistic += inputs[:, : self.halved]
        np.tanh(logistic, out=logistic)
        finish_logistic(logistic)
        reset, update = logistic[:, : self.hidden], logistic[:, self.hidden :]
        candidate += self.inner_bias
        candidate *= reset
        candidate += inputs[:, self.halved :]
        np.tanh(candidate, out=candidate)
        hidden -= candidate
        hidden *= update
        hidden += candidate


class SigmoidElmanRecurrence(Recurrence):
    """See ``elman.nn.cells.ElmanCell``."""

    order = (0,)
    logistic = 1

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        gates += inputs
        np.tanh(gates, out=state[0])
        finish_logistic(state[0])


class ReLUElmanRecurrence(Recurrence):
    """See ``elman.nn.cells.ElmanCell``."""

    order = (0,)
    logistic = 0

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        gates += inputs
        np.maximum(gates, 0, out=state[0])


def finish_logistic(gates: Array) -> None:
    """From ``tanh(x / 2)`` to the logistic function of x, in place."""
    gates *= 0.5
    gates += 0.5
