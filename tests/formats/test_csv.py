"""CSV: any delimiter, quotes and line ends within cells, and every column comes back."""

import json
from dataclasses import replace

import pytest
from drawn import documents, strange, trip
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Region, Relation, Span, Tokens
from elman.data.formats import csv, csv_writing
from elman.data.formats.files import Source
from elman.errors import DataError, UsageError


def read(path, rejects=None, **options):
    source = Source(path, rejects=rejects)
    reading = csv.read(source, **options)
    source.attach(reading.report)
    return list(reading), reading.report


def test_reads_columns_by_their_names(data):
    docs, report = read(data / "csv" / "valid.csv")
    assert docs == [
        Document("Ada wrote, to Charles.", (Span(0, 3, "PER"),), labels=("news",), id="1", meta={"source": "mail"}),
        Document("Two\nlines", (Span(0, 3, "NUM"),), id="2"),
    ]
    assert report.notes == ["the text is in the column 'Text' of 5"]


def test_finds_the_delimiter_and_keeps_line_ends_within_quotes(data):
    docs, _ = read(data / "csv" / "semicolons.csv")
    assert [(document.text, document.labels) for document in docs] == [
        ('He said "no"; then\r\nleft.', ("neg",)),
        ("Fine.", ("pos",)),
    ]
    (document,), _ = read(data / "csv" / "bare-quotes.tsv")
    assert document == Document('Good "movie"', labels=("pos",))


def test_options_name_columns(data, tmp_path):
    docs, _ = read(data / "csv" / "invalid-no-text-column.csv", text="b")
    assert docs == [Document("2", meta={"a": "1"})]
    docs, _ = read(data / "csv" / "semicolons.csv", label="")
    assert docs[1] == Document("Fine.", meta={"label": "pos"})
    path = tmp_path / "a.csv"
    path.write_text("name;text;kind\n7;Ada;a\n")
    assert read(path, id="name", label="kind")[0] == [Document("Ada", labels=("a",), id="7")]
    with pytest.raises(DataError, match="there is no column 'x'; it has 'name', 'text', 'kind'"):
        read(path, id="x")
    with pytest.raises(UsageError, match="one character"):
        read(path, delimiter="::")


@pytest.mark.parametrize(
    ("name", "line", "problem", "rest"),
    [
        ("no-text-column", 1, "expected a first row that names a column with texts, such as 'text', got", None),
        ("column-twice", 1, "expected a different name for each column, got 'text' twice", None),
        ("few-cells", 3, "expected 2 cells, as the first row has, got 1; mend the row", ["Ada", "Eve"]),
        ("json", 2, "expected JSON in the column 'spans', got '[{\"start\": 0}'", ["Eve"]),
        ("outside", 2, "ends outside the text", ["Eve"]),
        ("no-label", 2, "a span needs 'label', a string; got start, end", ["Eve"]),
        ("quotes", 2, "expected a row of cells, got what cannot be read as one: ',' expected after '\"'", ["Eve"]),
        ("latin-1", 2, "expected utf-8, got the byte 0xe4", ["Eve"]),
        ("open-quote", 3, "expected a row of cells, got what cannot be read as one: unexpected end", ["Eve"]),
    ],
)
def test_invalid_files(data, name, line, problem, rest):
    path = data / "csv" / f"invalid-{name}.csv"
    if name == "latin-1":
        # The head is not in the encoding either, which is told before anything is read.
        rest = None
    with pytest.raises(DataError) as caught:
        read(path)
    assert problem in caught.value.problem
    assert (str(caught.value.path), caught.value.line) == (str(path), line)
    if rest is not None:
        rejects = []
        docs, report = read(path, rejects.append)
        assert ([document.text for document in docs], report.rejected) == (rest, 1)
        assert (rejects[0].line, problem in rejects[0].problem) == (line, True)


def test_a_cell_may_be_longer_than_the_library_takes(tmp_path):
    path = tmp_path / "a.csv"
    text = "Ada " * 100_000
    path.write_text(f"id,text\n1,{text}\n")
    assert read(path)[0][0].text == text


def test_utf_16_offsets_are_mended(tmp_path):
    texts = [f"👩‍👩‍👧 number {n}: Ada Byron of London" for n in range(9)]
    rows = ["text,spans"]
    for text in texts:
        spans = [
            {"start": len(text[:at].encode("utf-16-le")) // 2, "end": len(text[: at + 3].encode("utf-16-le")) // 2}
            for at in (text.index("Ada"),)
        ]
        spans = [{**span, "label": "PER", "text": "Ada"} for span in spans]
        rows.append(f'"{text}","{json.dumps(spans).replace(chr(34), chr(34) * 2)}"')
    (tmp_path / "a.csv").write_text("\n".join(rows))
    docs, report = read(tmp_path / "a.csv")
    assert [document.surface(document.spans[0]) for document in docs] == ["Ada"] * 9
    assert "UTF-16" in report.offsets


def test_what_first_documents_have_not_has_no_column(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_writing, "_AHEAD", 1)
    text = "Ada Byron"
    docs = [
        Document("plain", id="a", meta={"text": "x", "n": 1, "e": ""}),
        Document(
            text,
            (Span(0, 3, "PER", id="a"), Span(4, 9, "PER", id="b")),
            (Relation("a", "b", "r"),),
            (Region(0, 3, "pos"),),
            ("one", "[two]"),
            Tokens(text, [(0, 3), (4, 9)], None, {"1": ("a", "b")}),
            "",
            {"late": "x"},
        ),
    ]
    ledger, back = trip(csv.CSV, docs, tmp_path / "a.csv")
    assert back == [
        Document("plain", id="a", meta={"meta.text": "x", "n": "1"}),
        Document(text, docs[1].spans, labels=docs[1].labels),
    ]
    assert {key: count for key, count in ledger.counts.items() if key[1] != "kept"} == {
        ("meta", "moved", csv_writing.RENAMED): 1,
        ("meta", "moved", csv_writing.AS_TEXT): 1,
        ("meta", "refused", csv_writing.EMPTY): 1,
        ("meta", "refused", csv_writing.LATE): 1,
        ("id", "refused", csv_writing.NO_ID): 1,
        ("relation", "refused", csv_writing.LATE_COLUMN): 1,
        ("region", "refused", csv_writing.LATE_COLUMN): 1,
        ("token", "refused", csv_writing.LATE_COLUMN): 2,
        ("sentence", "refused", csv_writing.LATE_COLUMN): 1,
        ("column", "refused", csv_writing.LATE_COLUMN): 1,
    }
    assert all(ledger.counts.values())


legible = strange.filter(lambda text: "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text))
plain = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=3)


@given(
    docs=st.lists(
        documents(text=legible, labels=plain, meta=plain, layers=("entities", "pos")), min_size=1, max_size=3
    ),
    delimiter=st.sampled_from(",;\t|"),
)
@settings(max_examples=40, deadline=None)
def test_round_trip(docs, delimiter, tmp_path_factory):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    docs = [
        replace(
            document,
            id=str(at) + (document.id or "").replace("\0", "").encode(errors="ignore").decode(),
            meta={f"k{n}": value for n, value in enumerate(document.meta.values())},
        )
        for at, document in enumerate(docs)
    ]
    ledger, back = trip(csv.CSV, docs, path, {"delimiter": delimiter})
    assert back == docs
    assert {kind for (_, kind, _) in ledger.counts} == {"kept"}


def test_is_found_out(data):
    assert csv.sniff(Source(data / "csv" / "valid.csv").peek)
    assert csv.sniff(Source(data / "csv" / "semicolons.csv").peek)
    assert not csv.sniff(Source(data / "csv" / "invalid-no-text-column.csv").peek)
    assert not csv.sniff(Source(data / "conll" / "two-columns.tsv").peek)
