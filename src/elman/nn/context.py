"""What a whole sentence is about, beside each of its tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SentenceContext(nn.Module):
    """Puts a summary of the sentence beside each token's features: the mean over the sentence of tanh(W x + b).

    Liu, Y. et al. (2019). GCDT: a global context enhanced deep transition architecture for sequence labeling. ACL.
    There a second recurrent network makes the summary; here one layer does, a function of each word type alone.

    Args:
        input_size: features of a token.
        size: numbers in the summary.
    """

    def __init__(self, input_size: int, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(size, input_size)))
        self.bias = nn.Parameter(torch.zeros(size))
        self.output_size = input_size + size

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Batch x time x feature -> batch x time x (feature + size); what lies beyond the lengths does not count."""
        time = x.shape[1]
        inside = torch.arange(time, device=x.device) < lengths[:, None]  # batch x time
        seen = torch.tanh(nn.functional.linear(x, self.weight, self.bias))  # batch x time x size
        summary = (seen * inside[:, :, None]).sum(1) / lengths[:, None].clamp(min=1)  # batch x size
        return torch.cat((x, summary[:, None].expand(-1, time, -1)), dim=2)
