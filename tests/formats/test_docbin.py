import io
import re

import pytest
from drawn import names, strange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.docbin import DOCBIN
from elman.data.formats.files import Source
from elman.errors import DataError, UsageError

spacy = pytest.importorskip("spacy", reason=".spacy files need the package spacy")


@pytest.fixture
def path(tmp_path):
    """A file as spaCy itself writes it."""
    from spacy.tokens import Doc, DocBin
    from spacy.tokens import Span as SpacySpan
    from spacy.vocab import Vocab

    vocab = Vocab()
    sony = Doc(
        vocab, ["Sony", " ", "bought", "Ericsson", "\n", "Now", "🙂"], [True, False, True, False, False, True, False]
    )
    sony.set_ents([SpacySpan(sony, 0, 1, "ORG", span_id="r1")], missing=[sony[3:4]], default="outside")
    sony.spans["sc"] = [SpacySpan(sony, 2, 4, "ACT"), SpacySpan(sony, 0, 4, "ACT")]
    for token in sony:
        token.is_sent_start = token.i in (0, 4)
        token.tag_ = "_SP" if token.text.isspace() else "X"
    sony.cats = {"NEWS": 1.0, "SPORT": 0.0}
    blank = Doc(vocab, ["Nobody", "knows"])
    nothing = Doc(vocab, ["Nothing"])
    nothing.ents = []
    docs = DocBin(attrs=["TAG", "ENT_IOB", "ENT_TYPE", "ENT_ID", "SENT_START"], docs=[sony, blank, nothing])
    docs.to_disk(tmp_path / "a.spacy")
    return tmp_path / "a.spacy"


def test_what_spacy_writes_is_read(path):
    assert detect(path).format.name == "spacy"
    reading = read(path)
    sony, blank, nothing = reading
    text = "Sony  bought Ericsson\nNow 🙂"
    assert sony == Document(
        text,
        (Span(0, 4, "ORG", id="r1"), Span(6, 21, "ACT", "sc"), Span(0, 21, "ACT", "sc")),
        unknown=(Region(13, 21),),
        labels=("NEWS",),
        tokens=Tokens(text, [(0, 4), (6, 12), (13, 21), (22, 25), (26, 27)], [0, 3], {"tag": ["X"] * 5}),
        meta={"cats": {"NEWS": 1.0, "SPORT": 0.0}},
    )
    # Nobody has said anything of the second, and of the third that it has no entities.
    assert blank.unknown == (Region(0, 13),)
    assert (nothing.spans, nothing.unknown) == ((), ())
    assert reading.report.ledger.total("refused", "token") == 2


def test_what_is_written_spacy_reads(path, tmp_path):
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    given_documents = list(read(path))
    ledger = write(given_documents, tmp_path / "b.spacy")
    assert all(row.kind == "kept" for row in ledger.table())
    assert list(read(tmp_path / "b.spacy")) == given_documents
    sony, blank, nothing = DocBin().from_disk(tmp_path / "b.spacy").get_docs(Vocab())
    assert [(span.text, span.label_, span.id_) for span in sony.ents] == [("Sony", "ORG", "r1")]
    assert [token.ent_iob for token in sony if not token.text.isspace()] == [3, 2, 0, 2, 2]
    assert [span.text for span in sony.spans["sc"]] == ["bought Ericsson", "Sony  bought Ericsson"]
    assert sony.cats == {"NEWS": 1.0, "SPORT": 0.0}
    assert [sentence.text.strip() for sentence in sony.sents] == ["Sony  bought Ericsson", "Now 🙂"]
    assert {token.ent_iob for token in blank} == {0}
    assert {token.ent_iob for token in nothing} == {2}


def test_spans_that_no_entity_can_be_are_in_a_group(tmp_path):
    text = "The University of Bonn"
    tokens = Tokens(text, [match.span() for match in re.finditer(r"\S+", text)])
    spans = (Span(18, 22, "LOC"), Span(4, 22, "ORG"), Span(0, 3, ""))
    ledger = write([Document(text, spans, tokens=tokens)], tmp_path / "a.spacy")
    assert ledger.kept == 3
    (back,) = read(tmp_path / "a.spacy")
    assert back.spans == spans


def test_the_ledger_tells_what_is_moved_or_lost(tmp_path):
    text = "in Bonn-Rome today"
    document = Document(
        text,
        (Span(3, 7, "LOC", score=0.5, id="a"), Span(13, 18, "DATE", id="b")),
        (Relation("a", "b", "on"),),
        meta={"big": 1 << 70, "list": [1, {"a": None}]},
    )
    with pytest.raises(UsageError, match="has no tokens; give tokenize"):
        write([document], tmp_path / "a.spacy")
    words = [match.span() for match in re.finditer(r"\S+", text)]
    columns = {
        "pos": ["ADP", "PROPN", "NOUN"],
        "tag": ["a", "b", "c"],
        "chunk": ["x", "y", "z"],
        "morph": ["?", "!", "a"],
    }
    ledger = write([document], tmp_path / "a.spacy", tokenize=lambda text: Tokens(text, words, [0], columns))
    assert (ledger.moved, ledger.kept) == (1, 1)
    lost = {(row.item, row.number) for row in ledger.table() if row.kind == "refused"}
    assert {("relation", 1), ("score", 1), ("meta", 1)} <= lost
    (back,) = read(tmp_path / "a.spacy")
    assert back.surface(back.spans[0]) == "Bonn-Rome"
    assert back.meta == {"list": [1, {"a": None}]}
    assert back.tokens.columns["pos"] == ("ADP", "PROPN", "NOUN")


@pytest.mark.parametrize("name", ["not-packed", "packed", "cut"])
def test_invalid_files(data, name):
    with pytest.raises(DataError, match=rf"invalid-{name}.spacy: expected a file that spaCy wrote, got what it cannot"):
        list(read(data / "spacy" / f"invalid-{name}.spacy"))


def test_what_cannot_be_one_of_spacys_is_an_error(tmp_path):
    with pytest.raises(DataError, match="document 'd': cannot be one of spaCy's"):
        write([Document("\ud800", tokens=Tokens("\ud800", [(0, 1)]), id="d")], tmp_path / "a.spacy")
    assert not (tmp_path / "a.spacy").exists()


@st.composite
def tokenized(draw):
    text = draw(strange)
    offsets = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
    places = st.tuples(*[st.integers(0, len(offsets) - 1)] * 2).map(sorted)
    runs = draw(st.lists(places, max_size=4)) if offsets else []
    spans = tuple(
        Span(offsets[a][0], offsets[b][1], draw(names), draw(st.sampled_from(["entities", "sc"])), None, draw(ids))
        for a, b in runs
    )
    labels = tuple(draw(st.lists(names, max_size=2, unique=True)))
    unknown = (Region(0, len(text)),) if text and not spans and draw(st.booleans()) else ()
    starts = sorted({0} | draw(st.sets(st.integers(0, len(offsets) - 1), max_size=2))) if offsets else []
    meta = draw(st.dictionaries(st.text(max_size=5), st.integers(0, 9) | st.text(max_size=3), max_size=2))
    return Document(text, spans, (), unknown, labels, Tokens(text, offsets, starts), draw(st.none() | names), meta)


ids = st.none() | st.text(min_size=1, max_size=2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=tokenized())
def test_everything_reads_back_the_same(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("round") / "trip.spacy"
    stream = io.BytesIO()
    ledger = DOCBIN.write([document], stream)
    path.write_bytes(stream.getvalue())
    (back,) = DOCBIN.read(Source(path))
    assert back.text == document.text
    assert sorted(back.spans, key=str) == sorted(document.spans, key=str)
    assert (back.tokens, back.unknown, back.labels) == (document.tokens, document.unknown, document.labels)
    assert (back.id, back.meta) == (document.id, document.meta)
    assert all(kind == "kept" for _, kind, _ in ledger.counts)
