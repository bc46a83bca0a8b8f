"""The beam search against all sequences that there are."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.decoding.beam import LEAST_COVERAGE, Hypothesis, Search, beam_search

if TYPE_CHECKING:
    from numpy.typing import NDArray

END = 0
INPUTS = 3


class Past(NamedTuple):
    """The outputs before, examples x beams x steps."""

    examples: NDArray[np.int64]
    outputs: NDArray[np.int64]

    def take(self, examples: NDArray[np.int64], beams: NDArray[np.int64]) -> Past:
        return Past(self.examples[examples], self.outputs[examples[:, None], beams])


class Language:
    """Made-up probabilities, which depend on all that was written before."""

    def __init__(self, seed: int, outputs: int) -> None:
        self.seed, self.outputs = seed, outputs

    def scores(self, example: int, before: tuple[int, ...]) -> NDArray[np.float32]:
        return np.random.default_rng((self.seed, example, *before)).normal(0, 2, self.outputs).astype(np.float32)

    def weights(self, example: int, before: tuple[int, ...]) -> NDArray[np.float32]:
        drawn = np.random.default_rng((self.seed, example, 9, *before)).random(INPUTS).astype(np.float32)
        return drawn / drawn.sum()

    def begin(self, examples: int) -> Past:
        return Past(np.arange(examples), np.zeros((examples, 1, 0), np.int64))

    def step(self, state: Past, ids: NDArray[np.int64]) -> tuple[NDArray[np.float32], Past, NDArray[np.float32] | None]:
        outputs = np.concatenate((state.outputs, ids[:, :, None]), axis=2)
        rows = [(at, tuple(row)) for at, beams in zip(state.examples, outputs.tolist(), strict=True) for row in beams]
        scores = np.stack([self.scores(at, row) for at, row in rows]).reshape(*ids.shape, -1)
        weights = np.stack([self.weights(at, row) for at, row in rows]).reshape(*ids.shape, -1)
        return scores, Past(state.examples, outputs), weights


def score_of(language: Language, example: int, ids: tuple[int, ...], search: Search) -> tuple[float, float]:
    """The score of a sequence that ends, and the logarithm of its probability, by the formulas of the paper."""
    before, logarithm, covered = (END,), 0.0, np.zeros(INPUTS)
    for output in (*ids, END):
        scores = language.scores(example, before).astype(np.float64)
        logarithm += scores[output] - math.log(np.exp(scores).sum())
        covered += language.weights(example, before)
        before = (*before, output)
    penalty = ((5 + len(ids) + 1) / 6) ** search.length_penalty
    coverage = sum(math.log(min(max(one, LEAST_COVERAGE), 1)) for one in covered)
    return logarithm / penalty + search.coverage_penalty * coverage, logarithm


def everything(language: Language, example: int, limit: int, search: Search) -> list[tuple[float, tuple[int, ...]]]:
    """All sequences that end within the limit, the best one first."""
    letters = range(1, language.outputs)
    all_of_them = itertools.chain.from_iterable(itertools.product(letters, repeat=n) for n in range(limit))
    return sorted(((score_of(language, example, ids, search)[0], ids) for ids in all_of_them), reverse=True)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(2, 4),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.6, 1.0]),
    st.sampled_from([0.0, 0.5]),
)
def test_a_beam_that_holds_everything_finds_what_is_best(
    seed: int, outputs: int, limit: int, alpha: float, beta: float
) -> None:
    language = Language(seed, outputs)
    search = Search(outputs**limit + 1, alpha, beta)
    found = beam_search(language.step, language.begin(2), [limit, 1], end=END, search=search)
    for example, (own, most) in enumerate(zip(found, (limit, 1), strict=True)):
        expected = everything(language, example, most, search)
        assert [one.ids for one in own] == [ids for _, ids in expected]
        np.testing.assert_allclose([one.score for one in own], [score for score, _ in expected], atol=1e-5)
        assert all(one.ended for one in own)


def greedy(language: Language, example: int, limit: int) -> tuple[int, ...]:
    """The best output at each step."""
    before: tuple[int, ...] = (END,)
    while len(before) <= limit:
        output = int(language.scores(example, before).argmax())
        if output == END:
            break
        before = (*before, output)
    return before[1:]


@pytest.mark.parametrize("seed", range(20))
def test_one_beam_is_greedy(seed: int) -> None:
    language = Language(seed, 4)
    found = beam_search(language.step, language.begin(3), [6, 6, 6], end=END, search=Search(1))
    assert [own[0].ids for own in found] == [greedy(language, example, 6) for example in range(3)]


@pytest.mark.parametrize("width", [2, 3])
def test_what_is_found_is_scored_as_the_formulas_say(width: int) -> None:
    language, search = Language(5, 4), Search(width, 0.7, 0.3)
    for example, own in enumerate(beam_search(language.step, language.begin(4), [8] * 4, end=END, search=search)):
        for one in own:
            assert score_of(language, example, one.ids, search) == pytest.approx((one.score, one.logarithm), abs=1e-5)


def test_an_example_gets_what_it_gets_alone() -> None:
    language = Language(3, 4)
    limits = [1, 7, 3, 5]
    together = beam_search(language.step, language.begin(4), limits, end=END, search=Search(3))
    for example, limit in enumerate(limits):
        alone = beam_search(
            language.step, Past(np.array([example]), np.zeros((1, 1, 0), np.int64)), [limit], end=END, search=Search(3)
        )
        assert together[example] == alone[0]


def never_ends(state: Past, ids: NDArray[np.int64]) -> tuple[NDArray[np.float32], Past, None]:
    scores = np.full((*ids.shape, 4), 0, np.float32)
    scores[:, :, END] = -np.inf
    scores[:, :, 3] = 5
    return scores, Past(state.examples, np.concatenate((state.outputs, ids[:, :, None]), axis=2)), None


@pytest.mark.parametrize("width", [1, 4])
def test_what_does_not_end_is_cut_off_and_says_so(width: int) -> None:
    start = Language(1, 4).begin(1)
    ((found,),) = beam_search(never_ends, start, [5], end=END, search=Search(width, 0.0))
    each = 5 - math.log(2 + math.exp(5))
    assert found == Hypothesis((3,) * 5, pytest.approx(5 * each), pytest.approx(5 * each), False)


def test_what_is_barred_is_not_written() -> None:
    ((found,),) = beam_search(never_ends, Language(1, 4).begin(1), [3], end=END, search=Search(2), barred=(2, 3))
    assert found.ids == (1, 1, 1)


def test_inputs_beyond_the_end_need_no_attention() -> None:
    def step(state: Past, ids: NDArray[np.int64]) -> tuple[NDArray[np.float32], Past, NDArray[np.float32]]:
        scores = np.zeros((*ids.shape, 2), np.float32)
        weights = np.zeros((*ids.shape, 3), np.float32)
        weights[:, :, 0] = 1
        return scores, state, weights

    start = Language(1, 2).begin(2)
    search = Search(1, 0.0, 1.0)
    one, three = beam_search(step, start, [1, 1], end=END, search=search, inputs=np.array([1, 3]))
    assert one[0].score == pytest.approx(math.log(0.5))
    assert three[0].score == pytest.approx(math.log(0.5) + 2 * math.log(LEAST_COVERAGE))


def test_no_examples_are_no_sequences() -> None:
    assert beam_search(Language(1, 3).step, Language(1, 3).begin(0), [], end=END, search=Search()) == []
