"""How word types are read."""

import numpy as np
import pytest

from elman.features.lexicon import Lexicon
from elman.features.vectors import Vectors
from elman.features.vocabulary import FIRST, PADDING, UNKNOWN

COUNTS = {"Paris": 3, "paris": 1, "1975": 2, "2007": 1, "xyzzy": 1}


def test_words_fold_case_and_digits():
    lexicon, learned = Lexicon.build(COUNTS)
    assert lexicon.words.words == ("paris", "0000", "xyzzy")
    assert learned == 3
    rows = lexicon.features(["PARIS", "Paris", "1812", "xyzzy", "plugh"]).words.tolist()
    assert rows == [FIRST, FIRST, FIRST + 1, FIRST + 2, UNKNOWN]


def test_words_with_vectors_keep_their_spelling_and_come_before_the_fixed_ones():
    vectors = Vectors(["the", "1975", "Paris", "london", "rome"], np.eye(5, dtype=np.float32))
    lexicon, learned = Lexicon.build(COUNTS, vectors, kept_vectors=4)
    words = lexicon.words.words
    assert set(words[:learned]) == {"Paris", "1975", "paris", "0000", "xyzzy"}
    assert words[learned:] == ("the", "london")
    rows = lexicon.features(["London", "1975", "1812", "Rome"]).words
    assert [words[row - FIRST] for row in rows[:3]] == ["london", "1975", "0000"]
    assert rows[3] == UNKNOWN


def test_rare_words_without_a_vector_have_no_row():
    vectors = Vectors(["xyzzy"], np.ones((1, 2), np.float32))
    assert Lexicon.build(COUNTS, min_count=2)[0].words.words == ("paris", "0000")
    assert "xyzzy" in Lexicon.build(COUNTS, vectors, min_count=2)[0].words


def test_characters_of_long_words_are_read_from_both_ends():
    lexicon, _ = Lexicon.build({"abcdefgh": 1}, character_limit=4)
    characters = lexicon.features(["abcdefgh", "ab", "a?"]).characters
    ids = {letter: row for row, letter in enumerate(lexicon.characters.words, start=FIRST)}
    assert characters.tolist() == [
        [ids["a"], ids["b"], ids["g"], ids["h"]],
        [ids["a"], ids["b"], PADDING, PADDING],
        [ids["a"], UNKNOWN, PADDING, PADDING],
    ]


def test_taking_some_types_narrows_the_characters():
    lexicon, _ = Lexicon.build({"abcdef": 1, "ab": 1})
    features = lexicon.features(["abcdef", "ab", ""])
    assert features.take(np.array([1, 2])).characters.shape == (2, 2)
    assert features.take(np.array([2])).characters.shape == (1, 1)
    assert lexicon.features([]).words.shape == (0,)


@pytest.mark.parametrize(("limit", "read"), [(1, "a"), (2, "ah"), (3, "abh"), (8, "abcdefgh")])
def test_a_long_word_is_read_from_both_ends(limit, read):
    lexicon, _ = Lexicon.build({"abcdefgh": 1}, character_limit=limit)
    (row,) = lexicon.features(["abcdefgh"]).characters
    assert row.tolist() == lexicon.characters.ids(read).tolist()
