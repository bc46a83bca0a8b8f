"""Layers of the LSTM's variants and of the cells that came after it; see ``elman.nn.cells`` and ``modern_cells`` there.

Their steps are those of ``elman.runtime.recurrence``, with gates in another order where logistic ones have to be first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from elman.runtime.recurrence import (
    ElmanRecurrence,
    GRURecurrence,
    LSTMRecurrence,
    Recurrence,
    ReLUElmanRecurrence,
    SigmoidElmanRecurrence,
    finish_logistic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]


class PeepholeLSTMRecurrence(Recurrence):
    """An LSTM with peepholes; the gates are i, f, o, g."""

    order: ClassVar[tuple[int, ...]] = (0, 1, 3, 2)
    logistic = 3
    states = 2
    coupled: ClassVar[bool] = False

    def __init__(self, weights: Mapping[str, NDArray[Any]], *, backward: bool, halved: bool = True) -> None:
        super().__init__(weights, backward=backward, halved=halved)
        self._peepholes = self.units(weights["weight_ch"]) if "weight_ch" in weights else []

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        hidden, cell = state
        gates += inputs
        *front, o, g = (gates[:, at : at + self.hidden] for at in range(0, self.gates, self.hidden))
        for gate, weight in zip(front, self._peepholes, strict=False):
            gate += weight * cell
        early = gates[:, : self.halved - self.hidden]
        np.tanh(early, out=early)
        finish_logistic(early)
        np.tanh(g, out=g)
        f = front[-1]
        g *= 1 - f if self.coupled else front[0]
        cell *= f
        cell += g
        if self._peepholes:
            o += self._peepholes[-1] * cell
        np.tanh(o, out=o)
        finish_logistic(o)
        np.tanh(cell, out=hidden)
        hidden *= o


class CoupledLSTMRecurrence(PeepholeLSTMRecurrence):
    """An LSTM with coupled gates, with peepholes or without; the gates are f, o, g."""

    order = (0, 2, 1)
    logistic = 2
    coupled = True


class SRURecurrence(Recurrence):
    """The gates are f, r, a, s."""

    order = (1, 2, 0, 3)
    logistic = 2
    states = 2

    def __init__(self, weights: Mapping[str, NDArray[Any]], *, backward: bool, halved: bool = True) -> None:
        super().__init__(weights, backward=backward, halved=halved)
        self._forget, self._read = self.units(weights["weight_ch"])

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        hidden, cell = state
        gates += inputs
        f, r, a, s = (gates[:, at : at + self.hidden] for at in range(0, self.gates, self.hidden))
        f += self._forget * cell
        r += self._read * cell
        logistic = gates[:, : self.halved]
        np.tanh(logistic, out=logistic)
        finish_logistic(logistic)
        cell -= a
        cell *= f
        cell += a
        np.subtract(cell, s, out=hidden)
        hidden *= r
        hidden += s


class MinGRURecurrence(Recurrence):
    """The gates are z, n."""

    order = (0, 1)
    logistic = 1

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        (hidden,) = state
        gates += inputs
        z, n = gates[:, : self.hidden], _positive(gates[:, self.hidden :])
        np.tanh(z, out=z)
        finish_logistic(z)
        n -= hidden
        n *= z
        hidden += n


class MinLSTMRecurrence(Recurrence):
    """The gates are f, i, n."""

    order = (0, 1, 2)
    logistic = 0

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        (hidden,) = state
        gates += inputs
        f, i, n = (gates[:, at : at + self.hidden] for at in range(0, self.gates, self.hidden))
        keep = _log_logistic(f) - _log_logistic(i)
        keep *= 0.5
        np.tanh(keep, out=keep)
        finish_logistic(keep)
        added = _positive(n)
        hidden -= added
        hidden *= keep
        hidden += added


class SLSTMRecurrence(Recurrence):
    """The gates are o, z, i, f; the state is h, c, n, m."""

    order = (3, 2, 0, 1)
    logistic = 1
    states = 4
    start = (0, 0, 0, -np.inf)

    def step(self, state: Sequence[Array], gates: Array, inputs: Array) -> None:
        """See ``Recurrence.step``."""
        hidden, cell, norm, most = state
        gates += inputs
        o, z, i, f = (gates[:, at : at + self.hidden] for at in range(0, self.gates, self.hidden))
        both = gates[:, : 2 * self.hidden]
        np.tanh(both, out=both)
        finish_logistic(o)
        kept = _log_logistic(f)
        kept += most
        np.maximum(kept, i, out=most)
        kept -= most
        i -= most
        np.exp(kept, out=kept)
        np.exp(i, out=i)
        z *= i
        cell *= kept
        cell += z
        norm *= kept
        norm += i
        np.divide(cell, norm, out=hidden)
        hidden *= o


RECURRENCES: dict[str, type[Recurrence]] = {
    "elman": ElmanRecurrence,
    "elman-sigmoid": SigmoidElmanRecurrence,
    "elman-relu": ReLUElmanRecurrence,
    "lstm": LSTMRecurrence,
    "lstm-peepholes": PeepholeLSTMRecurrence,
    "lstm-coupled": CoupledLSTMRecurrence,
    "lstm-coupled-peepholes": CoupledLSTMRecurrence,
    "gru": GRURecurrence,
    "sru": SRURecurrence,
    "mingru": MinGRURecurrence,
    "minlstm": MinLSTMRecurrence,
    "slstm": SLSTMRecurrence,
}
"""Every layer by its cell's variant; see ``elman.model.layers.variant``."""


def _log_logistic(x: Array) -> Array:
    """The logarithm of the logistic function, where that itself would round to 0, too."""
    below: Array = np.minimum(x, 0)
    below -= np.log1p(np.exp(-np.abs(x)))
    return below


def _positive(n: Array) -> Array:
    """What ``elman.nn.modern_cells.minGRUCell`` calls g."""
    result: Array = np.minimum(n, 0)
    result *= 0.5
    np.tanh(result, out=result)
    finish_logistic(result)
    result += np.maximum(n, 0)
    return result
