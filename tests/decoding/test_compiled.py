"""The compiled code decodes as NumPy does, which is tested against brute force."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data.schemes import SCHEMES, scheme
from elman.decoding.compiled import AVAILABLE, CompiledChain
from elman.decoding.entities import entity_probability
from elman.decoding.marginals import forward_backward
from elman.decoding.viterbi import viterbi

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="the compiled code was not built: no C compiler")


class Case:
    """Windows of a scheme with random scores."""

    def __init__(self, name, labels, lengths, seed, scale, forbidden, heat, *, whole):
        self.decoder = scheme(name).decoder(labels)
        tags = len(self.decoder.tags)
        rng = np.random.default_rng(seed)

        def scores(*shape):
            values = rng.integers(-2, 3, shape).astype(float) if whole else rng.normal(0, scale, shape)
            values[rng.random(shape) < forbidden] = -np.inf
            return values

        self.lengths = np.array(lengths)
        self.emissions = scores(sum(lengths), tags).astype(np.float32)
        allowed = self.decoder.constraints
        self.start, self.transition, self.end = (
            np.where(may, scores(*may.shape), -np.inf) for may in (allowed.start, allowed.transition, allowed.end)
        )
        self.heat = heat
        self.chain = CompiledChain(self.transition, self.start, self.end, self.decoder, heat)

    def windows(self):
        """Each alone, as NumPy takes it: emissions and length."""
        for first, stop in pairwise((0, *np.cumsum(self.lengths).tolist())):
            yield self.emissions[None, first:stop], np.array([stop - first])

    def spans(self):
        """All entities that could be there."""
        return np.array(
            [
                (window, first, stop, label)
                for window, length in enumerate(self.lengths.tolist())
                for first in range(length)
                for stop in range(first + 1, length + 1)
                for label in range(len(self.decoder.labels))
            ]
        )


cases = st.builds(
    Case,
    st.sampled_from(list(SCHEMES)),
    st.sampled_from([("A",), ("A", "B"), ("A", "B", "C", "D")]),
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.integers(0, 2**32),
    st.sampled_from([2, 500]),
    st.sampled_from([0.0, 0.2]),
    st.sampled_from([1.0, 0.5, 3.0]),
    whole=st.booleans(),
)


@given(cases)
def test_the_best_tags(case):
    expected = []
    try:
        for emissions, length in case.windows():
            expected += viterbi(emissions, length, case.transition, case.start, case.end)[0][0].tolist()
    except ValueError:
        with pytest.raises(ValueError, match="no tag sequence is allowed"):
            case.chain.best_tags(case.emissions, case.lengths)
        return
    assert case.chain.best_tags(case.emissions, case.lengths).tolist() == expected


@given(cases)
def test_the_probabilities_of_entities(case):
    spans = case.spans()
    expected = []
    warm = [part / case.heat for part in (case.transition, case.start, case.end)]
    try:
        for window, (emissions, length) in enumerate(case.windows()):
            lattice = forward_backward(emissions.astype(np.float64) / case.heat, length, *warm)
            own = spans[spans[:, 0] == window] - np.array([window, 0, 0, 0])
            expected += entity_probability(lattice, own, case.decoder).tolist()
    except ValueError:
        with pytest.raises(ValueError, match="no tag sequence is allowed"):
            case.chain.entity_scores(case.emissions, case.lengths, spans)
        return
    found = case.chain.entity_scores(case.emissions, case.lengths, spans)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@given(cases, st.data())
def test_some_entities_are_as_probable_as_among_all(case, data):
    spans = case.spans()
    try:
        every = case.chain.entity_scores(case.emissions, case.lengths, spans)
    except ValueError:
        return
    some = np.array(sorted(data.draw(st.sets(st.integers(0, len(spans) - 1)))), np.int64)
    np.testing.assert_array_equal(case.chain.entity_scores(case.emissions, case.lengths, spans[some]), every[some])


def small():
    return Case("iobes", ("A", "B"), [2, 3], 1, 1, 0, 1.0, whole=False)


def test_what_no_sequence_passes_is_named():
    case = small()
    case.emissions[2:] = -np.inf
    with pytest.raises(ValueError, match="sentence 1 of the batch, which has 3 tokens"):
        case.chain.best_tags(case.emissions, case.lengths)
    with pytest.raises(ValueError, match="sentence 1 of the batch, which has 3 tokens"):
        case.chain.entity_scores(case.emissions, case.lengths, np.array([[0, 0, 1, 0], [1, 0, 1, 0]]))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_refused(bad):
    case = small()
    case.emissions[1, 1] = bad
    with pytest.raises(ValueError, match="emissions hold NaN or"):
        case.chain.best_tags(case.emissions, case.lengths)
    case.start[0] = bad
    with pytest.raises(ValueError, match="starts or ends hold NaN or"):
        CompiledChain(case.transition, case.start, case.end, case.decoder, 1.0)


def test_shapes_that_do_not_fit_are_refused():
    case = small()
    with pytest.raises(ValueError, match="do not fit"):
        CompiledChain(case.transition[1:], case.start, case.end, case.decoder, 1.0)
    for emissions, lengths in (
        (case.emissions[1:], case.lengths),
        (case.emissions[:, 1:], case.lengths),
        (case.emissions, np.array([5, 0])),
    ):
        with pytest.raises(ValueError, match="expected emissions of tokens x 9 tags"):
            case.chain.best_tags(emissions, lengths)


@pytest.mark.parametrize(
    "spans",
    [
        [[2, 0, 1, 0]],
        [[-1, 0, 1, 0]],
        [[1, 0, 1, 0], [0, 0, 1, 0]],
        [[0, 1, 3, 0]],
        [[0, 1, 1, 0]],
        [[0, -1, 1, 0]],
        [[0, 0, 1, 2]],
    ],
)
def test_spans_out_of_place_are_refused(spans):
    case = small()
    with pytest.raises(ValueError, match="within them"):
        case.chain.entity_scores(case.emissions, case.lengths, np.array(spans))


def test_nothing_is_nothing():
    case = small()
    assert len(case.chain.best_tags(case.emissions[:0], case.lengths[:0])) == 0
    assert len(case.chain.entity_scores(case.emissions, case.lengths, np.zeros((0, 4), np.int64))) == 0
