"""A second thing to learn beside the tags: to say which word comes next, and which came before."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class NeighbourPrediction(nn.Module):
    """From the forward states the next word, from the backward states the word before; needed in training alone.

    Rei, M. (2017). Semi-supervised multitask learning for sequence labeling. ACL.

    Args:
        hidden: units of each direction.
        words: how many words are told apart: the rows below this one of the word table, the most frequent first.
        other: the row that stands for all further words.
        size: units between the states and the words.
    """

    def __init__(self, hidden: int, words: int, other: int, size: int = 64) -> None:
        super().__init__()
        self.ahead = nn.Sequential(nn.Linear(hidden, size), nn.Tanh(), nn.Linear(size, words))
        self.back = nn.Sequential(nn.Linear(hidden, size), nn.Tanh(), nn.Linear(size, words))
        self.words = words
        self.other = other

    def forward(self, states: Tensor, words: Tensor, lengths: Tensor) -> Tensor:
        """The sum of the negative log-likelihoods of all words that have a neighbour.

        Args:
            states: batch x time x (2 x hidden), the forward ones first.
            words: batch x time, rows in the word table.
            lengths: tokens of each sequence.
        """
        words = torch.where(words < self.words, words, self.other)
        pairs = torch.arange(1, words.shape[1], device=words.device) < lengths[:, None]  # batch x (time - 1)
        forward, backward = states.chunk(2, dim=2)
        ahead, back = self.ahead(forward[:, :-1][pairs]), self.back(backward[:, 1:][pairs])  # pairs x words
        loss = nn.functional.cross_entropy(ahead.float(), words[:, 1:][pairs], reduction="sum")
        return loss + nn.functional.cross_entropy(back.float(), words[:, :-1][pairs], reduction="sum")
