import copy
import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.errors import ModelError, UsageError
from elman.runtime.tagger import cut_sentences, load
from tests.model.examples import write

TEXT = (
    "The Bank of England said on Monday, 7 May 2007, that Mr. Smith would go. Nobody knew why!\n\n"
    "“Why?” asked Zoë O’Brien-Müller (zoe@example.org) 😀👩‍👧 in 東京. It cost $3.50; see https://example.org/a_b?c=d."
)

words = st.sampled_from(["the", "Bank", "Mr.", "Smith", "said", ",", ".", "\n", "2007", "Ünï", "😀", "!", "東京"])
texts = st.one_of(
    st.text(max_size=60),
    st.lists(words, max_size=60).map(" ".join),
    st.sampled_from(["", " \n\t ", "x", TEXT]),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write(tmp_path_factory.mktemp("tagger") / "model", scale=1.0)


@pytest.fixture(scope="module")
def tagger(path):
    return load(path)


def places(document):
    return [(span.start, span.end, span.label, span.score) for span in document.spans]


def test_a_text_becomes_a_document(tagger):
    document = tagger(TEXT)
    assert document.text == TEXT
    assert document.tokens is not None
    assert len(document.tokens.sentences) >= 4
    assert len(document.spans) > 5
    for span in document.spans:
        assert span.label in tagger.labels
        assert span.layer == tagger.layer == "entities"
        assert 0 < span.score <= 1
        assert type(span.start) is type(span.end) is int
        assert type(span.score) is float
        assert not document.surface(span).isspace()
    for earlier, later in pairwise(document.spans):
        assert earlier.end <= later.start


def test_labels_and_path(tagger, path):
    assert tagger.labels == ("LOC", "ORG", "PER")
    assert tagger.path == path
    assert str(path) in repr(tagger)


@pytest.mark.parametrize("text", ["", " ", "\n\t \u2003", "\x00"])
def test_texts_without_tokens(tagger, text):
    document = tagger(text)
    assert (document.text, document.spans, len(document.tokens)) == (text, (), 0)


@pytest.mark.parametrize("text", ["x", "😀", "\ud800", "e\u0301", "a" * 5000])
def test_small_and_odd_texts(tagger, text):
    document = tagger(text)
    assert len(document.tokens) >= 1
    assert document.text == text


def test_a_long_document(tagger):
    text = "The Bank said on Monday that Mr Smith went to the Bank . " * 8000
    document = tagger(text)
    assert len(document.tokens) >= 100_000
    first = tagger(text[: text.index(".", 100) + 1])
    cut = first.spans[-1].end
    assert places(first) == [place for place in places(document) if place[1] <= cut]


def test_a_sentence_that_is_too_long_is_cut_and_is_one_sentence(tagger):
    document = tagger("Smith " * 1000)
    assert len(document.tokens) == 1000
    assert document.tokens.sentences.tolist() == [0]
    assert document.spans
    assert cut_sentences(document) == 1
    assert cut_sentences(tagger(TEXT)) == cut_sentences(Document("x")) == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, max_size=25), st.integers(1, 300), st.randoms())
def test_a_text_has_the_same_spans_in_any_company(tagger, several, batch_tokens, random):
    alone = [tagger(text) for text in several]
    order = list(range(len(several)))
    random.shuffle(order)
    together = list(tagger.tag((several[at] for at in order), batch_tokens))
    assert together == [alone[at] for at in order]


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, min_size=1, max_size=8).map(" ".join), st.data())
def test_a_stream_has_the_spans_of_the_whole(tagger, text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20)))
    chunks = [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]
    batch_tokens = data.draw(st.integers(1, 500))
    expected = list(tagger(text).spans)
    assert list(tagger.stream(chunks, batch_tokens)) == expected
    assert list(tagger.stream(text)) == expected


def test_a_stream_gives_a_span_as_soon_as_it_is_certain(tagger):
    consumed = []

    def chunks():
        for at in range(10**6):
            consumed.append(at)
            yield "The Bank said that Mr Smith went to Monday . "

    spans = tagger.stream(chunks())
    for _ in range(50):
        next(spans)
    assert len(consumed) < 100


@pytest.mark.parametrize(("threads", "most"), [(1, 20), (2, 50)])
def test_tagging_reads_no_further_than_it_has_to(tagger, threads, most):
    consumed = []

    def several():
        for at in range(10**6):
            consumed.append(at)
            yield "The Bank said so ."

    documents = tagger.tag(several(), batch_tokens=50, threads=threads)
    next(documents)
    assert len(consumed) < most
    assert next(iter(tagger.tag(("" for _ in iter(int, 1)), batch_tokens=50))).text == ""


def test_nothing_to_tag(tagger):
    assert list(tagger.tag([])) == []
    assert list(tagger.stream([])) == []
    assert list(tagger.stream(["", " "])) == []


# --- documents


def test_a_documents_own_tokens_are_used(tagger):
    text = "don't stop"
    given_tokens = Tokens(text, [(0, 5), (6, 10)], columns={"pos": ("V", "V")})
    document = tagger(Document(text, tokens=given_tokens))
    assert document.tokens is given_tokens
    assert {(span.start, span.end) for span in document.spans} <= {(0, 5), (6, 10), (0, 10)}


def test_no_span_crosses_a_documents_own_sentences(tagger):
    text = "Smith " * 400
    offsets = [(6 * at, 6 * at + 5) for at in range(400)]
    every = tagger(Document(text, tokens=Tokens(text, offsets, sentences=range(400))))
    assert {span.end - span.start for span in every.spans} <= {5}
    # A sentence of more tokens than a window is cut.
    one = tagger(Document(text, tokens=Tokens(text, offsets)))
    assert all((span.start < 6 * 256) == (span.end <= 6 * 256) for span in one.spans)


def test_all_else_stays(tagger):
    found = tagger(TEXT).spans[0]
    old = Span(0, 3, "OLD", id="old")
    again = Span(found.start, found.end, found.label, id="again")
    other = Span(0, 8, "NP", layer="chunks", id="np")
    document = Document(
        TEXT,
        spans=(old, other, again),
        relations=(Relation("np", "old", "r"), Relation("np", "again", "s")),
        unknown=(Region(0, 3), Region(4, 8, "chunks")),
        labels=("news",),
        id="doc",
        meta={"source": "here"},
    )
    tagged = tagger(document)
    assert tagged.layer("chunks") == (other,)
    assert [(span.start, span.end, span.label) for span in tagged.layer()] == [
        (span.start, span.end, span.label) for span in tagger(TEXT).spans
    ]
    assert next(span for span in tagged.layer() if span.id == "again").score == found.score
    assert tagged.relations == (Relation("np", "again", "s"),)
    assert (tagged.unknown, tagged.labels, tagged.id, tagged.meta) == (
        (Region(4, 8, "chunks"),),
        document.labels,
        document.id,
        document.meta,
    )
    assert document.spans == (old, other, again)


def test_another_layer(tmp_path):
    tagger = load(write(tmp_path / "model", layer="chunks", scale=1.0))
    kept = Span(0, 3, "PER")
    tagged = tagger(Document(TEXT, spans=(kept,)))
    assert tagged.layer() == (kept,)
    assert tagged.layer("chunks")


def test_tokens_as_words(tagger):
    document = tagger.tag_tokens(["The", "Bank", "of", "New York", "don't"])
    assert document.text == "The Bank of New York don't"
    assert document.tokens.surfaces == ["The", "Bank", "of", "New York", "don't"]
    assert document.tokens.sentences.tolist() == [0]
    assert tagger.tag_tokens([]).text == ""
    assert len(tagger.tag_tokens(["a"] * 600).tokens) == 600


# --- what does not go


@pytest.mark.parametrize("text", [b"bytes", None, 7, ["a"]])
def test_only_text(tagger, text):
    with pytest.raises(TypeError, match="expected a text as str, or a Document, got"):
        tagger(text)
    with pytest.raises(TypeError, match=r"expected .* as str, got"):
        list(tagger.stream([text]))


def test_many_and_one_are_not_mixed_up(tagger):
    for one in ("text", Document("text")):
        with pytest.raises(TypeError, match="takes many texts"):
            tagger.tag(one)
    with pytest.raises(TypeError, match="takes a list of tokens"):
        tagger.tag_tokens("text")
    with pytest.raises(TypeError, match="expected tokens as str, got bytes at 1"):
        tagger.tag_tokens(["a", b"b"])
    with pytest.raises(UsageError, match="token 1 is"):
        tagger.tag_tokens(["a", ""])
    for call in (tagger.tag, tagger.stream):
        with pytest.raises(UsageError, match="at least 1 token"):
            list(call(["a"], batch_tokens=0))


# --- threads and processes


def test_threads_share_it(tagger):
    several = [TEXT[at:] for at in range(0, len(TEXT), 9)]
    expected = [tagger(text) for text in several]
    streamed = [list(tagger.stream(text)) for text in several]
    assert streamed == [list(document.spans) for document in expected]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(tagger, several * 3)) == expected * 3
        assert list(pool.map(lambda text: list(tagger.stream(text, 50, threads=3)), several * 3)) == streamed * 3


def test_a_pickle_is_a_path(tagger, path):
    pickled = pickle.dumps(tagger)
    assert len(pickled) < 500
    one, other = pickle.loads(pickled), pickle.loads(pickled)
    assert one is other
    assert copy.deepcopy(tagger) is one
    assert one(TEXT) == tagger(TEXT)
    assert one.path == path.absolute()


def test_a_pickle_keeps_engine_and_precision(path):
    for engine, precision in (("numpy", "float32"), ("onnx", "int8")):
        tagger = load(path, engine, precision)
        assert repr(pickle.loads(pickle.dumps(tagger))).replace(str(path.absolute()), str(path)) == repr(tagger)
        assert f"engine={engine!r}, precision={precision!r}" in repr(tagger)


def test_processes_that_start_from_nothing_share_it(tagger):
    several = [TEXT, TEXT[5:], ""]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(tagger, several) == [tagger(text) for text in several]


def test_a_pickle_of_a_model_that_was_replaced(tmp_path):
    path = write(tmp_path / "model")
    pickled = pickle.dumps(load(path))
    write(path, seed=2, replace=True)
    with pytest.raises(ModelError, match="another model than when this tagger was pickled"):
        pickle.loads(pickled)


def test_a_process_that_tags_needs_no_torch(path):
    program = (
        "import sys\nfrom elman.runtime.tagger import load\n"
        f"document = load({str(path)!r})('The Bank said so.')\n"
        "assert document.tokens\n"
        "assert not {'torch', 'pydantic'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
