import pytest
from drawn_tokens import flat, holding, sentences_of_words
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.inline import SEPARATORS
from elman.errors import DataError, UsageError


def surfaces(document):
    return [(document.surface(span), span.label) for span in document.spans]


def test_blank_lines_end_documents(data):
    path = data / "inline" / "colons.txt"
    assert detect(path).format.name == "inline"
    reading = read(path)
    first, second = reading
    assert (first.id, first.text) == ("colons-1", "Ada Lovelace at 12:30\nBo .")
    assert surfaces(first) == [("Ada Lovelace", "PER"), ("Bo", "PER")]
    assert surfaces(second) == [("Ulm", "LOC")]
    assert reading.report.notes == ["between word and tag stands ':': 7 of 7 words with ':' and a tag"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("slashes", [("Ada and/or Bo", [("Ada", "PER"), ("Bo", "PER")]), ("的 北京", [("北京", "LOC")])]),
        # A single token and a pair of B and E are one entity each.
        ("bars", [("Ada is", [("Ada", "PER")]), ("Bo Co", [("Bo Co", "PER")])]),
        ("underscores", [("Ada is", [("Ada", "PER")]), ("here now snake_case", [])]),
    ],
)
def test_separators_are_found_out(data, name, found):
    assert [(document.text, surfaces(document)) for document in read(data / "inline" / f"{name}.txt")] == found


def test_what_is_wrong_is_said_and_set_aside(data):
    path = data / "inline" / "invalid-untagged.txt"
    with pytest.raises(DataError, match=r"invalid-untagged.txt:2: expected a word, ':' and a tag, got 'is'"):
        list(read(path, "inline"))
    rejects = []
    assert len(list(read(path, "inline", rejects=rejects.append))) == 1
    assert [(reject.line, reject.raw) for reject in rejects] == [(2, "Ada:B-PER is")]
    with pytest.raises(DataError, match=r"invalid-orphan.txt:2: tag 1 \('I-PER'\) stands after 'O'"):
        list(read(data / "inline" / "invalid-orphan.txt", "inline", scheme="IOB2"))
    with pytest.raises(DataError, match=r"invalid-words.txt:1: expected words with their tags, as in Ada:B-PER"):
        read(data / "inline" / "invalid-words.txt", "inline")


def test_prose_and_parts_of_speech_are_not_taken_for_it(tmp_path):
    path = tmp_path / "f.txt"
    for text in ("See http://a.org/b: it is O\n", "The/DT dog/NN barks/VBZ\n", "O\nO\n", "a_b\nc_d\n"):
        path.write_text(text)
        with pytest.raises(DataError):
            read(path, "inline")


def test_word_and_tag_have_to_be_told_apart(tmp_path):
    document = Document("a", (Span(0, 1, "x:O"),), tokens=Tokens("a", [(0, 1)]))
    with pytest.raises(DataError, match="cannot stand in one line with ':' between them"):
        write([document], tmp_path / "o.txt", "inline")
    write([document], tmp_path / "o.txt", "inline", separator="|")
    assert next(read(tmp_path / "o.txt", "inline", separator="|")).spans == document.spans
    with pytest.raises(DataError, match="has the token 'a b'"):
        write([Document("a b", tokens=Tokens("a b", [(0, 3)]))], tmp_path / "o.txt", "inline")
    with pytest.raises(UsageError, match=r"one of : / \| _, got '='"):
        write([], tmp_path / "o.txt", "inline", separator="=")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_words_read_back(tmp_path_factory, data):
    documents = []
    for number in range(1, data.draw(st.integers(1, 3)) + 1):
        tokens = data.draw(sentences_of_words())
        documents.append(holding(tokens, *data.draw(flat(tokens)), id=f"any-{number}"))
    # The head has to have a tag that is none of an unknown token.
    documents.insert(0, Document("x", (Span(0, 1, "PER"),), tokens=Tokens("x", [(0, 1)]), id="any-0"))
    path = tmp_path_factory.mktemp("any") / "any.txt"
    separator = data.draw(st.sampled_from(SEPARATORS))
    ledger = write(documents, path, "inline", separator=separator)
    back = list(read(path, "inline", separator=separator))
    assert [(one.text, one.spans, one.unknown, one.tokens) for one in back] == [
        (one.text, one.spans, one.unknown, one.tokens) for one in documents
    ]
    assert ledger.refused == 0
