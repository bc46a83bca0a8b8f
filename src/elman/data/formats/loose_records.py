"""Records of JSON whose offsets are not settled, one at a time, and those that have their text in another file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.data.formats.files import Source
from elman.data.formats.json_array import records
from elman.data.loose import Loose
from elman.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from elman.data.formats.json_array import Record


def loose_records(
    source: Source,
    of: Callable[[Any], Iterable[Loose]],
    *,
    apart: list[Record] | None = None,
    is_apart: Callable[[Any], bool] = lambda _: True,
) -> Iterator[Loose]:
    """What the records of a file are; those at fault are rejected.

    Args:
        source: the file.
        of: makes documents of a record's value, and raises a ``DataError`` if it is at fault.
        apart: takes the records that stand for nothing by themselves.
        is_apart: tells them by their value.
    """
    for record in records(source):
        if apart is not None and is_apart(record.value):
            apart.append(record)
            continue
        try:
            found = list(of(record.value))
        except DataError as error:
            source.reject(DataError(error.problem, source.name, record.line), record.raw)
            continue
        for loose in found:
            loose.line, loose.raw = record.line, record.raw
            yield loose


def with_text_beside(source: Source, text: str, found: list[Record], what: str) -> Loose:
    """The document that records without a text are of, which is in another file, without its spans.

    Args:
        source: the file with the records.
        text: the name of the file with the text; by default the one beside with the suffix .txt.
        found: the records.
        what: they are, for the message.

    Raises:
        DataError: if there is no such file.
    """
    beside = Path(text) if text else Path(source.name).with_suffix(".txt")
    if not beside.is_file():
        raise DataError(
            f"has {what} without a text, and there is no {beside}; put the text there, or say where it is with text",
            source.name,
        )
    loose = Loose(Source(beside, source.encoding).text(), id=source.stem, line=found[0].line)
    loose.raw = json.dumps([record.value for record in found], ensure_ascii=False)
    return loose
