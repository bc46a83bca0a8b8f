"""Windows on lanes: every token read once, in order, and no lane left waiting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.runtime.lanes import spread

lengths_of_windows = st.lists(st.integers(1, 30), min_size=1, max_size=100).map(np.array)


@settings(deadline=None)
@given(lengths_of_windows, st.integers(1, 40), st.booleans())
def test_every_token_is_read_once_and_in_order(lengths, lanes, backward):
    plan = spread(lengths, lanes)
    tokens, going, begun = plan.tokens(backward=backward), plan.going(), plan.begun()
    assert tokens.shape == (plan.steps, lanes)
    starts = np.cumsum(lengths) - lengths
    expected = {
        window: [*range(start, start + length)][:: -1 if backward else 1]
        for window, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True))
    }
    read = {}
    for lane in range(lanes):
        left = []
        for step in range(plan.steps):
            here = [window for at, window in zip(*begun[step], strict=True) if at == lane]
            assert (lane < going[step]) == bool(left or here)
            if here:
                assert not left
                left = list(expected[here[0]])
                read[here[0]] = left[:]
            if left:
                assert tokens[step, lane] == left.pop(0)
        assert not left
    assert read == expected
    assert going == sorted(going, reverse=True)
    assert going[0] > 0


@settings(deadline=None)
@given(lengths_of_windows, st.integers(1, 40))
def test_slots_and_tokens_are_inverse(lengths, lanes):
    plan = spread(lengths, lanes)
    for backward in (False, True):
        slots = plan.slots(backward=backward)
        assert plan.tokens(backward=backward).reshape(-1)[slots].tolist() == list(range(lengths.sum()))


def test_the_longest_window_sets_the_number_of_steps():
    assert spread(np.array([5, 200, 3, 7]), 16).steps == 200


def test_lanes_are_about_equally_long():
    plan = spread(np.random.default_rng(1).integers(1, 20, 500), 16)
    assert plan.ends.max() - plan.ends.min() <= 2
    assert plan.ends.max() == pytest.approx(plan.lengths.sum() / 16, abs=2)
