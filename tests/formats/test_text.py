"""Plain text: whole files, lines and paragraphs, as they stand; written, it is the texts alone."""

import pytest
from drawn import documents, strange, trip
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.data.document import Document, Span
from elman.data.formats import text
from elman.data.formats.files import Source
from elman.errors import DataError, UsageError

PARAGRAPHS = "One.\r\nTwo.\n\n  Three,\r\n  four.\r\n \nFive.\n"


def read(path, rejects=None, **options):
    return list(text.read(Source(path, rejects=rejects), **options))


def test_units(data):
    path = data / "text" / "paragraphs.txt"
    assert read(path) == [Document(PARAGRAPHS, id="paragraphs.txt")]
    lines = ["One.", "Two.", "", "  Three,", "  four.", " ", "Five."]
    assert read(path, unit="line") == [
        Document(line, id=f"paragraphs.txt:{number}") for number, line in enumerate(lines, 1)
    ]
    assert read(path, unit="paragraph") == [
        Document("One.\r\nTwo.", id="paragraphs.txt:1"),
        Document("  Three,\r\n  four.", id="paragraphs.txt:4"),
        Document("Five.", id="paragraphs.txt:7"),
    ]
    with pytest.raises(UsageError, match="the unit of plain text is one of file, line, paragraph; got 'word'"):
        read(path, unit="word")


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [("latin-1", 3, "expected utf-8, got the byte 0xe4"), ("binary", 2, "expected text, got binary data")],
)
@pytest.mark.parametrize("unit", ["file", "line", "paragraph"])
def test_invalid_files(data, name, line, problem, unit):
    with pytest.raises(DataError, match=problem) as caught:
        read(data / "text" / f"invalid-{name}.txt", unit=unit)
    assert caught.value.line == line


def test_a_bad_paragraph_is_set_aside(tmp_path):
    # Beyond the head, which is looked at first.
    (tmp_path / "a.txt").write_bytes((b"good" * 99 + b"\n\n") * 1000 + b"Ad\xe4\n\nlast\n")
    rejects = []
    docs = read(tmp_path / "a.txt", rejects.append, unit="paragraph")
    assert (len(docs), docs[-1].text, len(rejects), rejects[0].line) == (1001, "last", 1, 2001)


legible = strange.filter(lambda body: "\0" not in body and not any("\ud800" <= c <= "\udfff" for c in body))


@given(
    docs=st.lists(documents(text=legible), min_size=1, max_size=4), unit=st.sampled_from(["line", "paragraph", None])
)
@settings(max_examples=40, deadline=None)
def test_round_trip(docs, unit, tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "a.txt"
    pieces = []
    ledger = text.TEXT.write(docs, pieces.append, unit=unit)
    path.write_bytes("".join(pieces).encode())
    broken = [reason for (item, kind, reason) in ledger.counts if (item, kind) == ("document", "moved")]
    assert ledger.refused == sum(len(document.spans) for document in docs)
    assert ledger.given("document") == len(docs)
    if not broken and path.read_bytes().strip(b"\xef\xbb\xbf \t\r\n"):
        back = read(path, unit=unit or ("line" if len(docs) > 1 else "file"))
        assert [document.text for document in back] == [document.text for document in docs]


def test_a_file_takes_one_text(tmp_path):
    docs = [Document("Ada", (Span(0, 3, "PER"),)), Document("Bob")]
    with pytest.raises(DataError, match="a file takes one text, and there are more"):
        trip(text.TEXT, docs, tmp_path / "a.txt", {"unit": "file"})
    ledger, back = trip(text.TEXT, docs, tmp_path / "a.txt", unit="line")
    assert [document.text for document in back] == ["Ada", "Bob"]
    assert (ledger.refused, ledger.given("document")) == (1, 2)
