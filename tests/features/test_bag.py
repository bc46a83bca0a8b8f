"""Bags of words."""

import numpy as np

from elman.data.document import Document
from elman.features.bag import bag, dense, sparse
from elman.features.vocabulary import Vocabulary
from elman.tasks.text_classes import words_of

FIRST, SECOND = "Cat can meow.", "Dog can bark and can not meow."


def test_counts_of_a_sentence_over_the_words_of_two():
    bags = [bag(words_of(Document(text))) for text in (FIRST, SECOND)]
    words = list(dict.fromkeys([*bags[0], *bags[1]]))
    assert words == ["Cat", "can", "meow", "Dog", "bark", "and", "not"]
    vocabulary = Vocabulary(words)
    counts = dense([sparse(one, vocabulary) for one in bags], len(words))
    assert counts[1].tolist() == [0, 2, 1, 1, 1, 1, 1]
    assert counts[0].tolist() == [1, 1, 1, 0, 0, 0, 0]
    assert counts.dtype == np.float32


def test_the_order_of_words_changes_nothing():
    words = words_of(Document(SECOND))
    assert bag(words) == bag(reversed(words))


def test_case_and_digits_are_folded_where_it_is_asked_for():
    assert bag(["Room", "101", "room", "102", "!"], lower=True, digits=True) == {"room": 2, "000": 2}
    assert bag(["Room", "101"]) == {"Room": 1, "101": 1}


def test_words_that_a_vocabulary_does_not_hold_are_left_out():
    rows = sparse(bag(["b", "x", "a", "b"]), Vocabulary(["a", "b"]))
    assert rows.tolist() == [[0, 1], [1, 2]]
    assert dense([rows, sparse(bag([]), Vocabulary(["a", "b"]))], 2).tolist() == [[1, 2], [0, 0]]
