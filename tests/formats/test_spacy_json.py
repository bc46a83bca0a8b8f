import json

import pytest
from drawn import documents, names, strange, trip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span
from elman.data.formats import detect, read, write
from elman.data.formats.spacy import SPACY_JSON
from elman.errors import DataError

SONY = "Sony bought Ericsson."


def test_every_field_is_read(data):
    reading = read(data / "spacy-json" / "all.json")
    sony, nothing, unseen, nested = reading
    assert sony == Document(
        SONY, (Span(0, 4, "ORG"), Span(12, 20, "ORG")), labels=("NEWS",), meta={"cats": {"NEWS": 1.0, "SPORT": 0.0}}
    )
    assert nothing == Document("Nothing here.")
    # No entities is one thing, nobody has said is another.
    assert unseen == Document("Not annotated.", unknown=(Region(0, 14),), labels=("NEWS",))
    assert nested.spans == (Span(4, 22, "ORG"), Span(18, 22, "LOC"), Span(0, 22, "NP", "sc"))
    assert nested.meta == {"links": {}}
    assert reading.report.ignored == {"id of a span (a fourth value)": 1}


def test_lines_objects_and_classes_are_read(data):
    assert [document.text for document in read(data / "spacy-json" / "lines.jsonl")] == ["Bonn 🙂 Rome", "Köln"]
    (document,) = read(data / "spacy-json" / "objects.jsonl")
    assert document == Document("Bonn", (Span(0, 4, "LOC"),), id="5", meta={"source": "web"})
    reading = read(data / "spacy-json" / "classes.json")
    assert [document.spans for document in reading] == [(Span(0, 4, "LOC"),)]
    assert reading.report.ignored == {"text that was deleted (null)": 1}


@pytest.mark.parametrize("name", ["all.json", "lines.jsonl", "objects.jsonl", "classes.json"])
def test_its_files_are_known(data, name):
    assert detect(data / "spacy-json" / name).format.name == "spacy-json"


def test_entities_that_overlap_are_all_there(tmp_path):
    document = Document("The University of Bonn", (Span(18, 22, "LOC"), Span(4, 22, "ORG")))
    ledger = write([document], tmp_path / "a.json", "spacy-json")
    ((_, annotations),) = json.loads((tmp_path / "a.json").read_text())
    assert annotations == {
        "entities": [[4, 22, "ORG"]],
        "spans": {"entities": [[18, 22, "LOC"], [4, 22, "ORG"]]},
    }
    assert ledger.kept == 2
    assert list(read(tmp_path / "a.json")) == [document]


def test_what_it_cannot_hold_is_in_the_ledger(tmp_path):
    document = Document(
        "Bonn",
        (Span(0, 4, "LOC", score=0.5, id="a"),),
        unknown=(Region(2, 3),),
        labels=("x", "x"),
        id="d",
        meta={"a": 1},
    )
    ledger = write([document], tmp_path / "a.jsonl", "spacy-json", lines=True)
    assert {row.item for row in ledger.table() if row.kind == "refused"} == {"label", "region", "score", "id", "meta"}
    assert (tmp_path / "a.jsonl").read_text() == '["Bonn", {"entities": [[0, 4, "LOC"]], "cats": {"x": 1.0}}]\n'


def test_no_documents_are_an_empty_array(tmp_path):
    write([], tmp_path / "a.json", "spacy-json")
    assert list(read(tmp_path / "a.json", "spacy-json")) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("one", r'expected a record as \["text", .*\], got a list of 1: a string'),
        ("annotations-type", "expected the annotations of a text as an object, got a list"),
        ("string", r'expected a record as \["text", .*\], got a string'),
        ("no-text", "a record needs 'text', a string; got entities"),
        ("entities-type", "'entities' of the annotations of a text has to be a list, got an object"),
        ("span-type", r"expected a span as \[start, end, label\], got \[0, '4', 'LOC'\]"),
        ("span-short", r"expected a span as \[start, end, label\], got \[0, 4\]"),
        ("tags", r"entities as tags are not read here; give them as \[start, end, label\]"),
        ("outside", ".* ends outside the text, which has 4 characters"),
        ("cats", "expected a number from 0 to 1 for the class 'NEWS', got a string"),
        ("group", "the group 'sc' has to be a list of spans, got a whole number"),
        ("cut", "got invalid JSON: Expecting value"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(data, name, message):
    path = data / "spacy-json" / f"invalid-{name}.json"
    with pytest.raises(DataError, match=rf"invalid-{name}.json:\d: {message}"):
        list(read(path, "spacy-json"))
    rejects = []
    list(read(path, "spacy-json", rejects=rejects.append))
    assert len(rejects) == 1


def test_a_group_keeps_what_the_entities_have_too(tmp_path):
    spans = (Span(0, 4, "LOC", "sc"), Span(0, 4, "LOC"), Span(0, 4, "LOC"))
    write([Document("Bonn", spans)], tmp_path / "a.json", "spacy-json")
    (back,) = read(tmp_path / "a.json", "spacy-json")
    assert sorted(span.key for span in back.spans) == sorted(span.key for span in spans)


drawn_labels = st.lists(names, max_size=2, unique=True).map(tuple)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=documents(layers=("entities", "sc")), labels=drawn_labels, text=strange)
def test_spans_and_labels_read_back_the_same(tmp_path_factory, document, labels, text):
    given_documents = [
        Document(document.text, document.spans, unknown=document.unknown, labels=labels),
        Document(text),
    ]
    for lines in (False, True):
        path = tmp_path_factory.mktemp("round") / "trip.json"
        ledger, back = trip(SPACY_JSON, given_documents, path, {"lines": lines})
        assert [one.text for one in back] == [one.text for one in given_documents]
        for one, other in zip(given_documents, back, strict=True):
            keys = sorted(span.key for span in one.spans)
            assert sorted(span.key for span in other.spans) == keys
            assert (other.labels, other.unknown) == (one.labels, one.unknown)
        assert ledger.kept == len(document.spans)
