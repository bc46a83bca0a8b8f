import json
import re
from dataclasses import replace

import pytest
from drawn import documents, trip
from hypothesis import HealthCheck, given, settings

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.label_studio import LABEL_STUDIO
from elman.errors import DataError, UsageError

SONY = "Sony bought Ericsson."


def test_every_annotation_is_a_document(data):
    reading = read(data / "label-studio" / "all.json")
    first, second, unseen = reading
    assert first == Document(
        SONY,
        (Span(0, 4, "ORG", id="r1"), Span(12, 20, "ORG", id="r2"), Span(12, 20, "SUBJECT", id="r2")),
        (Relation("r1", "r2", "bought"), Relation("r1", "r2", "")),
        labels=("business",),
        id="1-10",
        meta=first.meta,
    )
    assert first.meta["url"] == "https://example.org/1"
    own = first.meta["label_studio"]
    assert own["task"] == {"created_at": "2024-01-01T00:00:00Z"}
    assert (own["annotation"]["completed_by"], own["annotation"]["lead_time"]) == (3, 4.5)
    assert own["choice"] == "topic"
    # What is no span, relation or class is kept as it is.
    assert [result["from_name"] for result in own["results"]] == ["comment"]
    # A second control with labels is a layer of its own.
    assert second.spans == (Span(0, 4, "ORG", id="r3"), Span(5, 11, "VERB", "pos", id="r4"))
    assert second.id == "1-11"
    assert unseen == Document("Nobody has seen this.", unknown=(Region(0, 21),), id="2")
    report = reading.report
    assert report.ignored == {"annotation that was cancelled": 1, "prediction, as annotations are read": 1}
    assert "1 regions have several labels; each became a span" in report.lines()
    account = report.account()
    assert account.counts["span", "split", "region with several labels: a span for each"] == 1
    assert (account.given("span"), account.made("span"), account.given("relation")) == (4, 5, 3)
    assert account.total("refused", "relation") == 1


def test_which_annotations_count_can_be_said(data):
    path = data / "label-studio" / "all.json"
    assert [document.id for document in read(path, annotation="first")] == ["1", "2"]
    truth, unseen = read(path, annotation="ground_truth")
    assert (len(truth.spans), unseen.unknown) == (2, (Region(0, 21),))
    predicted, _ = read(path, predictions=True)
    assert predicted.spans == (Span(0, 4, "PER", score=0.75, id="p1"),)
    with pytest.raises(UsageError, match="annotation has to be one of all, first, ground_truth, got 'last'"):
        read(path, annotation="last")


def test_what_is_read_is_written_back(data, tmp_path):
    given_documents = list(read(data / "label-studio" / "all.json"))
    ledger = write(given_documents, tmp_path / "back.json", "label-studio")
    assert all(row.kind == "kept" for row in ledger.table())
    assert list(read(tmp_path / "back.json")) == given_documents
    tasks = json.loads((tmp_path / "back.json").read_text())
    assert tasks[0]["data"] == {"text": SONY, "url": "https://example.org/1"}
    assert tasks[0]["annotations"][0]["result"][1] == {
        "id": "r2",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {"start": 12, "end": 20, "text": "Ericsson", "labels": ["ORG", "SUBJECT"]},
    }
    assert tasks[1]["annotations"][0]["result"][1]["from_name"] == "pos"
    assert "annotations" not in tasks[2]
    assert tasks[2]["id"] == 2


def test_the_text_is_found_among_the_data(data, tmp_path):
    (document,) = read(data / "label-studio" / "old.json")
    assert (document.text, document.spans, document.meta["title"]) == ("Bonn", (Span(0, 4, "LOC"),), "Rhine")
    write([document], tmp_path / "back.json", "label-studio")
    (task,) = json.loads((tmp_path / "back.json").read_text())
    assert task["data"] == {"body": "Bonn", "title": "Rhine"}
    (result,) = task["annotations"][0]["result"]
    assert (result["from_name"], result["to_name"]) == ("ner", "doc")
    assert next(read(data / "label-studio" / "old.json", text="body")).text == "Bonn"
    with pytest.raises(DataError, match=r"old.json:1: the data of a task has no text 'txt'; it has body, title"):
        list(read(data / "label-studio" / "old.json", text="txt"))


def test_the_short_export_is_read(data):
    first, second = read(data / "label-studio" / "min.json")
    meta = {"annotator": 3, "annotation_id": 10, "label_studio": {"choice": "topic"}}
    assert first == Document(SONY, (Span(0, 4, "ORG"),), labels=("business",), id="1", meta=meta)
    assert (second.text, second.spans, second.unknown) == ("Nothing.", (), ())


@pytest.mark.parametrize("keep", [True, False])
def test_emoji_do_not_move_what_follows(data, tmp_path, keep):
    """label-studio#1347: offsets of the page count UTF-16 units."""
    tasks = json.loads((data / "label-studio" / "emoji.json").read_text())
    if not keep:
        # Without surfaces, the ends of words tell.
        for result in tasks[0]["annotations"][0]["result"]:
            del result["value"]["text"]
    path = tmp_path / "emoji.json"
    path.write_text(json.dumps(tasks))
    reading = read(path)
    (document,) = reading
    assert [document.surface(span) for span in document.spans] == ["Anna", "Köln", "Bob"]
    assert "UTF-16" in reading.report.offsets


def test_offsets_can_be_written_as_the_page_counts_them(tmp_path):
    document = Document("🙂 Bonn", (Span(2, 6, "LOC"),))
    write([document], tmp_path / "a.json", "label-studio", offsets="utf-16")
    (task,) = json.loads((tmp_path / "a.json").read_text())
    value = task["annotations"][0]["result"][0]["value"]
    assert (value["start"], value["end"]) == (3, 7)
    assert list(read(tmp_path / "a.json")) == [document]
    with pytest.raises(UsageError, match="offsets are one of code-points, utf-16, bytes; got 'x'"):
        write([document], tmp_path / "b.json", "label-studio", offsets="x")


def test_regions_in_html_are_kept_but_are_no_spans(data):
    reading = read(data / "label-studio" / "html.jsonl")
    (document,) = reading
    assert document.spans == ()
    assert document.meta["label_studio"]["results"][0]["id"] == "a"
    assert reading.report.account().refused == 1


def test_tokens_get_their_own_labels_in_columns(tmp_path):
    """label-studio#556 and #1250, converter#254, #10, #15: the next token, the next document, Chinese."""
    tasks = [
        {"data": {"text": text}, "annotations": [{"result": [_region(text, *pair) for pair in pairs]}]}
        for text, pairs in (
            ("Ann lives in Bonn.", [("Ann", "PER"), ("Bonn", "LOC")]),
            ("Bob", [("Bob", "PER")]),
            ("我住在北京。", [("北京", "LOC")]),
        )
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(tasks))

    def tokenize(text):
        cuts = [(at, at + 1) for at in range(len(text))] if not text.isascii() else _words(text)
        return Tokens(text, cuts)

    ledger = write(read(path), tmp_path / "a.conll", "conll", tokenize=tokenize)
    assert (ledger.kept, ledger.refused) == (4, 0)
    rows = (tmp_path / "a.conll").read_text().split("-DOCSTART- O\n\n")[1:]
    assert rows == [
        "Ann B-PER\nlives O\nin O\nBonn B-LOC\n. O\n\n",
        "Bob B-PER\n\n",
        "我 O\n住 O\n在 O\n北 B-LOC\n京 I-LOC\n。 O\n\n",
    ]


def _region(text, surface, label):
    start = text.index(surface)
    value = {"start": start, "end": start + len(surface), "text": surface, "labels": [label]}
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value}


def _words(text):
    return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-data", "a task needs 'data', an object; got id, annotations"),
        ("data-type", "'data' of a task has to be an object, got a string"),
        ("no-text", "cannot tell which of the data of a task is its text: none is a string; say its key with text"),
        ("which-text", "cannot tell which of the data of a task is its text: a, b; say its key with text"),
        ("annotations-type", "'annotations' of a task has to be a list, got an object"),
        ("result-type", "expected a result as an object, got a whole number"),
        ("start-type", "'start' of a region has to be a whole number, got a number"),
        ("labels-type", "'labels' of a region has to be a list of strings, got LOC"),
        ("outside", ".* ends outside the text, which has 4 characters"),
        ("surface", "the span 0-4 LOC says that its text is 'Rome', but at its offsets stands 'Bonn'"),
        ("relation", "a relation needs 'from_id' and 'to_id', got type, labels"),
        ("choices", "'choices' of a result has to be a list of strings, got a"),
        ("cut", "got invalid JSON: Expecting value"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(data, name, message):
    path = data / "label-studio" / f"invalid-{name}.json"
    with pytest.raises(DataError, match=rf"invalid-{name}.json:\d: {message}"):
        list(read(path, "label-studio"))
    rejects = []
    assert list(read(path, "label-studio", rejects=rejects.append)) == []
    assert len(rejects) == 1


@pytest.mark.parametrize("name", ["all.json", "old.json", "min.json", "emoji.json", "html.jsonl"])
def test_its_files_are_known(data, name):
    assert detect(data / "label-studio" / name).format.name == "label-studio"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(given_document=documents(layers=("entities", "pos")))
def test_every_document_reads_back_the_same(tmp_path_factory, given_document):
    path = tmp_path_factory.mktemp("round") / "trip.json"
    ledger, back = trip(LABEL_STUDIO, [given_document], path)
    tokens = 0 if given_document.tokens is None else len(given_document.tokens)
    assert back == [_without_tokens(given_document)]
    assert ledger.total("refused", "token") == tokens
    assert ledger.given("span") == ledger.kept == len(given_document.spans)


def _without_tokens(document):
    return replace(document, tokens=None)
