"""What goes wrong in other tools, end to end; what only one format is about has its test beside that format's."""

import pytest

from elman.data.document import Document, Span
from elman.data.formats import read, write
from elman.pipelines.convert import convert
from elman.text.segment import WINDOW


@pytest.mark.parametrize("to", ["conll", "conllu", "gliner", "inline", "hf-jsonl", "spacy-v2", "germeval", "parallel"])
def test_a_span_off_the_borders_of_tokens_is_moved_and_told(tmp_path, to):
    """spaCy#5727, #6071, #11497, #13533: such a span was dropped, with a warning or without one."""
    document = Document("The Tokyo-based firm, Sony.", (Span(4, 9, "LOC"), Span(22, 26, "ORG")), id="a")
    write([document], tmp_path / "in.jsonl")
    ledger = convert([tmp_path / "in.jsonl"], tmp_path / "out", to=to).stages["write"]
    assert (ledger.kept, ledger.moved, ledger.refused) == (1, 1, 0)
    (row,) = (row for row in ledger.table() if (row.item, row.kind) == ("span", "moved"))
    assert row.reason == "widened to whole tokens"
    assert row.example == "a: LOC 4-9 -> 4-15 'Tokyo'"
    found = [(span.label, back.surface(span)) for back in read(tmp_path / "out", to) for span in back.spans]
    assert found == [("LOC", "Tokyo-based"), ("ORG", "Sony")]


@pytest.mark.parametrize("to", ["conll", "gliner", "inline", "jsonl", "doccano", "hf-jsonl", "prodigy", "spacy-json"])
def test_nothing_past_any_length_is_cut(tmp_path, to):
    """GLiNER#378, #231; presidio PR#1805; transformers#15177: the end of a long text, and its labels, were lost."""
    begin = "word " * (20 * WINDOW)
    document = Document(f"{begin}Ada Byron", (Span(len(begin), len(begin) + 9, "PER"),), id="long")
    write([document], tmp_path / "in.jsonl")
    conversion = convert([tmp_path / "in.jsonl"], tmp_path / "out", to=to)
    assert (conversion.stages["write"].kept, conversion.stages["write"].refused) == (1, 0)
    (back,) = read(tmp_path / "out", to)
    assert [back.surface(span) for span in back.spans] == ["Ada Byron"]
    assert len(back.text) == len(document.text)
