from dataclasses import replace

import pytest
from drawn import documents, trip
from hypothesis import given, settings

from elman.data.document import Document, Span
from elman.data.formats import detect, read, write
from elman.data.formats.presidio import PRESIDIO
from elman.errors import DataError


def test_results_with_their_texts(data):
    reading = read(data / "presidio" / "results.jsonl")
    assert list(reading) == [
        Document(
            "Call Ada at 555-1234.",
            (Span(5, 8, "PERSON", score=0.85), Span(12, 20, "PHONE_NUMBER", score=0.4)),
            meta={"language": "en"},
        ),
        Document("Nothing."),
    ]
    assert reading.report.ignored == {"'recognition_metadata' of a result": 1}


def test_samples_of_the_evaluator(data):
    (document,) = read(data / "presidio" / "samples.json")
    assert [(span.label, document.surface(span)) for span in document.spans] == [("GPE", "Köln"), ("PERSON", "Zoë")]
    assert document.meta == {"masked": "I am {{PERSON}} from {{GPE}}.", "template_id": 4, "metadata": None}


def test_an_anonymized_text(data):
    (document,) = read(data / "presidio" / "anonymized.json")
    assert document.spans == (Span(5, 13, "PERSON"),)


def test_results_alone_take_the_text_beside_them(data, tmp_path):
    (document,) = read(data / "presidio" / "alone.json")
    assert document == Document(
        "Ada was in Rome.\n", (Span(0, 3, "PERSON", score=0.9), Span(11, 15, "LOCATION", score=0.5)), id="alone"
    )
    text = tmp_path / "other.md"
    text.write_text("Eve was in Bern.")
    (document,) = read(data / "presidio" / "alone.json", text=str(text))
    assert [document.surface(span) for span in document.spans] == ["Eve", "Bern"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-text-beside.json", ": has results without a text, and there is no .*invalid-no-text-beside.txt"),
        ("score.jsonl", ":1: 'score' of a result has to be a number, got a string"),
        ("no-end.jsonl", ":1: a result needs 'end', a whole number"),
        ("no-type.jsonl", ":1: a result needs 'entity_type', a string"),
        ("outside.jsonl", ":1: .* ends outside the text, which has 4 characters"),
        ("surface.json", ":1: the span 0-3 PERSON says that its text is 'Grace', but at its offsets stands 'Ada'"),
        ("spans-type.json", ":1: 'spans' of a record has to be a list, got an object"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(data, name, message):
    with pytest.raises(DataError, match=f"invalid-{name}{message}"):
        list(read(data / "presidio" / f"invalid-{name}", "presidio"))


@settings(max_examples=60, deadline=None)
@given(document=documents(layers=("entities", "x")))
def test_what_is_written_reads_back_but_for_what_the_account_refuses(tmp_path_factory, document):
    ledger, (back,) = trip(PRESIDIO, [document], tmp_path_factory.mktemp("round") / "trip.jsonl")
    spans = tuple(replace(span, id=None) for span in document.layer())
    assert back == replace(document, spans=spans, relations=(), labels=(), tokens=None, unknown=())
    assert ledger.kept == len(spans)
    assert ledger.given() == len(document.spans)


def test_it_is_told_from_its_like(data):
    for path in (data / "presidio").glob("*.json*"):
        if "invalid" not in path.name:
            assert detect(path).format is PRESIDIO, path


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "texts", "spans", "labels"),
    [("synth_dataset_v2", 1500, 2863, 17), ("generated_large", 2109, 4055, 15), ("generated_small", 100, 173, None)],
)
def test_known_files_have_the_spans_that_they_are_said_to_have(shared, tmp_path, name, texts, spans, labels):
    reading = read(shared(f"pii-presidio/{name}.json"))
    found = list(reading)
    assert (len(found), sum(len(document.spans) for document in found)) == (texts, spans)
    assert labels in (None, len({span.label for document in found for span in document.spans}))
    assert reading.report.account().given() == spans
    assert write(found, tmp_path / "back.jsonl", "presidio").kept == spans
    assert list(read(tmp_path / "back.jsonl")) == found
