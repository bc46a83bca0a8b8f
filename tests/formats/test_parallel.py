import pytest
from drawn_tokens import flat, holding, sentences_of_words
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.parallel import NO_LABEL, RESPACED
from elman.errors import DataError


def test_a_file_of_words_finds_its_tags(data):
    path = data / "parallel" / "ok.tokens"
    assert detect(path).format.name == "parallel"
    documents = list(read(path))
    assert [(document.id, document.text) for document in documents] == [
        ("ok-1", "Ada wrote"),
        ("ok-2", ""),
        ("ok-3", "Bo"),
    ]
    assert documents[0].spans == (Span(0, 3, "PER"),)


def test_the_tags_can_be_named(data):
    path = data / "parallel" / "ok.tokens"
    tags = str(data / "parallel" / "ok.tags")
    assert list(read(path, "parallel", tags=tags)) == list(read(path))
    with pytest.raises(DataError, match="no name that says where its tags are"):
        read(data / "inline" / "colons.txt", "parallel")
    with pytest.raises(DataError, match=r"alone.tags: cannot read it"):
        read(data / "parallel" / "alone.tokens", "parallel")


def test_slot_filling_has_a_folder_for_each_split(data):
    path = data / "parallel" / "slots"
    assert detect(path).format.name == "parallel"
    documents = list(read(path))
    assert [document.id for document in documents] == ["train-1", "train-2", "valid-1", "valid-2"]
    assert documents[0].spans == (Span(7, 10, "city"),)
    assert [document.labels for document in documents[:2]] == [("flight",), ("music", "play")]
    assert len(list(read(path / "train"))) == 2
    assert [document.labels for document in read(path / "train" / "seq.in")] == [("flight",), ("music", "play")]


@pytest.mark.parametrize(
    ("name", "message", "left"),
    [
        ("invalid-words", r"invalid-words.tags:2: expected a tag for each of the 1 words, got 2; mend the line", 1),
        ("invalid-orphan", r"invalid-orphan.tags:2: tag 1 \('I-PER'\) stands after 'O'|invalid-orphan.tokens:2", 1),
    ],
)
def test_what_is_wrong_is_said_and_set_aside(data, name, message, left):
    path = data / "parallel" / f"{name}.tokens"
    with pytest.raises(DataError, match=message):
        list(read(path, scheme="IOB2"))
    rejects = []
    assert len(list(read(path, scheme="IOB2", rejects=rejects.append))) == left
    assert [reject.line for reject in rejects] == [2]


def test_files_have_equally_many_lines(data):
    with pytest.raises(DataError, match=r"invalid-lines.tags:1: has 1 lines, .*invalid-lines.tokens and the files"):
        list(read(data / "parallel" / "invalid-lines.tokens"))


def test_a_folder_without_pairs_is_refused(tmp_path):
    with pytest.raises(DataError, match="no file of words with a file of tags beside it"):
        read(tmp_path, "parallel")


def test_what_lines_cannot_hold_is_in_the_ledger(tmp_path):
    text = "Ada wrote.\nBo read"
    tokens = Tokens(text, [(0, 3), (4, 9), (9, 10), (11, 13), (14, 18)], [0, 3])
    document = Document(text, (Span(0, 3, "PER"),), labels=("a", "b#c"), tokens=tokens)
    ledger = write([document], tmp_path / "o", "parallel")
    assert (tmp_path / "o" / "seq.in").read_text() == "Ada wrote . Bo read\n"
    assert (tmp_path / "o" / "label").read_text() == "a\n"
    assert ledger.counts["document", "moved", RESPACED] == 1
    assert ledger.counts["label", "refused", NO_LABEL] == 1
    assert ledger.total("refused", "sentence") == 2
    with pytest.raises(DataError, match="holds white space"):
        write([Document("a b", tokens=Tokens("a b", [(0, 3)]))], tmp_path / "p", "parallel")
    assert not (tmp_path / "p").exists()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_words_read_back(tmp_path_factory, data):
    documents = []
    for number in range(1, data.draw(st.integers(1, 3)) + 1):
        tokens = data.draw(sentences_of_words(most=1))
        labels = tuple(data.draw(st.lists(st.sampled_from(["a", "b c", "é"]), max_size=2)))
        documents.append(holding(tokens, *data.draw(flat(tokens)), labels=labels, id=f"o-{number}"))
    path = tmp_path_factory.mktemp("any") / "o"
    ledger = write(documents, path, "parallel")
    assert list(read(path)) == documents
    assert {key for key in ledger.counts if key[1] != "kept"} <= {
        ("id", "refused", "id of the document, which the format cannot hold")
    }
