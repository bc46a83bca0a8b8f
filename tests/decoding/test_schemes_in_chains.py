"""Decoding under every tag scheme's own constraints, against brute force over all sequences that it allows."""

import numpy as np
import pytest
from chain_oracle import Case
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.schemes import SCHEMES, TokenSpan, scheme
from elman.decoding.entities import entity_probability
from elman.decoding.marginals import forward_backward
from elman.decoding.nbest import nbest
from elman.decoding.viterbi import viterbi
from elman.tasks.tagging import spans_of

LABELS = ("A", "B")


@st.composite
def tagged_cases(draw):
    """A scheme and a small batch whose transitions are free where the scheme allows them, and forbidden elsewhere."""
    name = draw(st.sampled_from(sorted(SCHEMES)))
    labels = LABELS[: draw(st.integers(1, 2))]
    lengths = np.array(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    allowed = scheme(name).constraints(labels)
    size = len(allowed.start)
    start, transitions, end = (
        np.where(may, rng.normal(size=may.shape), -np.inf) for may in (allowed.start, allowed.transition, allowed.end)
    )
    emissions = 2 * rng.normal(size=(len(lengths), lengths.max(), size))
    return name, labels, Case(emissions, lengths, transitions, start, end)


@settings(deadline=None, max_examples=150)
@given(tagged_cases())
def test_the_allowed_sequences_are_the_schemes_and_the_best_are_found(drawn):
    name, labels, case = drawn
    tags = scheme(name).tags(labels)
    best, scores = viterbi(*case.arguments)
    lists = nbest(*case.arguments, n=4)
    for at, length in enumerate(case.lengths.tolist()):
        paths, totals = case.paths(at)
        assert all(not scheme(name).check([tags[tag] for tag in path]) for path in paths)
        assert best[at, :length].tolist() == paths[0].tolist()
        assert scores[at] == pytest.approx(totals[0])
        assert [score for _, score in lists[at]] == pytest.approx(totals[:4].tolist())
        assert not scheme(name).check([tags[tag] for tag in lists[at][-1][0]])


@settings(deadline=None, max_examples=150)
@given(tagged_cases())
def test_marginals_and_entities_have_their_probabilities(drawn):
    name, labels, case = drawn
    decoder = scheme(name).decoder(labels)
    tags = scheme(name).tags(labels)
    lattice = forward_backward(*case.arguments)
    marginals = lattice.marginals()
    for at, length in enumerate(case.lengths.tolist()):
        paths, totals = case.paths(at)
        weights = np.exp(totals - np.logaddexp.reduce(totals))
        expected = np.zeros((length, len(tags)))
        for path, weight in zip(paths, weights, strict=True):
            expected[np.arange(length), path] += weight
        np.testing.assert_allclose(marginals[at, :length], expected, atol=1e-9)
        sums: dict[TokenSpan, float] = {}
        for path, weight in zip(paths, weights, strict=True):
            for span in scheme(name).decode([tags[tag] for tag in path], "refuse").spans:
                sums[span] = sums.get(span, 0.0) + weight
        rows = np.array([[at, span.start, span.end, labels.index(span.label)] for span in sums])
        np.testing.assert_allclose(entity_probability(lattice, rows, decoder), list(sums.values()), atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(tagged_cases(), st.randoms())
def test_any_batch_gives_a_sentence_the_same_entities_to_the_last_bit(drawn, random):
    name, labels, case = drawn
    decoder = scheme(name).decoder(labels)
    order = list(range(len(case.lengths)))
    random.shuffle(order)
    shuffled = Case(case.emissions[order], case.lengths[order], case.transitions, case.start, case.end)
    together, totals = viterbi(*shuffled.arguments)
    whole = forward_backward(*shuffled.arguments).marginals()
    for place, at in enumerate(order):
        alone, total = viterbi(*case.sentence(at))
        length = int(case.lengths[at])
        assert together[place, :length].tolist() == alone[0].tolist()
        assert totals[place] == total[0]
        assert np.array_equal(whole[place, :length], forward_backward(*case.sentence(at)).marginals()[0])
        one, many = (
            spans_of(found[None], np.array([length]), np.array([0]), decoder)
            for found in (alone[0], together[place, :length])
        )
        assert one.tolist() == many.tolist()
