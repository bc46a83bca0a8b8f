"""Embeddings of word types: word, characters, shape.

Everything here is a function of the word type alone, so a batch embeds each of its types once.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from elman.model.layers import CONVOLUTION_WIDTH
from elman.nn.recurrent import make_recurrent


class WordEmbedding(nn.Module):
    """Vectors of words: a table that learns, and, behind its last row, one that stays as it is.

    Args:
        learned: rows x size, the first values of the rows that learn.
        fixed: rows x size, pretrained vectors of words that training does not see.
    """

    fixed: Tensor

    def __init__(self, learned: Tensor, fixed: Tensor | None = None) -> None:
        super().__init__()
        self.learned = nn.Parameter(learned)
        self.register_buffer("fixed", learned.new_empty(0, learned.shape[1]) if fixed is None else fixed)
        self.output_size = learned.shape[1]

    def forward(self, ids: Tensor) -> Tensor:
        """Types -> types x size. An id counts through the learned rows, then through the fixed ones."""
        rows = len(self.learned)
        vectors = nn.functional.embedding(ids.clamp(max=rows - 1), self.learned, sparse=True)
        if not len(self.fixed):
            return vectors
        beyond = ids >= rows
        return torch.where(beyond[:, None], self.fixed[(ids - rows).clamp(min=0)], vectors)


class CharacterConvolution(nn.Module):
    """A convolution over a word's characters, and the maximum over its positions.

    Ma, X. & Hovy, E. (2016). End-to-end sequence labeling via bi-directional LSTM-CNNs-CRF. ACL. The convolution is
    linear in the character's vector, so each character's share of each place in the window is looked up, not computed.

    Args:
        characters: rows of the character table; row 0 is padding.
        size: features of a character.
        filters: features of a word.
        width: characters in a window, odd.
    """

    def __init__(self, characters: int, size: int, filters: int, width: int = CONVOLUTION_WIDTH) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.empty(characters, size).uniform_(-1, 1).mul_((3 / size) ** 0.5))
        self.kernel = nn.Parameter(torch.empty(size, width * filters))  # size x (width x filters)
        nn.init.uniform_(self.kernel, -1, 1).data.mul_((3 / (size * width)) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(filters))
        self.width = width
        self.output_size = filters

    def forward(self, characters: Tensor) -> Tensor:
        """Types x characters (0 beyond the end) -> types x filters."""
        types, length = characters.shape
        shares = (self.table @ self.kernel).view(len(self.table), self.width, -1)  # characters x width x filters
        shares = torch.cat((torch.zeros_like(shares[:1]), shares[1:]))  # padding contributes nothing
        reach = self.width // 2
        padded = nn.functional.pad(characters, (reach, reach))
        total = self.bias.expand(types, length, -1)
        for place in range(self.width):
            total = total + nn.functional.embedding(padded[:, place : place + length], shares[:, place])
        inside = (characters > 0)[:, :, None]
        inside[:, 0] = True  # a word without characters still has a maximum
        return torch.tanh(total.masked_fill(~inside, -torch.inf).amax(dim=1))


class CharacterLSTM(nn.Module):
    """Last states of a forward and a backward LSTM over a word's characters.

    Lample, G. et al. (2016). Neural architectures for named entity recognition. NAACL.

    Args:
        characters: rows of the character table; row 0 is padding.
        size: features of a character.
        hidden_size: units for each direction.
    """

    def __init__(self, characters: int, size: int, hidden_size: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.empty(characters, size).uniform_(-1, 1).mul_((3 / size) ** 0.5))
        self.encode = make_recurrent("lstm", size, hidden_size)
        self.hidden_size = hidden_size
        self.output_size = 2 * hidden_size

    def forward(self, characters: Tensor) -> Tensor:
        """Types x characters (0 beyond the end) -> types x (2 x hidden)."""
        lengths = (characters > 0).sum(1).clamp(min=1)
        outputs, _ = self.encode(nn.functional.embedding(characters, self.table), lengths)
        forward_last = outputs[torch.arange(len(lengths)), lengths - 1, : self.hidden_size]
        return torch.cat((forward_last, outputs[:, 0, self.hidden_size :]), dim=1)


def character_network(name: str, characters: int, size: int, output: int) -> CharacterConvolution | CharacterLSTM:
    """A fresh network that reads a word's characters; see ``elman.model.layers.tensors_of_characters``."""
    if name == "lstm":
        return CharacterLSTM(characters, size, output // 2)
    return CharacterConvolution(characters, size, output)
