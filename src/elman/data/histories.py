"""Numeric series with dates: the columns of a CSV file."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np

from elman.data.formats.encoded import decoded
from elman.data.formats.files import cannot
from elman.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Order = Literal["refuse", "sort"]
"""What becomes of rows whose dates do not rise."""

Gaps = Literal["refuse", "forward", "linear"]
"""What becomes of an empty cell: it takes the last value before it, or lies on the line between its neighbours."""

_Row = tuple[int, list[str]]
"""A line's number, and its cells."""

MISSING = ("", "nan", "na", "n/a", "null", "none", "-")
"""How a cell says that it has no value, in lower case."""


@dataclass(frozen=True, eq=False)
class History:
    """Some series over the same dates, in the order of the file.

    Attributes:
        id: the file's name.
        names: the columns', those of numbers.
        dates: as the file has them.
        values: time x columns, float64; NaN where there is none.
        begin: the first row that is to be foretold; those before it are only looked back at.
        lines: of each row the line in the file, for messages.
        others: columns of the file that are no numbers.
    """

    id: str
    names: tuple[str, ...]
    dates: tuple[str, ...]
    values: NDArray[np.float64]
    begin: int = 0
    lines: tuple[int, ...] = ()
    others: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.values)

    def column(self, name: str) -> int:
        """Where a column is.

        Raises:
            DataError: if there is none of that name.
        """
        if name not in self.names:
            has = ", ".join(self.names) or "none"
            raise DataError(f"expected a column {name!r} of numbers, got {has}; name one of these", self.id)
        return self.names.index(name)


def read_history(path: Path) -> History:
    """The series of a CSV file: a column of dates (ISO 8601, or with / in the place of -), and columns of numbers.

    The first column whose first cell is a date is that of the dates. A column whose first value is no number is told
    in ``others``; a column without a name is left out if it numbers the rows.

    Raises:
        DataError: with the line, if there are no dates, no numbers, or a cell is neither.
    """
    header, rows = _table(path)
    dated = _dated(rows, path)
    chosen, others = _columns(header, rows, dated)
    if not chosen:
        raise DataError("expected a column of numbers beside the dates, found none", path)
    names = tuple(header[at] or f"column {at + 1}" for at in chosen)
    if len(set(names)) < len(names):
        raise DataError(f"expected columns with different names, got {', '.join(names)}", path, 1)
    values = np.full((len(rows), len(chosen)), np.nan)
    for number, (line, row) in enumerate(rows):
        for place, at in enumerate(chosen):
            if row[at].lower() in MISSING:
                continue
            value = _number(row[at])
            if value is None:
                raise DataError(f"{header[at]}: expected a number, got {row[at]!r}", path, line)
            values[number, place] = value
    return History(
        path.name,
        names,
        tuple(row[dated] for _, row in rows),
        values,
        0,
        tuple(line for line, _ in rows),
        tuple(header[at] for at in others),
    )


def _table(path: Path) -> tuple[list[str], list[_Row]]:
    """The names, and the rows with their lines; each has as many cells as there are names."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise cannot("read", error, str(path)) from None
    reader = csv.reader(decoded(content, "utf-8", str(path), 1).splitlines(keepends=True))
    table = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    if len(table) < 2:
        raise DataError("expected a row of names and rows of dates and numbers, found too few rows", path)
    (_, header), *rows = table
    for line, row in rows:
        if len(row) != len(header):
            raise DataError(f"expected {len(header)} cells, as many as there are names, got {len(row)}", path, line)
    return header, rows


def _dated(rows: list[_Row], path: Path) -> int:
    """The first column of dates, in which all cells are dates."""
    line, first = rows[0]
    found = next((at for at, cell in enumerate(first) if _moment(cell) is not None), None)
    if found is None:
        raise DataError(f"expected a date such as 2016-03-01, got {', '.join(first)[:120]}; mend the row", path, line)
    for number, row in rows:
        if _moment(row[found]) is None:
            raise DataError(f"expected a date such as 2016-03-01, got {row[found]!r}; mend it", path, number)
    return found


def _columns(header: list[str], rows: list[_Row], dated: int) -> tuple[list[int], list[int]]:
    """The columns whose first value is a number, and the others."""
    chosen, others = list[int](), list[int]()
    for at, name in enumerate(header):
        cells = [row[at] for _, row in rows]
        first = next((cell for cell in cells if cell.lower() not in MISSING), "")
        if at != dated and (name or not all(map(str.isdigit, cells))):
            (others if _number(first) is None else chosen).append(at)
    return chosen, others


def cleaned(history: History, names: tuple[str, ...], order: Order, gaps: Gaps) -> History:
    """The columns wanted, in the order of their dates, without gaps.

    Raises:
        DataError: with the line, if a column is not there, or what is to be refused is.
    """
    values = history.values[:, [history.column(name) for name in names]]
    lines = history.lines or tuple(range(1, len(values) + 1))
    moments = np.array([_moment(date) for date in history.dates], np.float64)
    if order == "sort":
        rank = np.argsort(moments, kind="stable")
        moments, values = moments[rank], values[rank]
        lines = tuple(lines[at] for at in rank)
        history = replace(history, dates=tuple(history.dates[at] for at in rank))
    falls = np.flatnonzero(np.diff(moments) <= 0)
    if len(falls):
        at = int(falls[0]) + 1
        same = moments[at] == moments[at - 1]
        what = (
            "give each date once, other series as further columns" if same else "sort them, or set series.order = sort"
        )
        raise DataError(
            f"expected a date after {history.dates[at - 1]}, got {history.dates[at]}; {what}", history.id, lines[at]
        )
    missing = np.argwhere(~np.isfinite(values))
    if len(missing):
        row, column = missing[0].tolist()
        if gaps == "refuse" or np.isinf(values).any():
            raise DataError(
                f"{names[column]}: expected a finite number, got none on {history.dates[row]} ({len(missing)} gaps in "
                "all); fill them, or set series.gaps = forward or linear",
                history.id,
                lines[row],
            )
        values = _filled(values, gaps, history.id, names)
    return History(history.id, names, history.dates, values, history.begin, lines)


def steps_told(history: History) -> str:
    """How far apart the rows are, for a person."""
    moments = np.array([_moment(date) for date in history.dates], np.float64)
    if len(moments) < 2:
        return "one row"
    days = np.diff(moments) / 86400
    low, usual, high = float(days.min()), float(np.median(days)), float(days.max())
    if low == high:
        return f"{len(moments):,} rows, {usual:g} days apart"
    return f"{len(moments):,} rows, {low:g} to {high:g} days apart, mostly {usual:g}; each row is a step"


def _filled(values: NDArray[np.float64], gaps: Gaps, name: str, names: tuple[str, ...]) -> NDArray[np.float64]:
    filled = values.copy()
    steps = np.arange(len(values))
    for column, title in enumerate(names):
        there = np.isfinite(values[:, column])
        if not there.any() or not there[0]:
            raise DataError(f"{title}: expected a value in the first row, got none to fill gaps from", name)
        if gaps == "linear":
            filled[:, column] = np.interp(steps, steps[there], values[there, column])
        else:
            filled[:, column] = values[np.maximum.accumulate(np.where(there, steps, 0)), column]
    return filled


def _moment(cell: str) -> float | None:
    """Seconds since 1970 of a date, with a time or without."""
    if len(cell) < 8:
        return None
    try:
        found = datetime.fromisoformat(cell.replace("/", "-"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
