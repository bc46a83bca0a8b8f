"""Blanks, against reading every whole sentence."""

import numpy as np
import pytest

from elman.errors import UsageError
from elman.runtime.filling import Filler
from tests.language_models import Untrained

WORDS = [" the", " cat", " sat", " dog", ".", "cat", "\n", " 7", " -"]


def words_probability(model, text):
    """The logarithm of the probability of a text, without its end."""
    ids = model.task.ids(text).tolist()
    logs = model.logs(ids)
    return sum(logs[at, one] for at, one in enumerate(ids))


@pytest.mark.parametrize("context", ["left", "both"])
def test_a_word_is_as_probable_as_its_sentence(context):
    model = Untrained(WORDS, "words")
    text = "the cat ___ the dog."
    found = {one.word: one.probability for one in Filler(model).fill(text, context)}
    tried = [word.strip() for word in WORDS if word.startswith(" ") and word[1:].isalnum()]
    assert found.keys() == set(tried)
    end = text if context == "both" else "the cat ___"
    logs = np.array([words_probability(model, end.replace("___", word)) for word in tried])
    shares = np.exp(logs - logs.max())
    np.testing.assert_allclose([found[word] for word in tried], shares / shares.sum(), atol=1e-5)
    ranked = [one.probability for one in Filler(model).fill(text, context)]
    assert ranked == sorted(ranked, reverse=True)


def test_few_candidates_are_the_best_from_the_left():
    model = Untrained(WORDS, "words")
    left = [one.word for one in Filler(model).fill("the ___ sat.", "left")]
    both = [one.word for one in Filler(model, 2).fill("the ___ sat.", "both")]
    assert set(both) == set(left[:2])


def test_a_blank_within_a_word_gets_what_stands_there_without_a_space():
    assert [one.word for one in Filler(Untrained(WORDS, "words")).fill("the___ .", "left")] == ["cat"]


@pytest.mark.parametrize("context", ["left", "both"])
def test_words_of_characters_are_as_probable_as_their_sentence(context):
    model = Untrained("ab .", "characters")
    text = "a ___. b"
    found = Filler(model).fill(text, context)
    assert len(found) > 20
    if context == "both":
        logs = np.array([words_probability(model, text.replace("___", one.word)) for one in found])
    else:
        logs = []
        for one in found:
            ids = model.task.ids(f"a {one.word}").tolist()
            after = np.exp(model.logs(ids)[-1])
            ended = after[[0, *model.task.ids(" .").tolist()]].sum()
            logs.append(words_probability(model, f"a {one.word}") + np.log(ended))
        logs = np.array(logs)
    shares = np.exp(logs - logs.max())
    np.testing.assert_allclose([one.probability for one in found], shares / shares.sum(), atol=1e-5)
    assert all(set(one.word) <= set("ab") for one in found)


def test_a_text_has_one_blank():
    filler = Filler(Untrained(WORDS, "words"))
    for text, blank in (("the cat", "___"), ("___ and ___", "___"), ("the", "")):
        with pytest.raises(UsageError, match="expected one blank"):
            filler.fill(text, "left", blank)
    with pytest.raises(UsageError, match="at least one"):
        Filler(Untrained(WORDS, "words"), 0)
