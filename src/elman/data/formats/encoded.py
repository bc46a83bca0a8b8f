"""Bytes of a file as text, with what is wrong with them told by file and line."""

from __future__ import annotations

import codecs
import re

from elman.errors import DataError

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks of encodings that are not read, the longer ones first."""

_ILLEGIBLE = re.compile("[\udc80-\udcff]")
_TOLERATED = 0.01


def decoded(block: bytes, encoding: str, name: str, line: int, errors: str = "strict") -> str:
    """Text of bytes; a byte order mark of UTF-8 before the first line is passed over.

    Args:
        block: whole lines.
        encoding: what they are in.
        name: the file's.
        line: the number of the first of them.
        errors: what becomes of bytes that are not in the encoding, as ``bytes.decode`` has it.

    Raises:
        DataError: with the line, if they are binary or not in the encoding.
    """
    for mark, other in MARKS:
        if line == 1 and block.startswith(mark):
            raise DataError(f"is in {other}, expected {encoding}; convert it to UTF-8", name, 1)
    if b"\0" in block:
        at = line + block.count(b"\n", 0, block.index(b"\0"))
        raise DataError("expected text, got binary data (a zero byte)", name, at)
    if line == 1:
        block = block.removeprefix(codecs.BOM_UTF8)
    try:
        return block.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise undecodable(block[error.start], encoding, name, line + block.count(b"\n", 0, error.start)) from None


def undecodable(byte: int, encoding: str, name: str, line: int) -> DataError:
    """The error that a byte is not in the encoding."""
    advice = "convert the file, or name its encoding: --format NAME:encoding=latin-1, say"
    return DataError(f"expected {encoding}, got the byte 0x{byte:02x}; {advice}", name, line)


def check_legible(text: str, encoding: str, name: str, line: int) -> None:
    """Raise a ``DataError`` if text decoded with ``surrogateescape`` has bytes that are not in the encoding."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        at = line + text.count("\n", 0, error.start)
        raise undecodable(ord(text[error.start]) & 0xFF, encoding, name, at) from None


def peeked(head: bytes, encoding: str, name: str, *, tolerant: bool) -> str | None:
    r"""The head of a file as text with ``\n`` at the ends of lines; None if it is not text.

    Args:
        head: its first bytes.
        encoding: what it is in.
        name: the file's.
        tolerant: whether a few lines may have bytes that are not in the encoding; many are another encoding.
    """
    for errors in ("strict", "surrogateescape") if tolerant else ("strict",):
        try:
            text = decoded(head, encoding, name, 1, errors).replace("\r\n", "\n")
        except DataError:
            continue
        lines = text.split("\n") if errors != "strict" else []
        if sum(map(bool, map(_ILLEGIBLE.search, lines))) <= _TOLERATED * len(lines):
            return text or None
    return None


def whole_characters(head: bytes) -> bytes:
    """A piece of a line that is cut anywhere, cut between characters."""
    while head and head[-1] & 0xC0 == 0x80:
        head = head[:-1]
    return head[:-1] if head and head[-1] >= 0xC0 else head
