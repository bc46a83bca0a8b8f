"""Vectors as the JSON file of the wink-embeddings packages."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from elman.errors import DataError
from elman.features.vectors.numbers import NotANumberError, parse_rows
from elman.features.vectors.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

    from elman.features.vectors.source import Source
    from elman.features.vectors.table import Vectors

_CHUNK = 1 << 20
_BEGIN = re.compile(rb'"vectors"\s*:\s*\{')
_ENTRY = re.compile(rb'\s*,?\s*"((?:[^"\\]|\\.)*)"\s*:\s*\[([^\]]*)\]', re.DOTALL)
_END = re.compile(rb"\s*\}")
# After the vector of a word stand its norm and its index.
_TRAILING = 2


def read_wink(source: Source, limit: int | None) -> Vectors:
    """Read ``{"vectors": {word: [d numbers, their norm, index], ...}, ...}``, in the order of the file.

    The file is scanned, not loaded: as Python objects it would take some ten times its size.

    Args:
        source: the file.
        limit: at most so many words.

    Raises:
        DataError: if the file is not that, or ends early.
    """
    stream, path = source.stream, source.path
    buffer = stream.read(_CHUNK)
    begin = _BEGIN.search(buffer)
    while begin is None:
        more = stream.read(_CHUNK)
        if not more:
            raise DataError('expected a JSON object with "vectors": {word: [numbers], ...}, got none', path)
        buffer += more
        begin = _BEGIN.search(buffer)
    at = begin.end()
    rows = Rows(path, limit)
    words: list[bytes] = []
    values: list[bytes] = []
    while rows.room:
        entry = _ENTRY.match(buffer, at)
        if entry:
            words.append(_unescape(entry[1], path))
            values.append(entry[2].translate(None, b" \t\r\n"))
            at = entry.end()
            if len(words) == rows.room:
                _add(rows, words, values, path)
                words, values = [], []
            continue
        if _END.match(buffer, at):
            _add(rows, words, values, path)
            break
        more = stream.read(_CHUNK)
        if not more:
            last = repr(words[-1].decode("utf-8", "replace")) if words else "the last block"
            raise DataError(
                f"expected a word and its list of numbers, or the end, after {last}; get the file again", path
            )
        buffer, at = buffer[at:] + more, 0
    return rows.vectors()


def _unescape(word: bytes, path: Path) -> bytes:
    if b"\\" not in word:
        return word
    try:
        text: str = json.loads(b'"' + word + b'"')
    except ValueError as error:
        raise DataError(f"expected a JSON string for a word, got {word!r}: {error}", path) from None
    return text.encode("utf-8", "surrogatepass")


def _add(rows: Rows, words: list[bytes], values: list[bytes], path: Path) -> None:
    if not words:
        return
    length = values[0].count(b",") + 1
    for word, numbers in zip(words, values, strict=True):
        if numbers.count(b",") + 1 != length or length <= _TRAILING:
            raise DataError(
                f"expected {length} numbers for every word (the vector, its norm, its index), "
                f"got {numbers.count(b',') + 1} for {word.decode('utf-8', 'replace')!r}",
                path,
            )
    try:
        block = parse_rows(values, b",")
    except NotANumberError as error:
        word_shown = words[error.row].decode("utf-8", "replace")
        raise DataError(f"expected numbers for {word_shown!r}, got {error.field!r}; get the file again", path) from None
    rows.add(words, block[:, :-_TRAILING])
