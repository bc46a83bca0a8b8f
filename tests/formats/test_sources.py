"""What is compressed, archived, in folders or at fault; and formats of other packages."""

import bz2
import gzip
import io
import lzma
import sys
import zipfile
from types import SimpleNamespace

import pytest

from elman.data import formats
from elman.data.document import Document, Span
from elman.data.formats import detect, files, read, registry, write
from elman.data.formats.files import Source
from elman.data.formats.format import Format, Reading, ReadReport, Sniffed
from elman.data.formats.sinks import written_binary, written_folder
from elman.data.ledger import Ledger, account
from elman.errors import DataError, UsageError

DOCUMENTS = [Document("Ada wrote", (Span(0, 3, "PER"),)), Document("Köln 👩", (Span(0, 4, "LOC"),))]
PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_what_is_compressed_is_written_and_read_as_what_is_in_it(tmp_path, suffix):
    if suffix == ".zst":
        pytest.importorskip("zstandard")
    path = tmp_path / f"a.jsonl{suffix}"
    write(DOCUMENTS, path)
    first = path.read_bytes()
    assert not first.startswith(b"{")
    assert list(read(path)) == DOCUMENTS
    write(DOCUMENTS, path)
    assert path.read_bytes() == first
    # The content tells that it is compressed, not the name.
    other = path.rename(tmp_path / "other.txt")
    assert list(read(other)) == DOCUMENTS
    source = Source(other)
    with source.binary() as stream:
        content = stream.read()
        stream.seek(0)
        assert stream.read(1) == b"{"
    assert content.decode() == Source(other).text()


def test_a_compressed_file_can_come_from_a_pipe(monkeypatch):
    packed = gzip.compress(b'{"text": "Ada"}\n{"text": "Bo"}\n')
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(packed)))
    assert [document.text for document in read("-")] == ["Ada", "Bo"]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"PK\x03\x04 and so on")))
    with pytest.raises(DataError, match="an archive, which cannot be read from a pipe"):
        read("-")


@pytest.mark.parametrize("suffix", PACKERS)
def test_damage_is_told(tmp_path, suffix):
    path = tmp_path / f"a.jsonl{suffix}"
    packed = PACKERS[suffix](b'{"text": "Ada"}\n' * 100)
    path.write_bytes(packed[:-12])
    with pytest.raises(DataError, match="is damaged"):
        list(read(path, "jsonl"))


def archive(path, **files):
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("__MACOSX/a.jsonl", "junk")
        for name, text in files.items():
            packed.writestr(name, text)
    return path


def test_an_archive_of_one_file_is_that_file(tmp_path):
    path = archive(tmp_path / "a.zip", **{"in/Ada.jsonl": '{"text": "Ada"}\n'})
    source = Source(path)
    assert (source.name, source.stem, source.peek.name) == (f"{path}!in/Ada.jsonl", "Ada", f"{path}!in/Ada.jsonl")
    assert [document.text for document in read(path)] == ["Ada"]


def test_the_files_of_an_archive_and_of_a_folder_are_read_one_after_the_other(tmp_path):
    files = {"a.jsonl": '{"text": "Ada"}\n', "b.conll": "Bo B-PER\nran O\n\n", "c.bin": "\0", "d.txt": ""}
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / ".hidden").write_text("no")
    for path in (archive(tmp_path / "a.zip", **files), folder):
        assert detect(path).format.name == "jsonl"
        reading = read(path)
        assert [document.text for document in reading] == ["Ada", "Bo ran"]
        report = reading.report
        assert (report.documents, report.spans, report.account().made("span")) == (2, 1, 1)
        assert report.ignored == {"file that cannot be read": 2}
        assert "a further file is in conll: rows of 2 columns, tags in column 1" in report.notes
        assert sum("passed over" in note for note in report.notes) == 2


def test_an_archive_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(DataError, match="is an archive without a file"):
        Source(archive(tmp_path / "a.zip"))
    path = tmp_path / "b.zip"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(DataError, match="is damaged"):
        Source(path)
    with pytest.raises(UsageError, match="archives are read, not written"):
        write(DOCUMENTS, tmp_path / "c.jsonl.zip")
    source = Source(archive(tmp_path / "d.zip", a="1", b="2"))
    with pytest.raises(DataError, match="an archive of 2 files, expected one"):
        _ = source.head


def test_a_document_that_is_a_zip_is_no_archive(tmp_path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<w/>")
    source = Source(path)
    assert not source.has_members
    assert source.peek.data.startswith(b"PK")
    with source.binary() as stream:
        assert stream.read() == path.read_bytes()


def test_lines_are_numbered_and_end_with_line_feeds_alone(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"\xef\xbb\xbfa\x0bb\r\nc\x85d\n\ne\r".replace(b"\x85", "\u2028".encode()))
    assert list(Source(path).lines()) == [(1, "a\x0bb"), (2, "c\u2028d"), (3, ""), (4, "e\r")]
    assert Source(path).text() == "a\x0bb\r\nc\u2028d\n\ne\r"
    assert Source(path).head == "a\x0bb\nc\u2028d\n\ne\r"


def test_a_long_line_is_no_longer_than_the_head_until_it_is_read(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "' + "ä" * 800_000 + '"}\n')
    source = Source(path)
    assert len(source.peek.data) <= 2 * formats.files.HEAD
    assert source.peek.text is not None
    (document,) = read(path)
    assert len(document.text) == 800_000


def test_records_at_fault_are_set_aside(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "Ada"}\n{"text": 3}\n{"text": "\xff"}\n\n{nothing\n{"text": "Bo"}')
    rejects = []
    reading = read(path, rejects=rejects.append)
    assert [document.text for document in reading] == ["Ada", "Bo"]
    assert [(reject.name, reject.line) for reject in rejects] == [(str(path), line) for line in (2, 3, 5)]
    assert [reject.raw for reject in rejects] == ['{"text": 3}', '{"text": "\\xff"}', "{nothing"]
    assert "has to be a string" in rejects[0].problem
    assert reading.report.rejected == 3
    ledger = reading.report.account()
    assert (ledger.given("document"), ledger.made("document")) == (5, 2)
    assert "3 records are at fault and were set aside" in reading.report.lines()
    with pytest.raises(DataError, match=r"a.jsonl:3: expected utf-8"):
        list(read(path, "jsonl"))


def test_a_sentence_at_fault_is_set_aside_and_the_rest_of_its_document_stays(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("-DOCSTART- O\n\nAda B-PER\n\nran\n\nBo B-PER\n\n-DOCSTART- O\n\nto I-X\n\n" + "a O\n\n" * 20)
    rejects = []
    reading = read(path, rejects=rejects.append)
    first, *_ = [document.text for document in reading]
    assert first == "Ada\nBo"
    assert [(reject.line, reject.raw) for reject in rejects] == [(5, "ran"), (11, "to I-X")]
    account = reading.report.account()
    assert (account.total("refused", "sentence"), account.total("refused", "document")) == (2, 0)
    with pytest.raises(DataError, match=r"a.conll:5: too few columns"):
        list(read(path))


def test_binary_files_and_folders_are_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.bin.gz"
    with written_binary(path) as stream:
        stream.write(b"later")
        stream.seek(0)
        stream.write(b"L")
    assert gzip.decompress(path.read_bytes()) == b"Later"
    folder = tmp_path / "out"
    with pytest.raises(ZeroDivisionError), written_folder(folder) as inside:
        (inside / "a").write_text(str(1 / 0))
    assert not folder.exists()
    folder.mkdir()
    with written_folder(folder) as inside:
        (inside / "a").write_text("a")
    assert [file.name for file in folder.iterdir()] == ["a"]
    with pytest.raises(DataError, match="is a folder that is not empty"), written_folder(folder):
        pass
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.bin.gz", "out"]


def _read_shout(source, /):
    report = ReadReport("shout")
    return Reading((Document(line.removeprefix("SHOUT ")) for _, line in source.lines()), report)


def _write_shout(documents, put, /):
    ledger = Ledger()
    for document in documents:
        put(f"SHOUT {document.text}\n")
        ledger += account(document, SHOUT.holds)
    return ledger


SHOUT = Format(
    "shout",
    (".shout",),
    "a format of another package",
    lambda head: Sniffed(0.9, "it shouts") if (head.text or "").startswith("SHOUT") else None,
    _read_shout,
    _write_shout,
    holds=frozenset({"text"}),
)


@pytest.fixture
def plugin(monkeypatch, tmp_path):
    """Makes this package's formats be there, as a package installer leaves it."""

    def install(found):
        metadata = tmp_path / "site" / "shouting-1.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text("Name: shouting\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text("[elman.formats]\nshout = shouting:SHOUT\n")
        monkeypatch.setitem(sys.modules, "shouting", SimpleNamespace(SHOUT=found))
        monkeypatch.syspath_prepend(tmp_path / "site")
        registry.plugins.cache_clear()

    yield install
    monkeypatch.undo()
    registry.plugins.cache_clear()


def test_a_format_of_another_package_is_found_by_content_name_and_suffix(tmp_path, plugin):
    plugin(SHOUT)
    ledger = write(DOCUMENTS, tmp_path / "a.shout")
    assert ledger.refused == 2
    assert read(tmp_path / "a.shout").report.format == "shout"
    assert [document.text for document in read(tmp_path / "a.shout", "Shout")] == ["Ada wrote", "Köln 👩"]


def test_a_package_that_is_at_fault_is_named(tmp_path, plugin):
    plugin(object())
    write(DOCUMENTS, tmp_path / "a.jsonl", "jsonl")
    with pytest.raises(UsageError, match=r"the format shout of shouting:SHOUT is no Format, but object"):
        read(tmp_path / "a.jsonl")


def test_options_can_be_text(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("a\tAda\tB-PER\tx\n")
    (document,) = read(path, "conll", column="2", token="1")
    assert document.text == "Ada"
    write([document], path, delimiter=r"\t", docstart="no")
    assert path.read_text() == "Ada\ta\tx\tB-PER\n\n"
    with pytest.raises(UsageError, match="to write conll the option docstart has to be bool, got 'maybe'"):
        write([document], path, docstart="maybe")
    with pytest.raises(UsageError, match="tokenize can be given in Python only"):
        write([document], path, tokenize="words")


def test_options_may_stand_behind_the_name_of_a_format(tmp_path):
    path = tmp_path / "a.conll"
    path.write_bytes("a\tZo\u00eb\tB-PER\tB-X\n".encode("latin-1"))
    (document,) = read(path, "CoNLL:column=2,token=1,encoding=latin-1", column=3, encoding="utf-8")
    assert (document.text, document.spans) == ("Zo\u00eb", (Span(0, 3, "PER"),))
    path = tmp_path / "a.csv"
    path.write_text("a;b\nx;1\n")
    (document,) = read(path, "csv:text=a,delimiter=;")
    assert (document.text, document.meta) == ("x", {"b": "1"})
    with pytest.raises(UsageError, match=r"read csv:OPTION=VALUE,OPTION=VALUE; got 'csv:text'"):
        read(path, "csv:text")
    with pytest.raises(UsageError, match="to read csv there is no option column"):
        read(path, "csv:column=2")
    with pytest.raises(UsageError, match="there is no format 'cvs'"):
        read(path, "cvs:text=a")


@pytest.mark.parametrize(("head", "block"), [(files.HEAD, files._BLOCK), (256, 512), (512, 256), (256, 4096)])
def test_a_row_that_is_not_in_the_encoding_is_set_aside_with_its_sentence(tmp_path, monkeypatch, head, block):
    # It stands in the head, in a later block, or in the first block and behind the head.
    monkeypatch.setattr(files, "HEAD", head)
    monkeypatch.setattr(files, "_BLOCK", block)
    before = 60
    path = tmp_path / "a.conll"
    rows = b"Ada B-PER\nran O\n\n"
    path.write_bytes(rows * before + b"Z\xfcrich B-LOC\n\n" + rows * before)
    rejects = []
    assert sum(1 for _ in read(path, rejects=rejects.append)) == 2 * before
    (reject,) = rejects
    assert (reject.line, reject.raw) == (3 * before + 1, "Z\udcfcrich B-LOC")
    assert "expected utf-8, got the byte 0xfc" in reject.problem
    with pytest.raises(DataError, match=rf"a.conll:{3 * before + 1}: expected utf-8, got the byte 0xfc"):
        list(read(path))


def test_a_file_in_another_encoding_is_an_error_not_many_rejects(tmp_path):
    path = tmp_path / "a.conll"
    path.write_bytes("Zürich B-LOC\n\nin O\n\n".encode("latin-1") * 50)
    with pytest.raises(DataError, match="or name its encoding"):
        read(path, rejects=[].append)


def test_each_file_of_a_folder_gets_the_options_that_its_format_has(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "Ada"}\n')
    (tmp_path / "b.conll").write_text("x Bo B-PER\n\ny ran O\n\n")
    assert [document.text for document in read(tmp_path, token=1)] == ["Ada", "Bo", "ran"]
    with pytest.raises(UsageError, match="none of its files is in a format with the option sheet"):
        list(read(tmp_path, sheet=1))
    assert [document.text for document in read(tmp_path / "a.jsonl", defaults={"token": 1})] == ["Ada"]
