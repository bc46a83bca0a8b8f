"""The classic cells, Elman, LSTM and GRU, and every cell by its name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from elman.errors import UsageError
from elman.nn.cell import Cell, State
from elman.nn.modern_cells import SRUCell, minGRUCell, minLSTMCell, sLSTMCell

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CELLS", "Cell", "ElmanCell", "GRUCell", "LSTMCell", "State", "make_cell"]


class ElmanCell(Cell):
    """The simple recurrent network.

    h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), with f one of tanh, the logistic sigmoid, and max(0, a)

    Elman, J. L. (1990). Finding structure in time. Cognitive Science 14(2), 179-211, where f is the sigmoid. With
    ReLU the recurrent matrix may begin as the identity: Le, Q. V., Jaitly, N. & Hinton, G. E. (2015). A simple way to
    initialize recurrent networks of rectified linear units. arXiv:1504.00941.

    Args:
        input_size: features of one input step.
        hidden_size: units.
        activation: f, by its name in torch: ``tanh``, ``sigmoid`` or ``relu``.
    """

    gates = 1
    _kernels: ClassVar = {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}

    def __init__(self, input_size: int, hidden_size: int, activation: str = "tanh") -> None:
        super().__init__(input_size, hidden_size)
        self.activation = activation
        self._activate: Callable[[Tensor], Tensor] = getattr(torch, activation)

    def start_from_identity(self) -> None:
        """Let the recurrent matrix begin as the identity: without inputs, a state stays as it is."""
        assert self.weight_hh is not None
        nn.init.eye_(self.weight_hh)

    def joined(self) -> Tensor:
        """Both matrices as the one of the lectures, [W_hh; W_hx]: hidden x (hidden + input)."""
        assert self.weight_hh is not None
        return torch.cat((self.weight_hh, self.weight_ih), dim=1)

    def step_joined(self, x: Tensor, state: State) -> State:
        """One step through the joined matrix, f([W_hh; W_hx] [h; x] + b): what ``forward`` computes through two."""
        assert self.bias_hh is not None
        both = torch.cat((state[0], x), dim=1)  # batch x (hidden + input)
        return (self._activate(nn.functional.linear(both, self.joined(), self.bias_ih + self.bias_hh)),)

    def step(self, projected: Tensor, state: State, weight_hh: Tensor | None) -> State:
        """See ``Cell.step``."""
        return (self._activate(projected + self.feed_back(state[0], weight_hh)),)

    def fused(self, x: Tensor, state: State, weight_hh: Tensor | None) -> tuple[Tensor, State]:
        """See ``Cell.fused``."""
        if self.activation not in self._kernels:
            return super().fused(x, state, weight_hh)
        parameters = self._parameters_for_kernel(weight_hh)
        kernel = self._kernels[self.activation]
        output, hidden = kernel(
            x, state[0].unsqueeze(0), parameters, True, 1, 0.0, self.training, False, batch_first=True
        )
        return output, (hidden.squeeze(0),)


class LSTMCell(Cell):
    """Long short-term memory with a forget gate.

    i, f, g, o = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
    c_t = sigmoid(f) * c_{t-1} + sigmoid(i) * tanh(g)
    h_t = sigmoid(o) * tanh(c_t)

    With peepholes the gates see the cell state: p_i * c_{t-1} is added to i, p_f * c_{t-1} to f, p_o * c_t to o.
    Coupled, there is no input gate: 1 - sigmoid(f) stands in the place of sigmoid(i), and the rows are f, g, o.

    Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8), 1735-1780;
    forget gate: Gers, F., Schmidhuber, J. & Cummins, F. (2000). Learning to forget. Neural Computation 12(10);
    its bias of 1: Jozefowicz, R., Zaremba, W. & Sutskever, I. (2015). An empirical exploration of recurrent network
    architectures. ICML; peepholes: Gers, F. & Schmidhuber, J. (2000). Recurrent nets that time and count. IJCNN;
    coupled: Greff, K. et al. (2017). LSTM: a search space odyssey. IEEE Transactions on Neural Networks and Learning
    Systems 28(10).

    Args:
        input_size: features of one input step.
        hidden_size: units.
        peepholes: whether the gates see the cell state; ``weight_ch`` is p_i, p_f, p_o, or coupled p_f, p_o.
        coupled: whether what is forgotten makes the room for what is taken in.
    """

    states = 2

    def __init__(self, input_size: int, hidden_size: int, *, peepholes: bool = False, coupled: bool = False) -> None:
        self.gates, self.forget = (3, 0) if coupled else (4, 1)
        self.peepholes = (self.gates - 1) * peepholes
        self.coupled = coupled
        super().__init__(input_size, hidden_size)

    def step(self, projected: Tensor, state: State, weight_hh: Tensor | None) -> State:
        """See ``Cell.step``."""
        hidden, cell = state
        i, f, g, o = self._gates(projected + self.feed_back(hidden, weight_hh))
        if self.weight_ch is not None:
            *p_i, p_f, p_o = self.weight_ch.chunk(self.peepholes)
            f = f + p_f * cell
            i = i if i is None else i + p_i[0] * cell
        kept = torch.sigmoid(f)
        cell = kept * cell + (1 - kept if i is None else torch.sigmoid(i)) * torch.tanh(g)
        if self.weight_ch is not None:
            o = o + p_o * cell
        return torch.sigmoid(o) * torch.tanh(cell), cell

    def fused(self, x: Tensor, state: State, weight_hh: Tensor | None) -> tuple[Tensor, State]:
        """See ``Cell.fused``."""
        if self.coupled or self.peepholes:
            return super().fused(x, state, weight_hh)
        before = [part.unsqueeze(0) for part in state]
        parameters = self._parameters_for_kernel(weight_hh)
        output, hidden, cell = torch.lstm(x, before, parameters, True, 1, 0.0, self.training, False, batch_first=True)
        return output, (hidden.squeeze(0), cell.squeeze(0))

    def _gates(self, gates: Tensor) -> tuple[Tensor | None, Tensor, Tensor, Tensor]:
        """i, f, g, o, each batch x hidden; coupled there is no i."""
        *i, f, g, o = gates.chunk(self.gates, dim=-1)
        return (i[0] if i else None), f, g, o


class GRUCell(Cell):
    """Gated recurrent unit, in the form whose reset gate acts after the recurrent product.

    r, z = sigmoid(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)   (the rows of r and z)
    n    = tanh(W_in x_t + b_in + r * (W_hn h_{t-1} + b_hn))
    h_t  = (1 - z) * n + z * h_{t-1}

    Cho, K. et al. (2014). Learning phrase representations using RNN encoder-decoder for statistical machine
    translation. EMNLP. The form: version 1 of arXiv:1406.1078, as in cuDNN and torch.
    """

    gates = 3

    def step(self, projected: Tensor, state: State, weight_hh: Tensor | None) -> State:
        """See ``Cell.step``."""
        (hidden,) = state
        x_r, x_z, x_n = projected.chunk(3, dim=-1)
        h_r, h_z, h_n = self.feed_back(hidden, weight_hh).chunk(3, dim=-1)
        update = torch.sigmoid(x_z + h_z)
        candidate = torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)
        return ((1 - update) * candidate + update * hidden,)

    def fused(self, x: Tensor, state: State, weight_hh: Tensor | None) -> tuple[Tensor, State]:
        """See ``Cell.fused``."""
        parameters = self._parameters_for_kernel(weight_hh)
        output, hidden = torch.gru(
            x, state[0].unsqueeze(0), parameters, True, 1, 0.0, self.training, False, batch_first=True
        )
        return output, (hidden.squeeze(0),)


CELLS: dict[str, Callable[[int, int], Cell]] = {
    "elman": ElmanCell,
    "elman-sigmoid": partial(ElmanCell, activation="sigmoid"),
    "elman-relu": partial(ElmanCell, activation="relu"),
    "lstm": LSTMCell,
    "lstm-peepholes": partial(LSTMCell, peepholes=True),
    "lstm-coupled": partial(LSTMCell, coupled=True),
    "lstm-coupled-peepholes": partial(LSTMCell, coupled=True, peepholes=True),
    "gru": GRUCell,
    "sru": SRUCell,
    "mingru": minGRUCell,
    "minlstm": minLSTMCell,
    "slstm": sLSTMCell,
}
"""Every cell by its variant; see ``elman.model.layers.variant``."""


def make_cell(
    name: str, input_size: int, hidden_size: int, *, start: str = "orthogonal", forget_bias: float | None = None
) -> Cell:
    """The cell of that name.

    Args:
        name: out of ``CELLS``.
        input_size: features of one input step.
        hidden_size: units.
        start: of an Elman cell's recurrent matrix: ``orthogonal`` or ``identity``.
        forget_bias: of a cell with a forget gate; None for its own.

    Raises:
        UsageError: if there is none of that name, or it has not what is to be set.
    """
    if name not in CELLS:
        raise UsageError(f"expected a cell out of {', '.join(CELLS)}; got {name!r}")
    cell = CELLS[name](input_size, hidden_size)
    if start == "identity":
        if not isinstance(cell, ElmanCell):
            raise UsageError(f"only an Elman cell starts from the identity; got {name!r}")
        cell.start_from_identity()
    elif start != "orthogonal":
        raise UsageError(f"expected a start out of orthogonal, identity; got {start!r}")
    if forget_bias is not None:
        cell.set_forget_bias(forget_bias)
    return cell
