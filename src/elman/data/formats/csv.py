r"""CSV and TSV with a text in each row, and a first row with the columns' names.

The columns ``id``, ``labels`` and those with JSON (``spans``, ``relations``, ``unknown``, ``tokens``, ``sentences``,
``columns``, as span JSONL has them) are what they say; all others go to ``meta``, as strings. An empty cell says
nothing. Rows end with ``\n`` or ``\r\n``; within quotes both are characters of the cell.
"""

from __future__ import annotations

import csv
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from elman.data.formats import jsonl
from elman.data.formats.csv_writing import IDS, JSON, LABELS, SPANS, TEXTS, labels_of, write
from elman.data.formats.ended_lines import ended_lines
from elman.data.formats.format import HOLDS, Format, Head, Reading, ReadReport, Sniffed
from elman.data.offsets import Loose, settle
from elman.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elman.data.document import Document
    from elman.data.formats.files import Source

_DELIMITERS = ",\t;|"
# A cell may be as long as a book; what is longer is rather a quote that does not end.
_LONGEST = 1 << 28


class _Row(NamedTuple):
    line: int
    cells: list[str]
    raw: str


class _Columns(NamedTuple):
    """The columns' names, and which of them are what."""

    names: list[str]
    text: int
    parts: dict[int, str]


def read(
    source: Source,
    /,
    *,
    text: str | None = None,
    label: str | None = None,
    spans: str | None = None,
    id: str | None = None,  # noqa: A002
    delimiter: str | None = None,
    offsets: str = "auto",
) -> Reading:
    """Read rows.

    Args:
        source: the file.
        text: the name of the text's column; by default the first of ``TEXTS`` that there is.
        label: of the column with the document's label, or with a JSON list of labels; "" for none.
        spans: of the column with spans, a JSON list of objects, or of lists of start, end and label; "" for none.
        id: of the column with the document's name; "" for none.
        delimiter: between cells; by default it is found out.
        offsets: what offsets count, as ``settle`` has it.

    Raises:
        DataError: with file and line, if a column is missing, or a row is at fault.
        UsageError: if the delimiter is not one character.
    """
    if delimiter is not None and len(delimiter) != 1:
        raise UsageError(f"a delimiter has to be one character, got {delimiter!r}")
    report = ReadReport("csv")
    head = source.head
    delimiter = delimiter or _delimiter(head, text)
    names = next(iter(_parsed(head, delimiter)), [])
    try:
        columns = _columns(names, text, {"labels": (label, LABELS), "spans": (spans, SPANS), "id": (id, IDS)})
    except DataError as error:
        raise DataError(error.problem, source.name, 1) from None
    report.notes.append(f"the text is in the column {names[columns.text]!r} of {len(names)}")
    # What Elman wrote counts as Elman does; what others wrote may count anything.
    own = [name for at, name in enumerate(names) if at != columns.text][:3] == ["id", "labels", "spans"]
    records = _records(source, columns, delimiter, report)
    return Reading(settle(records, source, report, offsets=offsets, own=own), report)


def sniff(head: Head) -> Sniffed | None:
    """A first row with the name of a text's column, and rows of equally many cells."""
    if head.text is None or "\n" not in head.text:
        return None
    first = head.text.partition("\n")[0].lower()
    if not any(name in first for name in TEXTS):
        return None
    delimiter = _delimiter(head.text, None)
    rows = list(islice(_parsed(head.text, delimiter), 50))
    names = [name.strip().lower() for name in rows[0]] if rows else []
    found = next((name for name in TEXTS if name in names), None)
    even = sum(len(row) == len(names) for row in rows[:-1])
    if found is None or len(names) < 2 or even < 0.9 * (len(rows) - 1):
        return None
    return Sniffed(0.75, f"its first row names {len(names)} columns, one of them {found!r}")


def _delimiter(head: str, text: str | None) -> str:
    """The delimiter that gives the first row the most cells, if possible one of the right name."""
    wanted = {text.lower()} if text else set(TEXTS)

    def promise(delimiter: str) -> tuple[bool, int]:
        names = [name.strip().lower() for name in next(iter(_parsed(head, delimiter)), [])]
        return bool(wanted & set(names)), len(names)

    return max(_DELIMITERS, key=promise)


def _parsed(head: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a file's head, as far as they can be read."""
    csv.field_size_limit(_LONGEST)
    try:
        yield from csv.reader(head.splitlines(keepends=True), delimiter=delimiter)
    except csv.Error:
        return


def _columns(names: list[str], text: str | None, options: dict[str, tuple[str | None, Sequence[str]]]) -> _Columns:
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise DataError(f"expected a different name for each column, got {twice!r} twice; rename one")
    lower = [name.strip().lower() for name in names]
    place = _named(names, text) if text else next((lower.index(name) for name in TEXTS if name in lower), -1)
    if place < 0:
        raise DataError(
            "expected a first row that names a column with texts, such as 'text', "
            f"got {names}; add such a row, or name the column: csv:text=COLUMN as the format"
        )
    parts: dict[int, str] = {}
    for part, (said, usual) in options.items():
        found = _named(names, said) if said else next((lower.index(name) for name in usual if name in lower), -1)
        if said != "" and found >= 0 and found != place:
            parts[found] = part
    # Others have columns of these names, too, but not beside spans.
    for part in JSON if "spans" in lower else ():
        at = lower.index(part) if part in lower else place
        if at != place and at not in parts:
            parts[at] = part
    return _Columns(names, place, parts)


def _named(names: list[str], name: str) -> int:
    if name not in names:
        raise DataError(f"there is no column {name!r}; it has {', '.join(map(repr, names))}")
    return names.index(name)


def _rows(source: Source, delimiter: str) -> Iterator[_Row]:
    """The rows, each with the line that it begins on; what cannot be read is set aside."""
    taken: list[str] = []
    faults: list[DataError] = []

    def lines() -> Iterator[str]:
        for line in ended_lines(source):
            taken.append(line.text)
            if line.fault:
                faults.append(line.fault)
            yield line.text

    csv.field_size_limit(_LONGEST)
    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        taken.clear()
        faults.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"expected a row of cells, got what cannot be read as one: {error}; mend its quotes"
            faults.append(DataError(problem, source.name, line))
            cells = []
        if faults:
            source.reject(faults[0], "".join(taken).rstrip("\r\n"))
        elif cells:
            yield _Row(line, cells, "".join(taken).rstrip("\r\n"))


def _records(source: Source, columns: _Columns, delimiter: str, report: ReadReport) -> Iterator[Loose | Document]:
    width = len(columns.names)
    for row in islice(_rows(source, delimiter), 1, None):
        try:
            if len(row.cells) != width:
                raise DataError(f"expected {width} cells, as the first row has, got {len(row.cells)}; mend the row")
            record = jsonl.record_of(_value(row.cells, columns), report)
        except DataError as error:
            source.reject(DataError(error.problem, source.name, row.line), row.raw)
            continue
        if isinstance(record, Loose):
            record.line, record.raw = row.line, row.raw
        yield record


def _value(cells: Sequence[str], columns: _Columns) -> dict[str, Any]:
    """A row as an object of span JSONL."""
    value: dict[str, Any] = {"text": cells[columns.text]}
    meta: dict[str, str] = {}
    for at, (name, cell) in enumerate(zip(columns.names, cells, strict=True)):
        part = columns.parts.get(at)
        if at == columns.text or not cell:
            continue
        if part is None:
            meta[name] = cell
        elif part == "id":
            value["id"] = cell
        elif part == "labels":
            value["labels"] = labels_of(cell)
        else:
            value[part] = _from_json(name, cell)
    spans = value.get("spans")
    if isinstance(spans, list):
        value["spans"] = [_span(span) for span in spans]
    return {**value, "meta": meta}


def _from_json(name: str, cell: str) -> object:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise DataError(f"expected JSON in the column {name!r}, got {cell[:60]!r}: {error}; mend the cell") from None


def _span(span: object) -> object:
    """A span as an object; it may be a list of start, end and label."""
    if isinstance(span, list) and len(span) == 3:
        return dict(zip(("start", "end", "label"), span, strict=True))
    return span


CSV = Format(
    "csv",
    (".csv", ".tsv"),
    "a text in each row, the columns' names in the first",
    sniff,
    read,
    write,
    holds=HOLDS,
)
