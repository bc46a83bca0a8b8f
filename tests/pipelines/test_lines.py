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


def test_rows_of_columns(tmp_path):
    path = tmp_path / "some.conll"
    path.write_text(COLUMNS)
    documents = list(elman.read(path, "conll"))
    lines = Lines(path, "conll", documents)
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
    documents = list(elman.read(path, "conll"))
    for changed in (COLUMNS.replace("Bob", "Rob"), COLUMNS + "more O\n", COLUMNS.replace("ran O\n", "")):
        path.write_text(changed)
        assert Lines(path, "conll", documents).line(0, 0) is None


@pytest.mark.parametrize("more", ["", "\n"])
def test_records(tmp_path, more):
    path = tmp_path / "some.jsonl"
    path.write_text(f'{{"text": "one"}}\n{more}{{"text": "two"}}\n')
    lines = Lines(path, "jsonl", list(elman.read(path)))
    assert [lines.line(number, 1) for number in range(2)] == [1, 2 + len(more)]


def test_files_without_such_lines(tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("one\ntwo\n")
    assert Lines(path, "text", list(elman.read(path, "text"))).line(0, 0) is None
    (tmp_path / "brat").mkdir()
    assert Lines(tmp_path / "brat", "brat", []).line(0, 0) is None
