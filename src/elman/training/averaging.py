"""Averaged weights: what is judged and kept is the running mean of the weights, not their last value."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


class Averaging:
    """An exponential moving average of a network's parameters.

    Polyak, B. & Juditsky, A. (1992). Acceleration of stochastic approximation by averaging. SIAM Journal on Control and
    Optimization 30(4). The exponential form: Tarvainen, A. & Valpola, H. (2017). Mean teachers are better role models.
    NeurIPS. The first steps average over a tenth of what has been, so that the start is soon forgotten.

    Args:
        network: whose parameters are averaged; they are the first values.
        decay: the weight in [0, 1) of what was, for each step; 0 keeps the last weights.
        every: after the first steps, so many lie between two updates, and the decay is raised to that power.
    """

    def __init__(self, network: nn.Module, decay: float, every: int = 8) -> None:
        self.decay = decay
        self.every = every
        self.values = {name: value.detach().clone() for name, value in network.named_parameters()}

    def update(self, network: nn.Module, step: int) -> None:
        """Take the weights after update number ``step`` (from 1) into the mean."""
        decay = min(self.decay, step / (10 + step))
        if step > self.every**2:
            if step % self.every:
                return
            decay **= self.every
        with torch.no_grad():
            torch._foreach_lerp_(list(self.values.values()), [p.detach() for p in network.parameters()], 1 - decay)

    @contextmanager
    def applied(self, network: nn.Module) -> Iterator[None]:
        """Within the block the network's parameters are the means."""
        parameters = dict(network.named_parameters())
        live = {name: parameter.data for name, parameter in parameters.items()}
        try:
            for name, parameter in parameters.items():
                parameter.data = self.values[name]
            yield
        finally:
            for name, parameter in parameters.items():
                parameter.data = live[name]
