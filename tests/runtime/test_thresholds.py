"""Tagging from a threshold on: all spans that are as probable, whether or not the best tags have them."""

from itertools import combinations, pairwise

import pytest

from elman.data.document import Document, Span
from elman.errors import UsageError
from elman.model.recalibration import recalibrate
from elman.runtime.tagger import load
from tests.model.examples import write

TEXTS = [
    "The bank said on Monday that Mr Smith of the bank , 7 May 2007 .",
    "",
    "Mr old Ä said",
    "the bank of the bank",
]


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    return load(write(tmp_path_factory.mktemp("thresholds") / "model", scale=0.6))


def places(documents):
    return [[(span.start, span.end, span.label, span.score) for span in document.spans] for document in documents]


def overlapping(spans):
    return any(one.start < other.end and other.start < one.end for one, other in combinations(spans, 2))


@pytest.mark.parametrize("threshold", [0.01, 0.2, 0.6])
def test_all_spans_above_it_are_kept_or_the_best_of_those_that_overlap(tagger, threshold):
    candidates = places(tagger.candidates(TEXTS, 0.005))
    kept = list(tagger.tag(TEXTS, threshold=threshold, overlaps="keep"))
    assert places(kept) == [[span for span in spans if span[3] >= threshold] for spans in candidates]
    for whole, flat in zip(kept, tagger.tag(TEXTS, threshold=threshold), strict=True):
        assert flat.tokens == whole.tokens
        assert not overlapping(flat.spans)
        assert set(flat.spans) <= set(whole.spans)
        for span in set(whole.spans) - set(flat.spans):
            assert any(
                span.start < other.end and other.start < span.end and other.score >= span.score for other in flat.spans
            )
        for earlier, later in pairwise(flat.spans):
            assert earlier.end <= later.start
    if threshold < 0.1:
        assert any(overlapping(document.spans) for document in kept)
    if threshold > 0.5:
        assert places(kept) == places(tagger.tag(TEXTS, threshold=threshold))


def test_each_label_has_its_own(tagger):
    (document,) = tagger.tag(TEXTS[:1], threshold={"PER": 0.02, "LOC": 0.9}, overlaps="keep")
    (everything,) = tagger.candidates(TEXTS[:1], 0.02)
    least = {"PER": 0.02, "LOC": 0.9, "ORG": 0.5}  # a label without one gets a half
    assert document.spans == tuple(span for span in everything.spans if span.score >= least[span.label])


def test_what_a_text_gets_does_not_depend_on_the_others(tagger):
    together = places(tagger.tag(TEXTS, threshold=0.1))
    assert [places(tagger.tag([text], batch_tokens=1, threshold=0.1))[0] for text in TEXTS] == together


def test_scores_of_spans_that_tagging_finds_are_the_same(tagger):
    best = {span.key: span.score for document in tagger.tag(TEXTS[:1]) for span in document.spans}
    low = {span.key: span.score for document in tagger.candidates(TEXTS[:1], 1e-6) for span in document.spans}
    assert best
    assert best.items() <= low.items()


def test_other_layers_and_ids_stay(tagger):
    (found,) = tagger.tag(TEXTS[:1], threshold=0.3)
    first = found.spans[0]
    given = Document(TEXTS[0], (Span(first.start, first.end, first.label, id="a"), Span(0, 3, "x", layer="other")))
    (document,) = tagger.tag([given], threshold=0.3)
    assert document.spans[0] == given.spans[1]
    assert [span.id for span in document.spans if span.key == first.key] == ["a"]


def test_a_model_keeps_its_thresholds(tmp_path):
    path = write(tmp_path / "model", scale=0.6)
    assert load(path).thresholds == {}
    recalibrate(path, {"temperature": 1.5, "thresholds": {"PER": 0.25}})
    assert load(path).thresholds == {"PER": 0.25}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 0.0}, "above 0 and at most 1"),
        ({"threshold": 1.5}, "above 0 and at most 1"),
        ({"threshold": {"DATE": 0.5}}, "does not have: DATE"),
        ({"threshold": 0.5, "overlaps": "some"}, "'best' or 'keep', got 'some'"),
        ({"threshold": 0.5, "batch_tokens": 0}, "at least 1 token"),
    ],
)
def test_what_cannot_be_is_refused_at_once(tagger, options, message):
    with pytest.raises(UsageError, match=message):
        tagger.tag(TEXTS, **options)
