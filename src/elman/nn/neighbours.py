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
        backward: whether there are backward states.
        lookahead: how many words beyond its own a forward state has read.
    """

    def __init__(
        self, hidden: int, words: int, other: int, size: int = 64, *, backward: bool = True, lookahead: int = 0
    ) -> None:
        super().__init__()

        def predictor() -> nn.Sequential:
            return nn.Sequential(nn.Linear(hidden, size), nn.Tanh(), nn.Linear(size, words))

        self.ahead = predictor()
        self.back = predictor() if backward else None
        self.step = 1 + lookahead
        self.words = words
        self.other = other

    def forward(self, states: Tensor, words: Tensor, lengths: Tensor) -> Tensor:
        """The sum of the negative log-likelihoods of all words that have a neighbour.

        Args:
            states: batch x time x (directions x hidden), the forward ones first.
            words: batch x time, rows in the word table.
            lengths: tokens of each sequence.
        """
        words = torch.where(words < self.words, words, self.other)
        forward = states if self.back is None else states.chunk(2, dim=2)[0]
        steps = torch.arange(words.shape[1], device=words.device)
        pairs = steps[self.step :] < lengths[:, None]  # batch x (time - step)
        ahead = self.ahead(forward[:, : pairs.shape[1]][pairs])  # pairs x words
        loss = nn.functional.cross_entropy(ahead.float(), words[:, self.step :][pairs], reduction="sum")
        if self.back is None:
            return loss
        back = self.back(states.chunk(2, dim=2)[1][:, 1:][pairs])
        return loss + nn.functional.cross_entropy(back.float(), words[:, :-1][pairs], reduction="sum")
