import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import files, read, write
from elman.errors import DataError


def test_every_field_is_read(data):
    reading = read(data / "jsonl" / "all.jsonl")
    full, empty, odd = reading
    text = "Ada Lovelace met Babbage."
    assert full == Document(
        text,
        (Span(0, 12, "PER", score=0.75, id="t1"), Span(17, 24, "PER", id="t2"), Span(0, 3, "given", "names")),
        (Relation("t1", "t2", "met", 1.0),),
        (Region(24, 25, "names"),),
        ("history",),
        Tokens(
            text,
            [(0, 3), (4, 12), (13, 16), (17, 24), (24, 25)],
            [0],
            {"pos": ["NNP", "NNP", "VBD", "NNP", "."]},
        ),
        "a",
        {"year": 1833},
    )
    assert empty == Document("")
    assert odd.text == "line\r\nbreaks\u2028stay 🙂 Köln"
    assert odd.surface(odd.spans[0]) == "Köln"
    assert odd.meta == {"source": "chat", "score": None}
    assert reading.report.lines() == [
        "3 documents, 5 tokens, 4 spans",
        "the format is jsonl: its first line is a JSON object with a text",
    ]


def test_what_no_field_takes_is_counted(tmp_path):
    path = tmp_path / "a.jsonl"
    spans = [{"start": at, "end": at + 1, "label": "X", "token_start": at} for at in range(3)]
    path.write_text(json.dumps({"text": "abc", "spans": spans}))
    reading = read(path, "jsonl")
    assert len(list(reading)) == 1
    assert reading.report.ignored == {"'token_start' of a span": 3}


def test_an_array_of_objects_is_read_as_lines_are(data, tmp_path):
    lines = [line for line in (data / "jsonl" / "all.jsonl").read_text("utf-8").split("\n") if line.strip()]
    path = tmp_path / "all.json"
    path.write_text("[" + ",\n".join(lines) + "]", "utf-8")
    assert list(read(path)) == list(read(data / "jsonl" / "all.jsonl"))


def test_an_array_of_which_not_all_is_known_is_not_taken_for_one(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"text": "Ada ran.", "mentions": [[0, 3]]}]')
    with pytest.raises(DataError, match="none of the formats"):
        read(path)


def test_texts_and_labels_may_be_called_otherwise(tmp_path):
    path = tmp_path / "a.jsonl"
    first = '{"body": "a", "topic": 1, "text": 3, "meta": {"year": 1}}\n'
    path.write_text(first + '{"body": "b", "topic": ["x", "y"]}\n{"body": "c"}\n')
    found = list(read(path, "jsonl:text=body,label=topic"))
    assert [(one.text, one.labels, one.meta) for one in found] == [
        ("a", ("1",), {"year": 1, "text": 3}),
        ("b", ("x", "y"), {}),
        ("c", (), {}),
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("not-json", r":2: expected a JSON object on each line, got invalid JSON: Expecting value"),
        ("truncated", r":2: expected a JSON object on each line, got invalid JSON: Unterminated string"),
        ("array", ":1: expected a document as an object, got a list"),
        ("no-text", ":2: a document needs 'text', a string; got spans"),
        ("text-type", ":1: 'text' of a document has to be a string, got a list"),
        ("outside", ":3: .* ends outside the text, which has 3 characters"),
        ("end-before-start", ":1: a span has to have 0 <= start < end, got start 2, end 1"),
        ("no-end", ":1: a span needs 'end', a whole number; got start, label"),
        ("boolean-offset", ":1: 'start' of a span has to be a whole number, got true or false"),
        ("fraction-offset", ":1: 'start' of a span has to be a whole number, got a number with a fraction"),
        ("label-type", ":1: 'label' of a span has to be a string, got a whole number"),
        ("span-list", ":1: expected a span as an object, got a list"),
        ("spans-type", ":1: 'spans' of a document has to be a list, got an object"),
        ("surface", ":1: the span 2-4 X says that its text is 'Eve', but at its offsets stands 'Ad'"),
        ("nan", ":1: NaN is not JSON"),
        ("score-range", r":1: a score has to be a probability in \[0, 1\], got 97"),
        ("relation", ":1: .* names the span 'a'"),
        ("tokens-outside", r":1: token 0 has offsets \[0, 9\]"),
        ("tokens-type", ":1: token offsets have to be whole numbers"),
        ("sentences-alone", ":1: sentences and columns need tokens"),
        ("columns-type", ":1: columns have to be lists of strings by name"),
        ("labels-type", ":1: the labels of a document have to be strings"),
        ("meta-twice", ":1: 'source' stands both beside the text and in meta"),
        ("digits", ":1: .* invalid JSON: Exceeds the limit"),
        ("latin-1", ":2: expected utf-8, got the byte 0xf6"),
        ("binary", ":2: expected text, got binary data"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(data, name, message):
    with pytest.raises(DataError, match=rf"invalid-{name}.jsonl{message}"):
        list(read(data / "jsonl" / f"invalid-{name}.jsonl", "jsonl"))


def test_an_empty_file_is_an_error(data):
    with pytest.raises(DataError, match=r"empty.jsonl: is empty"):
        read(data / "jsonl" / "empty.jsonl")


def test_json_that_nests_too_deeply_is_an_error(tmp_path):
    path = tmp_path / "deep.jsonl"
    path.write_text('{"text": "a", "meta": ' + '{"a": ' * 200_000 + "1" + "}" * 200_001)
    with pytest.raises(DataError, match=r"deep.jsonl:1: expected a JSON object on each line"):
        list(read(path))


def test_a_line_is_what_the_design_promises(tmp_path):
    path = tmp_path / "a.jsonl"
    write([Document("Köln 🙂", (Span(0, 4, "LOC", score=0.5),))], path)
    line = '{"text": "Köln 🙂", "spans": [{"start": 0, "end": 4, "label": "LOC", "score": 0.5}]}\n'
    assert path.read_bytes() == line.encode()


# Emoji, joiners, combining marks, right to left, separators, zero width, beyond the first plane.
PIECES = [
    "👩‍👩‍👧",
    "🏳️‍🌈",
    "e\u0301",
    "שלום",
    "مرحبا",
    "\r\n",
    "\n",
    "\r",
    "\u2028",
    "\x85",
    "\u200b",
    "\ufeff",
    "𝔸",
    "\0",
    '"\\',
    "a",
]
strange = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=8).map("".join)
scores = st.none() | st.floats(0, 1)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def documents(draw):
    text = draw(strange)
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted).filter(lambda p: p[0] < p[1])
    many = st.lists(places, max_size=4) if text else st.just([])
    labels = st.text(max_size=3)
    spans = tuple(
        Span(
            *place,
            draw(labels),
            draw(st.sampled_from(["entities", "x"])),
            draw(scores),
            draw(st.none() | st.text()),
        )
        for place in draw(many)
    )
    ids = [span.id for span in spans if span.id is not None]
    relations = tuple(
        Relation(draw(st.sampled_from(ids)), draw(st.sampled_from(ids)), draw(labels), draw(scores))
        for _ in range(draw(st.integers(0, 2)) if ids else 0)
    )
    unknown = tuple(Region(*place, draw(st.sampled_from(["entities", "x"]))) for place in draw(many))
    tokens = None
    if draw(st.booleans()):
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
        offsets = list(zip(cuts[::2], cuts[1::2], strict=False))
        starts = sorted({0} | draw(st.sets(st.integers(0, len(offsets) - 1)))) if offsets else []
        cells = st.lists(st.text(max_size=2), min_size=len(offsets), max_size=len(offsets))
        tokens = Tokens(text, offsets, starts, draw(st.dictionaries(st.text(), cells, max_size=2)))
    meta = draw(st.dictionaries(st.text(), values, max_size=3))
    name = draw(st.none() | st.text())
    return Document(text, spans, relations, unknown, tuple(draw(st.lists(labels, max_size=2))), tokens, name, meta)


@given(given_documents=st.lists(documents(), min_size=1, max_size=3))
def test_every_document_reads_back_the_same(tmp_path_factory, given_documents):
    path = tmp_path_factory.mktemp("round") / "trip.jsonl"
    ledger = write(given_documents, path)
    assert ledger.kept == ledger.given() == sum(len(document.spans) for document in given_documents)
    back = list(read(path, "jsonl"))
    assert back == given_documents
    assert path.read_bytes().count(b"\n") == len(given_documents)
    for one, other in zip(given_documents, back, strict=True):
        assert [one.surface(span) for span in one.spans] == [other.surface(span) for span in other.spans]


def test_lone_surrogates_are_written_as_escapes(tmp_path):
    path = tmp_path / "a.jsonl"
    document = Document("a\ud83db", (Span(1, 2, "X"),))
    write([document], path)
    assert list(read(path)) == [document]
    with pytest.raises(DataError, match="lone surrogates"):
        write([Document("\ud83d\ude00")], path)


@pytest.mark.parametrize("meta", [{"a": {1, 2}}, {"a": float("nan")}, {"a": Span(0, 1, "X")}])
def test_meta_that_json_has_not_is_refused(tmp_path, meta):
    with pytest.raises(DataError, match="document 'd': cannot be written as JSON"):
        write([Document("a", id="d", meta=meta)], tmp_path / "a.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_lines_end_only_at_line_feeds(data, monkeypatch):
    expected = list(read(data / "jsonl" / "all.jsonl"))
    for size in (1, 5, 100):
        monkeypatch.setattr(files, "_BLOCK", size)
        assert list(read(data / "jsonl" / "all.jsonl")) == expected


def test_carriage_returns_before_line_feeds_are_of_the_file_not_of_the_text(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "a\\r\\nb"}\r\n\r\n{"text": "c"}')
    assert [document.text for document in read(path)] == ["a\r\nb", "c"]


@pytest.mark.shared
def test_a_known_file_goes_there_and_back(shared, tmp_path):
    documents = list(read(shared("conll2003-en/test.txt")))
    assert write(documents, tmp_path / "test.jsonl").kept == 5648
    assert list(read(tmp_path / "test.jsonl")) == documents
