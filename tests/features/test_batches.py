from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from elman.features.batches import bucket, mask, pad

LENGTHS = arrays(np.int64, st.integers(0, 60), elements=st.integers(0, 40))


@given(LENGTHS, st.integers(1, 100), st.none() | st.integers(0, 99))
def test_every_item_is_in_one_batch_within_the_budget(lengths, tokens, seed):
    batches = bucket(lengths, tokens, None if seed is None else np.random.default_rng(seed))
    assert sorted(np.concatenate([*batches, []]).tolist()) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(1, lengths[batch].max()) <= tokens


@given(LENGTHS, st.integers(1, 100))
def test_without_a_generator_batches_are_full_and_ascend(lengths, tokens):
    batches = bucket(lengths, tokens)
    order = np.concatenate([*batches, []]).astype(int)
    assert order.tolist() == np.argsort(np.maximum(lengths, 1), kind="stable").tolist()
    for batch, following in pairwise(batches):
        assert (len(batch) + 1) * max(1, lengths[following[0]]) > tokens  # one more had not fitted


def test_the_generator_decides():
    lengths = np.random.default_rng(0).integers(1, 50, 500)

    def batches(seed):
        return [batch.tolist() for batch in bucket(lengths, 400, np.random.default_rng(seed))]

    assert batches(1) == batches(1)
    assert batches(1) != batches(2)
    assert {frozenset(batch) for batch in batches(1)} != {frozenset(batch) for batch in batches(2)}


def test_batches_are_dense():
    lengths = np.minimum(np.random.default_rng(0).geometric(0.07, 5000), 100)
    batches = bucket(lengths, 1000, np.random.default_rng(1))
    padded = sum(len(batch) * lengths[batch].max() for batch in batches)
    assert lengths.sum() / padded > 0.85


def test_a_budget_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1 token"):
        bucket(np.array([1]), 0)


@given(st.lists(arrays(np.int32, st.integers(0, 9), elements=st.integers(1, 99)), min_size=1), st.integers(-1, 0))
def test_padding_adds_only_fill(sequences, fill):
    padded = pad(sequences, fill)
    present = mask(np.array([len(sequence) for sequence in sequences]))
    assert padded.dtype == np.int32
    assert padded.shape == present.shape == (len(sequences), max(map(len, sequences)))
    assert (padded[~present] == fill).all()
    for row, inside, sequence in zip(padded, present, sequences, strict=True):
        np.testing.assert_array_equal(row[inside], sequence)
        assert inside.tolist() == [True] * len(sequence) + [False] * (len(row) - len(sequence))


def test_frames_are_padded_too():
    frames = [np.ones((2, 3), dtype=np.float32), np.ones((1, 3), dtype=np.float32)]
    padded = pad(frames)
    assert padded.shape == (2, 2, 3)
    assert padded[1].tolist() == [[1, 1, 1], [0, 0, 0]]
