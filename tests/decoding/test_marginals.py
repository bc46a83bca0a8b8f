import numpy as np
import pytest
from chain_oracle import cases
from hypothesis import assume, given

from elman.decoding.marginals import forward_backward


def _paths(case, at):
    """All tag sequences of a sentence, their probabilities, and the log-partition, by brute force."""
    tags, scores = case.paths(at)
    log_partition = np.logaddexp.reduce(scores)
    return tags, np.exp(scores - log_partition), log_partition


@given(cases())
def test_log_partition_and_marginals_equal_brute_force(case):
    if not case.solvable:
        with pytest.raises(ValueError, match="no tag sequence is allowed"):
            forward_backward(*case.arguments)
        return
    lattice = forward_backward(*case.arguments)
    marginals = lattice.marginals()
    assert marginals.shape == case.emissions.shape
    for at, length in enumerate(case.lengths):
        paths, probabilities, log_partition = _paths(case, at)
        expected = np.zeros(marginals.shape[1:])
        for step in range(length):
            np.add.at(expected[step], paths[:, step], probabilities)
        np.testing.assert_allclose(lattice.log_partition[at], log_partition, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(marginals[at], expected, rtol=1e-10, atol=1e-13)


@given(cases())
def test_a_sentence_is_judged_alike_in_any_company(case):
    assume(case.solvable)
    together = forward_backward(*case.arguments)
    marginals = together.marginals()
    for at, length in enumerate(case.lengths):
        alone = forward_backward(*case.sentence(at))
        assert alone.log_partition[0] == together.log_partition[at]
        np.testing.assert_array_equal(alone.marginals()[0], marginals[at, :length])


@pytest.mark.parametrize("scale", [3, 400])  # with the second, much is far below what float64 can hold
def test_a_big_batch_gives_the_bits_of_a_small_one(scale):
    rng = np.random.default_rng(5)
    batch, time, tags = 300, 12, 17
    emissions = rng.normal(0, scale, (batch, time, tags)).astype(np.float32)
    lengths = rng.integers(1, time + 1, batch)
    transitions = rng.normal(0, 1, (tags, tags))
    transitions[rng.random((tags, tags)) < 0.4] = -np.inf
    np.fill_diagonal(transitions, 0)
    start, end = rng.normal(0, 1, (2, tags))
    together = forward_backward(emissions, lengths, transitions, start, end)
    for at in range(0, batch, 7):
        for company in (slice(at, at + 1), slice(at, at + 5)):
            few = forward_backward(emissions[company], lengths[company], transitions, start, end)
            assert few.log_partition[0] == together.log_partition[at]
            np.testing.assert_array_equal(few.marginals()[0], together.marginals()[at])


def test_scores_far_apart_neither_overflow_nor_vanish():
    # The favourite of the first token leads nowhere: what is left is e^-5000 of it, and all there is.
    emissions = np.array([[[5000.0, 0.0], [0.0, 0.0]]])
    transitions = np.array([[-np.inf, -np.inf], [0.0, 0.0]])
    lattice = forward_backward(emissions, np.array([2]), transitions, np.zeros(2), np.zeros(2))
    np.testing.assert_allclose(lattice.marginals(), [[[0, 1], [0.5, 0.5]]])
    np.testing.assert_allclose(lattice.log_partition, np.log(2))


def test_an_empty_batch_and_empty_sentences():
    for batch in (0, 2):
        emissions, lengths = np.zeros((batch, 0, 2)), np.zeros(batch, dtype=int)
        lattice = forward_backward(emissions, lengths, np.zeros((2, 2)), np.zeros(2), np.zeros(2))
        assert lattice.log_partition.tolist() == [0] * batch
        assert lattice.marginals().shape == (batch, 0, 2)
