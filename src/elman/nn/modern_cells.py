"""Cells that came after LSTM and GRU: SRU, minGRU, minLSTM, sLSTM."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from elman.nn.cell import Cell
from elman.nn.scan import linear_scan

if TYPE_CHECKING:
    from elman.nn.cell import State


class SRUCell(Cell):
    """Simple recurrent unit: all matrix products are of the input, the state enters unit by unit.

    a, f, r, s = W_ih x_t + b_ih
    f_t = sigmoid(f + p_f * c_{t-1})
    r_t = sigmoid(r + p_r * c_{t-1})
    c_t = f_t * c_{t-1} + (1 - f_t) * a
    h_t = r_t * c_t + (1 - r_t) * s

    s stands in the place of the input itself, as the paper has it where the input has another size than the state.

    Lei, T., Zhang, Y., Wang, S. I., Dai, H. & Artzi, Y. (2018). Simple recurrent units for highly parallelizable
    recurrence. EMNLP.
    """

    gates = 4
    states = 2
    recurrent = False
    peepholes = 2

    def step(self, projected: Tensor, state: State, weight_hh: Tensor | None) -> State:  # noqa: ARG002  # it has none
        """See ``Cell.step``."""
        assert self.weight_ch is not None
        cell = state[1]
        a, f, r, s = projected.chunk(4, dim=-1)
        forget, read = torch.sigmoid(torch.cat((f, r), dim=-1) + self.weight_ch * cell.repeat(1, 2)).chunk(2, dim=-1)
        cell = torch.lerp(a, cell, forget)
        return torch.lerp(s, cell, read), cell


class LinearCell(Cell):
    """A cell whose steps are h_t = keep_t * h_{t-1} + add_t, where both depend on the input alone: a scan runs it."""

    recurrent = False

    @abstractmethod
    def coefficients(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        """What is kept, in [0, 1], and what is added: each ... x hidden, from ... x (gates x hidden)."""

    def step(self, projected: Tensor, state: State, weight_hh: Tensor | None) -> State:  # noqa: ARG002  # it has none
        """See ``Cell.step``."""
        keep, add = self.coefficients(projected)
        return (keep * state[0] + add,)

    def fused(
        self,
        x: Tensor,
        state: State,
        weight_hh: Tensor | None,  # noqa: ARG002  # it has none
    ) -> tuple[Tensor, State]:
        """See ``Cell.fused``."""
        output = linear_scan(*self.coefficients(self.project(x)), state[0])
        return output, (output[:, -1],)


class minGRUCell(LinearCell):  # noqa: N801  # as the paper writes it
    """Minimal gated recurrent unit: neither the gate nor the candidate reads the state.

    z, n = W_ih x_t + b_ih
    h_t  = (1 - sigmoid(z)) * h_{t-1} + sigmoid(z) * g(n)
    g(n) = n + 0.5 if n >= 0, else sigmoid(n)

    Feng, L., Tung, F., Ahmed, M. O., Bengio, Y. & Hajimirsadeghi, H. (2024). Were RNNs all we needed?
    arXiv:2410.01201; g is that of its form in log space, which this equals without logarithms.
    """

    gates = 2

    def coefficients(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        """See ``LinearCell.coefficients``."""
        z, n = projected.chunk(2, dim=-1)
        return torch.sigmoid(-z), torch.sigmoid(z) * _positive(n)


class minLSTMCell(LinearCell):  # noqa: N801  # as the paper writes it
    """Minimal LSTM: gates of the input alone, which add up to 1; no output gate.

    f, i, n = W_ih x_t + b_ih
    f_t = sigmoid(f) / (sigmoid(f) + sigmoid(i))
    i_t = sigmoid(i) / (sigmoid(f) + sigmoid(i))
    h_t = f_t * h_{t-1} + i_t * g(n), with g as in ``minGRUCell``

    Feng, L., Tung, F., Ahmed, M. O., Bengio, Y. & Hajimirsadeghi, H. (2024). Were RNNs all we needed?
    arXiv:2410.01201.
    """

    gates = 3
    forget = 0

    def coefficients(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        """See ``LinearCell.coefficients``."""
        f, i, n = projected.chunk(3, dim=-1)
        # A quotient of two that may both round to 0; of its logarithm nothing is lost.
        odds = nn.functional.logsigmoid(f) - nn.functional.logsigmoid(i)
        return torch.sigmoid(odds), torch.sigmoid(-odds) * _positive(n)


class sLSTMCell(Cell):  # noqa: N801  # as the paper writes it
    """The scalar LSTM of xLSTM: an exponential input gate, a normaliser, and a stabiliser that keeps both in range.

    i, f, z, o = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
    m_t = max(log sigmoid(f) + m_{t-1}, i)
    i_t = exp(i - m_t),  f_t = exp(log sigmoid(f) + m_{t-1} - m_t)
    c_t = f_t * c_{t-1} + i_t * tanh(z)
    n_t = f_t * n_{t-1} + i_t
    h_t = sigmoid(o) * c_t / n_t

    At the start m is -infinity, so that the first step has i_t = 1 and f_t = 0; m changes no output, only what can
    overflow. Of the paper's two forget gates this is the sigmoid, and there is one head.

    Beck, M. et al. (2024). xLSTM: extended long short-term memory. NeurIPS.
    """

    gates = 4
    states = 4
    forget = 1

    def initial_state(self, batch: int) -> State:
        """h, c, n: zeros, m: -infinity; each batch x hidden."""
        zeros = self.weight_ih.new_zeros(batch, self.hidden_size)
        return zeros, zeros, zeros, torch.full_like(zeros, -torch.inf)

    def step(self, projected: Tensor, state: State, weight_hh: Tensor | None) -> State:
        """See ``Cell.step``."""
        hidden, cell, norm, most = state
        i, f, z, o = (projected + self.feed_back(hidden, weight_hh)).chunk(4, dim=-1)
        kept = nn.functional.logsigmoid(f) + most
        most = torch.maximum(kept, i)
        forget, take = torch.exp(kept - most), torch.exp(i - most)
        cell = forget * cell + take * torch.tanh(z)
        norm = forget * norm + take
        return torch.sigmoid(o) * cell / norm, cell, norm, most


def _positive(n: Tensor) -> Tensor:
    """What ``minGRUCell`` calls g: positive and continuous."""
    return torch.relu(n) + torch.sigmoid(n.clamp(max=0))
