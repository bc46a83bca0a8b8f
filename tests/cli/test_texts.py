from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elman.cli.texts import read_texts
from elman.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from elman.data.formats.text import Unit

TEXT = "\ufeffOne  \r\n two\n\n \t\nthree\rfour\x85\u2028five\n\n"


def texts(path: Path, unit: Unit) -> list[tuple[str, str | None]]:
    return [(document.text, document.id) for document in read_texts(str(path), unit, alone=True)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode())
    return path


def test_a_file_is_one_text_as_it_stands(path: Path) -> None:
    assert texts(path, "file") == [(TEXT[1:], "a.txt")]


def test_line_n_is_document_n(path: Path) -> None:
    lines = ["One  ", " two", "", " \t", "three\rfour\x85\u2028five", ""]
    assert texts(path, "line") == [(line, f"a.txt:{number}") for number, line in enumerate(lines, 1)]


def test_a_paragraph_ends_at_a_blank_line(path: Path) -> None:
    assert texts(path, "paragraph") == [
        ("One  \r\n two", "a.txt:1"),
        ("three\rfour\x85\u2028five", "a.txt:5"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.txt: is empty; expected text"),
        (b"good\nb\0d\n", "a.txt:2: expected text, got binary data"),
        (b"good\ngood\nZo\xeb\n", "a.txt:3: expected utf-8, got the byte 0xeb"),
        (None, "a.txt: cannot read it: No such file or directory"),
    ],
)
@pytest.mark.parametrize("unit", ["file", "line", "paragraph"])
def test_bad_files_are_errors_with_their_line(tmp_path: Path, content: bytes | None, message: str, unit: Unit) -> None:
    path = tmp_path / "a.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as error:
        texts(path, unit)
    assert message in str(error.value)


def test_of_several_files_one_may_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"")
    assert [document.text for document in read_texts(str(path), "file")] == [""]
    assert list(read_texts(str(path), "line")) == []
