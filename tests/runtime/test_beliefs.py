"""What a tagger holds of documents, asked for at once and one by one."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Span, Tokens
from elman.runtime.beliefs import believe
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


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), max_size=8), st.integers(1, 80))
def test_one_pass_gives_what_two_do(tagger, texts, batch_tokens):
    documents = list(tagger.tag(texts))
    if documents and documents[0].text:
        documents[0] = replace(documents[0], spans=(*documents[0].spans, Span(0, 1, "PER"), Span(0, 3, "DATE")))
    beliefs = list(believe(tagger, documents, 0.02, batch_tokens))
    assert [belief.document for belief in beliefs] == documents
    assert [belief.own for belief in beliefs] == list(tagger.probabilities(documents))
    expected = [{(span.key, span.score) for span in document.spans} for document in tagger.candidates(documents, 0.02)]
    assert [{(span.key, span.score) for span in belief.candidates} for belief in beliefs] == expected


def test_spans_are_as_long_as_the_tokens_that_they_touch(tagger):
    text = "The Bank of England said"
    offsets = [(0, 3), (4, 8), (9, 11), (12, 19), (20, 24)]
    spans = (Span(4, 19, "ORG"), Span(0, 3, "ORG"), Span(6, 10, "ORG"), Span(3, 4, "ORG"), Span(3, 5, "ORG"))
    (belief,) = believe(tagger, [Document(text, spans, tokens=Tokens(text, offsets))])
    assert belief.lengths == [3, 1, 2, 1, 1]
    assert [probability is None for probability in belief.own] == [False, False, True, True, True]


def test_nothing_to_ask(tagger):
    assert list(believe(tagger, [])) == []
    (belief,) = believe(tagger, [Document("")])
    assert (belief.own, list(belief.candidates), belief.lengths) == ((), [], [])
