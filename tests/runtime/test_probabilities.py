"""What a tagger holds of spans that are given to it, and of all that there could be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Span, Tokens
from elman.errors import UsageError
from elman.runtime.placing import places
from elman.runtime.tagger import load
from tests.model.examples import write

TEXTS = (
    "The Bank of England said on Monday, 7 May 2007, that Mr. Smith would go. Nobody knew why!",
    "",
    "Smith",
    "Why? asked the Bank . It cost $3.50 ; see Monday .\n\nThe Bank said so .",
)


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    return load(write(tmp_path_factory.mktemp("tagger") / "model", scale=0.6))


def test_what_is_tagged_has_the_score_that_it_was_tagged_with(tagger):
    tagged = list(tagger.tag(TEXTS))
    assert sum(len(document.spans) for document in tagged) > 5
    for document, own in zip(tagged, tagger.probabilities(tagged), strict=True):
        np.testing.assert_allclose(own, [span.score for span in document.spans], rtol=1e-12)


def test_candidates_are_all_spans_above_the_floor(tagger):
    floor = 0.02
    for document in tagger.candidates(TEXTS, floor):
        # An oracle: every run of tokens of a sentence with every label.
        offsets = document.tokens.offsets.tolist()
        every = tuple(
            Span(offsets[first][0], offsets[last][1], label)
            for start, stop in document.tokens.ranges()
            for first in range(start, stop)
            for last in range(first, stop)
            for label in tagger.labels
        )
        (probable,) = tagger.probabilities([replace(document, spans=every)])
        expected = {span.key: p for span, p in zip(every, probable, strict=True) if p >= floor}
        assert {span.key: span.score for span in document.spans} == pytest.approx(expected)
        for start, end in offsets:
            assert sum(span.score for span in document.spans if span.start < end and start < span.end) <= 1 + 1e-9


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), max_size=8), st.integers(1, 60), st.data())
def test_probabilities_do_not_depend_on_company(tagger, texts, batch_tokens, data):
    documents = []
    for text in texts:
        document = tagger(text)
        offsets = document.tokens.offsets.tolist()
        ends = st.integers(0, max(len(offsets) - 1, 0))
        pairs = data.draw(st.lists(st.tuples(ends, ends).map(sorted), max_size=5)) if offsets else []
        spans = tuple(Span(offsets[a][0], offsets[b][1], data.draw(st.sampled_from(tagger.labels))) for a, b in pairs)
        documents.append(replace(document, spans=spans))
    alone = [next(iter(tagger.probabilities([document]))) for document in documents]
    assert list(tagger.probabilities(documents, batch_tokens)) == alone
    assert [len(own) for own in alone] == [len(document.spans) for document in documents]


def test_what_the_model_cannot_find_has_no_probability(tagger):
    text = "Smith said the Bank"
    tokens = Tokens(text, [(0, 5), (6, 10), (11, 14), (15, 19)], sentences=[0, 2])
    spans = [
        Span(0, 5, "PER"),
        Span(0, 4, "PER"),  # ends within a token
        Span(1, 5, "PER"),  # begins within one
        Span(6, 11, "PER"),  # ends behind a token
        Span(5, 6, "PER"),  # holds no token
        Span(6, 14, "PER"),  # crosses the border of a sentence
        Span(0, 5, "DATE"),  # the model has no such label
        Span(15, 19, "ORG"),
        Span(0, 10, "ORG"),
        Span(0, 5, "PER", "another layer"),
    ]
    (own,) = tagger.probabilities([Document(text, tuple(spans), tokens=tokens)])
    assert [at for at, probability in enumerate(own) if probability is not None] == [0, 7, 8]
    assert len(own) == 9


def test_a_span_across_the_cut_of_a_long_sentence(tagger):
    text = "Smith " * 300
    tokens = Tokens(text, [(6 * at, 6 * at + 5) for at in range(300)])
    spans = (Span(6 * 254, 6 * 256 - 1, "PER"), Span(6 * 255, 6 * 257 - 1, "PER"), Span(6 * 256, 6 * 258 - 1, "PER"))
    ((before, across, behind),) = tagger.probabilities([Document(text, spans, tokens=tokens)])
    assert across is None
    assert before is not None
    assert behind is not None


def test_a_document_without_spans_or_tokens(tagger):
    assert list(tagger.probabilities([Document(""), Document(" "), Document("Smith")])) == [(), (), ()]
    empty = Document("x", (Span(0, 1, "PER"),), tokens=Tokens("x", []))
    assert list(tagger.probabilities([empty])) == [(None,)]
    assert list(tagger.probabilities([])) == []
    assert [document.spans for document in tagger.candidates(["", " "])] == [(), ()]


def test_spans_are_placed_by_their_ends():
    offsets, starts = np.array([(0, 2), (2, 3), (4, 6)], np.int32), np.array([0, 2], np.int32)
    spans = [Span(0, 3, "A"), Span(4, 6, "B"), Span(2, 6, "A"), Span(0, 2, "C"), Span(3, 6, "A"), Span(7, 9, "A")]
    rows = places(spans, offsets, starts, {"A": 0, "B": 1})
    assert rows[:2].tolist() == [[0, 0, 2, 0], [1, 0, 1, 1]]
    assert rows[2:, 0].tolist() == [-1] * 4


def test_what_is_out_of_range_is_refused(tagger):
    for floor in (0, -1, 1.1, float("nan")):
        with pytest.raises(UsageError, match="least probability"):
            tagger.candidates(TEXTS, floor)
    with pytest.raises(UsageError, match="at least 1 token"):
        tagger.probabilities([], 0)
