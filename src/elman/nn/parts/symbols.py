"""The part of ``elman.model.parts.symbols`` as a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from elman.model import parts


class Symbols(nn.Module):
    """See ``elman.model.parts.Symbols``."""

    def __init__(self, part: parts.Symbols) -> None:
        super().__init__()
        # Inputs of deviation 1, and scores of about the size of the states that they are made of.
        self.scale = float(part.size**0.5)
        self.table = nn.Parameter(torch.empty(part.rows, part.size).uniform_(-1, 1).mul_((3 / part.size) ** 0.5))
        self.bias = nn.Parameter(torch.zeros(part.rows))

    def forward(self, ids: Tensor) -> Tensor:
        """Any shape of ids -> the same shape x size."""
        return nn.functional.embedding(ids, self.table) * self.scale

    def scores(self, x: Tensor) -> Tensor:
        """Any shape x size -> the same shape x rows."""
        return nn.functional.linear(x, self.table, self.bias)
