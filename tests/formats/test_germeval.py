import pytest
from drawn_tokens import flat, holding, sentences_of_words, words
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.germeval import INNER, TO_INNER
from elman.data.ledger import OTHER_LAYER
from elman.errors import DataError


def test_two_layers_and_sources_that_begin_documents(data):
    path = data / "germeval" / "two-layers.tsv"
    assert detect(path).format.name == "germeval"
    reading = read(path)
    first, second = reading
    assert (first.id, first.text, first.meta) == ("http://a.org/1", "Die Uni Köln\nKlein", {"date": "2009-08-13"})
    assert first.spans == (Span(4, 12, "ORG"), Span(8, 12, "LOC", INNER))
    assert list(first.tokens.ranges()) == [(0, 3), (3, 4)]
    assert (second.text, second.spans) == ("# Bonn", (Span(2, 6, "LOC"),))
    assert (reading.report.scheme, reading.report.docstart) == ("IOB2", True)


def test_a_file_is_written_as_it_was(data, tmp_path):
    path = data / "germeval" / "two-layers.tsv"
    ledger = write(read(path), tmp_path / "o.tsv", "germeval")
    assert (tmp_path / "o.tsv").read_text() == path.read_text().replace("]\t\n", "]\n")
    assert not [key for key in ledger.counts if key[1] != "kept"]


def test_without_sources_each_sentence_is_a_document(data):
    documents = list(read(data / "germeval" / "no-sources.tsv"))
    assert [(document.id, document.text) for document in documents] == [
        ("no-sources-1", "Bonn"),
        ("no-sources-2", "Ulm ruft"),
    ]


def test_layers_can_have_other_names(data):
    first, _ = read(data / "germeval" / "two-layers.tsv", layer="outer", inner="inner")
    assert [span.layer for span in first.spans] == ["outer", "inner"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("columns", r"invalid-columns.tsv:2: expected 4 columns, an index, a token, an outer and an inner tag, got 3"),
        ("index", r"invalid-index.tsv:2: expected an index and a token, got 'x' and 'ruft'"),
        ("token", r"invalid-token.tsv:2: expected an index and a token, got '2' and ''"),
        ("orphan", r"invalid-orphan.tsv:3: tag 2 \('I-LOC'\) stands after 'O', which the scheme"),
    ],
)
def test_what_is_wrong_is_said_and_set_aside(data, name, message):
    path = data / "germeval" / f"invalid-{name}.tsv"
    with pytest.raises(DataError, match=message):
        list(read(path, "germeval", scheme="IOB2"))
    rejects = []
    assert list(read(path, "germeval", scheme="IOB2", rejects=rejects.append)) == []
    assert len(rejects) == 1


def test_what_overlaps_goes_to_the_inner_layer(tmp_path):
    text = "Uni Köln am Rhein"
    tokens = Tokens(text, [(0, 3), (4, 8), (9, 11), (12, 17)])
    spans = (Span(0, 8, "ORG"), Span(4, 8, "LOC"), Span(0, 17, "X"), Span(4, 8, "Y"), Span(0, 3, "Z", "pos"))
    ledger = write([Document(text, spans, tokens=tokens, id="d")], tmp_path / "o.tsv", "germeval")
    (document,) = read(tmp_path / "o.tsv")
    assert set(document.spans) == {Span(0, 17, "X"), Span(0, 8, "ORG", INNER)}
    assert ledger.counts["span", "moved", TO_INNER] == 1
    assert ledger.counts["span", "refused", OTHER_LAYER] == 1
    assert (ledger.given(), ledger.made(), ledger.refused) == (5, 2, 3)


def test_tokens_with_tabs_are_refused(tmp_path):
    with pytest.raises(DataError, match="has a token that holds a tab or a line end"):
        write([Document("a\tb", tokens=Tokens("a\tb", [(0, 3)]))], tmp_path / "o.tsv", "germeval")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_words_read_back(tmp_path_factory, data):
    tokens = data.draw(sentences_of_words(words))
    outer, regions = data.draw(flat(tokens))
    inner, more = data.draw(flat(tokens, INNER))
    document = holding(tokens, (*outer, *inner), (*regions, *more), id=data.draw(st.sampled_from(["d", "é 1", None])))
    path = tmp_path_factory.mktemp("any") / "any.tsv"
    ledger = write([document], path, "germeval")
    assert list(read(path, "germeval")) == [document]
    assert not [key for key in ledger.counts if key[1] != "kept"]


@pytest.mark.shared
def test_the_shared_task_has_its_counts(shared):
    documents = list(read(shared("germeval2014/NER-de-dev.tsv")))
    assert sum(len(document.layer()) for document in documents) == 2674
    assert sum(len(document.layer(INNER)) for document in documents) == 212
