"""Recurrent cells: one step each. ``recurrent.py`` owns time, lengths, direction and layers.

Parameters have torch's layout (gates stacked along the first axis), so that torch's fused kernels can run them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from elman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

State = tuple[Tensor, ...]
"""What a cell carries from one step to the next; each batch x hidden. The first is the output."""


class Cell(nn.Module, ABC):
    """One step of a recurrent network.

    Args:
        input_size: features of one input step.
        hidden_size: units.

    Attributes:
        weight_ih: (gates x hidden) x input.
        weight_hh: (gates x hidden) x hidden.
        bias_ih, bias_hh: gates x hidden.
    """

    gates: ClassVar[int]
    states: ClassVar[int] = 1

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        rows = self.gates * hidden_size
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size))
        self.bias_ih = nn.Parameter(torch.zeros(rows))
        self.bias_hh = nn.Parameter(torch.zeros(rows))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Glorot-uniform input weights gate by gate, orthogonal recurrent weights, zero biases."""
        for gate in range(self.gates):
            rows = slice(gate * self.hidden_size, (gate + 1) * self.hidden_size)
            nn.init.xavier_uniform_(self.weight_ih.data[rows])
            nn.init.orthogonal_(self.weight_hh.data[rows])
        nn.init.zeros_(self.bias_ih)
        nn.init.zeros_(self.bias_hh)

    def initial_state(self, batch: int) -> State:
        """Zeros, batch x hidden, once for each part of the state."""
        zeros = self.weight_hh.new_zeros(batch, self.hidden_size)
        return (zeros,) * self.states

    def project(self, x: Tensor) -> Tensor:
        """The part of a step that depends on its input alone: ... x input -> ... x (gates x hidden)."""
        return nn.functional.linear(x, self.weight_ih, self.bias_ih)

    @abstractmethod
    def step(self, projected: Tensor, state: State, weight_hh: Tensor) -> State:
        """One step from a projected input, batch x (gates x hidden), and the state before it, to the state after it."""

    @abstractmethod
    def fused(self, x: Tensor, state: State, weight_hh: Tensor) -> tuple[Tensor, State]:
        """All steps at once with torch's kernel: batch x time x input -> batch x time x hidden, and the last state."""

    def forward(self, x: Tensor, state: State) -> State:
        """One step: batch x input and the state before it, to the state after it."""
        return self.step(self.project(x), state, self.weight_hh)

    def _parameters_for_kernel(self, weight_hh: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.weight_ih, weight_hh, self.bias_ih, self.bias_hh


class ElmanCell(Cell):
    """The simple recurrent network.

    h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)

    Elman, J. L. (1990). Finding structure in time. Cognitive Science 14(2), 179-211.
    """

    gates = 1

    def step(self, projected: Tensor, state: State, weight_hh: Tensor) -> State:
        """See ``Cell.step``."""
        (hidden,) = state
        return (torch.tanh(projected + nn.functional.linear(hidden, weight_hh, self.bias_hh)),)

    def fused(self, x: Tensor, state: State, weight_hh: Tensor) -> tuple[Tensor, State]:
        """See ``Cell.fused``."""
        parameters = self._parameters_for_kernel(weight_hh)
        output, hidden = torch.rnn_tanh(
            x, state[0].unsqueeze(0), parameters, True, 1, 0.0, self.training, False, batch_first=True
        )
        return output, (hidden.squeeze(0),)


class LSTMCell(Cell):
    """Long short-term memory with a forget gate.

    i, f, g, o = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
    c_t = sigmoid(f) * c_{t-1} + sigmoid(i) * tanh(g)
    h_t = sigmoid(o) * tanh(c_t)

    Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8), 1735-1780;
    forget gate: Gers, F., Schmidhuber, J. & Cummins, F. (2000). Learning to forget. Neural Computation 12(10);
    its bias of 1: Jozefowicz, R., Zaremba, W. & Sutskever, I. (2015). An empirical exploration of recurrent network
    architectures. ICML.
    """

    gates = 4
    states = 2

    def reset_parameters(self) -> None:
        """As every cell, with a bias of 1 on the forget gate."""
        super().reset_parameters()
        nn.init.ones_(self.bias_ih.data[self.hidden_size : 2 * self.hidden_size])

    def step(self, projected: Tensor, state: State, weight_hh: Tensor) -> State:
        """See ``Cell.step``."""
        hidden, cell = state
        i, f, g, o = (projected + nn.functional.linear(hidden, weight_hh, self.bias_hh)).chunk(4, dim=-1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell

    def fused(self, x: Tensor, state: State, weight_hh: Tensor) -> tuple[Tensor, State]:
        """See ``Cell.fused``."""
        before = [part.unsqueeze(0) for part in state]
        parameters = self._parameters_for_kernel(weight_hh)
        output, hidden, cell = torch.lstm(x, before, parameters, True, 1, 0.0, self.training, False, batch_first=True)
        return output, (hidden.squeeze(0), cell.squeeze(0))


class GRUCell(Cell):
    """Gated recurrent unit, in the form whose reset gate acts after the recurrent product.

    r, z = sigmoid(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)   (the rows of r and z)
    n    = tanh(W_in x_t + b_in + r * (W_hn h_{t-1} + b_hn))
    h_t  = (1 - z) * n + z * h_{t-1}

    Cho, K. et al. (2014). Learning phrase representations using RNN encoder-decoder for statistical machine
    translation. EMNLP. The form: version 1 of arXiv:1406.1078, as in cuDNN and torch.
    """

    gates = 3

    def step(self, projected: Tensor, state: State, weight_hh: Tensor) -> State:
        """See ``Cell.step``."""
        (hidden,) = state
        x_r, x_z, x_n = projected.chunk(3, dim=-1)
        h_r, h_z, h_n = nn.functional.linear(hidden, weight_hh, self.bias_hh).chunk(3, dim=-1)
        update = torch.sigmoid(x_z + h_z)
        candidate = torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)
        return ((1 - update) * candidate + update * hidden,)

    def fused(self, x: Tensor, state: State, weight_hh: Tensor) -> tuple[Tensor, State]:
        """See ``Cell.fused``."""
        parameters = self._parameters_for_kernel(weight_hh)
        output, hidden = torch.gru(
            x, state[0].unsqueeze(0), parameters, True, 1, 0.0, self.training, False, batch_first=True
        )
        return output, (hidden.squeeze(0),)


CELLS: dict[str, Callable[[int, int], Cell]] = {"elman": ElmanCell, "lstm": LSTMCell, "gru": GRUCell}
"""Every cell by the name that settings give it."""


def make_cell(name: str, input_size: int, hidden_size: int) -> Cell:
    """The cell of that name.

    Raises:
        UsageError: if there is none of that name.
    """
    if name not in CELLS:
        raise UsageError(f"expected a cell out of {', '.join(CELLS)}; got {name!r}")
    return CELLS[name](input_size, hidden_size)
