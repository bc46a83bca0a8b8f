import json

import pytest
from drawn import documents, trip
from hypothesis import HealthCheck, given, settings

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.prodigy import PRODIGY
from elman.errors import DataError, UsageError

SONY = "Sony bought Ericsson 🙂."


def test_every_field_is_read(data):
    reading = read(data / "prodigy" / "all.jsonl")
    ada, bob, ignored, unseen, nested, choice, label = reading
    assert reading.report.format == "prodigy"
    assert ada == Document(
        SONY,
        (
            Span(0, 4, "ORG", id="s0"),
            Span(12, 20, "ORG", id="s1"),
            Span(5, 11, "", "relation ends", id="s2"),
        ),
        (Relation("s0", "s1", "BOUGHT"), Relation("s2", "s0", "subj")),
        tokens=Tokens(SONY, [(0, 4), (5, 11), (12, 20), (21, 22), (22, 23)]),
        meta={
            "_input_hash": 11,
            "_task_hash": 12,
            "_annotator_id": "set-ada",
            "_session_id": "set-ada",
            "_timestamp": 1700000000,
            "source": "news",
        },
    )
    # Another annotator's task on the same text is a document of its own, and what he rejected is no gold.
    assert (bob.text, bob.spans, bob.unknown) == (SONY, (), (Region(0, len(SONY)),))
    assert bob.meta["answer"] == "reject"
    assert bob.meta["spans"] == [{"start": 0, "end": 4, "label": "PERSON"}]
    assert ignored.unknown == (Region(0, 11),)
    assert ignored.meta["answer"] == "ignore"
    assert unseen == Document("Not looked at.", unknown=(Region(0, 14),), meta={"source": "queue"})
    assert nested.spans == (Span(4, 22, "ORG"), Span(18, 22, "LOC", score=0.5))
    assert choice.labels == ("POS",)
    assert len(choice.meta["options"]) == 2
    assert label == Document("A refund", labels=("COMPLAINT",))
    assert reading.report.ignored == {"'source' of a span": 1}
    assert reading.report.account().refused == 1


def test_what_was_answered_can_be_chosen(data):
    path = data / "prodigy" / "all.jsonl"
    bob = list(read(path, answers="reject"))[1]
    assert bob.spans == (Span(0, 4, "PERSON"),)
    assert bob.unknown == ()
    assert all(document.unknown for document in read(path, answers="none"))
    with pytest.raises(UsageError, match="answers have to be of accept, reject, ignore, none"):
        read(path, answers="yes")


def test_what_is_read_is_written_back(data, tmp_path):
    given_documents = list(read(data / "prodigy" / "all.jsonl"))
    ledger = write(given_documents, tmp_path / "back.jsonl", "prodigy")
    assert list(read(tmp_path / "back.jsonl", "prodigy")) == given_documents
    assert not [row for row in ledger.table() if row.kind != "kept"]
    tasks = [json.loads(line) for line in (tmp_path / "back.jsonl").read_text().splitlines()]
    was = [json.loads(line) for line in (data / "prodigy" / "all.jsonl").read_text().splitlines()]
    for task, old in zip(tasks, was, strict=True):
        assert all(task[key] == old[key] for key in old if key.startswith("_") or key in ("answer", "meta", "tokens"))
    assert tasks[0]["spans"][1] == {
        "start": 12,
        "end": 20,
        "token_start": 2,
        "token_end": 2,
        "label": "ORG",
        "text": "Ericsson",
        "id": "s1",
    }
    assert (tasks[0]["relations"][0]["head"], tasks[0]["relations"][0]["child"]) == (0, 2)
    assert "answer" not in tasks[3]


def test_word_pieces_that_stand_for_nothing_are_no_tokens(data):
    reading = read(data / "prodigy" / "word-pieces.jsonl")
    (document,) = reading
    assert document == Document("Bonn", (Span(0, 4, "LOC"),))
    assert reading.report.ledger.total("refused", "token") == 2


def test_spans_without_answers_are_taken_as_accepted_and_that_is_said(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Bonn", "spans": [{"start": 0, "end": 4, "label": "LOC"}]}\n')
    reading = read(path, "prodigy")
    assert [document.spans for document in reading] == [(Span(0, 4, "LOC"),)]
    assert "1 tasks say nothing of an answer; their spans are taken as accepted" in reading.report.lines()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("answer", "'answer' of a task has to be accept, reject or ignore, got 'maybe'"),
        ("no-text", "a task needs 'text', a string; got image, spans, answer"),
        ("text-type", "'text' of a task has to be a string, got a list"),
        ("spans-type", "'spans' of a task has to be a list, got an object"),
        ("span-type", "expected a span as an object, got a list"),
        ("no-start", "a span needs 'start', a whole number; got end, label"),
        ("offset-type", "'start' of a span has to be a whole number, got a string"),
        ("token-outside", "a span is on the tokens 0 to 1, of 1; token_end is that of the last token"),
        ("outside", ".* ends outside the text, which has 4 characters"),
        ("relation-end", "a relation needs 'head_span', or 'head' as the index of a token; got 0"),
        ("accept-type", "'accept' of a task has to be a list of strings, got POS"),
        ("label-type", "'label' of a task has to be a string, got a list"),
        ("array", "expected a task as an object, got a list"),
        ("truncated", "expected a JSON value on each line, got invalid JSON"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(data, name, message):
    path = data / "prodigy" / f"invalid-{name}.jsonl"
    with pytest.raises(DataError, match=rf"invalid-{name}.jsonl:1: {message}"):
        list(read(path, "prodigy"))
    rejects = []
    assert list(read(path, "prodigy", rejects=rejects.append)) == []
    assert [reject.raw for reject in rejects] == [path.read_text().rstrip("\n")]


def test_it_is_told_from_its_neighbours(data):
    assert detect(data / "prodigy" / "all.jsonl").format.name == "prodigy"
    assert detect(data / "jsonl" / "all.jsonl").format.name == "jsonl"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(given_document=documents())
def test_every_document_reads_back_the_same(tmp_path_factory, given_document):
    path = tmp_path_factory.mktemp("round") / "trip.jsonl"
    ledger, back = trip(PRODIGY, [given_document], path)
    assert back == [given_document]
    assert all(kind == "kept" for _, kind, _ in ledger.counts)


def test_what_it_cannot_hold_is_in_the_ledger(tmp_path):
    text = "Bonn and Rome"
    spans = (Span(0, 4, "LOC", id="a"), Span(9, 13, "NNP", "pos", 0.5, "b"))
    document = Document(text, spans, (Relation("a", "b", "x"),), (Region(5, 8),))
    ledger = write([document], tmp_path / "a.jsonl", "prodigy")
    assert [(row.item, row.kind, row.number) for row in ledger.table() if row.kind != "kept"] == [
        ("span", "refused", 1),
        ("relation", "refused", 1),
        ("region", "refused", 1),
        ("score", "refused", 1),
        ("id", "refused", 1),
    ]
    (back,) = read(tmp_path / "a.jsonl", "prodigy")
    assert back == Document(text, spans[:1])
