"""CTC, against sums over all paths."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.decoding.ctc import BLANK, beam_search, frames_needed, greedy, log_likelihood


def said(path):
    return tuple(symbol for symbol, _ in groupby(path) if symbol != BLANK)


def all_sequences(frames):
    """The probability of every sequence: every path, one by one."""
    chances = defaultdict(float)
    for path in product(range(frames.shape[1]), repeat=len(frames)):
        chances[said(path)] += float(np.exp(sum(frames[at, symbol] for at, symbol in enumerate(path))))
    return chances


def drawn(seed, time, symbols, sharpness=2.0):
    scores = np.random.default_rng(seed).normal(0, sharpness, (time, symbols))
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


CASES = {"seed": st.integers(0, 10**6), "time": st.integers(1, 5), "symbols": st.integers(2, 4)}


@settings(deadline=None, max_examples=60)
@given(**CASES)
def test_a_wide_beam_is_the_sum_over_all_paths(seed, time, symbols):
    frames = drawn(seed, time, symbols)
    chances = all_sequences(frames)
    found = beam_search(frames, 10**6)
    assert np.isclose(sum(chances.values()), 1)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    possible = {one.symbols: one.score for one in found if np.isfinite(one.score)}
    assert possible.keys() == chances.keys()
    for sequence, chance in chances.items():
        assert np.isclose(possible[sequence], np.log(chance))
        assert np.isclose(log_likelihood(frames, sequence), np.log(chance))


@settings(deadline=None, max_examples=40)
@given(**CASES, width=st.integers(1, 3))
def test_a_narrow_beam_is_never_better(seed, time, symbols, width):
    frames = drawn(seed, time, symbols)
    chances = all_sequences(frames)
    found = beam_search(frames, width)
    assert 1 <= len(found) <= width
    for one in found:
        assert np.exp(one.score) <= chances[one.symbols] * (1 + 1e-9)


def plain_beam(frames, width):
    """The search as it is described, with every beginning made longer by every symbol."""
    kept = {(): (1.0, 0.0)}
    for frame in np.exp(frames).tolist():
        ends = defaultdict(lambda: [0.0, 0.0])
        for symbols, (blank, other) in kept.items():
            ends[symbols][0] += (blank + other) * frame[BLANK]
            if symbols:
                ends[symbols][1] += other * frame[symbols[-1]]
            for symbol in range(1, len(frame)):
                ready = blank if symbols[-1:] == (symbol,) else blank + other
                ends[*symbols, symbol][1] += ready * frame[symbol]
        kept = dict(sorted(ends.items(), key=lambda item: -sum(item[1]))[:width])
    return {symbols: sum(both) for symbols, both in kept.items()}


@settings(deadline=None, max_examples=80)
@given(seed=st.integers(0, 10**6), time=st.integers(1, 12), symbols=st.integers(2, 5), width=st.integers(1, 6))
def test_what_cannot_be_kept_is_left_out_without_a_difference(seed, time, symbols, width):
    frames = drawn(seed, time, symbols)
    expected = plain_beam(frames, width)
    found = {one.symbols: np.exp(one.score) for one in beam_search(frames, width)}
    assert {one for one, chance in found.items() if chance} == {one for one, chance in expected.items() if chance}
    for sequence, chance in expected.items():
        assert np.isclose(found.get(sequence, 0.0), chance)


@settings(deadline=None, max_examples=40)
@given(**CASES)
def test_greedy_says_what_the_best_path_says(seed, time, symbols):
    frames = drawn(seed, time, symbols)
    best = max(product(range(symbols), repeat=time), key=lambda path: sum(frames[range(time), path]))
    found = greedy(frames)
    assert found.symbols == said(best)
    assert np.isclose(found.score, frames[range(time), best].sum())


def test_a_beam_finds_what_the_best_path_misses():
    # Graves et al. (2006), figure 4: each frame is a blank with 0.6, yet "a" has 0.64.
    frames = np.log(np.array([[0.6, 0.4], [0.6, 0.4]]))
    assert greedy(frames).symbols == ()
    assert beam_search(frames, 2)[0].symbols == (1,)
    assert np.isclose(np.exp(beam_search(frames, 2)[0].score), 0.64)


def test_repetitions_are_merged_and_blanks_tell_them_apart():
    path = [1, 1, 0, 1, 2, 2, 0]
    frames = np.full((len(path), 3), -20.0)
    frames[range(len(path)), path] = 0.0
    assert greedy(frames).symbols == beam_search(frames, 3)[0].symbols == (1, 1, 2)


def test_long_recordings_do_not_come_to_nothing():
    frames = drawn(1, 1500, 5)
    best = beam_search(frames, 4)[0]
    assert -(10**5) < best.score < 0
    assert best.score <= log_likelihood(frames, best.symbols)


def test_no_frames_say_nothing():
    frames = np.zeros((0, 3))
    assert greedy(frames) == beam_search(frames, 3)[0] == ((), 0.0)
    assert log_likelihood(frames, ()) == 0
    assert log_likelihood(frames, (1,)) == -np.inf


@pytest.mark.parametrize("symbols", [(1,), (1, 2), (2, 2), (1, 2, 2, 1)])
def test_the_likelihood_is_what_torch_says(symbols):
    frames = drawn(7, 9, 3)
    loss = torch.nn.functional.ctc_loss(
        torch.from_numpy(frames)[:, None], torch.tensor([symbols]), [9], [len(symbols)], reduction="sum"
    )
    assert np.isclose(-log_likelihood(frames, symbols), float(loss))


def test_too_few_frames_cannot_say_it():
    for symbols in [(), (1,), (1, 1), (1, 2), (1, 1, 1), (2, 1, 1)]:
        least = frames_needed(symbols)
        assert np.isfinite(log_likelihood(drawn(3, least, 3), symbols))
        assert least == 0 or log_likelihood(drawn(3, least - 1, 3), symbols) == -np.inf
