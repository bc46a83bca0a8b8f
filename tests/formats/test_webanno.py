from dataclasses import replace

import pytest
from drawn_tokens import anything, cut, holding, pieces_of_tokens, texts, without_ids
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Relation, Span, Tokens
from elman.data.formats import detect, read, write
from elman.data.formats.webanno_cells import Value, cell, decoded, encoded, values
from elman.data.formats.webanno_writing import LAYERS_APART, NO_TOKEN, TRIMMED
from elman.errors import DataError, UsageError


def test_layers_stacks_parts_of_tokens_and_relations(data):
    path = data / "webanno" / "layers.tsv"
    assert detect(path).format.name == "webanno"
    reading = read(path)
    (document,) = reading
    assert (document.id, document.text) == ("layers", "😀 Ada Lovelace of Ada\\Co wrote.\nTwo\nlines.")
    assert [(document.surface(span), span.label, span.layer, span.id) for span in document.spans] == [
        ("Ada Lovelace", "PER", "entities", "1"),
        ("Lovelace", "FAMILY", "entities", None),
        ("Ada\\Co", "ORG", "entities", "3"),
        ("Ada", "PER", "entities", None),
        ("wrote", "verb_past", "Letter", None),
        ("Two", "Letter", "Letter", None),
    ]
    assert document.relations == (Relation("3", "1", "knows"),)
    assert document.tokens.columns["POS.PosValue"][:3] == ("X", "NNP", "NNP")
    assert document.meta == {"features": {"entities:2-14": {"identifier": "Q7259"}}}
    assert reading.report.offsets.startswith("UTF-16 units: as code points 1 of 11 tokens would not be where they are")


def test_a_layer_and_a_feature_can_be_chosen(data):
    path = data / "webanno" / "layers.tsv"
    (document,) = read(path, layer="Letter", feature="identifier")
    assert [span.label for span in document.layer()] == ["verb_past", "Letter"]
    assert [span.label for span in document.layer("NamedEntity")] == [
        "Q7259",
        "NamedEntity",
        "NamedEntity",
        "NamedEntity",
    ]
    with pytest.raises(UsageError, match="offsets are one of auto, utf-16"):
        read(path, offsets="octets")
    with pytest.raises(DataError, match=r"layers.tsv:9: the token 1-1 says that it is '😀', but at its offsets 0-2"):
        list(read(path, offsets="code-points"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("version", r"version.tsv:1: expected #FORMAT=WebAnno TSV 3.x in the first line"),
        ("columns", r"columns.tsv:6: expected 4 columns, three and those of the header's layers, got 3; mend the row"),
        ("offsets", r"offsets.tsv:6: expected offsets such as 0-4, got '4-'; mend the row"),
        ("form", r"form.tsv:6: the token 1-2 says that it is 'was', but at its offsets 4-6 in the text"),
        ("no-text", r"no-text.tsv:4: expected #Text= before the rows of a sentence, got '1-1"),
        ("relation", r"relation.tsv:6: the relation points to 1-2\[7\], where Ner has no such span; mend the row"),
        ("base", r"base.tsv:3: expected the layer that the relations are between behind BT_"),
    ],
)
def test_what_is_wrong_is_said_and_set_aside(data, name, message):
    path = data / "webanno" / f"invalid-{name}.tsv"
    with pytest.raises(DataError, match=message):
        list(read(path, "webanno"))
    rejects = []
    assert list(read(path, "webanno", rejects=rejects.append)) == []
    assert len(rejects) == 1


def test_a_folder_has_a_document_in_each_file(tmp_path):
    tokens = Tokens("Ada", [(0, 3)])
    documents = [Document("Ada", (Span(0, 3, "PER"),), tokens=tokens, id=name) for name in ("a", "b/c", None)]
    ledger = write(documents, tmp_path / "o", "webanno")
    (tmp_path / "o" / "notes.md").write_text("Nothing.\n")
    reading = read(tmp_path / "o", "webanno")
    assert [document.id for document in reading] == ["a", "c", "document-3"]
    assert reading.report.ignored == {"file that is no WebAnno TSV 3": 1}
    assert ledger.total("refused", "id") == 1
    with pytest.raises(DataError, match="has no file that begins with #FORMAT=WebAnno TSV 3"):
        list(read(_empty(tmp_path), "webanno"))


def _empty(folder):
    (folder / "e").mkdir()
    return folder / "e"


def test_what_rows_cannot_hold_is_in_the_ledger(tmp_path):
    text = "Ada  Bo"
    spans = (Span(0, 4, "PER", id="a"), Span(3, 5, "GAP"), Span(5, 7, "PER", "other", id="b"))
    document = Document(text, spans, (Relation("a", "b", "x"),), tokens=Tokens(text, [(0, 3), (5, 7)]), id="d")
    ledger = write([document], tmp_path / "o", "webanno")
    assert ledger.counts["span", "moved", TRIMMED] == 1
    assert ledger.counts["span", "refused", NO_TOKEN] == 1
    assert ledger.counts["relation", "refused", LAYERS_APART] == 1
    assert (ledger.given(), ledger.made()) == (3, 2)
    assert sum(ledger.counts[key] for key in ledger.counts if key[0] == "relation") == 1


@given(st.lists(st.tuples(st.none() | anything, st.integers(0, 99)), min_size=1, max_size=3))
def test_stacked_values_read_back(pairs):
    stacked = [Value(text, number or 1 if text == "" else number) for text, number in pairs]
    assert values(cell(stacked)) == stacked


@given(anything)
def test_names_of_layers_read_back(name):
    assert decoded(encoded(name)) == name
    assert encoded(name).replace("_", "a").isascii()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_document_reads_back(tmp_path_factory, data):
    tokens = data.draw(texts.flatmap(cut))
    spans, relations = data.draw(pieces_of_tokens(tokens, ("entities", "entities/2", "x_x2f_")))
    document = replace(holding(tokens, spans, (), id="d"), relations=relations)
    path = tmp_path_factory.mktemp("any") / "o"
    ledger = write([document], path, "webanno")
    if not document.text.strip("\r\n\t "):
        return
    (back,) = read(path, "webanno")
    assert (back.text, back.tokens, back.id) == (document.text, document.tokens, "d")
    assert without_ids(back) == without_ids(document)
    assert {key[:2] for key in ledger.counts if key[1] != "kept"} <= {("id", "refused")}
