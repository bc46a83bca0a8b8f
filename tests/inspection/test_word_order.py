from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span, Tokens
from elman.inspection.word_order import OrderRun, OrderTable, shuffled
from elman.tasks.tagging import prepare


@st.composite
def documents(draw):
    """Sentences of single letters with entities and unknown tokens among them."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        lengths = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
        letters = draw(st.lists(st.sampled_from("abcdef"), min_size=sum(lengths), max_size=sum(lengths)))
        text = " ".join(letters)
        offsets = [(2 * at, 2 * at + 1) for at in range(len(letters))]
        spans, unknown, start = [], [], 0
        for length in lengths:
            at = start
            while at < start + length:
                size = min(draw(st.integers(1, 3)), start + length - at)
                kind = draw(st.sampled_from(["X", "Y", "O", "O", "?"]))
                if kind == "?":
                    unknown.append(Region(2 * at, 2 * (at + size) - 1))
                elif kind != "O":
                    spans.append(Span(2 * at, 2 * (at + size) - 1, kind))
                at += size
            start += length
        sentences = np.cumsum([0, *lengths[:-1]])
        tokens = Tokens(text, offsets, sentences)
        found.append(Document(text, tuple(spans), unknown=tuple(unknown), tokens=tokens))
    return prepare(found)


def windows(examples):
    """Of each window its tokens, the surfaces and labels of its entities, and the tokens that nobody labelled."""
    for window in range(len(examples)):
        first, end = examples.starts[window : window + 2]
        words = [examples.types[at] for at in examples.tokens[first:end]]
        rows = [row for row in examples.spans.tolist() if row[0] == window]
        assert rows == sorted(rows)
        spans = [(tuple(words[a:b]), examples.labels[label]) for _, a, b, label in rows]
        # No two entities share a token.
        covered = [at for _, a, b, _ in rows for at in range(a, b)]
        assert len(covered) == len(set(covered))
        hidden = [] if examples.unknown is None else examples.unknown[first:end].tolist()
        yield words, spans, [word for word, unknown in zip(words, hidden, strict=False) if unknown]


@settings(max_examples=50, deadline=None)
@given(documents(), st.integers(0, 2**31))
def test_a_shuffled_window_has_the_same_words_entities_and_labels(examples, seed):
    after = shuffled(examples, seed)
    for before, then in zip(windows(examples), windows(after), strict=True):
        for one, other in zip(before, then, strict=True):
            assert Counter(one) == Counter(other)
    for name in ("types", "labels", "documents", "ids"):
        assert np.array_equal(getattr(examples, name), getattr(after, name))
    assert np.array_equal(examples.starts, after.starts)
    assert np.array_equal(examples.counts, after.counts)


def test_the_order_is_another_one_and_follows_from_the_seed():
    text = " ".join("abcdefghij")
    tokens = Tokens(text, [(2 * at, 2 * at + 1) for at in range(10)])
    examples = prepare([Document(text, (Span(4, 9, "X"),), tokens=tokens)] * 50)
    orders = {tuple(words) for words, _, _ in windows(shuffled(examples, 1))}
    assert len(orders) > 45
    assert np.array_equal(shuffled(examples, 1).tokens, shuffled(examples, 1).tokens)
    assert not np.array_equal(shuffled(examples, 1).tokens, shuffled(examples, 2).tokens)
    # Units are drawn as wholes: the entity stands first in about one of eight windows.
    first = sum(words[0] == "c" for seed in range(20) for words, _, _ in windows(shuffled(examples, seed)))
    assert first / 1000 == pytest.approx(1 / 8, abs=0.04)


def table(scores, **more):
    rows = {row: dict(enumerate(values, 1)) for row, values in scores.items()}
    runs = [OrderRun(row, seed, f1, 2.0) for row, values in rows.items() for seed, f1 in values.items()]
    return OrderTable(runs, "train", "dev", **more)


def test_the_loss_and_its_interval_are_of_pairs_by_seed():
    found = table({"as they are": [0.80, 0.82, 0.84], "shuffled": [0.70, 0.73, 0.73]})
    loss, (low, high) = found.loss("shuffled")
    assert loss == pytest.approx(0.1)
    # Differences of 10, 9 and 11 points: a deviation of 1, over the root of 3, times 4.30.
    assert (low, high) == pytest.approx((0.1 - 0.04303 / 3**0.5, 0.1 + 0.04303 / 3**0.5), abs=1e-4)
    assert "shuffled: +10.0 points lost, which is more than chance." in list(found.sentences())


def test_what_is_not_settled_is_called_so():
    found = table({"as they are": [0.8, 0.9], "shuffled": [0.7, 0.95]}, left_out=["bag of words: left out: none"])
    lines = list(found.lines())
    assert "bag of words: left out: none" in lines
    assert "do not tell from chance" in lines[-1]
    assert json.loads(json.dumps(found.to_json()))["left_out"]
    assert "with one seed" in next(table({"as they are": [0.8], "shuffled": [0.7]}).sentences())
    same = table({"as they are": [0.8, 0.81, 0.8], "shuffled": [0.8, 0.81, 0.8]})
    assert "does without" in next(same.sentences())
