from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.schemes import SCHEMES
from elman.decoding.compiled import AVAILABLE
from elman.decoding.entities import entity_probability
from elman.decoding.marginals import forward_backward
from elman.runtime import entities
from elman.runtime.entities import EntityDecoder, Structure

LABELS = ("A", "B")


def chain(codec, rng, longest):
    """Random scores that the scheme's constraints hold in check, and random emissions."""
    allowed = codec.constraints(LABELS)
    structure = Structure(*(np.where(may, rng.standard_normal(may.shape), -np.inf) for may in allowed))
    lengths = rng.integers(1, longest + 1, 3)
    return structure, lengths, rng.standard_normal((3, longest, len(structure.start))).astype(np.float32)


def brute_force(emissions, structure, decoder):
    """The probability of every entity of one sentence, by looking at all tag sequences."""
    start, transition, end = structure
    weights, chunks = [], []
    for path in product(range(len(start)), repeat=len(emissions)):
        score = start[path[0]] + end[path[-1]] + sum(emissions[at, tag] for at, tag in enumerate(path))
        score += sum(transition[a, b] for a, b in pairwise(path))
        if np.isneginf(score):
            continue
        weights.append(np.exp(score))
        chunks.append(decoder.decode(np.array(path), np.array([0])))
    found = {}
    for weight, (first, stop, label) in zip(weights, chunks, strict=True):
        for key in zip(first.tolist(), stop.tolist(), label.tolist(), strict=True):
            found[key] = found.get(key, 0.0) + weight
    return {key: weight / sum(weights) for key, weight in found.items()}


@pytest.mark.parametrize("codec", SCHEMES.values(), ids=SCHEMES)
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_probabilities_equal_brute_force_for_every_scheme(codec, seed):
    structure, lengths, emissions = chain(codec, np.random.default_rng(seed), 4 if len(codec.prefixes) < 4 else 3)
    decoder = codec.decoder(LABELS)
    start, transition, end = structure
    lattice = forward_backward(emissions, lengths, transition, start, end)
    expected = {
        (sentence, *key): probability
        for sentence, length in enumerate(lengths.tolist())
        for key, probability in brute_force(emissions[sentence, :length].astype(float), structure, decoder).items()
    }
    spans = np.array(list(expected))
    np.testing.assert_allclose(
        entity_probability(lattice, spans, decoder), list(expected.values()), rtol=1e-6, atol=1e-12
    )
    np.testing.assert_array_equal(
        entity_probability(lattice, spans[-1:], decoder), entity_probability(lattice, spans, decoder)[-1:]
    )


def test_no_entity_has_no_probability():
    codec = SCHEMES["IOB2"]
    structure, lengths, emissions = chain(codec, np.random.default_rng(1), 4)
    start, transition, end = structure
    lattice = forward_backward(emissions, lengths, transition, start, end)
    assert entity_probability(lattice, np.zeros((0, 4), np.int64), codec.decoder(LABELS)).shape == (0,)


@pytest.fixture(params=["compiled", "NumPy"])
def either_way(request, monkeypatch):
    """Decoding by the compiled code, and without it."""
    if request.param == "compiled" and not AVAILABLE:
        pytest.skip("the compiled code was not built: no C compiler")
    monkeypatch.setattr(entities, "AVAILABLE", request.param == "compiled")


def decode(temperature=1.0, seed=1, counts=(3, 1, 9, 2)):
    codec = SCHEMES["IOBES"]
    rng = np.random.default_rng(seed)
    structure, _, _ = chain(codec, rng, 1)
    lengths = np.array(counts, np.int64)
    emissions = 3 * rng.standard_normal((lengths.sum(), len(structure.start))).astype(np.float32)
    return EntityDecoder(codec.decoder(LABELS), structure, temperature)(emissions, lengths)


def test_both_ways_find_the_same(monkeypatch):
    found = decode(counts=range(1, 40))
    monkeypatch.setattr(entities, "AVAILABLE", False)
    other = decode(counts=range(1, 40))
    np.testing.assert_array_equal(found.spans, other.spans)
    np.testing.assert_allclose(found.scores, other.scores, rtol=1e-9)


@pytest.mark.usefixtures("either_way")
def test_entities_come_in_order():
    spans, scores = decode(counts=range(1, 40))
    assert len(spans) == len(scores) > 20
    assert spans.dtype == np.int32
    assert np.lexsort((spans[:, 1], spans[:, 0])).tolist() == list(range(len(spans)))
    assert ((scores > 0) & (scores <= 1)).all()


@pytest.mark.usefixtures("either_way")
def test_temperature_changes_scores_and_not_entities():
    cold, warm = decode(), decode(temperature=3.0)
    np.testing.assert_array_equal(cold.spans, warm.spans)
    assert warm.scores.mean() < cold.scores.mean()


@pytest.mark.usefixtures("either_way")
def test_nothing_to_decode():
    spans, scores = decode(counts=())
    assert spans.shape == (0, 4)
    assert scores.shape == (0,)


@pytest.mark.usefixtures("either_way")
def test_without_labels_there_are_no_entities():
    structure = Structure(np.zeros(1), np.zeros((1, 1)), np.zeros(1))
    decoder = EntityDecoder(SCHEMES["IOBES"].decoder(()), structure, 1.0)
    spans, scores = decoder(np.zeros((3, 1), np.float32), np.array([3]))
    assert (spans.shape, scores.shape) == ((0, 4), (0,))
