"""Facts of data and vectors."""

import math

import numpy as np
import pytest

from elman.data.document import Document, Span
from elman.features.vectors import Vectors
from elman.tasks.tagging import prepare
from elman.training.doctor.facts import VectorFacts, familiarity, tag_entropy, within, word_agreement

LONG = "one two three four five six seven eight"


def documents(*texts):
    """A document each; a word in capitals is an entity."""
    made = []
    for text in texts:
        spans, at = [], 0
        for word in text.split(" "):
            if word.isupper():
                spans.append(Span(at, at + len(word), word[:1]))
            at += len(word) + 1
        made.append(Document(text, tuple(spans)))
    return prepare(made)


def test_sentences_that_come_again_are_counted_whatever_their_case():
    found = familiarity(
        documents(LONG, "a short one"), documents(LONG.title(), LONG[4:] + " nine", "a short one"), "dev"
    )
    assert found.sentences == 2
    assert found.repeated == 0.5
    assert found.unknown == pytest.approx(1 / 19)


def test_labels_that_training_lacks_are_counted_by_entity():
    found = familiarity(documents("AX went"), documents("AX went", "AY went", "BX went"), "dev")
    assert found.unseen == pytest.approx(1 / 3)


def test_divergence_is_zero_of_the_same_words_and_one_of_others():
    assert familiarity(documents(LONG), documents(LONG), "dev").divergence == pytest.approx(0)
    assert familiarity(documents(LONG), documents("nine ten"), "dev").divergence == pytest.approx(1)


def test_within_compares_the_second_half_with_the_first():
    found = within(documents("a b", "a b", "c d", "e f"), 2)
    assert found.tokens == 2
    assert found.unknown == 1


@pytest.mark.parametrize("texts", [("",), ("one",)])
def test_within_of_next_to_nothing_is_not_nothing_at_all(texts):
    assert within(documents(*texts), 10).tokens <= 1


def test_entropy_is_of_the_tags_that_are_known():
    assert tag_entropy(np.array([0, 0, 1, 1, -1])) == pytest.approx(math.log(2))
    assert tag_entropy(np.array([3, 3])) == 0


def test_words_agree_fully_partly_or_by_chance():
    assert word_agreement(documents("AX went", "AX came")) == 1
    assert math.isnan(word_agreement(documents("AX went")))
    # Two occurrences of each word, one in an entity and one not: agreement 0, and a base rate of a half.
    examples = documents("AX BX", "AX BX")
    halved = [row for row in examples.spans.tolist() if row[0] == 0]
    spoilt = examples.__class__(**{**examples.__dict__, "spans": np.array(halved, np.int32)})
    assert word_agreement(spoilt) == pytest.approx((0 - 0.5) / 0.5)


def test_vectors_that_are_alike_or_broken():
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((100, 5)).astype(np.float32)
    words = [f"w{number}" for number in range(100)]
    found = VectorFacts.of(Vectors(words, matrix))
    assert (found.words, found.broken, found.example) == (100, 0, "")
    assert found.spread == pytest.approx(1, abs=0.1)
    assert VectorFacts.of(Vectors(words, np.full_like(matrix, 0.1))).spread == pytest.approx(0, abs=1e-6)
    matrix[7, 2] = np.nan
    broken = VectorFacts.of(Vectors(words, matrix))
    assert (broken.broken, broken.example) == (1, "w7")
    assert broken.spread == pytest.approx(1, abs=0.1)
