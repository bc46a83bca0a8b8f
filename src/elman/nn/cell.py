"""What a recurrent cell is: one step. ``recurrent.py`` owns time, lengths, direction and layers.

Parameters have torch's layout (gates stacked along the first axis), so that torch's fused kernels can run them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from elman.errors import UsageError

State = tuple[Tensor, ...]
"""What a cell carries from one step to the next; each batch x hidden. The first is the output."""


class Cell(nn.Module, ABC):
    """One step of a recurrent network.

    Args:
        input_size: features of one input step.
        hidden_size: units.

    Attributes:
        weight_ih: (gates x hidden) x input.
        weight_hh: (gates x hidden) x hidden; None in a cell whose steps have no recurrent product.
        weight_ch: (peepholes x hidden), the weights, one a unit, from the cell state to gates; None without them.
        bias_ih, bias_hh: gates x hidden; the second is None where ``weight_hh`` is.
    """

    gates: int
    states: ClassVar[int] = 1
    recurrent: ClassVar[bool] = True
    peepholes: int = 0
    forget: int | None = None
    """Which gate, if one, says how much of the state is kept."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        rows = self.gates * hidden_size
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size)) if self.recurrent else None
        self.weight_ch = nn.Parameter(torch.empty(self.peepholes * hidden_size)) if self.peepholes else None
        self.bias_ih = nn.Parameter(torch.zeros(rows))
        self.bias_hh = nn.Parameter(torch.zeros(rows)) if self.recurrent else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Glorot-uniform input weights gate by gate, orthogonal recurrent weights, zero biases and peepholes.

        A forget gate has a bias of 1.
        """
        for gate in range(self.gates):
            rows = slice(gate * self.hidden_size, (gate + 1) * self.hidden_size)
            nn.init.xavier_uniform_(self.weight_ih.data[rows])
            if self.weight_hh is not None:
                nn.init.orthogonal_(self.weight_hh.data[rows])
        for zero in (self.bias_ih, self.bias_hh, self.weight_ch):
            if zero is not None:
                nn.init.zeros_(zero)
        if self.forget is not None:
            self.set_forget_bias(1.0)

    def set_forget_bias(self, bias: float) -> None:
        """Let the forget gate begin with this bias.

        Raises:
            UsageError: if the cell has no forget gate.
        """
        if self.forget is None:
            raise UsageError(f"a {type(self).__name__} has no forget gate whose bias could be set")
        start = self.forget * self.hidden_size
        nn.init.constant_(self.bias_ih.data[start : start + self.hidden_size], bias)

    def initial_state(self, batch: int) -> State:
        """Zeros, batch x hidden, once for each part of the state."""
        zeros = self.weight_ih.new_zeros(batch, self.hidden_size)
        return (zeros,) * self.states

    def project(self, x: Tensor) -> Tensor:
        """The part of a step that depends on its input alone: ... x input -> ... x (gates x hidden)."""
        return nn.functional.linear(x, self.weight_ih, self.bias_ih)

    @abstractmethod
    def step(self, projected: Tensor, state: State, weight_hh: Tensor | None) -> State:
        """One step from a projected input, batch x (gates x hidden), and the state before it, to the state after it.

        Args:
            projected: from ``project``.
            state: before the step.
            weight_hh: the recurrent weights to use; None where the cell has none.
        """

    def fused(self, x: Tensor, state: State, weight_hh: Tensor | None) -> tuple[Tensor, State]:
        """All steps at once, in the quickest way that there is: with torch's kernel, by a scan, or step by step.

        Args:
            x: batch x time x input.
            state: before the first step.
            weight_hh: as for ``step``.

        Returns:
            Outputs, batch x time x hidden, and the state after the last step.
        """
        outputs = []
        for projected in self.project(x).unbind(1):
            state = self.step(projected, state, weight_hh)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1), state

    def forward(self, x: Tensor, state: State) -> State:
        """One step: batch x input and the state before it, to the state after it."""
        return self.step(self.project(x), state, self.weight_hh)

    def feed_back(self, hidden: Tensor, weight_hh: Tensor | None) -> Tensor:
        """The part of a step that depends on the state: W_hh h + b_hh, batch x (gates x hidden)."""
        assert weight_hh is not None, f"a {type(self).__name__} wants its recurrent weights"
        return nn.functional.linear(hidden, weight_hh, self.bias_hh)

    def _parameters_for_kernel(self, weight_hh: Tensor | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        assert weight_hh is not None
        assert self.bias_hh is not None
        return self.weight_ih, weight_hh, self.bias_ih, self.bias_hh
