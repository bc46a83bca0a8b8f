import re

import pytest
from drawn import names, trip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.gliner import GLINER
from elman.errors import DataError, UsageError


def test_every_field_is_read(data):
    sony, bonn, nothing, unknown = read(data / "gliner" / "all.json")
    text = "Sony bought Ericsson AB ."
    assert sony == Document(
        text,
        (Span(0, 4, "company", id="0"), Span(12, 23, "company", id="1")),
        (Relation("0", "1", "bought"),),
        tokens=Tokens(text, [(0, 4), (5, 11), (12, 20), (21, 23), (24, 25)]),
        meta={"negatives": ["person"]},
    )
    assert [bonn.surface(span) for span in bonn.spans] == ["University of Bonn", "Bonn"]
    assert (nothing.spans, nothing.unknown) == ((), ())
    assert unknown.unknown == (Region(0, 9),)


def test_what_is_read_is_written_back(data, tmp_path):
    assert detect(data / "gliner" / "all.json").format.name == "gliner"
    given_documents = list(read(data / "gliner" / "all.json"))
    for lines in (False, True):
        ledger = write(given_documents, tmp_path / "back.json", "gliner", lines=lines)
        assert list(read(tmp_path / "back.json")) == given_documents
        # Ids of spans are their indices.
        assert {(row.item, row.number) for row in ledger.table() if row.kind != "kept"} == {("id", 2)}


def test_spans_go_to_whole_tokens_and_text_between_is_told(tmp_path):
    document = Document("in  Bonn-Rome", (Span(4, 8, "place"), Span(2, 4, "gap")))
    with pytest.raises(UsageError, match="has no tokens; give tokenize"):
        write([document], tmp_path / "a.json", "gliner")
    ledger = write([document], tmp_path / "a.json", "gliner", tokenize=_words)
    assert (ledger.moved, ledger.refused, ledger.total("moved", "document")) == (1, 1, 1)
    (back,) = read(tmp_path / "a.json")
    assert (back.text, back.spans) == ("in Bonn-Rome", (Span(3, 12, "place"),))


def _words(text):
    return Tokens(text, [match.span() for match in re.finditer(r"\S+", text)])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-tokens", "a record needs 'tokenized_text', a list; got ner"),
        ("tokens-type", "'tokenized_text' of a record has to be a list of strings, got Bonn is here"),
        ("empty-token", "the token 1 is empty"),
        ("ner-type", "'ner' of a record has to be a list, got an object"),
        ("span-type", r"expected a span as \[first token, last token, label\], got \['0', '0', 'x'\]"),
        ("exclusive", "the span 0-1 place is not on the 1 tokens; a span ends with its last token, not"),
        ("backwards", "the span 1-0 place is not on the 2 tokens"),
        ("relation", r"the relation \[0, 1, 'in'\] names a span that is not there; there are 1, counted from 0"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(data, name, message):
    path = data / "gliner" / f"invalid-{name}.json"
    with pytest.raises(DataError, match=rf"invalid-{name}.json:1: {message}"):
        list(read(path, "gliner"))
    rejects = []
    assert list(read(path, "gliner", rejects=rejects.append)) == []
    assert len(rejects) == 1


@st.composite
def tokenized(draw):
    words = draw(
        st.lists(st.text(min_size=1, max_size=3) | st.sampled_from(["🙂", "e\u0301", "שלום", "\u200b"]), max_size=5)
    )
    text = " ".join(words)
    starts = [sum(len(word) + 1 for word in words[:at]) for at in range(len(words))]
    offsets = [(start, start + len(word)) for start, word in zip(starts, words, strict=True)]
    places = st.tuples(*[st.integers(0, len(words) - 1)] * 2).map(sorted)
    runs = draw(st.lists(places, max_size=3)) if words else []
    ends = draw(st.sets(st.integers(0, len(runs) - 1), min_size=2, max_size=2)) if len(runs) > 1 else set()
    spans = tuple(
        Span(offsets[first][0], offsets[last][1], draw(names), id=str(at) if at in ends else None)
        for at, (first, last) in enumerate(runs)
    )
    relations = (Relation(*map(str, ends), draw(names)),) if ends else ()
    unknown = (Region(0, len(text)),) if text and not spans and draw(st.booleans()) else ()
    meta = draw(st.dictionaries(st.text(max_size=5), st.integers(), max_size=2))
    return Document(text, spans, relations, unknown, (), Tokens(text, offsets), draw(st.none() | names), meta)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=tokenized())
def test_tokens_and_spans_read_back_the_same(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("round") / "trip.json"
    ledger, back = trip(GLINER, [document], path)
    assert back == [document]
    assert all(kind == "kept" for item, kind, _ in ledger.counts if item != "id")
