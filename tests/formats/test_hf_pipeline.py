"""The output of token classification pipelines."""

import pytest
from drawn import documents, trip
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data import formats
from elman.data.document import Document, Span
from elman.data.formats import hf_pipeline
from elman.errors import DataError


def test_records(data):
    path = data / "hf-pipeline" / "records.jsonl"
    assert formats.detect(path).format is hf_pipeline.HF_PIPELINE
    assert list(formats.read(path)) == [
        Document("Ada Byron lived in London.", (Span(0, 9, "PER", score=0.75), Span(19, 25, "LOC", score=0.5)))
    ]


def test_pieces_are_put_together(data):
    reading = formats.read(data / "hf-pipeline" / "pieces.json")
    (document,) = reading
    assert document.spans == (
        Span(0, 9, "PER", score=0.75),
        Span(10, 17, "PER", score=0.5),
        Span(21, 27, "LOC", score=0.5),
    )
    ledger = reading.report.account()
    assert (ledger.given("span"), ledger.joined, ledger.made("span")) == (5, 3, 3)
    assert (ledger.given("score"), ledger.made("score")) == (5, 3)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("no-offsets.json", "the entity PER has no offsets, because its tokenizer is a slow one"),
        ("no-text.json", "has entities without a text"),
        ("no-label.jsonl", "an entity needs 'entity', a string"),
    ],
)
def test_invalid_files(data, name, problem):
    with pytest.raises(DataError, match=problem):
        list(formats.read(data / "hf-pipeline" / f"invalid-{name}", "hf-pipeline"))


@given(docs=st.lists(documents(), max_size=3))
@settings(max_examples=40, deadline=None)
def test_round_trip(docs, tmp_path_factory):
    path = tmp_path_factory.mktemp("pipeline") / "a.jsonl"
    ledger, _ = trip(hf_pipeline.HF_PIPELINE, [Document("x"), *docs], path)
    back = list(formats.read(path, "hf-pipeline"))[1:]
    assert [one.text for one in back] == [one.text for one in docs]
    assert [[(*span.key, span.score) for span in one.spans] for one in back] == [
        [(*span.key, span.score) for span in one.spans] for one in docs
    ]
    assert ledger.kept == sum(len(one.spans) for one in docs)
