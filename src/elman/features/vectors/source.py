"""An open file of vectors, decompressed, with its beginning at hand."""

from __future__ import annotations

import gzip
import lzma
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEAD = 1 << 18


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader of one format is given.

    Attributes:
        path: the file's name, for messages and for files beside it.
        stream: its content, at its beginning; seekable.
        head: the first 256 KiB of that content, by which a format is known.
        compressed: whether the content is not the file's own bytes.
    """

    path: Path
    stream: BinaryIO
    head: bytes
    compressed: bool


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a file, through gzip or xz if that is what it is.

    Raises:
        OSError, EOFError, lzma.LZMAError: if it cannot be read or decompressed.
    """
    with path.open("rb") as plain:
        magic = plain.peek(6)
        stream: BinaryIO = plain
        if magic.startswith(b"\x1f\x8b"):
            stream = cast("BinaryIO", gzip.GzipFile(fileobj=plain))
        elif magic.startswith(b"\xfd7zXZ\x00"):
            stream = cast("BinaryIO", lzma.LZMAFile(plain))  # noqa: SIM115 - it holds nothing but `plain`
        head = stream.read(_HEAD)
        stream.seek(0)
        yield Source(path, stream, head, stream is not plain)
