"""Places in documents and the lines of the file that they came from."""

import pytest

import elman
from elman.pipelines.lines import Lines

COLUMNS = """# a comment

-DOCSTART- O

Ada B-PER
# O
met O

Bob B-PER


-DOCSTART- O

# another
Ada B-PER
ran O
"""


def read(path, format=None):  # noqa: A002  # the option's name
    """The lines of a file, and its documents."""
    reading = elman.read(path, format)
    documents = list(reading)
    return Lines(path, reading.report, documents), documents


def test_rows_of_columns(tmp_path):
    path = tmp_path / "some.conll"
    path.write_text(COLUMNS)
    lines, documents = read(path, "conll")
    rows = COLUMNS.split("\n")
    found = 0
    for number, document in enumerate(documents):
        for token in document.tokens:
            assert rows[lines.line(number, token.start) - 1].split()[0] == token.text
            assert lines.line(number, token.end - 1) == lines.line(number, token.start)
            found += 1
    assert found == 6


def test_rows_that_are_not_the_tokens(tmp_path):
    path = tmp_path / "some.conll"
    path.write_text(COLUMNS)
    reading = elman.read(path, "conll")
    documents = list(reading)
    for changed in (COLUMNS.replace("Bob", "Rob"), COLUMNS + "more O\n", COLUMNS.replace("ran O\n", "")):
        path.write_text(changed)
        assert Lines(path, reading.report, documents).line(0, 0) is None


@pytest.mark.parametrize("more", ["", "\n"])
def test_records(tmp_path, more):
    path = tmp_path / "some.jsonl"
    path.write_text(f'{{"text": "one"}}\n{more}{{"text": "two"}}\n')
    lines, _ = read(path)
    assert [lines.line(number, 1) for number in range(2)] == [1, 2 + len(more)]


def test_files_without_such_lines(tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("one\ntwo\n")
    assert read(path, "text")[0].line(0, 0) is None
    (tmp_path / "brat").mkdir()
    (tmp_path / "brat" / "a.txt").write_text("one\n")
    (tmp_path / "brat" / "a.ann").write_text("T1\tX 0 3\tone\n")
    assert read(tmp_path / "brat")[0].line(0, 0) is None


def test_a_file_in_another_encoding(tmp_path):
    path = tmp_path / "some.conll"
    path.write_text("Zo\u00eb B-PER\nran O\n", "latin-1")
    lines, _ = read(path, "conll:encoding=latin-1")
    assert lines.line(0, 4) == 2
