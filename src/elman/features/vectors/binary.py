"""Vectors as word2vec's own binary file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elman.errors import DataError
from elman.features.vectors.rows import Rows
from elman.features.vectors.text import parse_header

if TYPE_CHECKING:
    from elman.features.vectors.source import Source
    from elman.features.vectors.table import Vectors

_CHUNK = 1 << 22


def read_binary(source: Source, limit: int | None) -> Vectors:
    """Read a header line ``n d``, then n times a word, a space, and d little-endian float32.

    A line feed may stand before a word: the original program writes one after each vector, others do not.

    Args:
        source: the file.
        limit: at most so many words.

    Raises:
        DataError: if the file ends early, goes on after its last row, or holds NaN or an infinity.
    """
    stream, path = source.stream, source.path
    header = parse_header(source.head)
    if header is None:
        raise DataError("expected a header line with the number of words and of dimensions", path, 1)
    n, d, length = header
    stream.read(length)
    rows = Rows(path, limit)
    words: list[bytes] = []
    values: list[bytes] = []
    buffer, at = b"", 0
    for row in range(n):
        space = buffer.find(b" ", at)
        while space < 0 or len(buffer) < space + 1 + 4 * d:
            more = stream.read(_CHUNK)
            if not more:
                raise DataError(
                    f"the header promises {n} words of {d} dimensions, the file ends in row {row + 1}; get it again",
                    path,
                )
            buffer, at = buffer[at:] + more, 0
            space = buffer.find(b" ")
        words.append(buffer[at:space].removeprefix(b"\n"))
        at = space + 1 + 4 * d
        values.append(buffer[space + 1 : at])
        if len(words) == rows.room or row == n - 1:
            rows.add(words, np.frombuffer(b"".join(values), dtype="<f4").reshape(-1, d))
            words, values = [], []
            if not rows.room:
                return rows.vectors()
    if (buffer[at:] + stream.read(_CHUNK)).strip(b"\n"):
        raise DataError(f"the header promises {n} words, the file goes on after them; get it again", path)
    return rows.vectors()
