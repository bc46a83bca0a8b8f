"""All entities that a chain holds for possible, against brute force over all sequences that the scheme allows."""

from itertools import combinations

import numpy as np
import pytest
from chain_oracle import Case
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.schemes import SCHEMES, scheme
from elman.decoding.candidates import candidates, without_overlap
from elman.decoding.entities import entity_probability
from elman.decoding.marginals import forward_backward

LABELS = ("A", "B")


def drawn(name, lengths, rng, scale=2.0):
    """A batch whose transitions are free where the scheme allows them, and forbidden elsewhere."""
    allowed = scheme(name).constraints(LABELS)
    structure = [np.where(may, rng.normal(size=may.shape), -np.inf) for may in allowed]
    emissions = scale * rng.normal(size=(len(lengths), max(lengths, default=0), len(structure[0])))
    return Case(emissions, np.array(lengths, np.int64), structure[1], structure[0], structure[2])


def brute_force(name, case):
    """The probability of every entity, summed over all tag sequences."""
    tags = scheme(name).tags(LABELS)
    sums = {}
    for at in range(len(case.lengths)):
        paths, totals = case.paths(at)
        for path, weight in zip(paths, np.exp(totals - np.logaddexp.reduce(totals)), strict=True):
            for start, end, label in scheme(name).decode([tags[tag] for tag in path], "refuse").spans:
                key = (at, start, end, LABELS.index(label))
                sums[key] = sums.get(key, 0.0) + weight
    return sums


@pytest.mark.parametrize("name", SCHEMES)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), floor=st.sampled_from((1e-9, 0.001, 0.05, 0.3, 0.9)))
def test_they_are_all_that_brute_force_finds(name, seed, floor):
    rng = np.random.default_rng(seed)
    longest = 4 if len(SCHEMES[name].prefixes) < 4 else 3
    case = drawn(name, rng.integers(1, longest + 1, 3).tolist(), rng, scale=rng.choice((0.5, 2.0, 8.0)))
    spans, found = candidates(forward_backward(*case.arguments), scheme(name).decoder(LABELS), floor)
    expected = brute_force(name, case)
    given_ = dict(zip(map(tuple, spans.tolist()), found.tolist(), strict=True))
    assert list(given_) == sorted(given_)
    assert len(given_) == len(spans)
    assert (found >= floor).all()
    # What lies at the floor itself may be rounded to either side of it.
    assert {key for key, p in expected.items() if p > floor * (1 + 1e-9)} <= set(given_)
    assert all(p == pytest.approx(expected[key], rel=1e-6, abs=1e-12) for key, p in given_.items())


@pytest.mark.parametrize("name", SCHEMES)
def test_probabilities_are_those_of_entities_to_the_last_bit_in_any_batch(name):
    decoder = scheme(name).decoder(LABELS)
    case = drawn(name, [9, 1, 30, 0, 12], np.random.default_rng(3))
    lattice = forward_backward(*case.arguments)
    spans, found = candidates(lattice, decoder)
    assert len(spans) > 40
    assert (spans[:, 2] - spans[:, 1]).max() > 2
    np.testing.assert_array_equal(found, entity_probability(lattice, spans, decoder))
    for at in range(len(case.lengths)):
        alone, same = candidates(forward_backward(*case.sentence(at)), decoder)
        assert alone[:, 1:].tolist() == spans[spans[:, 0] == at, 1:].tolist()
        np.testing.assert_array_equal(same, found[spans[:, 0] == at])


def test_those_that_hold_one_token_share_its_probability():
    case = drawn("IOB2", [20, 7], np.random.default_rng(1), scale=0.5)
    spans, found = candidates(forward_backward(*case.arguments), scheme("IOB2").decoder(LABELS), 1e-6)
    for sentence, length in enumerate(case.lengths.tolist()):
        for token in range(length):
            holds = (spans[:, 0] == sentence) & (spans[:, 1] <= token) & (token < spans[:, 2])
            assert found[holds].sum() <= 1 + 1e-9


@pytest.mark.parametrize("lengths", [[], [0], [0, 0]])
def test_nothing_to_find(lengths):
    case = drawn("IOBES", lengths, np.random.default_rng(1))
    spans, found = candidates(forward_backward(*case.arguments), scheme("IOBES").decoder(LABELS))
    assert (spans.shape, found.shape) == ((0, 4), (0,))


def test_a_model_without_labels_has_no_candidates():
    decoder = scheme("IOB2").decoder(())
    lattice = forward_backward(np.zeros((1, 3, 1)), np.array([3]), np.zeros((1, 1)), np.zeros(1), np.zeros(1))
    assert candidates(lattice, decoder)[0].shape == (0, 4)


@pytest.mark.parametrize("floor", [0.0, -1.0, 1.5, float("nan")])
def test_a_floor_that_cannot_be(floor):
    case = drawn("IO", [2], np.random.default_rng(1))
    with pytest.raises(ValueError, match="floor above 0"):
        candidates(forward_backward(*case.arguments), scheme("IO").decoder(LABELS), floor)


SPANS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(1, 4), st.integers(0, 1)), max_size=12)


@given(SPANS, st.randoms(use_true_random=False))
def test_what_stays_without_overlap(drawn_spans, random):
    spans = np.array([(s, first, first + size, label) for s, first, size, label in dict.fromkeys(drawn_spans)], int)
    spans = spans.reshape(-1, 4)
    scores = np.array([random.choice((0.1, 0.25, 0.5, 0.75)) for _ in spans])
    stays = without_overlap(spans, scores)

    def clash(one, other):
        return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]

    kept = spans[stays].tolist()
    assert not any(clash(one, other) for one, other in combinations(kept, 2))
    for span, score in zip(spans[~stays].tolist(), scores[~stays].tolist(), strict=True):
        assert any(clash(span, other) and above >= score for other, above in zip(kept, scores[stays], strict=True))
    # The order of the rows changes nothing, nor does what scores less.
    order = np.array(random.sample(range(len(spans)), len(spans)), int)
    assert without_overlap(spans[order], scores[order]).tolist() == stays[order].tolist()
    for least in (0.25, 0.5):
        above = scores >= least
        assert without_overlap(spans[above], scores[above]).tolist() == stays[above].tolist()
