from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span, Tokens
from elman.errors import DataError
from elman.metrics.comparison import compare, pair
from elman.metrics.counts import Counts
from elman.metrics.matching import count_exact
from elman.metrics.score import Result, score

TEXT = "one two three"
SPANS = st.builds(
    lambda start, length, label, layer: Span(start, start + length, label, layer),
    st.integers(0, 3),
    st.integers(1, 3),
    st.sampled_from(["PER", "ORG", "É"]),
    st.sampled_from(["entities", "other"]),
)
SIDES = st.lists(st.tuples(st.lists(SPANS, max_size=6), st.lists(SPANS, max_size=6)), max_size=4)


def document(*spans: Span, **rest: Any) -> Document:
    return Document(TEXT, spans, **rest)


def plain(text: str, name: str | None = None) -> Document:
    return Document(text, id=name)


@given(SIDES)
def test_documents_equal_brute_force(sides: list[tuple[list[Span], list[Span]]]) -> None:
    gold = [document(*spans) for spans, _ in sides]
    predicted = [document(*spans) for _, spans in sides]
    result = score(compare(pair(gold, predicted)))
    true, guessed = (
        Counter(
            (number, span.start, span.end, span.label)
            for number, each in enumerate(documents)
            for span in each.spans
            if span.layer == "entities"
        )
        for documents in (gold, predicted)
    )
    assert result.micro == Counts((true & guessed).total(), guessed.total(), true.total())
    labels = sorted({key[3] for key in true | guessed})
    assert list(result.labels) == labels
    for label in labels:
        of_label = [Counter({key: n for key, n in side.items() if key[3] == label}) for side in (true, guessed)]
        both = (of_label[0] & of_label[1]).total()
        assert result.labels[label] == Counts(both, of_label[1].total(), of_label[0].total())
    assert result.counts.shape == (len(sides), len(labels), 3)
    assert result.macro_f1 == pytest.approx(np.mean([counts.f1 for counts in result.labels.values()] or [0.0]))


@given(SIDES)
def test_the_arrays_give_what_the_documents_give(sides: list[tuple[list[Span], list[Span]]]) -> None:
    labels = ["PER", "ORG", "É"]
    arrays = [
        np.array(
            [
                (number, span.start, span.end, labels.index(span.label))
                for number, pair in enumerate(sides)
                for span in pair[side]
                if span.layer == "other"
            ],
            dtype=np.int32,
        ).reshape(-1, 4)
        for side in (0, 1)
    ]
    by_array = Result(tuple(labels), count_exact(arrays[0], arrays[1], len(sides), len(labels)))
    by_document = score(
        compare(pair([document(*spans) for spans, _ in sides], [document(*spans) for _, spans in sides]), "other")
    )
    assert by_array.micro == by_document.micro
    assert by_array.macro_f1 == pytest.approx(by_document.macro_f1)
    assert {label: counts for label, counts in by_array.labels.items() if counts != Counts()} == by_document.labels


def test_a_match_has_the_same_start_end_and_label() -> None:
    gold = document(Span(0, 3, "PER"), Span(4, 7, "ORG"), Span(8, 13, "LOC"))
    predicted = document(Span(0, 3, "PER", score=0.5, id="x"), Span(4, 7, "PER"), Span(8, 12, "LOC"))
    result = score(compare(pair([gold], [predicted])))
    assert result.micro == Counts(1, 3, 3)
    assert result.labels == {"LOC": Counts(0, 1, 1), "ORG": Counts(0, 0, 1), "PER": Counts(1, 2, 1)}


def test_a_span_given_twice_counts_twice() -> None:
    once, twice = document(Span(0, 3, "PER")), document(Span(0, 3, "PER"), Span(0, 3, "PER"))
    assert score(compare(pair([once], [twice]))).micro == Counts(1, 2, 1)
    assert score(compare(pair([twice], [once]))).micro == Counts(1, 1, 2)
    assert score(compare(pair([twice], [twice]))).micro == Counts(2, 2, 2)


def test_predictions_where_nobody_annotated_are_left_out() -> None:
    gold = document(Span(4, 7, "PER"), unknown=(Region(3, 8), Region(8, 13, "other")))
    predicted = document(Span(0, 3, "A"), Span(2, 4, "A"), Span(4, 7, "PER"), Span(4, 6, "PER"), Span(8, 13, "A"))
    result = score(compare(pair([gold], [predicted])))
    assert result.ignored == 2
    assert result.micro == Counts(1, 3, 1)
    assert result.to_json()["matching"] == {"mode": "exact", "layer": "entities", "ignored": 2}


def test_a_single_document_is_counted_by_sentence() -> None:
    tokens = Tokens(TEXT, [[0, 3], [4, 7], [8, 13]], sentences=[0, 2])
    gold = document(Span(0, 3, "A"), Span(8, 13, "A"), tokens=tokens)
    predicted = document(Span(4, 13, "A"), Span(8, 13, "A"))
    for truth, guess in ((gold, predicted), (replace(gold, tokens=None), replace(predicted, tokens=tokens))):
        result = score(compare(pair([truth], [guess])))
        assert result.unit == "sentence"
        assert result.counts.tolist() == [[[0, 1, 1]], [[1, 1, 1]]]
    several = score(compare(pair([gold, gold], [predicted, predicted])))
    assert several.unit == "document"
    assert several.counts.tolist() == [[[1, 2, 2]], [[1, 2, 2]]]


def test_nothing_to_score() -> None:
    for documents in ([], [Document("")], [Document(""), document(tokens=Tokens(TEXT, [[0, 3]]))]):
        result = score(compare(pair(documents, documents)))
        assert result.micro == Counts()
        assert result.macro_f1 == 0.0
        assert result.intervals is None
        assert result.to_json()["labels"] == {}


@pytest.mark.parametrize(
    ("gold", "predicted", "problem"),
    [
        (["a", "b"], ["a"], "predicted ends after 1 documents, and the other side goes on with 'b'"),
        ([], ["a"], "gold ends after 0 documents, and the other side goes on with 'a'"),
        (
            ["a", "xyz"],
            ["a", "xz"],
            "document 2: the texts part at character 1, gold has 'xyz' there, predicted 'xz'",
        ),
        (["abc"], ["ab"], "document 1: the texts part at character 2, gold has 'abc' there, predicted 'ab'"),
    ],
)
def test_different_documents_are_refused(gold: list[str], predicted: list[str], problem: str) -> None:
    with pytest.raises(DataError) as caught:
        score(compare(pair(map(plain, gold), map(plain, predicted))))
    assert str(caught.value).startswith(problem + "; ")


def test_a_document_is_named() -> None:
    with pytest.raises(DataError, match=r"document 1 \(mail-3\): "):
        score(compare(pair([plain("a", "mail-3")], [plain("b")])))


def test_json() -> None:
    gold, predicted = document(Span(0, 3, "PER")), document(Span(0, 3, "PER"), Span(4, 7, "ORG"))
    result = score(compare(pair([gold, gold, gold], [gold, predicted, document()])))
    plain = json.loads(json.dumps(result.to_json()))
    assert plain["schema"] == "elman.score/1"
    assert result.intervals is not None
    assert plain["micro"] == {
        "precision": 2 / 3,
        "recall": 2 / 3,
        "f1": 2 / 3,
        "support": 3,
        "predicted": 3,
        "correct": 2,
        "interval": list(result.intervals.micro),
    }
    assert list(plain["labels"]) == ["ORG", "PER"]
    assert plain["labels"]["PER"]["recall"] == 2 / 3
    assert plain["labels"]["ORG"]["interval"] == [0.0, 0.0]
    assert plain["macro"]["f1"] == pytest.approx(0.4)
    assert plain["bootstrap"] == {"level": 0.95, "samples": 2000, "seed": 1, "unit": "document", "units": 3}


def test_json_without_intervals() -> None:
    plain = score(compare(pair([document(Span(0, 3, "PER"))], [document()]))).to_json()
    assert plain["bootstrap"] is plain["micro"]["interval"] is plain["labels"]["PER"]["interval"] is None
    assert plain["macro"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "interval": None}


def test_sums_do_not_overflow() -> None:
    counts = np.full((3, 1, 3), 2**31 - 1, dtype=np.int32)
    assert Result(("A",), counts).micro == Counts(*[3 * (2**31 - 1)] * 3)
