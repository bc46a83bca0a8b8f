from __future__ import annotations

import codecs
import os
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.cli.incoming import _MOST, Incoming, lines, texts
from elman.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

PIECES = st.sampled_from(
    [
        b"a",
        b"\r\n",
        b"\n",
        b"\xc3\xa9",
        "😀".encode(),
        b"\xff",
        b"\xc3",
        b"\xf0\x9f",
        b"\xed\xa0\x80",
        b"\x00",
        b"\xef\xbb\xbf",
    ]
)
DATA = st.lists(st.one_of(PIECES, st.binary(max_size=4)), max_size=12).map(b"".join)
CUTS = st.lists(st.integers(0, 60), max_size=15)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    inside = sorted(min(place, len(data)) for place in places)
    return [data[start:end] for start, end in pairwise([0, *inside, len(data)])]


def other(data: bytes) -> bool:
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))


@given(DATA, CUTS)
def test_replaced_bytes_are_those_of_the_whole(data: bytes, places: list[int]) -> None:
    if other(data):
        return
    expected = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    assert "".join(texts(cut(data, places), "replace")) == expected


@given(DATA, CUTS)
def test_the_first_bad_byte_is_named_after_the_text_before_it(data: bytes, places: list[int]) -> None:
    if other(data):
        return
    skipped = 3 if data.startswith(codecs.BOM_UTF8) else 0
    body, fault = data[skipped:], None
    try:
        body.decode()
    except UnicodeDecodeError as error:
        fault = error.start
    if 0 <= body.find(0) < (len(body) if fault is None else fault):
        fault = body.index(0)
    got: list[str] = []
    if fault is None:
        got += texts(cut(data, places))
    else:
        with pytest.raises(DataError, match=f"the byte 0x{body[fault]:02x} at offset {skipped + fault} of") as told:
            got.extend(texts(cut(data, places)))
        assert told.value.line == 1 + body[:fault].count(b"\n")
    assert "".join(got) == body[:fault].decode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("errors", ["strict", "replace"])
def test_another_encoding_is_named(encoding: str, errors: str) -> None:
    data = "text".encode(encoding)
    with pytest.raises(DataError, match=f"is in {encoding}, expected utf-8"):
        list(texts([data[at : at + 1] for at in range(len(data))], errors))  # type: ignore[arg-type]


def test_a_character_that_was_cut_off_is_nobodys_fault() -> None:
    assert list(texts([b"caf\xc3"], cut_off=lambda: True)) == ["caf"]
    with pytest.raises(DataError, match="0xc3 at offset 3"):
        list(texts([b"caf\xc3"]))


@given(st.lists(st.sampled_from(["a", "\n", "b\nc", "", "\r\n", "\u2028"]), max_size=20))
def test_lines_are_those_of_the_whole(pieces: list[str]) -> None:
    expected = "".join(pieces).split("\n")
    if not expected[-1]:
        expected.pop()
    assert [line for group in lines(pieces) for line in group] == expected


def test_a_line_that_was_cut_off_is_left_out() -> None:
    assert list(lines(["a\nb"], lambda: True)) == [["a"]]


def test_what_is_there_is_handed_on_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(b"x" * (2 * _MOST + 5))
    with path.open(encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdin", file)
        with Incoming() as incoming:
            assert [len(block) for block in incoming] == [_MOST, _MOST, 5]


def test_what_comes_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdin", file)
        with Incoming() as incoming:
            blocks = iter(incoming)
            for block in (b"a", b"\xff\n"):
                os.write(writing, block)
                assert next(blocks) == block
            os.close(writing)
            assert list(blocks) == []
