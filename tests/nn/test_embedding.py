"""Embeddings of word types."""

import torch
from torch import nn

from elman.nn.embedding import CharacterConvolution, CharacterLSTM, WordEmbedding


def test_ids_count_through_the_learned_rows_and_then_the_fixed_ones():
    learned, fixed = torch.arange(6.0).view(3, 2), torch.arange(10.0, 14.0).view(2, 2)
    table = WordEmbedding(learned.clone(), fixed)
    ids = torch.tensor([2, 0, 3, 4])
    vectors = table(ids)
    assert torch.equal(vectors, torch.cat((learned, fixed))[ids])
    vectors.sum().backward()
    assert torch.equal(table.learned.grad.to_dense(), torch.tensor([[1.0, 1], [0, 0], [1, 1]]))
    assert not table.fixed.requires_grad


def test_convolution_by_looking_up_equals_a_convolution():
    torch.manual_seed(0)
    looked_up = CharacterConvolution(9, 4, 5, width=3)
    convolution = nn.Conv1d(4, 5, 3, padding=1)
    kernel = looked_up.kernel.detach().view(4, 3, 5)
    convolution.weight.data = kernel.permute(2, 0, 1).contiguous()
    convolution.bias.data = looked_up.bias.detach()
    characters = torch.tensor([[3, 1, 8, 2], [5, 5, 0, 0], [7, 0, 0, 0]])
    table = looked_up.table.detach().clone()
    table[0] = 0
    for row, length in enumerate((4, 2, 1)):
        expected = convolution(table[characters[row : row + 1, :length]].transpose(1, 2)).amax(2).tanh()
        torch.testing.assert_close(looked_up(characters)[row : row + 1], expected)


def test_the_width_of_a_batch_changes_nothing():
    torch.manual_seed(0)
    narrow = torch.tensor([[3, 1], [2, 0], [0, 0]])
    wide = nn.functional.pad(narrow, (0, 5))
    for network in (CharacterConvolution(9, 4, 6), CharacterLSTM(9, 4, 3)):
        torch.testing.assert_close(network(narrow), network(wide))
        assert network(wide).shape == (3, 6)
        assert network(narrow).isfinite().all()


def test_the_lstm_reads_both_ways():
    torch.manual_seed(0)
    network = CharacterLSTM(9, 4, 3)
    vectors = network(torch.tensor([[1, 2, 3], [4, 2, 3], [1, 2, 4]]))
    assert (vectors[0] != vectors[1]).all()
    assert (vectors[0] != vectors[2]).all()
