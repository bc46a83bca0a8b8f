import pickle

import numpy as np
import pytest

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.errors import DataError


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 1)])
def test_spans_and_regions_need_ordered_offsets(start, end):
    with pytest.raises(DataError, match="0 <= start < end"):
        Span(start, end, "A")
    with pytest.raises(DataError, match="0 <= start < end"):
        Region(start, end)


def test_matching_compares_layer_place_and_label():
    assert Span(0, 1, "A", score=0.5, id="x").key == Span(0, 1, "A").key == ("entities", 0, 1, "A")
    assert Span(0, 1, "A", "chunks").key != Span(0, 1, "A").key


def test_a_document_holds_nothing_outside_its_text():
    with pytest.raises(DataError, match="ends outside the text, which has 3 characters"):
        Document("abc", spans=(Span(1, 4, "A"),))
    with pytest.raises(DataError, match="ends outside the text"):
        Document("abc", unknown=(Region(3, 4),))
    with pytest.raises(DataError, match="names the span 'b'"):
        Document("abc", spans=(Span(0, 1, "A", id="a"),), relations=(Relation("a", "b", "of"),))
    with pytest.raises(DataError, match="another text"):
        Document("abc", tokens=Tokens("abd", [[0, 3]]))


def test_offsets_count_code_points():
    document = Document("👩‍👩‍👧 Ada é", spans=(Span(6, 9, "PER"),))
    assert document.surface(document.spans[0]) == "Ada"
    assert document.layer() == document.spans
    assert document.layer("chunks") == ()


def test_tokens_yield_tokens_sentences_and_columns():
    tokens = Tokens("Ada wrote. Yes", [[0, 3], [4, 9], [9, 10], [11, 14]], [0, 3], {"1": ["N", "V", ".", "R"]})
    assert tokens[1] == (4, 9, "wrote")
    assert tokens[-1].text == "Yes"
    assert tokens[1:3] == [(4, 9, "wrote"), (9, 10, ".")]
    assert [token.text for token in tokens] == tokens.surfaces == ["Ada", "wrote", ".", "Yes"]
    assert list(tokens.ranges()) == [(0, 3), (3, 4)]
    assert tokens.columns["1"] == ("N", "V", ".", "R")
    assert pickle.loads(pickle.dumps(tokens)) == tokens
    assert hash(pickle.loads(pickle.dumps(tokens))) == hash(tokens)
    assert tokens != Tokens("Ada wrote. Yes", tokens.offsets)


def test_tokens_do_not_change():
    given = np.array([[0, 1]])
    tokens = Tokens("ab", given)
    given[0, 1] = 2
    assert tokens[0].text == "a"
    assert tokens.offsets.dtype == tokens.sentences.dtype == np.int32
    with pytest.raises(ValueError, match="read-only"):
        tokens.offsets[0, 0] = 1
    with pytest.raises(TypeError):
        tokens.columns["x"] = ("y",)


def test_a_text_may_have_no_tokens():
    tokens = Tokens("  ", [])
    assert len(tokens) == 0
    assert list(tokens.ranges()) == []
    assert tokens.offsets.shape == (0, 2)
    assert tokens.sentences.tolist() == []


@pytest.mark.parametrize(
    "offsets",
    [
        [[0, 0]],
        [[2, 1]],
        [[-1, 1]],
        [[0, 2], [1, 3]],
        [[2, 3], [0, 1]],
        [[0, 5]],
        [[0, 1], [2, 2**40]],
        [[0, 2**70]],
        [[0.0, 1.0]],
        [["0", "1"]],
        [[0, 1], [2]],
        [0, 1],
        [[0, 1, 2]],
    ],
)
def test_token_offsets_are_checked(offsets):
    with pytest.raises(DataError, match="token"):
        Tokens("abcd", offsets)


@pytest.mark.parametrize("sentences", [[1], [0, 0], [0, 2], [], [0, 1.5], [[0]]])
def test_sentence_starts_are_checked(sentences):
    with pytest.raises(DataError, match="sentence starts"):
        Tokens("abcd", [[0, 1], [1, 2]], sentences)


def test_a_sentence_needs_a_token():
    with pytest.raises(DataError, match="sentence starts"):
        Tokens("", [], [0])


def test_columns_are_as_long_as_the_tokens():
    with pytest.raises(DataError, match="column 'pos' has 1 values for 2 tokens"):
        Tokens("ab", [[0, 1], [1, 2]], columns={"pos": ["N"]})
