import io
import os
import stat
import sys
import threading
import tracemalloc
from types import SimpleNamespace

import pytest

from elman.data.document import Document, Span, Tokens
from elman.data.formats import FORMATS, detect, files, read, write
from elman.data.formats.registry import HOMES
from elman.errors import DataError, UsageError

DOCUMENT = Document("Ada wrote", (Span(0, 3, "PER"),))


@pytest.mark.parametrize(
    ("name", "content", "format_name", "evidence"),
    [
        ("a.jsonl", "Ada B-PER\nwrote O\n", "conll", "rows of 2 columns, tags in column 1"),
        ("a.conll", '\n{"text": "Ada"}\n', "jsonl", "its first line is a JSON object with a text"),
        ("a.txt", '{"id": 1, "text": "Ad', "jsonl", "its first line begins as a JSON object with a text"),
        ("a.txt", "Ada PER\nwrote O\nto O\n", "conll", "rows of 2 columns, O and other labels in column 1"),
        ("a.conll", "Ada N PER\nwrote V X\n", "conll", "its content tells none, and its name ends in .conll"),
        (
            "a.txt",
            "Ada wrote.",
            "text",
            "its content tells none, and its name ends in .txt, so there are no labels in it",
        ),
    ],
)
def test_content_tells_the_format_and_the_name_only_where_it_does_not(tmp_path, name, content, format_name, evidence):
    path = tmp_path / name
    path.write_text(content)
    found = detect(path)
    assert (found.format.name, found.evidence) == (format_name, evidence)


@pytest.mark.parametrize("content", ["Ada wrote a letter.\nIt was long.\n", '{"name": "Ada"}\n', "Ada\nwrote\n"])
def test_what_is_in_no_format_is_told_which_there_are(tmp_path, content):
    path = tmp_path / "a.dat"
    path.write_text(content)
    with pytest.raises(DataError, match=r"a.dat: is in none of the formats .*conll \(.*jsonl \("):
        read(path)


def test_formats_and_options_are_checked(data, tmp_path):
    with pytest.raises(UsageError, match=r"no format .xml.; choose one of conll, "):
        read(data / "jsonl" / "all.jsonl", "xml")
    with pytest.raises(UsageError, match="to read jsonl there is no option column"):
        read(data / "jsonl" / "all.jsonl", column=1)
    with pytest.raises(UsageError, match="to write conll there is no option colour; it has scheme, delimiter"):
        write([], tmp_path / "a.conll", colour="red")
    with pytest.raises(UsageError, match="does not tell a format; name one of conll, "):
        write([], tmp_path / "a")


def test_each_format_says_what_it_is():
    assert all(name == entry.name and entry.description for name, entry in FORMATS.items())
    assert all(len(set(entry.suffixes)) == len(entry.suffixes) for entry in FORMATS.values())


def broken():
    yield DOCUMENT
    raise RuntimeError("on the way")


def test_nothing_half_written_survives(tmp_path):
    path = tmp_path / "a.jsonl"
    with pytest.raises(RuntimeError):
        write(broken(), path)
    assert list(tmp_path.iterdir()) == []
    path.write_text("as it was")
    with pytest.raises(RuntimeError):
        write(broken(), path)
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_can_be_written_over_itself(tmp_path):
    path = tmp_path / "a.jsonl"
    write([DOCUMENT] * 3, path)
    path.chmod(0o640)
    write(read(path), path)
    assert list(read(path)) == [DOCUMENT] * 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target.jsonl", tmp_path / "link.jsonl"
    target.write_text("old")
    link.symlink_to(target)
    write([DOCUMENT], link)
    assert link.is_symlink()
    assert list(read(target)) == [DOCUMENT]


def test_what_cannot_be_written_is_an_error_with_the_file(tmp_path):
    with pytest.raises(DataError, match=r"nowhere/a.jsonl: cannot write it: No such file or directory"):
        write([DOCUMENT], tmp_path / "nowhere" / "a.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(DataError, match="cannot write it: Is a directory"):
        write([DOCUMENT], tmp_path / "folder.jsonl")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
def test_a_full_disk_is_an_error():
    with pytest.raises(DataError, match="/dev/full: cannot write it: No space left on device"):
        write([DOCUMENT] * 10_000, "/dev/full", "jsonl")


def test_lone_surrogates_cannot_be_written_as_columns(tmp_path):
    document = Document("a\ud800", tokens=Tokens("a\ud800", [(0, 2)]))
    with pytest.raises(DataError, match="lone surrogate"):
        write([document], tmp_path / "a.conll")
    assert list(tmp_path.iterdir()) == []


def test_a_hyphen_is_standard_input_and_output(monkeypatch):
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
    write([DOCUMENT] * 2, "-", "jsonl")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(out.getvalue())))
    reading = read("-")
    assert list(reading) == [DOCUMENT] * 2
    assert reading.report.format == "jsonl"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"Ada B-PER\n\nwrote O")))
    assert [document.id for document in read("-")] == ["stdin-1", "stdin-2"]
    assert not out.closed


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_read_once(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    feeder = threading.Thread(target=lambda: path.write_text("Ada B-PER\n\n" * 2_000))
    feeder.start()
    reading = read(path)
    assert sum(1 for _ in reading) == 2_000
    feeder.join()


def test_a_reading_that_is_not_finished_leaves_nothing_open(data):
    reading = read(data / "conll" / "four-columns.conll")
    next(reading)
    del reading


def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "HEAD", 1 << 10)
    monkeypatch.setattr(files, "_BLOCK", 1 << 12)
    path = tmp_path / "long.conll"
    path.write_text("Ada B-PER\nwrote O\nin O\nLondon B-LOC\n. O\n\n" * 6000)
    tracemalloc.start()
    try:
        for _ in read(path):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size


def test_each_format_is_what_its_line_in_the_registry_says():
    for name, home in HOMES.items():
        assert (FORMATS[name].name, FORMATS[name].suffixes) == (name, home.suffixes)
