import json
import re

import pytest
from drawn import names, strange, trip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.spacy_v2 import SPACY_V2
from elman.errors import DataError, UsageError

ANN = "Ann Lee lives  in\nBonn."


def test_every_field_is_read(data):
    reading = read(data / "spacy-v2" / "all.json")
    first, second, third = reading
    assert first == Document(
        ANN,
        (Span(0, 7, "PER"), Span(18, 22, "LOC")),
        unknown=(Region(22, 23),),
        labels=("NEWS",),
        tokens=Tokens(
            ANN,
            [(0, 3), (4, 7), (8, 13), (15, 17), (18, 22), (22, 23)],
            [0],
            {"tag": ["NNP", "NNP", "VBZ", "IN", "NNP", "."], "head": ["1", "1", "0", "-2", "-2", "-5"]},
        ),
        id="0-1",
    )
    assert second.text == "Who knows\nBob"
    assert (second.spans, second.unknown) == ((Span(10, 13, "PER"),), (Region(0, 9),))
    assert second.tokens.sentences.tolist() == [0, 2]
    assert (third.id, third.spans, third.unknown) == ("1", (), ())
    report = reading.report
    assert (report.scheme, report.repairs) == ("BILUO", 0)
    assert report.ledger.total("refused", "token") == 2
    assert any("unknown, not as O: '-' (3)" in line for line in report.lines())


def test_labels_are_whole_and_entities_one(tmp_path):
    """spaCy#5740, #4385, #5753: ``B-Person`` became the label ``P``, ``B-PER E-PER`` two entities."""
    path = tmp_path / "a.json"
    for tags, scheme in ((["B-Person", "I-Person", "O"], "IOB2"), (["B-Person", "E-Person", "O"], "IOBES")):
        tokens = [{"orth": word, "ner": tag} for word, tag in zip(["Ann", "Lee", "left"], tags, strict=True)]
        path.write_text(json.dumps([{"paragraphs": [{"sentences": [{"tokens": tokens}]}]}]))
        reading = read(path, scheme=scheme)
        assert [document.spans for document in reading] == [(Span(0, 7, "Person"),)]


def test_what_nobody_labelled_is_not_outside(data, tmp_path):
    """spaCy#2603: partly labelled text."""
    given_documents = list(read(data / "spacy-v2" / "all.json"))
    ledger = write(given_documents, tmp_path / "back.json", "spacy-v2")
    records = json.loads((tmp_path / "back.json").read_text())
    tags = [token["ner"] for sentence in records[1]["paragraphs"][0]["sentences"] for token in sentence["tokens"]]
    assert tags == ["-", "-", "U-PER"]
    assert list(read(tmp_path / "back.json")) == given_documents
    assert all(row.kind == "kept" for row in ledger.table())
    assert records[0]["paragraphs"][0]["sentences"][0]["tokens"][0]["head"] == 1


def test_it_is_known(data):
    assert detect(data / "spacy-v2" / "all.json").format.name == "spacy-v2"


def test_texts_without_tokens_need_a_tokenizer(tmp_path):
    document = Document("x Bonn-Rome", (Span(2, 6, "LOC"),))
    with pytest.raises(UsageError, match="a document without id has no tokens; give tokenize, which makes them"):
        write([document], tmp_path / "a.json", "spacy-v2")
    ledger = write([document], tmp_path / "a.json", "spacy-v2", tokenize=_words)
    assert ledger.moved == 1
    assert [one.spans for one in read(tmp_path / "a.json")] == [(Span(2, 11, "LOC"),)]


def _words(text):
    return Tokens(text, [match.span() for match in re.finditer(r"\S+", text)])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-paragraphs", ":1: a document needs 'paragraphs', a list; got "),
        ("no-orth", ":1: a token needs 'orth', a string; got ner"),
        ("empty-orth", ":1: 'orth' of a token is empty"),
        ("raw", ":1: expected the token 'Rome' after '' in the raw text, got 'Bonn'"),
        ("orphan", ":1: .*L-LOC"),
        ("ner-type", ":1: 'ner' of a token has to be a string, got a whole number"),
        ("prefix", ": the tags have the prefixes X-"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(data, name, message):
    with pytest.raises(DataError, match=rf"invalid-{name}.json{message}"):
        list(read(data / "spacy-v2" / f"invalid-{name}.json", "spacy-v2"))


@st.composite
def tokenized(draw):
    """A text of which all but white space is in tokens, with flat spans on them, and a region."""
    text = draw(strange)
    offsets = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
    starts = sorted({0} | draw(st.sets(st.integers(0, len(offsets) - 1), max_size=2))) if offsets else []
    spans, region = [], ()
    for start in starts:
        end = min([*(other for other in starts if other > start), len(offsets)])
        last = draw(st.integers(start, end - 1))
        if draw(st.booleans()):
            spans.append(Span(offsets[start][0], offsets[last][1], draw(names.filter(bool))))
        elif draw(st.booleans()) and not region:
            region = (Region(offsets[start][0], offsets[last][1]),)
    tags = draw(st.lists(st.text(min_size=1, max_size=2), min_size=len(offsets), max_size=len(offsets)))
    tokens = Tokens(text, offsets, starts, {"tag": tags} if offsets else {})
    labels = tuple(draw(st.lists(names, max_size=2, unique=True)))
    return Document(text, tuple(spans), (), region, labels, tokens, draw(st.none() | names))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=tokenized())
def test_tokens_spans_and_regions_read_back_the_same(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("round") / "trip.json"
    ledger, back = trip(SPACY_V2, [document], path, scheme="BILUO")
    assert back == [document]
    assert all(kind == "kept" for _, kind, _ in ledger.counts)
