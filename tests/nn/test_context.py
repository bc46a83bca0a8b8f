import torch
from torch.nn.functional import log_softmax

from elman.nn.context import SentenceContext
from elman.nn.neighbours import NeighbourPrediction


def test_each_token_reads_the_mean_over_its_own_sentence():
    torch.manual_seed(1)
    context = SentenceContext(3, 2)
    x, lengths = torch.randn(2, 4, 3), torch.tensor([4, 2])
    read = context(x, lengths)
    assert read.shape == (2, 4, 5)
    for row, length in enumerate(lengths.tolist()):
        summary = sum(torch.tanh(context.weight @ x[row, at] + context.bias) for at in range(length)) / length
        torch.testing.assert_close(read[row, :, 3:], summary.expand(4, 2))
    torch.testing.assert_close(read[:, :, :3], x)


def test_padding_has_no_say_in_the_context():
    torch.manual_seed(1)
    context = SentenceContext(3, 2)
    x, lengths = torch.randn(1, 4, 3), torch.tensor([2])
    other = x.clone()
    other[:, 2:] = 100
    torch.testing.assert_close(context(x, lengths)[:, :2], context(other, lengths)[:, :2])


def test_neighbours_are_predicted_from_the_side_that_has_not_seen_them():
    torch.manual_seed(1)
    predict = NeighbourPrediction(hidden=3, words=5, other=1, size=4)
    states, lengths = torch.randn(2, 4, 6), torch.tensor([4, 2])
    words = torch.tensor([[2, 3, 4, 9], [3, 2, 0, 0]])  # 9 is none of the five, so it stands as 1
    expected = 0.0
    for row, sentence in enumerate(([2, 3, 4, 1], [3, 2])):
        for at in range(len(sentence) - 1):
            expected -= log_softmax(predict.ahead(states[row, at, :3]), 0)[sentence[at + 1]]
            expected -= log_softmax(predict.back(states[row, at + 1, 3:]), 0)[sentence[at]]
    torch.testing.assert_close(predict(states, words, lengths), expected)


def test_states_that_have_read_ahead_predict_the_word_behind():
    torch.manual_seed(1)
    predict = NeighbourPrediction(hidden=3, words=5, other=1, size=4, backward=False, lookahead=2)
    states, lengths = torch.randn(2, 4, 3), torch.tensor([4, 2])
    words = torch.tensor([[2, 3, 4, 2], [3, 2, 0, 0]])
    expected = -log_softmax(predict.ahead(states[0, 0]), 0)[2]
    torch.testing.assert_close(predict(states, words, lengths), expected)
    assert predict(states[:, :2], words[:, :2], torch.tensor([2, 2])) == 0


def test_a_word_alone_has_no_neighbours():
    predict = NeighbourPrediction(hidden=3, words=5, other=1)
    loss = predict(torch.randn(2, 1, 6), torch.tensor([[2], [3]]), torch.tensor([1, 1]))
    assert loss == 0
