"""Drawing by scores, against brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.decoding.sampling import Sampling
from elman.errors import UsageError

SCORES = st.lists(st.floats(-6, 6, width=32), min_size=1, max_size=9)


def brute(scores, temperature, top_k, top_p):
    """One kept after the other, by the definitions."""
    powers = [np.exp((score - max(scores)) / temperature) for score in scores]
    order = sorted(range(len(scores)), key=lambda at: (-powers[at], at))
    if top_k:
        order = order[:top_k]
    total, kept, share = sum(powers[at] for at in order), [], 0.0
    for at in order:
        kept.append(at)
        share += powers[at] / total
        if share >= top_p - 1e-12:
            break
    found = np.zeros(len(scores))
    for at in kept:
        found[at] = powers[at] / sum(powers[one] for one in kept)
    return found


@settings(max_examples=150)
@given(SCORES, st.floats(0.2, 3), st.integers(0, 10), st.floats(0.05, 1))
def test_probabilities_are_those_of_the_definitions(scores, temperature, top_k, top_p):
    found = Sampling(temperature, top_k, top_p).probabilities(np.array(scores))
    np.testing.assert_allclose(found, brute(scores, temperature, top_k, top_p), atol=1e-9)


def test_draws_come_as_often_as_they_should_and_the_seed_repeats_them():
    scores, rng = np.log(np.array([0.5, 0.3, 0.15, 0.05])), np.random.default_rng(1)
    sampling = Sampling(top_k=3)
    drawn = [sampling.draw(scores, rng) for _ in range(4000)]
    shares = np.bincount(drawn, minlength=4) / 4000
    np.testing.assert_allclose(shares, np.array([50, 30, 15, 0]) / 95, atol=0.03)
    again = np.random.default_rng(1)
    assert [sampling.draw(scores, again) for _ in range(50)] == drawn[:50]


def test_what_cannot_be_is_never_drawn():
    scores, rng = np.array([0.0, -np.inf, -np.inf]), np.random.default_rng(2)
    assert {Sampling().draw(scores, rng) for _ in range(100)} == {0}


def test_no_temperature_takes_the_most_probable():
    assert Sampling(0.0).probabilities(np.array([1.0, 3.0, 3.0])).tolist() == [0, 1, 0]


@pytest.mark.parametrize("wrong", [{"temperature": -1.0}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": 1.5}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(UsageError, match="expected"):
        Sampling(**wrong)
