import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from elman.errors import DataError
from elman.features import vocabulary
from elman.features.vocabulary import (
    FIRST,
    PADDING,
    UNKNOWN,
    Vocabulary,
    decode_words,
    encode_words,
    normalize,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too


def test_reserved_rows_belong_to_no_word():
    vocabulary = Vocabulary(["<pad>", "<unk>", ""])
    assert vocabulary.ids(["<pad>", "<unk>", "", "x"]).tolist() == [FIRST, FIRST + 1, FIRST + 2, UNKNOWN]
    assert PADDING not in vocabulary.ids(["<pad>", "x"])
    assert len(vocabulary) == 5


def test_build_orders_by_count_and_then_by_word():
    counts = {"b": 2, "a": 2, "c": 5, "d": 1}
    assert Vocabulary.build(counts).words == ("c", "a", "b", "d")
    assert Vocabulary.build(counts, min_count=2, limit=2).words == ("c", "a")
    assert Vocabulary.build({}).words == ()


def test_characters_of_a_string_have_ids():
    assert Vocabulary("abc").ids("cab!").tolist() == [4, 2, 3, UNKNOWN]


@given(st.lists(ANY_TEXT), st.lists(ANY_TEXT))
def test_ids_find_every_word_and_no_other(words, others):
    vocabulary = Vocabulary.build(Counter(words))
    ids = vocabulary.ids(words)
    assert ids.dtype == np.int32
    assert [vocabulary.words[row - FIRST] for row in ids.tolist()] == words
    assert [word in vocabulary for word in others] == (vocabulary.ids(others) != UNKNOWN).tolist()


@given(st.lists(ANY_TEXT))
@example(["", "\\", "\n", "\r\n", "\\e", "\\n", "\x85", "\u2028", "\ufeff", "\ud800", "\\ud800"])
def test_words_survive_the_codec(words):
    text = encode_words(words)
    text.encode("utf-8")
    assert "" not in text.split("\n")[:-1]
    assert decode_words(text) == tuple(words)


def test_a_file_survives(tmp_path):
    vocabulary = Vocabulary(["", "a\nb", "c\\d", "Zürich", "\ud83d", "\r"])
    vocabulary.write(tmp_path / "words.txt")
    assert Vocabulary.read(tmp_path / "words.txt") == vocabulary
    assert pickle.loads(pickle.dumps(vocabulary)) == vocabulary  # worker processes


def test_the_last_line_may_lack_its_end():
    assert Vocabulary.decode("a\nb").words == ("a", "b")
    assert Vocabulary.decode("").words == ()


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"a\nb\na\n", 3, "'a' is on line 1"),
        (b"a\n\nb\n", 2, "empty line"),
        (b"a\n\\x\n", 2, "not an escape"),
        (b"a\\\n", 1, "not an escape"),
        (b"a\\e\n", 1, "not an escape"),
        (b"\\u0041\n", 1, "not an escape"),
        (b"a\nb\nZ\xfcrich\n", 3, "expected UTF-8"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(tmp_path, content, line, problem):
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=problem) as caught:
        Vocabulary.read(path)
    assert caught.value.line == line
    assert caught.value.path == path


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        Vocabulary.read(tmp_path / "words.txt")


def test_a_word_given_twice_is_refused():
    with pytest.raises(DataError, match="'b' comes again"):
        Vocabulary(["a", "b", "c", "b"])


def test_normalize():
    assert normalize("Mai 2007") == "Mai 2007"
    assert normalize("Mai 2007", lower=True, digits=True) == "mai 0000"
    assert normalize("٣x", digits=True) == "0x"


@given(
    st.lists(st.text(max_size=3), unique=True, max_size=30),
    st.lists(st.text(max_size=3), max_size=40),
    st.integers(0, 9),
)
def test_words_beyond_the_first_are_found_too(words, asked, indexed):
    whole = Vocabulary(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "_INDEXED", indexed)
        asked = [*words[::-2], *asked]
        for partial in (Vocabulary(words), Vocabulary.decode(whole.encode()), Vocabulary.decode(whole.encode()[:-1])):
            assert len(partial) == len(whole)
            for some in (asked[:3], asked[3:7], asked):
                assert partial.ids(some).tolist() == whole.ids(some).tolist()
                assert [word in partial for word in some] == [word in whole for word in some]
            assert partial == whole


def test_a_word_that_comes_twice_far_behind_is_told_when_words_there_are_looked_for(monkeypatch):
    monkeypatch.setattr(vocabulary, "_INDEXED", 2)
    partial = Vocabulary(["a", "b", "c", "c"])
    with pytest.raises(DataError, match="'c' comes again"):
        partial.ids(["d"] * 20)


@pytest.mark.parametrize(("line", "problem"), [("", "empty line"), (r"\x", "not an escape")])
def test_a_faulty_line_far_behind_is_told_when_words_there_are_looked_for(monkeypatch, line, problem):
    monkeypatch.setattr(vocabulary, "_INDEXED", 2)
    partial = Vocabulary.decode(f"a\nb\nc\n{line}\n", "words.txt")
    assert partial.ids(["a", "c"]).tolist() == [2, 4]
    with pytest.raises(DataError, match=problem) as caught:
        partial.ids(["d"] * 20)
    assert (caught.value.path, caught.value.line) == ("words.txt", 4)
