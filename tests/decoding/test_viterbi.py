import numpy as np
import pytest
from chain_oracle import cases
from hypothesis import assume, given
from hypothesis import strategies as st

from elman.decoding.nbest import nbest
from elman.decoding.viterbi import NO_TAG, viterbi


@given(cases(whole=True))
def test_viterbi_equals_brute_force_ties_included(case):
    if not case.solvable:
        with pytest.raises(ValueError, match="no tag sequence is allowed"):
            viterbi(*case.arguments)
        return
    tags, scores = viterbi(*case.arguments)
    assert tags.dtype == np.int32
    assert tags.shape == case.emissions.shape[:2]
    for at, length in enumerate(case.lengths):
        paths, path_scores = case.paths(at)
        assert tags[at, :length].tolist() == paths[0].tolist()
        assert scores[at] == path_scores[0]
        assert (tags[at, length:] == NO_TAG).all()


@given(cases())
def test_a_sentence_is_decoded_alike_in_any_company(case):
    assume(case.solvable)
    tags, scores = viterbi(*case.arguments)
    for at, length in enumerate(case.lengths):
        alone, score = viterbi(*case.sentence(at))
        np.testing.assert_array_equal(alone[0], tags[at, :length])
        assert score[0] == scores[at]


@given(cases(whole=True, longest=4, most_tags=4), st.integers(1, 12))
def test_nbest_has_the_scores_of_brute_force_ties_included(case, n):
    if not case.solvable:
        with pytest.raises(ValueError, match="no tag sequence is allowed"):
            nbest(*case.arguments, n=n)
        return
    for at, found in enumerate(nbest(*case.arguments, n=n)):
        paths, scores = case.paths(at)
        assert [score for _, score in found] == scores[:n].tolist()
        assert found[0][0].tolist() == paths[0].tolist()
        assert len({tuple(tags.tolist()) for tags, _ in found}) == len(found)


@given(cases(longest=4, most_tags=4), st.integers(1, 12))
def test_nbest_equals_brute_force_and_begins_with_viterbi_in_any_company(case, n):
    assume(case.solvable)
    results = nbest(*case.arguments, n=n)
    best, best_scores = viterbi(*case.arguments)
    for at, length in enumerate(case.lengths):
        paths, scores = case.paths(at)
        tags = np.array([tags for tags, _ in results[at]])
        found = np.array([score for _, score in results[at]])
        np.testing.assert_array_equal(tags, paths[:n])
        np.testing.assert_allclose(found, scores[:n], rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(tags[0], best[at, :length])
        assert found[0] == best_scores[at]
        alone = nbest(*case.sentence(at), n=n)[0]
        np.testing.assert_array_equal([score for _, score in alone], found)
        np.testing.assert_array_equal([tags for tags, _ in alone], tags)


def test_float32_emissions_are_taken():
    emissions = np.array([[[1.0, 0.0], [0.0, 1.0]]], dtype=np.float32)
    tags, scores = viterbi(emissions, np.array([2], dtype=np.int32), np.zeros((2, 2)), np.zeros(2), np.zeros(2))
    assert tags.tolist() == [[0, 1]]
    assert scores.dtype == np.float64


def test_an_empty_batch_and_empty_sentences():
    nothing = np.zeros((0, 0, 2)), np.zeros(0, dtype=int), np.zeros((2, 2)), np.zeros(2), np.zeros(2)
    assert viterbi(*nothing)[0].shape == (0, 0)
    assert nbest(*nothing, n=2) == []
    empty = np.zeros((2, 0, 2)), np.zeros(2, dtype=int), np.zeros((2, 2)), np.zeros(2), np.zeros(2)
    tags, scores = viterbi(*empty)
    assert tags.shape == (2, 0)
    assert scores.tolist() == [0, 0]
    assert [(len(found), len(found[0][0]), found[0][1]) for found in nbest(*empty, n=2)] == [(1, 0, 0.0)] * 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"emissions": np.zeros((2, 3))}, "batch x time x tags"),
        ({"lengths": np.array([1])}, "a length for each"),
        ({"lengths": np.array([1, 4])}, "between 0 and 3"),
        ({"lengths": np.array([-1, 2])}, "between 0 and 3"),
        ({"transitions": np.zeros((2, 3))}, "have 2 tags"),
        ({"start": np.zeros(3)}, "have 2 tags"),
        ({"end": np.array([np.nan, 0])}, "the end hold NaN"),
        ({"emissions": np.full((2, 3, 2), np.inf)}, "the emissions hold NaN or"),
        ({"transitions": np.full((2, 2), -np.inf)}, "sentence 1 of the batch, which has 2 tokens"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    arguments = {
        "emissions": np.zeros((2, 3, 2)),
        "lengths": np.array([1, 2]),
        "transitions": np.zeros((2, 2)),
        "start": np.zeros(2),
        "end": np.zeros(2),
    }
    with pytest.raises(ValueError, match=message):
        viterbi(**(arguments | change))


def test_nbest_of_none_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        nbest(np.zeros((1, 1, 1)), np.array([1]), np.zeros((1, 1)), np.zeros(1), np.zeros(1), n=0)
